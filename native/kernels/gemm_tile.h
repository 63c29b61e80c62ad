// The innermost loop of the matrix product: a tile of the output that stays in registers while k runs.
#pragma once

#include <stdint.h>

#include "loops.h"

namespace chainrule {
namespace CHAINRULE_ISA {

// out = A·B, or out += A·B, for as many rows as the kernel has and `columns` columns: more than its vectors but the last hold,
// and not more than all hold. B is a panel, full vectors `strideB` apart for each step of k. No operand overlaps out.
struct Tile {
  const float* a;
  int64_t strideA;
  const float* b;
  int64_t strideB;
  int64_t depth;
  float* out;
  int64_t strideOut;
  int64_t columns;
  bool accumulate;
};

// How far ahead a tile asks for B, in steps of k: rows that are read in place may lie a page apart each, and then nothing else
// would fetch them in time.
constexpr int64_t STEPS_AHEAD = 8;

using TileKernel = void (*)(const Tile& tile);

template <int ROWS, int VECTORS>
inline void storeTile(const Tile& tile, const Vector sums[ROWS][VECTORS]) {
  constexpr int LAST = VECTORS - 1;
  const int64_t left = tile.columns - LAST * LANES;
#pragma GCC unroll 16
  for (int r = 0; r < ROWS; r++) {
    float* row = tile.out + r * tile.strideOut;
#pragma GCC unroll 4
    for (int v = 0; v < LAST; v++) {
      store(row + v * LANES, tile.accumulate ? add(load(row + v * LANES), sums[r][v]) : sums[r][v]);
    }
    float* const last = row + LAST * LANES;
    if (left == LANES) {
      store(last, tile.accumulate ? add(load(last), sums[r][LAST]) : sums[r][LAST]);
    } else {
      storeUpTo(last, tile.accumulate ? add(loadUpTo(last, left), sums[r][LAST]) : sums[r][LAST], left);
    }
  }
}

// Each sum starts at zero and takes its products in the order of k, one by one. A is transposed where its elements for one step
// of k lie together.
template <bool Fused, bool TransposedA, int ROWS, int VECTORS>
void multiplyTile(const Tile& tile) {
  Vector sums[ROWS][VECTORS];
#pragma GCC unroll 16
  for (int r = 0; r < ROWS; r++) {
#pragma GCC unroll 4
    for (int v = 0; v < VECTORS; v++) sums[r][v] = zero();
  }
  const int64_t rowA = TransposedA ? 1 : tile.strideA;
  const int64_t stepA = TransposedA ? tile.strideA : 1;
  const int64_t stepB = tile.strideB;
  const float* a = tile.a;
  const float* b = tile.b;
  for (int64_t p = 0; p < tile.depth; p++, a += stepA, b += stepB) {
    Vector right[VECTORS];
#pragma GCC unroll 4
    for (int v = 0; v < VECTORS; v++) right[v] = load(b + v * LANES);
#pragma GCC unroll 4
    for (int64_t j = 0; j < VECTORS * LANES; j += CACHE_LINE) prefetch(b + STEPS_AHEAD * stepB + j);
#pragma GCC unroll 16
    for (int r = 0; r < ROWS; r++) {
      const Vector left = broadcast(a[r * rowA]);
#pragma GCC unroll 4
      for (int v = 0; v < VECTORS; v++) sums[r][v] = multiplyAdd<Fused>(left, right[v], sums[r][v]);
    }
  }
  storeTile<ROWS, VECTORS>(tile, sums);
}

// The kernel of exactly `rows` × VECTORS.
template <bool Fused, bool TransposedA, int VECTORS, int ROWS = TILING.rows[VECTORS - 1]>
inline TileKernel tileOfRows(int64_t rows) {
  if constexpr (ROWS > 1) {
    if (rows < ROWS) return tileOfRows<Fused, TransposedA, VECTORS, ROWS - 1>(rows);
  }
  return multiplyTile<Fused, TransposedA, ROWS, VECTORS>;
}

// The kernel of exactly `rows` × `vectors`.
template <bool Fused, bool TransposedA>
inline TileKernel tileOf(int64_t rows, int64_t vectors) {
  if (vectors == 1) return tileOfRows<Fused, TransposedA, 1>(rows);
  if (vectors < TILING.vectors) return tileOfRows<Fused, TransposedA, 2>(rows);
  return tileOfRows<Fused, TransposedA, TILING.vectors>(rows);
}

}  // namespace CHAINRULE_ISA
}  // namespace chainrule
