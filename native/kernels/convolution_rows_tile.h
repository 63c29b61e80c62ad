// The innermost loops of depthwise convolutions, where vectors run along the rows of a plane.
#pragma once

#include <stdint.h>

#include "gemm_tile.h"
#include "loops.h"

namespace chainrule {
namespace CHAINRULE_ISA {
namespace depthwise {

// Vectors of a row that a tile takes at most, and its sums: enough for the multiply-adds that a processor has under way.
constexpr int ROW_VECTORS = 2;
constexpr int ROW_SUMS = 8;

// out = window · image for some rows of a plane and neighbouring positions, in full vectors. The taps of 3 × 3 lie `pitch` apart, as rows do,
// and `across`: the tile's rows are in the order in which the taps walk down.
struct RowsTile {
  const float* weights;
  const float* image;
  int64_t pitch;
  int64_t across;
  float* out;
  int64_t strideOut;
};

using RowsKernel = void (*)(const RowsTile& tile);

// Each sum starts at zero and takes its products in the order of the taps. A row of the image is read once for all of the tile's rows that it
// is part of.
template <Numerics NUMERICS, int ROWS, int VECTORS>
CHAINRULE_KERNEL void correlateRows(const RowsTile& tile) {
  Vector sums[ROWS][VECTORS];
  unrolled<ROWS>([&](auto r) { unrolled<VECTORS>([&](auto v) { sums[r.value][v.value] = zero(); }); });
  Vector weights[9];
  unrolled<9>([&](auto t) { weights[t.value] = broadcast(tile.weights[t.value]); });
  const float* line = tile.image;
  unrolled<ROWS + 2>([&](auto l) {
    unrolled<3>([&](auto j) {
      unrolled<VECTORS>([&](auto v) {
        const Vector element = load(line + j.value * tile.across + v.value * LANES);
        unrolled<3>([&](auto i) {
          constexpr int r = decltype(l)::value - decltype(i)::value;
          if constexpr (r >= 0 && r < ROWS) {
            sums[r][v.value] = multiplyAdd<NUMERICS>(weights[3 * i.value + j.value], element, sums[r][v.value]);
          }
        });
      });
    });
    line += tile.pitch;
  });
  unrolled<ROWS>([&](auto r) {
    unrolled<VECTORS>([&](auto v) { store(tile.out + r.value * tile.strideOut + v.value * LANES, sums[r.value][v.value]); });
  });
}

template <Numerics NUMERICS, int VECTORS, int ROWS = ROW_SUMS / VECTORS>
inline RowsKernel rowsTileOf(int64_t rows) {
  if constexpr (ROWS > 1) {
    if (rows < ROWS) return rowsTileOf<NUMERICS, VECTORS, ROWS - 1>(rows);
  }
  return correlateRows<NUMERICS, ROWS, VECTORS>;
}

// The kernel of exactly `rows` × `vectors`.
template <Numerics NUMERICS>
inline RowsKernel rowsTileOf(int64_t rows, int64_t vectors) {
  return vectors == 1 ? rowsTileOf<NUMERICS, 1>(rows) : rowsTileOf<NUMERICS, ROW_VECTORS>(rows);
}

}  // namespace depthwise
}  // namespace CHAINRULE_ISA
}  // namespace chainrule
