// The matrix product that a recurrence repeats at each step, with one weight: it is packed once, where it fits.
#pragma once

#include <stdint.h>

#include "gemm_blocked.h"
#include "gemm_swapped.h"

namespace chainrule {
namespace CHAINRULE_ISA {

// out = A·weight for A and out of one step after the other. The weight lies in the calling thread's workspace from the first
// product to the last: no other product may come between. The sums' order is that of every product (gemm.h), whatever the number
// of rows.
class StepProduct {
 public:
  StepProduct(bool reproducible, const Matrix& weight, int64_t rows, int64_t columns, int64_t depth, int64_t strideOut)
      : reproducible_(reproducible),
        product_{{nullptr, 0, false}, weight, nullptr, strideOut, rows, columns, depth, false, nullptr, {}},
        width_(vectorsOf(columns) * LANES) {}

  void multiply(const Matrix& a, float* out) {
    product_.a = a;
    product_.out = out;
    if (reproducible_) {
      run<false>();
    } else {
      [[maybe_unused]] const FlushSubnormals flush;
      run<true>();
    }
  }

 private:
  bool reproducible_;
  bool isPacked_ = false;
  Product product_;
  // Of the packed weight.
  int64_t width_;

  Block blockAt(int64_t step) const {
    const int64_t depth = product_.k - step < BLOCK_DEPTH ? product_.k - step : BLOCK_DEPTH;
    const Split panels(width_ / LANES, panelVectors(product_.m));
    return {0, product_.n, step, depth, panels, packingWorkspace() + step * width_, false};
  }

  template <bool Fused>
  void run() {
    const Product& s = product_;
    if (s.k * width_ > BLOCK_FLOATS) return swapPays(s) ? multiplySwapped<Fused>(s) : multiplyBlocked<Fused>(s);
    for (int64_t step = 0; step < s.k; step += BLOCK_DEPTH) {
      const Block block = blockAt(step);
      if (!isPacked_) packBlock(s, block);
      multiplyBlock<Fused>(s, block, nullptr);
    }
    isPacked_ = true;
  }
};

}  // namespace CHAINRULE_ISA
}  // namespace chainrule
