// Winograd's minimal filtering of planes whose rows are wide: vectors run along the tiles, row by row of a plane, so that planes are read and
// written where they lie. With their channels side by side (convolution_winograd.h), planes of a power of two would compete for the same places
// of the cache while they are transposed. The terms are added in the same order, so the bits are the same.
#pragma once

#include <stdint.h>

#include "../sizes.h"
#include "convolution_product.h"
#include "winograd.h"

namespace chainrule {
namespace CHAINRULE_ISA {
namespace winograd {

// Tiles of a row at least: as many as the widest vectors have lanes. And tiles that are taken together, at most.
constexpr int64_t LEAST_ACROSS = 16;
constexpr int64_t MOST_TILES = 64;

// Whether tiles lie in wide rows that begin one element before the plane.
inline bool isWide(const Axis& x) {
  const int64_t across = tilesOf(x);
  return x.first + x.lowest() == -1 && across >= LEAST_ACROSS && across <= MOST_TILES;
}

// Some channels of a group, and some of its rows of weights.
struct WinogradPart {
  int64_t group;
  int64_t channel;
  int64_t channels;
  int64_t row;
  int64_t rows;
};

// How the workspace is shared out, in floats.
constexpr int64_t ROW_POINT_FLOATS = POINTS * (MOST_CHANNELS * MOST_TILES + CACHE_LINE);
inline float* rowWeightSpace() { return packingWorkspace(); }
inline float* rowImageSpace() { return rowWeightSpace() + Band::weights(); }
inline float* rowSumSpace() { return rowImageSpace() + ROW_POINT_FLOATS; }
inline float* rowLineSpace() { return rowSumSpace() + ROW_POINT_FLOATS; }
static_assert(MOST_CHANNELS * WINDOW * MOST_CHANNELS <= ROW_POINT_FLOATS, "the weights do not fit");

// Floats of a band's transformed lines, with what is read before and written beyond their ends; and of a line outside of a plane.
constexpr int64_t LINE_FLOATS = 2 * MOST_TILES + 4 * CACHE_LINE;
constexpr int64_t OUTSIDE_FLOATS = 2 * MOST_TILES + 2 * CACHE_LINE;
static_assert(Band::weights() + 2 * ROW_POINT_FLOATS + 9 * LINE_FLOATS + OUTSIDE_FLOATS <= WORKSPACE_FLOATS, "a band does not fit");

// Rows of tiles that are taken together, numbered through all samples. `down` and `across` are the tiles of a sample.
struct RowBand {
  int64_t down;
  int64_t across;
  int64_t row;
  int64_t rows;

  int64_t tiles() const { return rows * across; }
  int64_t width() const { return widthOf(tiles()); }
  // Calls body(sample, row, rows, tile) for the rows of each sample: its first row, how many, and the band's number of their first tile.
  template <typename Body>
  void forEachSample(Body body) const {
    for (int64_t done = 0; done < rows;) {
      const int64_t first = (row + done) % down;
      const int64_t count = least(down - first, rows - done);
      body((row + done) / down, first, count, done * across);
      done += count;
    }
  }
};

// Calls body(band) for the rows of tiles that are computed of all samples.
template <typename Body>
inline void forEachRowBand(const Correlation& s, Body body) {
  const int64_t down = tilesOf(s.y);
  const int64_t across = tilesOf(s.x);
  int64_t row = s.lines.from(s.samples * down);
  const Split bands(s.lines.to(s.samples * down) - row, MOST_TILES / across);
  for (int64_t i = 0; i < bands.parts; i++) {
    body(RowBand{down, across, row, bands.size(i)});
    row += bands.size(i);
  }
}

// One side of the products of all points: point after point, `distance` apart; of each, panels of at most `widest` of its vectors, with a
// row for each step.
struct TilePoints {
  float* data;
  int64_t steps;
  int64_t vectors;
  int64_t widest;

  int64_t distance() const { return steps * vectors * LANES + CACHE_LINE; }
  Split panels() const { return Split(vectors, widest); }
  // Calls body(vector, to, stride) for each vector: where the first step has it, and from step to step.
  template <typename Body>
  void forEachColumn(Body body) const {
    const Split split = panels();
    float* panel = data;
    int64_t vector = 0;
    for (int64_t i = 0; i < split.parts; i++) {
      const int64_t stride = split.size(i) * LANES;
      for (int64_t v = 0; v < split.size(i); v++, vector++) body(vector, panel + v * LANES, stride);
      panel += steps * stride;
    }
  }
};

// Planes of a source, and from a sample's plane to the next sample's.
struct ImagePlanes {
  const Axis& y;
  const Axis& x;
  int64_t sampleStride;

  int64_t top() const { return y.first + y.lowest(); }
};

// Asks for the lines of a plane before they are read: other planes lie between those of two bands, and nothing else would fetch them in time.
inline void fetchBand(const ImagePlanes& p, const RowBand& band, const float* plane) {
  band.forEachSample([&](int64_t sample, int64_t row, int64_t rows, int64_t) {
    const float* const own = plane + sample * p.sampleStride;
    const int64_t first = p.top() + 2 * row;
    const int64_t begin = first < 0 ? 0 : first;
    const int64_t end = least(first + 2 * rows + 2, p.y.source);
    for (int64_t i = begin * p.x.source; i < end * p.x.source; i += CACHE_LINE) prefetch(own + i);
  });
}

// Calls body(lines, tile) for a band's rows of tiles: the four lines that a row reads, and the band's number of its first tile.
template <typename Body>
inline void forEachRow(const ImagePlanes& p, const RowBand& band, const float* plane, const float* outside, Body body) {
  band.forEachSample([&](int64_t sample, int64_t row, int64_t rows, int64_t tile) {
    const float* const own = plane + sample * p.sampleStride;
    for (int64_t r = row; r < row + rows; r++, tile += band.across) {
      const float* lines[4];
      for (int64_t i = 0; i < 4; i++) {
        const int64_t y = p.top() + 2 * r + i;
        lines[i] = y < 0 || y >= p.y.source ? outside : own + y * p.x.source;
      }
      body(lines, tile);
    }
  });
}

// The four lines of a row of tiles transformed downwards: of each its even elements and, four lines further, its odd ones.
inline void transformLines(const ImagePlanes& p, const RowBand& band, const float* const lines[4], int64_t tile, float* to) {
  for (int64_t t = 0; t < band.across; t += LANES) {
    const int64_t left = p.x.source - 2 * t;
    Vector halves[2][4];
    unrolled<4>([&](auto i) { halves[0][i.value] = loadUpTo(lines[i.value] + 2 * t, left); });
    unrolled<4>([&](auto i) { halves[1][i.value] = left > LANES ? loadUpTo(lines[i.value] + 2 * t + LANES, left - LANES) : zero(); });
    Vector points[2][4];
    unrolled<2>([&](auto h) {
      const Vector* const own = halves[h.value];
      transformImage(own[0], own[1], own[2], own[3], points[h.value]);
    });
    unrolled<4>([&](auto i) {
      Vector even;
      Vector odd;
      deinterleave(points[0][i.value], points[1][i.value], even, odd);
      float* const place = to + i.value * LINE_FLOATS + tile + t;
      store(place, even);
      store(place + 4 * LINE_FLOATS, odd);
    });
  }
}
// The four columns of a vector of tiles: a tile's neighbours lie beside its own elements, and beyond either end of a row there are none.
// `numbers` has the tiles' numbers within their rows.
inline void loadColumns(const RowBand& band, const float* line, const float* numbers, int64_t tile, Vector columns[4]) {
  const float* const even = line + tile;
  const float* const odd = even + 4 * LINE_FLOATS;
  const Vector number = load(numbers + tile);
  columns[0] = select(less(zero(), number), load(odd - 1), zero());
  columns[1] = load(even);
  columns[2] = load(odd);
  columns[3] = select(less(number, broadcast(static_cast<float>(band.across - 1))), load(even + 1), zero());
}

// The points of a vector of tiles.
inline void transformTiles(const RowBand& band, const float* lines, const float* numbers, int64_t tile, float* to, int64_t distance) {
  unrolled<4>([&](auto i) {
    Vector columns[4];
    loadColumns(band, lines + i.value * LINE_FLOATS, numbers, tile, columns);
    Vector row[4];
    transformImage(columns[0], columns[1], columns[2], columns[3], row);
    unrolled<4>([&](auto j) { store(to + (4 * i.value + j.value) * distance, row[j.value]); });
  });
}

// Bᵀ·x·B for a band's tiles of some planes, `plane` floats from one to the next.
CHAINRULE_KERNEL void transformPlanes(const ImagePlanes& p, const RowBand& band, const float* source, int64_t plane, const TilePoints& to) {
  float* const outside = rowLineSpace();
  float* const numbers = outside + OUTSIDE_FLOATS;
  float* const lines = numbers + LINE_FLOATS;
  clear(outside, OUTSIDE_FLOATS);
  for (int64_t i = 0; i < band.width(); i++) numbers[i] = static_cast<float>(i % band.across);
  for (int64_t c = 0; c < to.steps; c++) {
    if (c + 1 < to.steps) fetchBand(p, band, source + (c + 1) * plane);
    forEachRow(p, band, source + c * plane, outside,
               [&](const float* const* own, int64_t tile) { transformLines(p, band, own, tile, lines); });
    to.forEachColumn([&](int64_t v, float* column, int64_t stride) {
      transformTiles(band, lines, numbers, v * LANES, column + c * stride, to.distance());
    });
  }
}

// out = weightsᵀ·image at every point: [point][row][tile], a point `distance` after the other.
inline void multiplyRowPoints(const TilePoints& image, const float* weights, int64_t rows, float* out, int64_t distance) {
  const Split panels = image.panels();
  const int64_t weightStride = widthOf(rows);
  const int64_t width = image.vectors * LANES;
  for (int64_t point = 0; point < POINTS; point++) {
    const float* const own = weights + point * image.steps * weightStride;
    const float* b = image.data + point * image.distance();
    float* to = out + point * distance;
    for (int64_t panel = 0; panel < panels.parts; panel++) {
      const int64_t vectors = panels.size(panel);
      const Split strips(rows, TILING.rows[vectors - 1]);
      int64_t row = 0;
      for (int64_t strip = 0; strip < strips.parts; strip++) {
        const int64_t count = strips.size(strip);
        tileOf<FAST_STEPS, true>(
            count, vectors)({own + row, weightStride, b, vectors * LANES, image.steps, to + row * width, width, vectors * LANES, false});
        row += count;
      }
      b += image.steps * vectors * LANES;
      to += vectors * LANES;
    }
  }
}

// The sums of a vector of tiles, Aᵀ·m·A, as two lines of neighbouring elements.
inline void transformSumVector(const float* from, int64_t distance, float* upper, float* lower) {
  Vector columns[4][2];
  unrolled<4>([&](auto j) {
    const float* const own = from + j.value * distance;
    transformSums(load(own), load(own + 4 * distance), load(own + 8 * distance), load(own + 12 * distance), columns[j.value]);
  });
  float* const lines[2] = {upper, lower};
  unrolled<2>([&](auto i) {
    Vector sums[2];
    transformSums(columns[0][i.value], columns[1][i.value], columns[2][i.value], columns[3][i.value], sums);
    Vector low;
    Vector high;
    interleave(sums[0], sums[1], low, high);
    store(lines[i.value], low);
    store(lines[i.value] + LANES, high);
  });
}

inline void putLine(const float* from, int64_t size, float* to, bool accumulate) {
  forEachVector(size, [=](int64_t i, int64_t n) {
    const Vector sums = loadUpTo(from + i, n);
    storeUpTo(to + i, accumulate ? loadUpTo(to + i, n) + sums : sums, n);
  });
}

// One plane of the output, whose first sample's begins at `plane`: `row` is the plane's number, counted over all groups.
inline void storePlane(const Correlation& s, const RowBand& band, const float* sums, int64_t distance, int64_t row, float* plane,
                       bool accumulate, bool finishes) {
  float* const upper = rowLineSpace();
  float* const lower = upper + LINE_FLOATS;
  for (int64_t i = 0; i < band.width(); i += LANES) transformSumVector(sums + i, distance, upper + 2 * i, lower + 2 * i);
  const int64_t width = s.x.grid;
  band.forEachSample([&](int64_t sample, int64_t first, int64_t rows, int64_t tile) {
    float* const out = plane + sample * s.groups * s.rows * s.positions() + 2 * first * width;
    const int64_t lines = least(2 * rows, s.y.grid - 2 * first);
    for (int64_t i = 0; i < lines * width; i += CACHE_LINE) prefetch(out + s.positions() + i);
    for (int64_t line = 0; line < lines; line++) {
      putLine((line % 2 == 0 ? upper : lower) + 2 * tile + line / 2 * 2 * band.across, width, out + line * width, accumulate);
    }
    if (finishes) finishRun(s, row, out, lines * width);
  });
}

CHAINRULE_KERNEL void storeRowSums(const Correlation& s, const WinogradPart& part, const RowBand& band, int64_t distance) {
  const bool accumulate = part.channel > 0;
  const bool finishes = s.epilogue && part.channel + part.channels == s.channels;
  for (int64_t i = 0; i < part.rows; i++) {
    const int64_t row = part.group * s.rows + part.row + i;
    storePlane(s, band, rowSumSpace() + i * band.width(), distance, row, s.out + row * s.positions(), accumulate, finishes);
  }
}

// The weights are transformed already: [point][channel][row].
inline void correlateRows(const Correlation& s, const WinogradPart& part) {
  const int64_t plane = s.y.source * s.x.source;
  const ImagePlanes planes = {s.y, s.x, s.groups * s.channels * plane};
  const float* const source = s.source + (part.group * s.channels + part.channel) * plane;
  forEachRowBand(s, [&](const RowBand& band) {
    const TilePoints image = {rowImageSpace(), part.channels, vectorsOf(band.tiles()), TILING.vectors};
    const int64_t distance = part.rows * band.width() + CACHE_LINE;
    transformPlanes(planes, band, source, plane, image);
    multiplyRowPoints(image, rowWeightSpace(), part.rows, rowSumSpace(), distance);
    storeRowSums(s, part, band, distance);
  });
}

}  // namespace winograd
}  // namespace CHAINRULE_ISA
}  // namespace chainrule
