// The gradient of a 3 × 3 convolution's weight by Winograd's minimal filtering: Gᵀ·[Σ (Bᵀ·x·B) ⊙ (A·δ·Aᵀ)]·G, summed over samples and
// tiles.
#pragma once

#include <stdint.h>

#include "../sizes.h"
#include "convolution_weight.h"
#include "convolution_winograd.h"

namespace chainrule {
namespace CHAINRULE_ISA {
namespace winograd {

// A · (a, b).
inline void transformDelta(Vector a, Vector b, Vector to[4]) {
  to[0] = a;
  to[1] = a + b;
  to[2] = a - b;
  to[3] = zero() - b;
}

// A·δ·Aᵀ for a band's tiles: to[point][tile][filter].
CHAINRULE_KERNEL void transformDeltas(const Band& band, const float* frame, int64_t width, float* to) {
  const int64_t pitch = 2 * band.across * width;
  const int64_t distance = band.distance(width);
  for (int64_t t = 0; t < band.tiles(); t++, to += width) {
    const float* const place = frame + t / band.across * 2 * pitch + t % band.across * 2 * width;
    for (int64_t j = 0; j < width; j += LANES) {
      Vector columns[2][4];
      unrolled<2>([&](auto k) {
        const float* const from = place + k.value * width + j;
        transformDelta(load(from), load(from + pitch), columns[k.value]);
      });
      unrolled<4>([&](auto i) {
        Vector row[4];
        transformDelta(columns[0][i.value], columns[1][i.value], row);
        unrolled<4>([&](auto k) { store(to + (4 * i.value + k.value) * distance + j, row[k.value]); });
      });
    }
  }
}

// Gᵀ · (a, b, c, d).
inline void transformGradient(Vector a, Vector b, Vector c, Vector d, Vector to[3]) {
  const Vector half = broadcast(0.5f);
  const Vector sum = (b + c) * half;
  to[0] = a + sum;
  to[1] = (b - c) * half;
  to[2] = sum + d;
}

// to[channel][tap][filter] from sums[point][channel][filter].
CHAINRULE_KERNEL void transformGradients(const Axis& y, const Axis& x, const float* sums, int64_t channels, int64_t width, float* to) {
  const int64_t distance = channels * width;
  for (int64_t c = 0; c < channels; c++, sums += width, to += WINDOW * width) {
    for (int64_t j = 0; j < width; j += LANES) {
      Vector columns[4][3];
      unrolled<4>([&](auto k) {
        const float* const own = sums + k.value * distance + j;
        transformGradient(load(own), load(own + 4 * distance), load(own + 8 * distance), load(own + 12 * distance), columns[k.value]);
      });
      Vector window[3][3];
      unrolled<3>([&](auto i) {
        transformGradient(columns[0][i.value], columns[1][i.value], columns[2][i.value], columns[3][i.value], window[i.value]);
      });
      for (int64_t t = 0; t < WINDOW; t++) store(to + t * width + j, window[y.offset(t / 3)][x.offset(t % 3)]);
    }
  }
}

// Adds the rows of tiles from `row` on to the sums.
inline void addBand(const WeightGradient& s, const WeightPart& w, const Band& band, int64_t row, const float* image, const float* delta) {
  const int64_t channels = widthOf(w.channels);
  const int64_t width = widthOf(w.filters);
  fillFrame(frameOf(s.y, s.x, band, row), image, w.channels, channels, band.frameSpace());
  transformImages(band, band.frameSpace(), channels, band.imageSpace());
  fillFrame({s.y.grid, s.x.grid, 2 * row, 0, 2 * band.down, 2 * band.across}, delta, w.filters, width, band.placeSpace());
  transformDeltas(band, band.placeSpace(), width, band.sumSpace());
  multiplyPoints<true>({band.imageSpace(), channels, band.distance(channels)}, {band.sumSpace(), width, band.distance(width)},
                       {band.weightSpace(), width, w.channels * width}, w.channels, band.tiles(), width);
}

inline void weightPart(const WeightGradient& s, const WeightPart& w) {
  const int64_t width = widthOf(w.filters);
  const Band highest = highestBand(tilesOf(s.y), tilesOf(s.x));
  const Split bands(tilesOf(s.y), highest.down);
  clear(highest.weightSpace(), POINTS * w.channels * width);
  for (int64_t n = 0; n < s.samples; n++) {
    const float* const image = s.image + ((n * s.groups + w.group) * s.channels + w.channel) * s.plane();
    const float* const delta = s.delta + (n * s.filters + w.filter) * s.positions();
    int64_t row = 0;
    for (int64_t i = 0; i < bands.parts; i++) {
      addBand(s, w, {bands.size(i), highest.across}, row, image, delta);
      row += bands.size(i);
    }
  }
  float* const gradient = highest.frameSpace();
  transformGradients(s.y, s.x, highest.weightSpace(), w.channels, width, gradient);
  float* const out = s.out + (w.filter * s.channels + w.channel) * WINDOW;
  storeTransposed(gradient, width, w.filters, w.channels * WINDOW, out, s.channels * WINDOW);
}

// The filters from `first` on, `count` of them.
inline void weightGradient(const WeightGradient& s, int64_t first, int64_t count) {
  const int64_t perGroup = s.filters / s.groups;
  const Split channelParts(s.channels, MOST_CHANNELS);
  for (int64_t filter = first; filter < first + count;) {
    const int64_t group = filter / perGroup;
    const int64_t filters = least(least(first + count, (group + 1) * perGroup) - filter, MOST_CHANNELS);
    int64_t channel = 0;
    for (int64_t i = 0; i < channelParts.parts; i++) {
      weightPart(s, {group, filter, filters, channel, channelParts.size(i)});
      channel += channelParts.size(i);
    }
    filter += filters;
  }
}

}  // namespace winograd
}  // namespace CHAINRULE_ISA
}  // namespace chainrule
