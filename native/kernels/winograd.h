// Winograd's minimal filtering F(2×2, 3×3) (Lavin and Gray, "Fast Algorithms for Convolutional Neural Networks", arXiv:1509.09308): the
// 2 × 2 sums of a tile are Aᵀ·[(G·w·Gᵀ) ⊙ (Bᵀ·x·B)]·A with 16 multiplications instead of 36, where w is the 3 × 3 window's weight, x the
// 4 × 4 elements that the tile reads, and
//
//        1  0 −1  0          1   0   0          1  1  1  0
//   Bᵀ = 0  1  1  0     G =  ½   ½   ½     Aᵀ = 0  1 −1 −1
//        0 −1  1  0          ½  −½   ½
//        0  1  0 −1          0   0   1
//
// Each of the 16 elements of the transformed tiles, a point, is a separate matrix product over the channels. Vectors run along the
// channels, which lie side by side while tiles are transformed. Sums of four numbers before and after the products cost about a bit of
// accuracy. An element that is not finite spreads to the whole tiles that read it, as NaN.
#pragma once

#include <stdint.h>

#include "../sizes.h"
#include "../workspace.h"
#include "convolution_axis.h"
#include "gemm_blocked.h"
#include "gemm_swapped.h"
#include "gemm_tile.h"
#include "loops.h"

namespace chainrule {
namespace CHAINRULE_ISA {
namespace winograd {

constexpr int POINTS = 16;
constexpr int64_t WINDOW = 9;
// Channels of either side that are taken together.
constexpr int64_t MOST_CHANNELS = 64;

// Tiles along one direction.
inline int64_t tilesOf(const Axis& axis) { return (axis.grid + 1) / 2; }
inline int64_t widthOf(int64_t channels) { return vectorsOf(channels) * LANES; }

// Tiles of some rows of the output, and where in the workspace they are computed. The sizes are those for MOST_CHANNELS on both sides,
// so that they depend on nothing but the image's.
struct Band {
  int64_t down;
  int64_t across;

  int64_t tiles() const { return down * across; }
  int64_t frame() const { return (2 * down + 2) * (2 * across + 2) * MOST_CHANNELS; }
  int64_t points() const { return POINTS * (tiles() * MOST_CHANNELS + CACHE_LINE); }
  int64_t places() const { return 4 * tiles() * MOST_CHANNELS; }
  bool fits() const { return weights() + frame() + 2 * points() + places() <= WORKSPACE_FLOATS; }

  // From one point to the next: a cache line more than they take, or all would compete for the same places of the cache.
  int64_t distance(int64_t width) const { return tiles() * width + CACHE_LINE; }

  static constexpr int64_t weights() { return POINTS * MOST_CHANNELS * MOST_CHANNELS; }
  float* weightSpace() const { return packingWorkspace(); }
  float* frameSpace() const { return weightSpace() + weights(); }
  float* imageSpace() const { return frameSpace() + frame(); }
  float* sumSpace() const { return imageSpace() + points(); }
  float* placeSpace() const { return sumSpace() + points(); }
};

// The highest band that fits; none where `down` is 0.
inline Band highestBand(int64_t down, int64_t across) {
  Band band = {down, across};
  while (band.down > 0 && !band.fits()) band.down--;
  return band;
}

// The part of a plane of height × width that begins at (top, left), which may lie outside of it.
struct Frame {
  int64_t height;
  int64_t width;
  int64_t top;
  int64_t left;
  int64_t lines;
  int64_t columns;
};

// to[line][column][channel], `width` elements for each place: zeros where the frame has no element or the channels end. The frame
// covers the whole width of the plane.
inline void fillFrame(const Frame& f, const float* from, int64_t channels, int64_t width, float* to) {
  const int64_t pitch = f.columns * width;
  const int64_t first = f.top < 0 ? -f.top : 0;
  const int64_t end = least(f.height - f.top, f.lines);
  const int64_t before = -f.left * width;
  const int64_t after = before + f.width * width;
  for (int64_t line = 0; line < f.lines; line++) {
    float* const own = to + line * pitch;
    const bool isEmpty = line < first || line >= end;
    clear(own, isEmpty ? pitch : before);
    if (!isEmpty) clear(own + after, pitch - after);
  }
  const int64_t plane = f.height * f.width;
  const float* const start = from + (f.top + first) * f.width;
  const int64_t elements = (end - first) * f.width;
  for (int64_t j = 0; j < width; j += LANES) {
    const int64_t count = least(channels - j, LANES);
    float* place = to + first * pitch + before + j;
    int64_t column = 0;
    for (int64_t p = 0; p < elements; p += LANES) {
      const int64_t steps = least(elements - p, LANES);
      Vector lines[LANES];
      if (count == LANES && steps == LANES && f.width - column > LANES) {
        loadTransposed(start + j * plane + p, plane, lines);
        unrolled<LANES>([&](auto i) { store(place + i.value * width, lines[i.value]); });
        place += LANES * width;
        column += LANES;
        continue;
      }
      loadTransposedFirst(start + j * plane + p, plane, count, steps, lines);
      for (int64_t i = 0; i < steps; i++, place += width) {
        store(place, lines[i]);
        if (++column < f.width) continue;
        column = 0;
        place += pitch - f.width * width;
      }
    }
  }
}

// Bᵀ · (a, b, c, d).
inline void transformImage(Vector a, Vector b, Vector c, Vector d, Vector to[4]) {
  to[0] = a - c;
  to[1] = b + c;
  to[2] = c - b;
  to[3] = b - d;
}

// A column of four elements, `pitch` apart, transformed.
inline void loadImageColumn(const float* from, int64_t pitch, Vector to[4]) {
  transformImage(load(from), load(from + pitch), load(from + 2 * pitch), load(from + 3 * pitch), to);
}

// Bᵀ·x·B for the tiles of one row and one vector of channels; places of the frame are `width` apart, lines `pitch`.
inline void transformImageRow(const float* from, int64_t pitch, int64_t tiles, int64_t width, float* to, int64_t distance) {
  Vector columns[4][4];
  loadImageColumn(from, pitch, columns[0]);
  loadImageColumn(from + width, pitch, columns[1]);
  for (int64_t t = 0; t < tiles; t++, to += width) {
    from += 2 * width;
    loadImageColumn(from, pitch, columns[2]);
    loadImageColumn(from + width, pitch, columns[3]);
    unrolled<4>([&](auto i) {
      Vector row[4];
      transformImage(columns[0][i.value], columns[1][i.value], columns[2][i.value], columns[3][i.value], row);
      unrolled<4>([&](auto j) { store(to + (4 * i.value + j.value) * distance, row[j.value]); });
      columns[0][i.value] = columns[2][i.value];
      columns[1][i.value] = columns[3][i.value];
    });
  }
}

// The points of a band's tiles: to[point][tile][channel].
CHAINRULE_KERNEL void transformImages(const Band& band, const float* frame, int64_t width, float* to) {
  const int64_t pitch = (2 * band.across + 2) * width;
  for (int64_t row = 0; row < band.down; row++) {
    for (int64_t j = 0; j < width; j += LANES) {
      transformImageRow(frame + 2 * row * pitch + j, pitch, band.across, width, to + row * band.across * width + j, band.distance(width));
    }
  }
}

// Aᵀ · (a, b, c, d).
inline void transformSums(Vector a, Vector b, Vector c, Vector d, Vector to[2]) {
  to[0] = a + b + c;
  to[1] = b - c - d;
}

// The sums of a tile, Aᵀ·m·A, for one vector of channels: to[row][column].
inline void transformSumTile(const float* from, int64_t distance, Vector to[2][2]) {
  Vector columns[4][2];
  unrolled<4>([&](auto j) {
    const float* const own = from + j.value * distance;
    transformSums(load(own), load(own + 4 * distance), load(own + 8 * distance), load(own + 12 * distance), columns[j.value]);
  });
  unrolled<2>(
      [&](auto i) { transformSums(columns[0][i.value], columns[1][i.value], columns[2][i.value], columns[3][i.value], to[i.value]); });
}

// The sums of a band's tiles, rows × columns of them: to[row][column][channel].
CHAINRULE_KERNEL void transformAllSums(const Band& band, const float* from, int64_t rows, int64_t columns, int64_t width, float* to) {
  for (int64_t t = 0; t < band.tiles(); t++) {
    const int64_t row = t / band.across * 2;
    const int64_t column = t % band.across * 2;
    float* const place = to + (row * columns + column) * width;
    for (int64_t j = 0; j < width; j += LANES) {
      Vector sums[2][2];
      transformSumTile(from + t * width + j, band.distance(width), sums);
      store(place + j, sums[0][0]);
      if (column + 1 < columns) store(place + width + j, sums[0][1]);
      if (row + 1 >= rows) continue;
      store(place + columns * width + j, sums[1][0]);
      if (column + 1 < columns) store(place + (columns + 1) * width + j, sums[1][1]);
    }
  }
}

// Some matrices, one for each point: rows `stride` apart, points `distance`.
struct Points {
  float* data;
  int64_t stride;
  int64_t distance;
};

// Rows of a tile that is one vector wide. 16 channels are then one tile, where registers are as many: two of eight rows would keep no more
// multiply-adds under way than a processor needs to hide how long one takes.
constexpr int NARROW_ROWS = LANES == 16 ? 16 : TILING.rows[0];

// out = a·b, or out += aᵀ·b, at every point; `width` columns, full vectors.
template <bool TransposedA>
inline void multiplyPoints(const Points& a, const Points& b, const Points& out, int64_t rows, int64_t depth, int64_t width) {
  const Split panels(width / LANES, panelVectors(rows));
  for (int64_t point = 0; point < POINTS; point++) {
    int64_t j = 0;
    for (int64_t panel = 0; panel < panels.parts; panel++) {
      const int64_t vectors = panels.size(panel);
      const Split strips(rows, vectors == 1 ? NARROW_ROWS : TILING.rows[vectors - 1]);
      int64_t row = 0;
      for (int64_t strip = 0; strip < strips.parts; strip++) {
        const int64_t count = strips.size(strip);
        const Tile tile = {a.data + point * a.distance + row * (TransposedA ? 1 : a.stride),
                           a.stride,
                           b.data + point * b.distance + j,
                           b.stride,
                           depth,
                           out.data + point * out.distance + row * out.stride + j,
                           out.stride,
                           vectors * LANES,
                           TransposedA};
        const auto kernel =
            vectors == 1 ? tileOfRows<FAST_STEPS, TransposedA, 1, NARROW_ROWS>(count) : tileOf<FAST_STEPS, TransposedA>(count, vectors);
        kernel(tile);
        row += count;
      }
      j += vectors * LANES;
    }
  }
}

}  // namespace winograd
}  // namespace CHAINRULE_ISA
}  // namespace chainrule
