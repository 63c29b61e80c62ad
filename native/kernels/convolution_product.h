// Convolutions as matrix products whose one operand is the windows of an image, never spelled out.
//
// The contract of their numbers is that of the matrix product (gemm.h): k is cut into blocks, each element of the output is, block by
// block, zero plus the block's products one after the other, and the blocks' sums are added in order. For the result and for δ of
// the image k runs over (channel, row, column) of the window, in blocks of BLOCK_DEPTH. For the gradient of the weight it runs over
// (sample, row, column) of the result; a block is as many whole rows of one sample as have up to BLOCK_DEPTH positions, or so
// many positions of a row that has more. Positions and taps outside of the image count as zeros.
//
// Where results need not be reproducible, convolutions told by their shape alone (convolution_winograd.h) are computed by Winograd's
// minimal filtering instead.
#pragma once

#include <stdint.h>

#include "../workspace.h"
#include "convolution_image.h"
#include "convolution_tile.h"
#include "gemm_pack.h"
#include "gemm_swapped.h"

namespace chainrule {
namespace CHAINRULE_ISA {

// How the workspace is shared out, in floats: the copy of the image, with what tiles read beyond its end; packed weights or δ; sums.
constexpr int64_t IMAGE_FLOATS = 128 * 1024;
constexpr int64_t OPERAND_FLOATS = 64 * BLOCK_DEPTH;
constexpr int64_t SUMS_FLOATS = 64 * 1024;
constexpr int64_t MOST_PANEL = 64;
static_assert(TILING.vectors * LANES <= MOST_PANEL, "a panel does not fit");
static_assert(IMAGE_FLOATS + MOST_PANEL + OPERAND_FLOATS + SUMS_FLOATS <= WORKSPACE_FLOATS, "a convolution does not fit");

// From row to row of packed weights: a cache line more than they take, or the rows of a tile would compete for the same places of the cache.
constexpr int64_t WEIGHTS_STRIDE = BLOCK_DEPTH + CACHE_LINE;

inline float* imageSpace() { return packingWorkspace(); }
inline float* operandSpace() { return packingWorkspace() + IMAGE_FLOATS + MOST_PANEL; }
inline float* sumsSpace() { return packingWorkspace() + IMAGE_FLOATS + MOST_PANEL + OPERAND_FLOATS; }

inline int64_t least(int64_t a, int64_t b) { return a < b ? a : b; }
inline int64_t roundUp(int64_t n, int64_t unit) { return (n + unit - 1) / unit * unit; }

// The epilogue of finished sums, as Epilogue of gemm_product.h. Its operand is one number for each row, or laid like the output.
struct RowEpilogue {
  void (*apply)(float* sums, const float* operand, int64_t columns, float alpha);
  const float* operand;
  bool oneForEachRow;
  float alpha;
};

// out = weights · windows, a group and a sample at a time. `source` has `channels` planes for each group, out `rows` of them. Of each
// sample's planes of out, counted over all groups, those of `planes` alone are computed.
struct Correlation {
  Axis y;
  Axis x;
  int64_t samples;
  int64_t groups;
  int64_t channels;
  int64_t rows;
  Range planes;
  const float* source;
  const float* weights;
  // Where the weights are [channels, rows, window] for each group instead of [rows, channels, window].
  bool transposedWeights;
  float* out;
  const RowEpilogue* epilogue;

  int64_t window() const { return y.taps * x.taps; }
  int64_t depth() const { return channels * window(); }
  int64_t positions() const { return y.grid * x.grid; }
  // The rows of a group that are computed: none of them, some, or all.
  Range rowsOf(int64_t group) const {
    const int64_t first = planes.first - group * rows;
    const int64_t from = first < 0 ? 0 : first;
    const int64_t to = least(first + planes.count, rows);
    return {from, to < from ? 0 : to - from};
  }
  const float* weight(int64_t group, int64_t row, int64_t step) const {
    const float* const own = weights + group * rows * depth();
    if (!transposedWeights) return own + row * depth() + step;
    return own + (step / window() * rows + row) * window() + step % window();
  }
};

// Finishes `count` elements of row `row`, counted over all groups, from `out` on.
inline void finishRun(const Correlation& s, int64_t row, float* out, int64_t count) {
  const RowEpilogue& e = *s.epilogue;
  const float* const operand = !e.operand ? nullptr : e.oneForEachRow ? e.operand + row : e.operand + (out - s.out);
  e.apply(out, operand, count, e.alpha);
}

// How a grid is cut into regions whose copies and sums fit; `rows` is 0 where not even one position does.
struct Regions {
  int64_t rows;
  int64_t columns;
};

// Elements of a region's sums for each row of weights.
inline int64_t sumsOf(const ImageCopy& copy, int64_t rows, int64_t columns) {
  return roundUp((rows - 1) * copy.pitch() + columns, LANES);
}

inline Regions regionsOf(const Correlation& s, int64_t channels) {
  const int64_t strip = least(s.rows, TILING.rows[0]);
  Regions regions = {0, least(s.x.grid, BLOCK_DEPTH)};
  regions.rows = least(s.y.grid, BLOCK_DEPTH / regions.columns);
  for (;;) {
    const ImageCopy copy(s.y, s.x, regions.rows, regions.columns);
    if (channels * copy.distance() <= IMAGE_FLOATS && strip * sumsOf(copy, regions.rows, regions.columns) <= SUMS_FLOATS) return regions;
    if (regions.rows > 1) {
      regions.rows = (regions.rows + 1) / 2;
    } else if (regions.columns > 1) {
      regions.columns = (regions.columns + 1) / 2;
    } else {
      return {0, 0};
    }
  }
}

// Rows of weights for some steps of k.
struct WeightBlock {
  const float* weights;
  int64_t stride;
  int64_t group;
  int64_t row;
  int64_t rows;
  int64_t step;
  int64_t depth;
};

inline void packWeights(const Correlation& s, WeightBlock& block) {
  float* const to = operandSpace();
  for (int64_t i = 0; i < block.rows; i++) {
    float* const line = to + i * WEIGHTS_STRIDE;
    for (int64_t p = 0; p < block.depth;) {
      const int64_t step = block.step + p;
      const int64_t run = least(s.window() - step % s.window(), block.depth - p);
      const float* const from = s.weight(block.group, block.row + i, step);
      for (int64_t j = 0; j < run; j++) line[p + j] = from[j];
      p += run;
    }
  }
  block.weights = to;
  block.stride = WEIGHTS_STRIDE;
}

// Moves a region's sums to where they belong, adds them up over the blocks of k and finishes them.
inline void storeRegion(const Correlation& s, const WeightBlock& block, const Part2d& part, const float* sums, int64_t width,
                        int64_t pitch, float* out) {
  const bool accumulate = block.step > 0;
  const bool finishes = s.epilogue && block.step + block.depth == s.depth();
  const bool wholeRows = part.columns == s.x.grid;
  for (int64_t i = 0; i < block.rows; i++, sums += width, out += s.positions()) {
    float* const first = out + part.row * s.x.grid + part.column;
    const int64_t row = block.group * s.rows + block.row + i;
    for (int64_t r = 0; r < part.rows; r++) {
      const float* const from = sums + r * pitch;
      float* const to = first + r * s.x.grid;
      forEachVector(part.columns, [=](int64_t j, int64_t n) {
        const Vector x = loadUpTo(from + j, n);
        storeUpTo(to + j, accumulate ? loadUpTo(to + j, n) + x : x, n);
      });
      if (finishes && !wholeRows) finishRun(s, row, to, part.columns);
    }
    if (finishes && wholeRows) finishRun(s, row, first, part.rows * part.columns);
  }
}

// One region of one sample, whose copy lies in imageSpace: the tiles' columns outside, so that the part of the image which they read
// stays in the L1 cache.
template <bool Fused>
inline void correlateRegion(const WeightBlock& block, const int32_t* taps, int64_t width) {
  const Split panels(width / LANES, TILING.vectors);
  int64_t j = 0;
  for (int64_t panel = 0; panel < panels.parts; panel++) {
    const int64_t vectors = panels.size(panel);
    const Split strips(block.rows, tileRows(vectors));
    int64_t row = 0;
    for (int64_t strip = 0; strip < strips.parts; strip++) {
      const int64_t rows = strips.size(strip);
      const float* const weights = block.weights + row * block.stride;
      float* const sums = sumsSpace() + row * width + j;
      kernelOfSize<TapKernels<Fused>>(rows, vectors)({weights, block.stride, imageSpace() + j, taps, block.depth, sums, width});
      row += rows;
    }
    j += vectors * LANES;
  }
}

// All samples and regions for one block of weights.
template <bool Fused>
inline void correlateBlock(const Correlation& s, const WeightBlock& block, const Regions& regions) {
  const ImageCopy copy(s.y, s.x, regions.rows, regions.columns);
  const int64_t channel = block.step / s.window();
  const int64_t channels = (block.step + block.depth - 1) / s.window() + 1 - channel;
  const int64_t plane = s.y.source * s.x.source;
  int32_t taps[BLOCK_DEPTH];
  copy.taps(block.step, block.depth, channel, taps);
  for (int64_t n = 0; n < s.samples; n++) {
    const float* const source = s.source + ((n * s.groups + block.group) * s.channels + channel) * plane;
    float* const out = s.out + ((n * s.groups + block.group) * s.rows + block.row) * s.positions();
    for (int64_t row = 0; row < s.y.grid; row += regions.rows) {
      for (int64_t column = 0; column < s.x.grid; column += regions.columns) {
        const Part2d part = {row, least(regions.rows, s.y.grid - row), column, least(regions.columns, s.x.grid - column)};
        const int64_t width = sumsOf(copy, part.rows, part.columns);
        copy.fill(source, row, column, channels, imageSpace());
        correlateRegion<Fused>(block, taps, width);
        storeRegion(s, block, part, sumsSpace(), width, copy.pitch(), out);
      }
    }
  }
}

// What a tap multiplies at a position of the grid.
inline float elementAt(const Correlation& s, const float* source, int64_t y, int64_t x, int64_t step) {
  const int64_t row = s.y.element(s.y.first + y * s.y.stride + step / s.x.taps % s.y.taps * s.y.step);
  const int64_t column = s.x.element(s.x.first + x * s.x.stride + step % s.x.taps * s.x.step);
  return row < 0 || column < 0 ? 0.0f : source[(step / s.window() * s.y.source + row) * s.x.source + column];
}

// Element by element, for windows that reach so far that no copy would fit.
template <bool Fused>
inline void correlateDirectly(const Correlation& s) {
  const int64_t source = s.channels * s.y.source * s.x.source;
  float* out = s.out;
  for (int64_t i = 0; i < s.samples * s.groups * s.rows; i++, out += s.positions()) {
    const int64_t plane = i % (s.groups * s.rows);
    if (plane < s.planes.first || plane >= s.planes.first + s.planes.count) continue;
    const int64_t group = i / s.rows % s.groups;
    const float* const from = s.source + i / s.rows * source;
    for (int64_t at = 0; at < s.positions(); at++) {
      float total = 0.0f;
      for (int64_t step = 0; step < s.depth();) {
        float sum = 0.0f;
        for (const int64_t end = least(step + BLOCK_DEPTH, s.depth()); step < end; step++) {
          const float element = elementAt(s, from, at / s.x.grid, at % s.x.grid, step);
          sum = multiplyAdd<Fused>(*s.weight(group, i % s.rows, step), element, sum);
        }
        total = step <= BLOCK_DEPTH ? sum : total + sum;
      }
      out[at] = total;
    }
    if (s.epilogue) finishRun(s, plane, out, s.positions());
  }
}

template <bool Fused>
inline void correlate(const Correlation& s) {
  const int64_t deepest = least(s.depth(), BLOCK_DEPTH);
  const Regions regions = regionsOf(s, least(s.channels, (deepest - 1) / s.window() + 2));
  if (regions.rows == 0) return correlateDirectly<Fused>(s);
  const int64_t fitting = SUMS_FLOATS / sumsOf(ImageCopy(s.y, s.x, regions.rows, regions.columns), regions.rows, regions.columns);
  for (int64_t group = 0; group < s.groups; group++) {
    const Range range = s.rowsOf(group);
    if (range.count == 0) continue;
    const Split rowBlocks(range.count, least(fitting, OPERAND_FLOATS / WEIGHTS_STRIDE));
    int64_t row = range.first;
    for (int64_t part = 0; part < rowBlocks.parts; part++) {
      const int64_t rows = rowBlocks.size(part);
      for (int64_t step = 0; step < s.depth(); step += BLOCK_DEPTH) {
        const int64_t depth = least(BLOCK_DEPTH, s.depth() - step);
        WeightBlock block = {s.weight(group, row, step), s.depth(), group, row, rows, step, depth};
        if (s.transposedWeights) packWeights(s, block);
        correlateBlock<Fused>(s, block, regions);
      }
      row += rows;
    }
  }
}

}  // namespace CHAINRULE_ISA
}  // namespace chainrule
