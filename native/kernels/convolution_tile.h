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
  unrolled<ROWS>([&](auto r) { unrolled<VECTORS>([&](auto v) { sums[r.value][v.value] = zero(); }); });
}

// sums[v] += factor · right[v].
template <bool Fused, int VECTORS>
inline void addProducts(float factor, const Vector right[VECTORS], Vector sums[VECTORS]) {
  const Vector left = broadcast(factor);
  unrolled<VECTORS>([&](auto v) { sums[v.value] = multiplyAdd<Fused>(left, right[v.value], sums[v.value]); });
}

template <bool Fused>
struct TapKernels {
  using Function = void (*)(const TapTile&);

  // Each sum starts at zero and takes its products in the order of k, one by one.
  template <int ROWS, int VECTORS>
  static CHAINRULE_KERNEL void run(const TapTile& tile) {
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
      unrolled<VECTORS>([&](auto v) { right[v.value] = load(from + v.value * LANES); });
      unrolled<ROWS>([&](auto r) { addProducts<Fused, VECTORS>(weights[r.value * stride], right, sums[r.value]); });
    }
    unrolled<ROWS>([&](auto r) { storeRow<VECTORS>(tile.out + r.value * tile.strideOut, sums[r.value], tile.columns, tile.accumulate); });
  }
};

template <bool Fused>
struct PositionKernels {
  using Function = void (*)(const PositionTile&);

  // The same for k over the positions, row by row. The finished sums are added to those in memory.
  template <int ROWS, int VECTORS>
  static CHAINRULE_KERNEL void run(const PositionTile& tile) {
    Vector sums[ROWS][VECTORS];
    clear<ROWS, VECTORS>(sums);
    const float* lines[ROWS];
    unrolled<ROWS>([&](auto r) { lines[r.value] = tile.image + tile.taps[r.value]; });
    const float* delta = tile.delta;
    const int64_t stride = tile.strideDelta;
    for (int64_t y = 0; y < tile.rows; y++) {
      for (int64_t x = 0; x < tile.columns; x++, delta += stride) {
        Vector right[VECTORS];
        unrolled<VECTORS>([&](auto v) { right[v.value] = load(delta + v.value * LANES); });
        unrolled<ROWS>([&](auto r) { addProducts<Fused, VECTORS>(lines[r.value][x], right, sums[r.value]); });
      }
      unrolled<ROWS>([&](auto r) { lines[r.value] += tile.pitch; });
    }
    unrolled<ROWS>([&](auto r) {
      unrolled<VECTORS>([&](auto v) {
        float* const to = tile.sums + r.value * tile.strideSums + v.value * LANES;
        store(to, add(load(to), sums[r.value][v.value]));
      });
    });
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
