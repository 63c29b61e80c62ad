// The innermost loops of depthwise convolutions, where vectors run along LANES planes that lie side by side.
#pragma once

#include <stdint.h>

#include "gemm_tile.h"
#include "loops.h"

namespace chainrule {
namespace CHAINRULE_ISA {
namespace depthwise {

// Neighbouring positions, and taps, whose sums are under way together at most: sums enough for the multiply-adds that a processor has under
// way, and not more than 16 registers hold.
constexpr int MOST_POSITIONS = 8;
constexpr int TOGETHER_TAPS = 9;

// out = window · image for some neighbouring positions of a row: tap t multiplies the vector at weights[numbers[t]·LANES] by those from
// image[places[t]] on, which are `step` apart for neighbours, as the results are `stepOut`.
struct PlaneTile {
  const float* weights;
  const int32_t* numbers;
  const float* image;
  const int32_t* places;
  int64_t taps;
  int64_t step;
  float* out;
  int64_t stepOut;
};

using PlaneKernel = void (*)(const PlaneTile& tile);

// Each sum starts at zero and takes its products in the order of the taps.
template <Numerics NUMERICS, int POSITIONS>
CHAINRULE_KERNEL void correlateTile(const PlaneTile& tile) {
  Vector sums[POSITIONS];
  unrolled<POSITIONS>([&](auto q) { sums[q.value] = zero(); });
  const int64_t step = tile.step;
  for (int64_t t = 0; t < tile.taps; t++) {
    const Vector weight = load(tile.weights + tile.numbers[t] * LANES);
    const float* const from = tile.image + tile.places[t];
    unrolled<POSITIONS>([&](auto q) { sums[q.value] = multiplyAdd<NUMERICS>(weight, load(from + q.value * step), sums[q.value]); });
  }
  unrolled<POSITIONS>([&](auto q) { store(tile.out + q.value * tile.stepOut, sums[q.value]); });
}

// The kernel of exactly `positions`.
template <Numerics NUMERICS, int POSITIONS = MOST_POSITIONS>
inline PlaneKernel planeTileOf(int64_t positions) {
  if constexpr (POSITIONS > 1) {
    if (positions < POSITIONS) return planeTileOf<NUMERICS, POSITIONS - 1>(positions);
  }
  return correlateTile<NUMERICS, POSITIONS>;
}

// sums += windowsᵀ · δ for some taps, position by position: image[places[t]] is what tap t multiplies with the first of them. δ has the
// positions one after the other.
struct PlaneWeightTile {
  const float* image;
  const int32_t* places;
  int64_t step;
  int64_t line;
  const float* delta;
  int64_t rows;
  int64_t columns;
  float* sums;
};

using PlaneWeightKernel = void (*)(const PlaneWeightTile& tile);

template <Numerics NUMERICS, int TAPS>
CHAINRULE_KERNEL void weightTile(const PlaneWeightTile& tile) {
  Vector sums[TAPS];
  unrolled<TAPS>([&](auto t) { sums[t.value] = load(tile.sums + t.value * LANES); });
  const float* image[TAPS];
  unrolled<TAPS>([&](auto t) { image[t.value] = tile.image + tile.places[t.value]; });
  const float* delta = tile.delta;
  for (int64_t r = 0; r < tile.rows; r++) {
    int64_t at = r * tile.line;
    for (int64_t c = 0; c < tile.columns; c++, at += tile.step, delta += LANES) {
      const Vector factor = load(delta);
      unrolled<TAPS>([&](auto t) { sums[t.value] = multiplyAdd<NUMERICS>(load(image[t.value] + at), factor, sums[t.value]); });
    }
  }
  unrolled<TAPS>([&](auto t) { store(tile.sums + t.value * LANES, sums[t.value]); });
}

// The kernel of exactly `taps`.
template <Numerics NUMERICS, int TAPS = TOGETHER_TAPS>
inline PlaneWeightKernel planeWeightTileOf(int64_t taps) {
  if constexpr (TAPS > 1) {
    if (taps < TAPS) return planeWeightTileOf<NUMERICS, TAPS - 1>(taps);
  }
  return weightTile<NUMERICS, TAPS>;
}

}  // namespace depthwise
}  // namespace CHAINRULE_ISA
}  // namespace chainrule
