// Depthwise convolutions with vectors along the planes: LANES planes lie side by side, with zeros around them, so that all lanes are used
// however narrow rows are. Sums are in the order that convolution_product.h states.
#pragma once

#include <stdint.h>

#include "../sizes.h"
#include "convolution_depthwise.h"
#include "convolution_planes_tile.h"
#include "convolution_weight.h"
#include "winograd.h"

namespace chainrule {
namespace CHAINRULE_ISA {
namespace depthwise {

// Floats of an image and of results that are under way together, unless one row takes more: they share an L1 cache.
constexpr int64_t FRAME_FLOATS = 6144;
constexpr int64_t PLACES_FLOATS = 4096;
static_assert(2 * MOST_WINDOW * MOST_PANEL <= OPERAND_FLOATS, "the weights do not fit");

// Where an image's rows lie side by side: elements of coordinates from `left` on, and rows that a strip of the grid reads.
struct Frames {
  Reach y;
  Reach x;
  int64_t left;
  int64_t columns;

  Frames(const Axis& down, const Axis& across) : y(reachOf(down)), x(reachOf(across)), left(least(x.first, 0)) {
    const int64_t end = x.first + (phaseOf(across, 0).axis.grid - 1) * x.stride + x.span + 1;
    columns = (end > x.source ? end : x.source) - left;
  }

  int64_t lines(int64_t rows) const { return (rows - 1) * y.stride + y.span + 1; }
  int64_t floats(int64_t rows) const { return lines(rows) * columns * LANES; }
  winograd::Frame frame(int64_t row, int64_t rows) const {
    return {y.source, x.source, y.first + row * y.stride, left, lines(rows), columns};
  }
  // Where position (0, 0) finds what lies at these offsets of its reach.
  int64_t place(int64_t down, int64_t across) const { return (down * columns + x.first + across - left) * LANES; }
};

// Rows of the grid that are computed together: of `most`, as many as fit. Each takes `floats` of the results.
inline int64_t stripOf(const Frames& frames, int64_t most, int64_t floats) {
  int64_t rows = most;
  while (rows > 1 && (frames.floats(rows) > FRAME_FLOATS || rows * floats > PLACES_FLOATS)) rows = (rows + 1) / 2;
  return rows;
}

// Whether one row of the grid fits.
inline bool fitsPlanes(const Axis& y, const Axis& x) {
  return Frames(y, x).floats(1) <= IMAGE_FLOATS && y.spacing * x.grid * LANES <= SUMS_FLOATS;
}

inline Taps tapsOf(const Axis& y, const Axis& x, const Frames& frames) {
  return Taps(y, x, [&](int64_t down, int64_t across) { return frames.place(down, across); });
}

// Some neighbouring planes, LANES at most.
struct Planes {
  int64_t first;
  int64_t count;
};

// One phase of rows [row, row + rows) of the phases, whose frame lies in imageSpace, to the places of the whole grid's rows.
template <Numerics NUMERICS>
inline void placesOfPhase(const Correlation& s, const Frames& frames, const Taps& taps, int64_t down, int64_t across, int64_t row,
                          int64_t rows) {
  const PhaseTaps& phase = taps.at(down, across);
  const int64_t end = least(row + rows, phase.y.axis.grid);
  const int64_t line = frames.y.stride * frames.columns * LANES;
  const int64_t step = frames.x.stride * LANES;
  const int64_t stepOut = s.x.spacing * LANES;
  const Split panels(phase.x.axis.grid, MOST_POSITIONS);
  int64_t column = 0;
  for (int64_t panel = 0; panel < panels.parts; panel++) {
    const int64_t positions = panels.size(panel);
    const auto kernel = planeTileOf<NUMERICS>(positions);
    PlaneTile tile = {operandSpace(),
                      taps.numbers(phase),
                      imageSpace() + column * step,
                      taps.places(phase),
                      phase.count,
                      step,
                      sumsSpace() + (down * s.x.grid + across) * LANES + column * stepOut,
                      stepOut};
    for (int64_t r = row; r < end; r++) {
      kernel(tile);
      tile.image += line;
      tile.out += s.y.spacing * s.x.grid * LANES;
    }
    column += positions;
  }
}

template <Numerics NUMERICS>
inline void correlatePlanes(const Correlation& s, const Frames& frames, const Taps& taps, const Planes& planes) {
  const int64_t height = taps.at(0, 0).y.axis.grid;
  const int64_t rows = stripOf(frames, height, s.y.spacing * s.x.grid * LANES);
  transposeRows(s.weight(planes.first, 0, 0), s.window(), s.window(), planes.count, LANES, operandSpace());
  for (int64_t n = 0; n < s.samples; n++) {
    const float* const source = s.source + (n * s.groups + planes.first) * s.y.source * s.x.source;
    float* const out = s.out + (n * s.groups + planes.first) * s.positions();
    for (int64_t row = 0; row < height; row += rows) {
      const int64_t count = least(rows, height - row);
      winograd::fillFrame(frames.frame(row, count), source, planes.count, LANES, imageSpace());
      for (int64_t p = 0; p < s.y.phases() * s.x.phases(); p++) {
        placesOfPhase<NUMERICS>(s, frames, taps, p / s.x.phases(), p % s.x.phases(), row, count);
      }
      float* const first = out + row * s.y.spacing * s.x.grid;
      const int64_t places = least(count * s.y.spacing, s.y.grid - row * s.y.spacing) * s.x.grid;
      storeTransposed(sumsSpace(), LANES, planes.count, places, first, s.positions());
      if (!s.epilogue) continue;
      for (int64_t p = 0; p < planes.count; p++) finishRun(s, planes.first + p, first + p * s.positions(), places);
    }
  }
}

template <Numerics NUMERICS>
inline void correlateByPlanes(const Correlation& s) {
  const Frames frames(s.y, s.x);
  const Taps taps = tapsOf(s.y, s.x, frames);
  const int64_t end = s.planes.first + s.planes.count;
  for (int64_t first = s.planes.first; first < end; first += LANES) {
    correlatePlanes<NUMERICS>(s, frames, taps, {first, least(LANES, end - first)});
  }
}

// Windowsᵀ · δ for rows [row, row + rows) of some planes of a sample, added to the block's sums, a vector for each tap.
template <Numerics NUMERICS>
inline void addRows(const WeightGradient& s, const Frames& frames, const Taps& taps, const float* image, const float* delta, int64_t planes,
                    int64_t row, int64_t rows, float* sums) {
  winograd::fillFrame(frames.frame(row, rows), image, planes, LANES, imageSpace());
  winograd::fillFrame({s.y.grid, s.x.grid, row, 0, rows, s.x.grid}, delta, planes, LANES, sumsSpace());
  const Split parts(s.window(), TOGETHER_TAPS);
  const int64_t line = frames.y.stride * frames.columns * LANES;
  int64_t tap = 0;
  for (int64_t part = 0; part < parts.parts; part++) {
    const int64_t count = parts.size(part);
    planeWeightTileOf<NUMERICS>(count)(
        {imageSpace(), taps.places(taps.at(0, 0)) + tap, frames.x.stride * LANES, line, sumsSpace(), rows, s.x.grid, sums + tap * LANES});
    tap += count;
  }
}

template <Numerics NUMERICS>
inline void weightOfPlanes(const WeightGradient& s, const Frames& frames, const Taps& taps, const Planes& planes) {
  float* const totals = operandSpace();
  float* const sums = totals + s.window() * LANES;
  const int64_t size = s.window() * LANES;
  const int64_t rows = stripOf(frames, s.blockRows(), s.x.grid * LANES);
  clear(totals, size);
  for (int64_t n = 0; n < s.samples; n++) {
    const float* const image = s.image + (n * s.groups + planes.first) * s.plane();
    const float* const delta = s.delta + (n * s.groups + planes.first) * s.positions();
    forEachBlock(s, [&](const Part2d& part) {
      clear(sums, size);
      for (int64_t row = 0; row < part.rows; row += rows) {
        addRows<NUMERICS>(s, frames, taps, image, delta, planes.count, part.row + row, least(rows, part.rows - row), sums);
      }
      for (int64_t i = 0; i < size; i += LANES) store(totals + i, load(totals + i) + load(sums + i));
    });
  }
  storeTransposed(totals, LANES, planes.count, s.window(), s.out + planes.first * s.window(), s.window());
}

// The filters from `first` on, `count` of them.
template <Numerics NUMERICS>
inline void weightByPlanes(const WeightGradient& s, int64_t first, int64_t count) {
  const Frames frames(s.y, s.x);
  const Taps taps = tapsOf(s.y, s.x, frames);
  for (int64_t plane = first; plane < first + count; plane += LANES) {
    weightOfPlanes<NUMERICS>(s, frames, taps, {plane, least(LANES, first + count - plane)});
  }
}

}  // namespace depthwise
}  // namespace CHAINRULE_ISA
}  // namespace chainrule
