// The matrix product that a recurrence repeats at each step, with one weight: it is packed once, where it fits.
#pragma once

#include <stdint.h>

#include "../isa.h"
#include "../sizes.h"
#include "gemm_blocked.h"
#include "gemm_row.h"
#include "gemm_swapped.h"

namespace chainrule {
namespace CHAINRULE_ISA {

// A range of each of several groups of neighbouring columns, which lie `distance` apart.
struct Columns {
  int64_t groups;
  int64_t distance;
  Range range;
};

// Columns of out = A·weight, for A and out of one step after the other. The weight lies in the calling thread's workspace from the
// first product to the last: no other product may come between. The sums' order is that of every product (gemm.h), whatever the
// number of rows and the columns.
class StepProduct {
 public:
  StepProduct(bool reproducible, const Matrix& weight, int64_t rows, const Columns& columns, int64_t depth, int64_t strideOut)
      : reproducible_(reproducible),
        weight_(weight),
        columns_(columns),
        product_{{nullptr, 0, false}, weight, nullptr, strideOut, rows, columns.range.count, depth, false, nullptr, {}},
        width_(vectorsOf(columns.range.count) * LANES),
        fits_(columns.groups * depth * width_ <= BLOCK_FLOATS) {}

  void multiply(const Matrix& a, float* out) {
    if (product_.n == 0) return;
    product_.a = a;
    if (reproducible_) {
      multiplyGroups<false>(out);
    } else {
      [[maybe_unused]] const FlushSubnormals flush;
      multiplyGroups<true>(out);
    }
  }

 private:
  bool reproducible_;
  Matrix weight_;
  Columns columns_;
  Product product_;
  // Of a group's packed weight.
  int64_t width_;
  // Whether the weights of all groups can stay packed.
  bool fits_;
  bool isPacked_ = false;

  template <bool Fused>
  void multiplyGroups(float* out) {
    float* packed = packingWorkspace();
    for (int64_t group = 0; group < columns_.groups; group++, packed += product_.k * width_) {
      const int64_t column = group * columns_.distance + columns_.range.first;
      product_.b = weight_.from(0, column);
      product_.out = out + column;
      if (fits_) {
        multiplyKept<Fused>(packed);
      } else if (product_.m == 1) {
        multiplyRow<Fused>(product_);
      } else if (swapPays(product_)) {
        multiplySwapped<Fused>(product_);
      } else {
        multiplyBlocked<Fused>(product_);
      }
    }
    isPacked_ = true;
  }

  template <bool Fused>
  void multiplyKept(float* packed) {
    const Product& s = product_;
    for (int64_t step = 0; step < s.k; step += BLOCK_DEPTH) {
      const int64_t depth = blockDepth(s.k, step);
      const Block block = {0, s.n, step, depth, Split(width_ / LANES, panelVectors(s.m)), packed + step * width_, false};
      if (!isPacked_) packBlock(s, block);
      multiplyBlock<Fused>(s, block, nullptr);
    }
  }
};

}  // namespace CHAINRULE_ISA
}  // namespace chainrule
