// The matrix product that a recurrence repeats at each step, with one weight: it is packed once, where it fits.
#pragma once

#include <stdint.h>

#include "../isa.h"
#include "../sizes.h"
#include "gemm_blocked.h"
#include "gemm_row.h"
#include "gemm_swapped.h"
#include "with_numerics.h"

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
  StepProduct(Numerics numerics, const Matrix& weight, int64_t rows, const Columns& columns, int64_t depth, int64_t strideOut)
      : numerics_(numerics),
        weight_(weight),
        columns_(columns),
        product_{{nullptr, 0, false}, weight, nullptr, strideOut, rows, columns.range.count, depth, false, nullptr, {}},
        width_(vectorsOf(columns.range.count) * LANES),
        fits_(columns.groups * depth * width_ <= BLOCK_FLOATS) {}

  void multiply(const Matrix& a, float* out) {
    if (product_.n == 0) return;
    product_.a = a;
    withNumerics(numerics_, [&](auto steps) { multiplyGroups<steps.value>(out); });
  }

 private:
  Numerics numerics_;
  Matrix weight_;
  Columns columns_;
  Product product_;
  // Of a group's packed weight.
  int64_t width_;
  // Whether the weights of all groups can stay packed.
  bool fits_;
  bool isPacked_ = false;

  template <Numerics NUMERICS>
  void multiplyGroups(float* out) {
    float* packed = packingWorkspace();
    for (int64_t group = 0; group < columns_.groups; group++, packed += product_.k * width_) {
      const int64_t column = group * columns_.distance + columns_.range.first;
      product_.b = weight_.from(0, column);
      product_.out = out + column;
      if (fits_) {
        multiplyKept<NUMERICS>(packed);
      } else if (product_.m == 1) {
        multiplyRow<NUMERICS>(product_);
      } else if (swapPays(product_)) {
        multiplySwapped<NUMERICS>(product_);
      } else {
        multiplyBlocked<NUMERICS>(product_);
      }
    }
    isPacked_ = true;
  }

  template <Numerics NUMERICS>
  void multiplyKept(float* packed) {
    const Product& s = product_;
    for (int64_t step = 0; step < s.k; step += BLOCK_DEPTH) {
      const int64_t depth = blockDepth(s.k, step);
      const Block block = {0, s.n, step, depth, Split(width_ / LANES, panelVectors(s.m)), packed + step * width_, false};
      if (!isPacked_) packBlock(s, block);
      multiplyBlock<NUMERICS>(s, block, nullptr);
    }
  }
};

}  // namespace CHAINRULE_ISA
}  // namespace chainrule
