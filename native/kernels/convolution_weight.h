// The gradient of a convolution's weight: windowsᵀ · δ, summed over samples and positions; convolution_product.h states the order.
#pragma once

#include <stdint.h>

#include "../sizes.h"
#include "convolution_product.h"

namespace chainrule {
namespace CHAINRULE_ISA {

// Filters that are taken together, and taps of a channel's window at most: beyond it elements are computed one by one.
constexpr int64_t FILTERS = OPERAND_ROWS;
constexpr int64_t MOST_TAPS = 2048;
static_assert(OPERAND_FLOATS >= BLOCK_DEPTH * FILTERS, "a block of δ does not fit");

struct WeightGradient {
  Axis y;
  Axis x;
  int64_t samples;
  int64_t groups;
  // Of each group.
  int64_t channels;
  // Of all groups.
  int64_t filters;
  const float* image;
  const float* delta;
  float* out;

  int64_t window() const { return y.taps * x.taps; }
  int64_t positions() const { return y.grid * x.grid; }
  int64_t plane() const { return y.source * x.source; }
  // Elements of the weight.
  int64_t size() const { return filters * channels * window(); }
  // The regions that the order of summation prescribes.
  int64_t blockColumns() const { return least(x.grid, BLOCK_DEPTH); }
  int64_t blockRows() const { return least(y.grid, BLOCK_DEPTH / blockColumns()); }
};

// Calls body(part) for the blocks of one sample's positions, in order.
template <typename Body>
inline void forEachBlock(const WeightGradient& s, Body body) {
  for (int64_t row = 0; row < s.y.grid; row += s.blockRows()) {
    for (int64_t column = 0; column < s.x.grid; column += s.blockColumns()) {
      body(Part2d{row, least(s.blockRows(), s.y.grid - row), column, least(s.blockColumns(), s.x.grid - column)});
    }
  }
}

// Some filters of a group with some of its channels.
struct WeightPart {
  int64_t group;
  int64_t filter;
  int64_t filters;
  int64_t channel;
  int64_t channels;
};

// A panel of filters: for each position of the part a row of theirs, filled up with zeros.
inline void packDelta(const WeightGradient& s, const Part2d& part, const float* delta, int64_t filters, int64_t width, float* to) {
  const float* const from = delta + part.row * s.x.grid + part.column;
  if (part.columns == s.x.grid) return transposeRows(from, s.positions(), part.rows * part.columns, filters, width, to);
  for (int64_t r = 0; r < part.rows; r++) {
    transposeRows(from + r * s.x.grid, s.positions(), part.columns, filters, width, to + r * part.columns * width);
  }
}

// Adds one block of positions of one sample, the copy of whose image lies in imageSpace, to the sums, which are
// [channels · window][filters, in full vectors].
template <Numerics NUMERICS>
inline void addBlock(const WeightGradient& s, const WeightPart& w, const Part2d& part, const int32_t* places, int64_t pitch,
                     const float* delta) {
  const int64_t taps = w.channels * s.window();
  const int64_t width = vectorsOf(w.filters) * LANES;
  const Split panels(vectorsOf(w.filters), TILING.vectors);
  int64_t j = 0;
  for (int64_t panel = 0; panel < panels.parts; panel++) {
    const int64_t vectors = panels.size(panel);
    packDelta(s, part, delta + j * s.positions(), least(w.filters - j, vectors * LANES), vectors * LANES, operandSpace());
    const Split strips(taps, tileRows(vectors));
    int64_t tap = 0;
    for (int64_t strip = 0; strip < strips.parts; strip++) {
      const int64_t rows = strips.size(strip);
      kernelOfSize<PositionKernels<NUMERICS>>(rows, vectors)({imageSpace(), places + tap, part.rows, part.columns, pitch, operandSpace(),
                                                              vectors * LANES, sumsSpace() + tap * width + j, width});
      tap += rows;
    }
    j += vectors * LANES;
  }
}

// Where the taps of the part's windows find what position (0, 0) of a block multiplies with them.
inline void placeTaps(const WeightGradient& s, const WeightPart& w, const ImageCopy& copy, int32_t* to) {
  for (int64_t tap = 0; tap < w.channels * s.window(); tap++) {
    const int64_t place = copy.place(s.y.offset(tap % s.window() / s.x.taps), s.x.offset(tap % s.x.taps));
    to[tap] = static_cast<int32_t>(tap / s.window() * copy.distance() + place);
  }
}

template <Numerics NUMERICS>
inline void weightPart(const WeightGradient& s, const WeightPart& w) {
  const int64_t taps = w.channels * s.window();
  const int64_t width = vectorsOf(w.filters) * LANES;
  const Reach y = reachOf(s.y);
  const Reach x = reachOf(s.x);
  const ImageCopy copy(y, x, s.blockRows(), s.blockColumns(), Layout::shared);
  int32_t places[MOST_TAPS];
  placeTaps(s, w, copy, places);
  clear(sumsSpace(), taps * width);
  for (int64_t n = 0; n < s.samples; n++) {
    const float* const image = s.image + ((n * s.groups + w.group) * s.channels + w.channel) * s.plane();
    const float* const delta = s.delta + (n * s.filters + w.filter) * s.positions();
    forEachBlock(s, [&](const Part2d& part) {
      copy.fill(image, part, w.channels, imageSpace());
      addBlock<NUMERICS>(s, w, part, places, copy.pitch(), delta);
    });
  }
  float* const out = s.out + (w.filter * s.channels + w.channel) * s.window();
  storeTransposed(sumsSpace(), width, w.filters, taps, out, s.channels * s.window());
}

template <Numerics NUMERICS>
inline float blockSum(const WeightGradient& s, const Part2d& part, const float* image, const float* delta, int64_t i, int64_t j) {
  float sum = 0.0f;
  for (int64_t y = part.row; y < part.row + part.rows; y++) {
    const int64_t row = s.y.element(s.y.first + y * s.y.stride + i * s.y.step);
    for (int64_t x = part.column; x < part.column + part.columns; x++) {
      const int64_t column = s.x.element(s.x.first + x * s.x.stride + j * s.x.step);
      const float element = row < 0 || column < 0 ? 0.0f : image[row * s.x.source + column];
      sum = multiplyAdd<NUMERICS>(element, delta[y * s.x.grid + x], sum);
    }
  }
  return sum;
}

// Element by element, for windows too large for a copy.
template <Numerics NUMERICS>
inline void weightDirectly(const WeightGradient& s, const WeightPart& w) {
  float* out = s.out + w.filter * s.channels * s.window();
  for (int64_t i = 0; i < w.filters * s.channels * s.window(); i++, out++) {
    const int64_t tap = i % s.window();
    const int64_t channel = i / s.window() % s.channels;
    const int64_t filter = w.filter + i / (s.window() * s.channels);
    float total = 0.0f;
    for (int64_t n = 0; n < s.samples; n++) {
      const float* const image = s.image + ((n * s.groups + w.group) * s.channels + channel) * s.plane();
      const float* const delta = s.delta + (n * s.filters + filter) * s.positions();
      forEachBlock(s, [&](const Part2d& part) { total += blockSum<NUMERICS>(s, part, image, delta, tap / s.x.taps, tap % s.x.taps); });
    }
    *out = total;
  }
}

// The filters from `first` on, `count` of them.
template <Numerics NUMERICS>
inline void weightGradient(const WeightGradient& s, int64_t first, int64_t count) {
  const int64_t together = least(FILTERS, count);
  const int64_t taps = least(MOST_TAPS, SUMS_FLOATS / (vectorsOf(together) * LANES));
  const Reach y = reachOf(s.y);
  const Reach x = reachOf(s.x);
  const int64_t distance = ImageCopy(y, x, s.blockRows(), s.blockColumns(), Layout::shared).distance();
  const int64_t channels = least(IMAGE_FLOATS / distance, taps / s.window());
  const int64_t perGroup = s.filters / s.groups;
  for (int64_t filter = first; filter < first + count;) {
    const int64_t group = filter / perGroup;
    const int64_t filters = least(least(first + count, (group + 1) * perGroup) - filter, FILTERS);
    if (channels == 0) {
      weightDirectly<NUMERICS>(s, {group, filter, filters, 0, s.channels});
    } else {
      const Split parts(s.channels, channels);
      int64_t channel = 0;
      for (int64_t part = 0; part < parts.parts; part++) {
        weightPart<NUMERICS>(s, {group, filter, filters, channel, parts.size(part)});
        channel += parts.size(part);
      }
    }
    filter += filters;
  }
}

}  // namespace CHAINRULE_ISA
}  // namespace chainrule
