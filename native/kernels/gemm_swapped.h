// A·B computed as (Bᵀ·Aᵀ)ᵀ, where A lies by rows and B is transposed, as in a layer's forward pass: then it is A and not B that
// is packed, which is less work where A is the smaller one, and vectors run along m, which wastes fewer lanes where n is small.
#pragma once

#include <stdint.h>

#include "../sizes.h"
#include "loops.h"

#include "gemm_blocked.h"
#include "gemm_pack.h"
#include "gemm_product.h"

namespace chainrule {
namespace CHAINRULE_ISA {

// Rows of Bᵀ·Aᵀ that are computed before they are transposed into the output.
constexpr int64_t SWAPPED_ROWS = 48;

inline int64_t vectorsOf(int64_t columns) { return ceilDivide(columns, LANES); }

// About the cycles per step of k, times six: a row of a vector takes half a cycle, packing an element a third.
inline int64_t costOf(int64_t rows, int64_t columns) {
  const int64_t vectors = vectorsOf(columns);
  return 3 * rows * vectors + 2 * columns;
}

// Whether to swap. Sums that go through a buffer cannot be added to the output block by block; all of A must fit in one block,
// and the sums in the memory for a strip.
inline bool swapPays(const Product& s) {
  const int64_t width = vectorsOf(s.m) * LANES;
  return !s.a.transposed && s.b.transposed && !s.accumulate && s.k * width <= BLOCK_FLOATS && SWAPPED_ROWS * width <= STRIP_FLOATS &&
         costOf(s.n, s.m) < costOf(s.m, s.n);
}

// out[i][j] = sums[j][i] for i < rows, j < columns; the rows of `sums` are `width` apart, and full vectors.
inline void storeTransposed(const float* sums, int64_t width, int64_t rows, int64_t columns, float* out, int64_t strideOut) {
  for (int64_t i = 0; i < rows; i += LANES) {
    const int64_t count = least(rows - i, LANES);
    for (int64_t j = 0; j < columns; j += LANES) {
      const int64_t filled = least(columns - j, LANES);
      Vector lines[LANES];
      loadTransposedFirst(sums + j * width + i, width, filled, LANES, lines);
      for (int64_t r = 0; r < count; r++) storeUpTo(out + (i + r) * strideOut + j, lines[r], filled);
    }
  }
}

template <Numerics NUMERICS>
inline void multiplySwapped(const Product& s) {
  float* const packed = packingWorkspace();
  float* const sums = packed + BLOCK_FLOATS;
  const int64_t vectors = vectorsOf(s.m);
  const int64_t width = vectors * LANES;
  Product swapped = {s.b.transpose(), s.a.transpose(), sums, width, 0, s.m, s.k, false, nullptr, {}};
  const auto blockAt = [&](int64_t step) -> Block {
    const int64_t depth = blockDepth(s.k, step);
    return {0, s.m, step, depth, Split(vectors, panelVectors(s.n)), packed + step * width, false};
  };
  for (int64_t step = 0; step < s.k; step += BLOCK_DEPTH) packBlock(swapped, blockAt(step));
  for (int64_t column = 0; column < s.n; column += swapped.m) {
    swapped.a = s.b.transpose().from(column, 0);
    swapped.m = least(s.n - column, SWAPPED_ROWS);
    for (int64_t step = 0; step < s.k; step += BLOCK_DEPTH) multiplyBlock<NUMERICS>(swapped, blockAt(step), nullptr);
    storeTransposed(sums, width, s.m, swapped.m, s.out + column, s.strideOut);
    if (s.epilogue) {
      for (int64_t i = 0; i < s.m; i++) finish(s, i, column, swapped.m);
    }
  }
}

}  // namespace CHAINRULE_ISA
}  // namespace chainrule
