// Packing: copies of parts of the operands in the order in which the tiles read them.
#pragma once

#include <stdint.h>

#include "../sizes.h"
#include "gemm_product.h"
#include "gemm_tile.h"
#include "loops.h"

namespace chainrule {
namespace CHAINRULE_ISA {

// `total` things in the fewest parts of at most `most`, whose sizes differ by one at most, the larger ones first.
struct Split {
  int64_t parts;
  int64_t smaller;
  int64_t larger;

  Split(int64_t total, int64_t most) : parts(ceilDivide(total, most)), smaller(total / parts), larger(total % parts) {}
  int64_t size(int64_t part) const { return part < larger ? smaller + 1 : smaller; }
};

// lines[p] has element p of `count` rows, `stride` apart, for p < steps ≤ LANES, and zeros in the lanes from `count` on.
inline void loadTransposedFirst(const float* from, int64_t stride, int64_t count, int64_t steps, Vector lines[LANES]) {
  if (count == LANES && steps == LANES) return loadTransposed(from, stride, lines);
  float square[LANES * LANES];
  for (int64_t i = 0; i < count; i++) store(square + i * LANES, loadUpTo(from + i * stride, steps));
  for (int64_t i = count; i < LANES; i++) store(square + i * LANES, zero());
  loadTransposed(square, LANES, lines);
}

// to[p][j] = from[p][j] for j < columns and 0 for columns ≤ j < VECTORS·LANES, rows `strideFrom` and VECTORS·LANES apart.
template <int VECTORS>
inline void copyRows(const float* CHAINRULE_RESTRICT from, int64_t strideFrom, int64_t depth, int64_t columns,
                     float* CHAINRULE_RESTRICT to) {
  constexpr int LAST = (VECTORS - 1) * LANES;
  const int64_t left = columns - LAST;
  for (int64_t p = 0; p < depth; p++, from += strideFrom, to += VECTORS * LANES) {
    for (int j = 0; j < LAST; j += LANES) store(to + j, load(from + j));
    store(to + LAST, left == LANES ? load(from + LAST) : loadUpTo(from + LAST, left));
  }
}

// to[p][j] = from[j][p] for j < columns and 0 for columns ≤ j < width, rows `strideFrom` and `width` apart.
inline void transposeRows(const float* CHAINRULE_RESTRICT from, int64_t strideFrom, int64_t depth, int64_t columns, int64_t width,
                          float* CHAINRULE_RESTRICT to) {
  for (int64_t j = 0; j < width; j += LANES) {
    const int64_t count = least(columns - j, LANES);
    for (int64_t p = 0; p < depth; p += LANES) {
      const int64_t steps = least(depth - p, LANES);
      Vector lines[LANES];
      loadTransposedFirst(from + j * strideFrom + p, strideFrom, count, steps, lines);
      for (int64_t i = 0; i < steps; i++) store(to + (p + i) * width + j, lines[i]);
    }
  }
}

// A panel: its rows are b's, `vectors` wide, filled up with zeros.
inline void packPanel(const Matrix& b, int64_t depth, int64_t columns, int64_t vectors, float* panel) {
  if (b.transposed) return transposeRows(b.data, b.stride, depth, columns, vectors * LANES, panel);
  const auto copy = vectors == 1 ? copyRows<1> : vectors < TILING.vectors ? copyRows<2> : copyRows<TILING.vectors>;
  copy(b.data, b.stride, depth, columns, panel);
}

}  // namespace CHAINRULE_ISA
}  // namespace chainrule
