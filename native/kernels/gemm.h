// C = A·B for one pair of matrices in any transposition, through a register tile on the ISA's vector type.
//
// B is packed, a panel of TILE_WIDTH columns and at most BLOCK_K rows at a time, padded with zeros to whole vectors; A is read
// where it lies. Each element of C is the plain sequential sum within a block of k, and the blocks are added in order: the
// result depends neither on the vector width nor on the tile.
#pragma once

#include <stdint.h>
#include <string.h>

#include "loops.h"

namespace chainrule {
namespace CHAINRULE_ISA {

constexpr int TILE_WIDTH = TILE_VECTORS * LANES;
constexpr int64_t BLOCK_K = 256;

// One matrix pair: rowA, stepA (and stepB, columnB) are the distances between neighbours along m and k (along k and n).
struct Matrices {
  const float* a;
  const float* b;
  float* out;
  int64_t m;
  int64_t n;
  int64_t k;
  int64_t rowA;
  int64_t stepA;
  int64_t stepB;
  int64_t columnB;
};

// One register tile's work: a panel of packed B against some rows of A.
struct Tile {
  const float* a;
  int64_t rowA;
  int64_t stepA;
  const float* panel;
  int64_t depth;
  float* out;
  int64_t outStride;
  int64_t columns;
  bool accumulate;
};

// A last vector that reaches past the tile’s columns goes through memory of its own.
template <int ROWS, int VECTORS>
inline void storeTile(const Tile& tile, const Vector sums[ROWS][VECTORS]) {
  for (int r = 0; r < ROWS; r++) {
    float* row = tile.out + r * tile.outStride;
    for (int v = 0; v < VECTORS; v++) {
      const int64_t left = tile.columns - v * LANES;
      if (left >= LANES) {
        store(row + v * LANES, tile.accumulate ? add(load(row + v * LANES), sums[r][v]) : sums[r][v]);
        continue;
      }
      float edge[LANES];
      store(edge, sums[r][v]);
      for (int64_t j = 0; j < left; j++) row[v * LANES + j] = tile.accumulate ? row[v * LANES + j] + edge[j] : edge[j];
    }
  }
}

template <int ROWS, int VECTORS>
inline void multiplyTile(const Tile& tile) {
  Vector sums[ROWS][VECTORS];
  for (int r = 0; r < ROWS; r++) {
    for (int v = 0; v < VECTORS; v++) sums[r][v] = zero();
  }
  const float* a = tile.a;
  const float* panel = tile.panel;
  for (int64_t p = 0; p < tile.depth; p++, a += tile.stepA, panel += VECTORS * LANES) {
    Vector b[VECTORS];
    for (int v = 0; v < VECTORS; v++) b[v] = load(panel + v * LANES);
    for (int r = 0; r < ROWS; r++) {
      const Vector x = broadcast(a[r * tile.rowA]);
      for (int v = 0; v < VECTORS; v++) sums[r][v] = multiplyAdd(x, b[v], sums[r][v]);
    }
  }
  storeTile<ROWS, VECTORS>(tile, sums);
}

// Chooses the tile of exactly `rows` × `vectors`.
template <int ROWS, int VECTORS>
inline void multiplyTileOf(int64_t rows, int64_t vectors, const Tile& tile) {
  if constexpr (VECTORS > 1) {
    if (vectors < VECTORS) return multiplyTileOf<ROWS, VECTORS - 1>(rows, vectors, tile);
  }
  if constexpr (ROWS > 1) {
    if (rows < ROWS) return multiplyTileOf<ROWS - 1, VECTORS>(rows, vectors, tile);
  }
  multiplyTile<ROWS, VECTORS>(tile);
}

// panel[p][j] = b[p·stepB + j·columnB], zero for columns ≤ j < width.
inline void packPanel(const float* CHAINRULE_RESTRICT b, int64_t stepB, int64_t columnB, int64_t depth, int64_t columns,
                      int64_t width, float* CHAINRULE_RESTRICT panel) {
  constexpr int64_t STRIP = 16;
  for (int64_t p0 = 0; p0 < depth; p0 += STRIP) {
    const int64_t end = p0 + STRIP < depth ? p0 + STRIP : depth;
    if (columnB == 1) {
      for (int64_t p = p0; p < end; p++) memcpy(panel + p * width, b + p * stepB, static_cast<size_t>(columns) * sizeof(float));
    } else {
      for (int64_t j = 0; j < columns; j++) {
        for (int64_t p = p0; p < end; p++) panel[p * width + j] = b[p * stepB + j * columnB];
      }
    }
    for (int64_t p = p0; p < end; p++) {
      for (int64_t j = columns; j < width; j++) panel[p * width + j] = 0.0f;
    }
  }
}

// `finish(row, columns, column, index)` turns finished sums into the stored values: `columns` of them at `row`, which is
// element `index` of out and column `column` of it.
template <typename Finish>
inline void gemm(const Matrices& s, Finish finish) {
  alignas(64) float panel[BLOCK_K * TILE_WIDTH];
  for (int64_t j0 = 0; j0 < s.n; j0 += TILE_WIDTH) {
    const int64_t columns = s.n - j0 < TILE_WIDTH ? s.n - j0 : TILE_WIDTH;
    const int64_t vectors = (columns + LANES - 1) / LANES;
    for (int64_t p0 = 0; p0 < s.k; p0 += BLOCK_K) {
      const int64_t depth = s.k - p0 < BLOCK_K ? s.k - p0 : BLOCK_K;
      packPanel(s.b + p0 * s.stepB + j0 * s.columnB, s.stepB, s.columnB, depth, columns, vectors * LANES, panel);
      for (int64_t i0 = 0; i0 < s.m; i0 += TILE_ROWS) {
        const Tile tile = {s.a + i0 * s.rowA + p0 * s.stepA, s.rowA, s.stepA, panel, depth, s.out + i0 * s.n + j0, s.n,
                           columns, p0 > 0};
        multiplyTileOf<TILE_ROWS, TILE_VECTORS>(s.m - i0, vectors, tile);
      }
    }
    for (int64_t i = 0; i < s.m; i++) finish(s.out + i * s.n + j0, columns, j0, i * s.n + j0);
  }
}

}  // namespace CHAINRULE_ISA
}  // namespace chainrule
