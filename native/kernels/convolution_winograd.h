// The result of a 3 × 3 convolution, or δ of its image, by Winograd's minimal filtering.
#pragma once

#include <stdint.h>

#include "../sizes.h"
#include "convolution_product.h"
#include "convolution_winograd_rows.h"
#include "winograd.h"

namespace chainrule {
namespace CHAINRULE_ISA {
namespace winograd {

// Whether tiles suit one direction: windows of three neighbours, and what the tiles read covers the source.
inline bool suits(const Axis& axis) {
  const int64_t start = axis.first + axis.lowest();
  return axis.taps == 3 && axis.stride == 1 && axis.spacing == 1 && (axis.step == 1 || axis.step == -1) && axis.grid > 1 && start <= 0 &&
         start + 2 * tilesOf(axis) + 2 >= axis.source;
}

// Whether a convolution of `channels` and `rows` for each group is computed so. It depends on nothing but the shape: neither the instruction
// set nor the share of the output that a thread computes may change a result.
inline bool suits(const Axis& y, const Axis& x, int64_t channels, int64_t rows) {
  return suits(y) && suits(x) && channels >= 16 && rows >= 16 && highestBand(tilesOf(y), tilesOf(x)).down > 0;
}

// The rows of tiles from `row` on, `band.down` of them: what they read.
inline Frame frameOf(const Axis& y, const Axis& x, const Band& band, int64_t row) {
  return {y.source, x.source, y.first + y.lowest() + 2 * row, x.first + x.lowest(), 2 * band.down + 2, 2 * band.across + 2};
}

// to[channel][tap][row], filled up with zeros.
inline void spellWeights(const Correlation& s, const WinogradPart& part, int64_t width, float* to) {
  const float* const from = s.weight(part.group, part.row, part.channel * WINDOW);
  if (!s.transposedWeights) return transposeRows(from, s.depth(), part.channels * WINDOW, part.rows, width, to);
  for (int64_t c = 0; c < part.channels; c++) {
    transposeRows(from + c * s.rows * WINDOW, WINDOW, WINDOW, part.rows, width, to + c * WINDOW * width);
  }
}

// G · (a, b, c).
inline void transformWeights(Vector a, Vector b, Vector c, Vector to[4]) {
  const Vector half = broadcast(0.5f);
  const Vector outer = a + c;
  to[0] = a;
  to[1] = (outer + b) * half;
  to[2] = (outer - b) * half;
  to[3] = c;
}

// G·w·Gᵀ for each channel and row: to[point][channel][row].
CHAINRULE_KERNEL void transformAllWeights(const Axis& y, const Axis& x, const float* from, int64_t channels, int64_t width, float* to) {
  const int64_t distance = channels * width;
  for (int64_t c = 0; c < channels; c++, from += WINDOW * width, to += width) {
    for (int64_t j = 0; j < width; j += LANES) {
      Vector window[3][3];
      for (int64_t t = 0; t < WINDOW; t++) window[x.offset(t % 3)][y.offset(t / 3)] = load(from + t * width + j);
      Vector columns[3][4];
      unrolled<3>([&](auto k) { transformWeights(window[k.value][0], window[k.value][1], window[k.value][2], columns[k.value]); });
      unrolled<4>([&](auto i) {
        Vector row[4];
        transformWeights(columns[0][i.value], columns[1][i.value], columns[2][i.value], row);
        unrolled<4>([&](auto k) { store(to + (4 * i.value + k.value) * distance + j, row[k.value]); });
      });
    }
  }
}

// out[row][place] = sums[place][row], or += it.
inline void storePlaces(const float* sums, int64_t width, int64_t rows, int64_t places, float* out, int64_t strideOut, bool accumulate) {
  for (int64_t i = 0; i < rows; i += LANES) {
    const int64_t count = least(rows - i, LANES);
    for (int64_t p = 0; p < places; p += LANES) {
      const int64_t filled = least(places - p, LANES);
      Vector lines[LANES];
      loadTransposedFirst(sums + p * width + i, width, filled, LANES, lines);
      float* to = out + i * strideOut + p;
      for (int64_t r = 0; r < count; r++, to += strideOut) storeUpTo(to, accumulate ? loadUpTo(to, filled) + lines[r] : lines[r], filled);
    }
  }
}

// The rows of tiles from `row` on; out has the part's rows.
inline void correlateBand(const Correlation& s, const WinogradPart& part, const Band& band, int64_t row, const float* source, float* out) {
  const int64_t channels = widthOf(part.channels);
  const int64_t width = widthOf(part.rows);
  fillFrame(frameOf(s.y, s.x, band, row), source, part.channels, channels, band.frameSpace());
  transformImages(band, band.frameSpace(), channels, band.imageSpace());
  multiplyPoints<false>({band.imageSpace(), channels, band.distance(channels)}, {band.weightSpace(), width, part.channels * width},
                        {band.sumSpace(), width, band.distance(width)}, band.tiles(), part.channels, width);
  const int64_t rows = least(2 * band.down, s.y.grid - 2 * row);
  transformAllSums(band, band.sumSpace(), rows, s.x.grid, width, band.placeSpace());
  const int64_t places = rows * s.x.grid;
  float* const first = out + 2 * row * s.x.grid;
  storePlaces(band.placeSpace(), width, part.rows, places, first, s.positions(), part.channel > 0);
  if (!s.epilogue || part.channel + part.channels < s.channels) return;
  for (int64_t i = 0; i < part.rows; i++) finishRun(s, part.group * s.rows + part.row + i, first + i * s.positions(), places);
}

inline void correlatePart(const Correlation& s, const WinogradPart& part) {
  const Band highest = highestBand(tilesOf(s.y), tilesOf(s.x));
  spellWeights(s, part, widthOf(part.rows), highest.frameSpace());
  transformAllWeights(s.y, s.x, highest.frameSpace(), part.channels, widthOf(part.rows), highest.weightSpace());
  if (isWide(s.x)) return correlateRows(s, part);
  const int64_t first = s.lines.from(tilesOf(s.y));
  const Split bands(s.lines.to(tilesOf(s.y)) - first, highest.down);
  for (int64_t n = 0; n < s.samples; n++) {
    const float* const source = s.source + ((n * s.groups + part.group) * s.channels + part.channel) * s.y.source * s.x.source;
    float* const out = s.out + ((n * s.groups + part.group) * s.rows + part.row) * s.positions();
    int64_t row = first;
    for (int64_t i = 0; i < bands.parts; i++) {
      correlateBand(s, part, {bands.size(i), highest.across}, row, source, out);
      row += bands.size(i);
    }
  }
}

inline void correlate(const Correlation& s) {
  if (s.lines.isNone(tilesOf(s.y))) return;
  const Split channelParts(s.channels, MOST_CHANNELS);
  for (int64_t group = 0; group < s.groups; group++) {
    const Range range = s.rowsOf(group);
    if (range.count == 0) continue;
    const Split rowParts(range.count, MOST_CHANNELS);
    int64_t row = range.first;
    for (int64_t i = 0; i < rowParts.parts; i++) {
      int64_t channel = 0;
      for (int64_t j = 0; j < channelParts.parts; j++) {
        correlatePart(s, {group, channel, channelParts.size(j), row, rowParts.size(i)});
        channel += channelParts.size(j);
      }
      row += rowParts.size(i);
    }
  }
}

}  // namespace winograd
}  // namespace CHAINRULE_ISA
}  // namespace chainrule
