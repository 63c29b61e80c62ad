// The innermost loops of the convolutions: register tiles that read the image where it lies, in a copy with zeros around it.
#pragma once

#include <stdint.h>

#include "gemm_tile.h"
#include "loops.h"

namespace chainrule {
namespace CHAINRULE_ISA {

// out = weights · windows, or out += it, for some filters and `columns` neighbouring positions: step p of k multiplies weight[p] by the
// elements from image[taps[p]] on, of which full vectors are read.
struct TapTile {
  const float* weights;
  int64_t strideWeights;
  const float* image;
  const int32_t* taps;
  int64_t depth;
  float* out;
  int64_t strideOut;
  int64_t columns;
  bool accumulate;
};

// sums += windowsᵀ · δ for some taps and neighbouring filters: k runs over the positions of a region of the image, `pitch` from row
// to row, and δ has a row of `strideDelta` for each of them, one after the other.
struct PositionTile {
  const float* image;
  const int32_t* taps;
  int64_t rows;
  int64_t columns;
  int64_t pitch;
  const float* delta;
  int64_t strideDelta;
  float* sums;
  int64_t strideSums;
};

template <int ROWS, int VECTORS>
inline void clear(Vector sums[ROWS][VECTORS]) {
#pragma GCC unroll 16
  for (int r = 0; r < ROWS; r++) {
#pragma GCC unroll 4
    for (int v = 0; v < VECTORS; v++) sums[r][v] = zero();
  }
}

template <Numerics NUMERICS>
struct TapKernels {
  using Function = void (*)(const TapTile&);

  // Each sum starts at zero and takes its products in the order of k, one by one.
  template <int ROWS, int VECTORS>
  static void run(const TapTile& tile) {
    Vector sums[ROWS][VECTORS];
    clear<ROWS, VECTORS>(sums);
    const float* weights = tile.weights;
    const int64_t stride = tile.strideWeights;
    const float* const image = tile.image;
    const int32_t* const taps = tile.taps;
    const int64_t depth = tile.depth;
    for (int64_t p = 0; p < depth; p++, weights++) {
      const float* const from = image + taps[p];
      Vector right[VECTORS];
#pragma GCC unroll 4
      for (int v = 0; v < VECTORS; v++) right[v] = load(from + v * LANES);
#pragma GCC unroll 16
      for (int r = 0; r < ROWS; r++) {
        const Vector left = broadcast(weights[r * stride]);
#pragma GCC unroll 4
        for (int v = 0; v < VECTORS; v++) sums[r][v] = multiplyAdd<NUMERICS>(left, right[v], sums[r][v]);
      }
    }
#pragma GCC unroll 16
    for (int r = 0; r < ROWS; r++) storeRow<VECTORS>(tile.out + r * tile.strideOut, sums[r], tile.columns, tile.accumulate);
  }
};

template <Numerics NUMERICS>
struct PositionKernels {
  using Function = void (*)(const PositionTile&);

  // The same for k over the positions, row by row. The finished sums are added to those in memory.
  template <int ROWS, int VECTORS>
  static void run(const PositionTile& tile) {
    Vector sums[ROWS][VECTORS];
    clear<ROWS, VECTORS>(sums);
    const float* lines[ROWS];
#pragma GCC unroll 16
    for (int r = 0; r < ROWS; r++) lines[r] = tile.image + tile.taps[r];
    const float* delta = tile.delta;
    const int64_t stride = tile.strideDelta;
    for (int64_t y = 0; y < tile.rows; y++) {
      for (int64_t x = 0; x < tile.columns; x++, delta += stride) {
        Vector right[VECTORS];
#pragma GCC unroll 4
        for (int v = 0; v < VECTORS; v++) right[v] = load(delta + v * LANES);
#pragma GCC unroll 16
        for (int r = 0; r < ROWS; r++) {
          const Vector left = broadcast(lines[r][x]);
#pragma GCC unroll 4
          for (int v = 0; v < VECTORS; v++) sums[r][v] = multiplyAdd<NUMERICS>(left, right[v], sums[r][v]);
        }
      }
#pragma GCC unroll 16
      for (int r = 0; r < ROWS; r++) lines[r] += tile.pitch;
    }
#pragma GCC unroll 16
    for (int r = 0; r < ROWS; r++) {
#pragma GCC unroll 4
      for (int v = 0; v < VECTORS; v++) {
        float* const to = tile.sums + r * tile.strideSums + v * LANES;
        store(to, add(load(to), sums[r][v]));
      }
    }
  }
};

// The most rows of a tile that is `vectors` wide.
inline int64_t tileRows(int64_t vectors) { return TILING.rows[vectors - 1]; }

template <typename Kernels, int VECTORS, int ROWS = TILING.rows[VECTORS - 1]>
inline typename Kernels::Function kernelOfRows(int64_t rows) {
  if constexpr (ROWS > 1) {
    if (rows < ROWS) return kernelOfRows<Kernels, VECTORS, ROWS - 1>(rows);
  }
  return Kernels::template run<ROWS, VECTORS>;
}

// The kernel of exactly `rows` × `vectors`.
template <typename Kernels>
inline typename Kernels::Function kernelOfSize(int64_t rows, int64_t vectors) {
  if (vectors == 1) return kernelOfRows<Kernels, 1>(rows);
  if (vectors < TILING.vectors) return kernelOfRows<Kernels, 2>(rows);
  return kernelOfRows<Kernels, TILING.vectors>(rows);
}

}  // namespace CHAINRULE_ISA
}  // namespace chainrule
