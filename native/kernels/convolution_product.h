// Convolutions as matrix products whose one operand is the windows of an image, never spelled out.
//
// The contract of their numbers is that of the matrix product (gemm.h): k is cut into blocks, each element of the output is, block by
// block, zero plus the block's products one after the other, and the blocks' sums are added in order. For the result and for δ of
// the image k runs over (channel, row, column) of the window, in blocks of BLOCK_DEPTH. For the gradient of the weight it runs over
// (sample, row, column) of the result; a block is as many whole rows of one sample as have up to BLOCK_DEPTH positions, or so
// many positions of a row that has more; samples are summed in parts (convolution_parts.h). Taps outside of the image count as zeros;
// those that fall between the elements of a source which a stride spreads out are left out, but where elements are computed one by one.
// That tells only for weights that are not finite.
//
// Where numerics are `fast`, convolutions told by their shape alone (convolution_winograd.h) are computed by Winograd's
// minimal filtering instead.
#pragma once

#include <stdint.h>

#include "../sizes.h"
#include "convolution_axis.h"
#include "convolution_image.h"
#include "convolution_regions.h"
#include "convolution_tile.h"
#include "gemm_pack.h"
#include "gemm_swapped.h"

namespace chainrule {
namespace CHAINRULE_ISA {

// Rows of weights for the steps of k within a block that one phase of the grid takes.
struct PhaseBlock {
  Phase y;
  Phase x;
  const float* weights;
  int64_t stride;
  const int32_t* taps;
  int64_t depth;
};

// Rows of weights for some steps of k.
struct WeightBlock {
  int64_t group;
  int64_t row;
  int64_t rows;
  int64_t step;
  int64_t depth;
  int64_t channel;
  int64_t channels;
};

// Calls body(step, down, across) for the steps of k that a phase takes of a block, in order.
template <typename Body>
inline void forEachStep(const Correlation& s, const WeightBlock& block, const Phase& y, const Phase& x, Body body) {
  for (int64_t c = 0; c < block.channels; c++) {
    for (int64_t i = 0; i < y.axis.taps; i++) {
      for (int64_t j = 0; j < x.axis.taps; j++) {
        const int64_t step = ((block.channel + c) * s.y.taps + y.tap + i * y.apart) * s.x.taps + x.tap + j * x.apart;
        if (step >= block.step && step < block.step + block.depth) body(c, step, i, j);
      }
    }
  }
}

// The phases of one block of k, with the places of their taps and, where these do not lie side by side in memory, a copy of the weights.
class Phases {
 public:
  Phases(const Correlation& s, const WeightBlock& block, const Regions& regions) : across_(s.x.phases()) {
    const ImageCopy copy = regions.copy();
    const bool packs = s.packsWeights();
    int64_t filled = 0;
    for (int64_t p = 0; p < s.y.phases() * across_; p++) {
      PhaseBlock& own = blocks_[p];
      own = {phaseOf(s.y, p / across_), phaseOf(s.x, p % across_), nullptr, 0, taps_ + filled, 0};
      int32_t* const taps = taps_ + filled;
      float* const weights = operandSpace() + filled;
      forEachStep(s, block, own.y, own.x, [&](int64_t c, int64_t step, int64_t i, int64_t j) {
        const int64_t place = copy.place(regions.y.offset(own.y, i), regions.x.offset(own.x, j));
        taps[own.depth] = static_cast<int32_t>(c * copy.distance() + place);
        if (packs) packStep(s, block, step, weights + own.depth);
        own.depth++;
      });
      own.weights = packs ? weights : s.weight(block.group, block.row, block.step);
      own.stride = packs ? WEIGHTS_STRIDE : s.depth();
      filled += own.depth;
    }
  }

  const PhaseBlock& at(int64_t down, int64_t across) const { return blocks_[down * across_ + across]; }

 private:
  static void packStep(const Correlation& s, const WeightBlock& block, int64_t step, float* to) {
    const float* const from = s.weight(block.group, block.row, step);
    const int64_t distance = s.transposedWeights ? s.window() : s.depth();
    for (int64_t i = 0; i < block.rows; i++) to[i * WEIGHTS_STRIDE] = from[i * distance];
  }

  int64_t across_;
  PhaseBlock blocks_[MOST_PHASES];
  int32_t taps_[BLOCK_DEPTH];
};

// One phase of a region, whose copy lies in imageSpace: the tiles' columns outside, so that the part of the image which they read stays
// in the L1 cache. Of each row of weights `columns` sums are stored.
template <Numerics NUMERICS>
inline void correlateRegion(const PhaseBlock& block, int64_t rows, int64_t columns, float* out, int64_t strideOut, bool accumulate) {
  const Split panels(vectorsOf(columns), TILING.vectors);
  int64_t j = 0;
  for (int64_t panel = 0; panel < panels.parts; panel++) {
    const int64_t vectors = panels.size(panel);
    const Split strips(rows, tileRows(vectors));
    const int64_t count = least(columns - j, vectors * LANES);
    int64_t row = 0;
    for (int64_t strip = 0; strip < strips.parts; strip++) {
      const int64_t height = strips.size(strip);
      const float* const weights = block.weights + row * block.stride;
      kernelOfSize<TapKernels<NUMERICS>>(height, vectors)(
          {weights, block.stride, imageSpace() + j, block.taps, block.depth, out + row * strideOut + j, strideOut, count, accumulate});
      row += height;
    }
    j += vectors * LANES;
  }
}

// A row of the output: its elements by turns from `count` lines that are `distance` apart, or added to it.
inline void storeLine(const float* from, int64_t count, int64_t distance, float* to, int64_t size, bool accumulate) {
  const auto put = [=](int64_t i, Vector x, int64_t n) { storeUpTo(to + i, accumulate ? loadUpTo(to + i, n) + x : x, n); };
  if (count == 1) return forEachVector(size, [=](int64_t i, int64_t n) { put(i, loadUpTo(from + i, n), n); });
  if (count == 2) {
    return forEachVector((size + 1) / 2, [=](int64_t i, int64_t n) {
      Vector low;
      Vector high;
      interleave(loadUpTo(from + i, n), loadUpTo(from + distance + i, n), low, high);
      const int64_t left = size - 2 * i;
      put(2 * i, low, left);
      if (left > LANES) put(2 * i + LANES, high, left - LANES);
    });
  }
  for (int64_t i = 0; i < size; i++) {
    const float sum = from[i % count * distance + i / count];
    to[i] = accumulate ? to[i] + sum : sum;
  }
}

// The same of two lines whose elements fill more than one vector and no more than two.
inline void storeNarrowPairs(const float* from, int64_t distance, float* to, int64_t size, bool accumulate) {
  const int64_t n = (size + 1) / 2;
  Vector low;
  Vector high;
  interleave(loadUpTo(from, n), loadUpTo(from + distance, n), low, high);
  store(to, accumulate ? load(to) + low : low);
  storeUpTo(to + LANES, accumulate ? loadUpTo(to + LANES, size - LANES) + high : high, size - LANES);
}

// Moves the sums of a region's phases with the same rows to where they belong, and adds them up over the blocks of k.
// `down` is which of the phases; the sums of the next phase across lie `distance` after those of one.
inline void storeRegion(const Correlation& s, const WeightBlock& block, const Regions& regions, const Part2d& part, int64_t down,
                        int64_t distance, float* out) {
  const bool accumulate = block.step > 0;
  const int64_t pitch = regions.copy().pitch();
  const int64_t across = s.x.phases();
  const int64_t column = part.column * s.x.spacing;
  const int64_t size = least(part.columns * across, s.x.grid - column);
  const int64_t width = regions.sums(part);
  const auto forEachLine = [&](auto body) {
    for (int64_t i = 0; i < block.rows; i++) {
      float* const plane = out + i * s.positions() + column;
      for (int64_t r = 0; r < part.rows; r++) {
        const int64_t row = (part.row + r) * s.y.spacing + down;
        if (row < s.y.grid) body(sumsSpace() + i * width + r * pitch, plane + row * s.x.grid);
      }
    }
  };
  if (across == 2 && size > LANES && size <= 2 * LANES) {
    forEachLine([=](const float* from, float* to) { storeNarrowPairs(from, distance, to, size, accumulate); });
  } else {
    forEachLine([=](const float* from, float* to) { storeLine(from, across, distance, to, size, accumulate); });
  }
}

// Finishes the part of the output, once all of its phases are there: rows together where they lie together.
inline void finishRegion(const Correlation& s, const WeightBlock& block, const Part2d& part, float* out) {
  const int64_t row = part.row * s.y.spacing;
  const int64_t rows = least(part.rows * s.y.spacing, s.y.grid - row);
  const int64_t column = part.column * s.x.spacing;
  const int64_t columns = least(part.columns * s.x.spacing, s.x.grid - column);
  const int64_t lines = columns == s.x.grid ? 1 : rows;
  const int64_t size = rows / lines * columns;
  for (int64_t i = 0; i < block.rows; i++) {
    float* const first = out + i * s.positions() + row * s.x.grid + column;
    for (int64_t line = 0; line < lines; line++) finishRun(s, block.group * s.rows + block.row + i, first + line * s.x.grid, size);
  }
}

// The region of one sample whose planes of the output begin at `out`.
template <Numerics NUMERICS>
inline void correlatePart(const Correlation& s, const WeightBlock& block, const Phases& phases, const Regions& regions, const Part2d& part,
                          float* out) {
  if (s.y.spacing == 1 && s.x.spacing == 1 && regions.isPlain(part)) {
    float* const first = out + part.row * s.x.grid + part.column;
    correlateRegion<NUMERICS>(phases.at(0, 0), block.rows, part.rows * part.columns, first, s.positions(), block.step > 0);
  } else {
    const int64_t width = regions.sums(part);
    const int64_t distance = block.rows * width;
    for (int64_t down = 0; down < s.y.phases(); down++) {
      for (int64_t across = 0; across < s.x.phases(); across++) {
        correlateRegion<NUMERICS>(phases.at(down, across), block.rows, width, sumsSpace() + across * distance, width, false);
      }
      storeRegion(s, block, regions, part, down, distance, out);
    }
  }
  if (s.epilogue && block.step + block.depth == s.depth()) finishRegion(s, block, part, out);
}

// All samples and regions for one block of weights.
template <Numerics NUMERICS>
inline void correlateBlock(const Correlation& s, const WeightBlock& block, const Regions& regions) {
  const ImageCopy copy = regions.copy();
  const Phases phases(s, block, regions);
  const int64_t height = phases.at(0, 0).y.axis.grid;
  const int64_t width = phases.at(0, 0).x.axis.grid;
  for (int64_t n = 0; n < s.samples; n++) {
    const float* const source = s.source + ((n * s.groups + block.group) * s.channels + block.channel) * s.y.source * s.x.source;
    float* const out = s.out + ((n * s.groups + block.group) * s.rows + block.row) * s.positions();
    const int64_t end = s.lines.to(height);
    for (int64_t row = s.lines.from(height); row < end; row += regions.rows) {
      for (int64_t column = 0; column < width; column += regions.columns) {
        const Part2d part = {row, least(regions.rows, end - row), column, least(regions.columns, width - column)};
        copy.fill(source, part, block.channels, imageSpace());
        correlatePart<NUMERICS>(s, block, phases, regions, part, out);
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
template <Numerics NUMERICS>
inline void correlateDirectly(const Correlation& s) {
  const int64_t source = s.channels * s.y.source * s.x.source;
  float* out = s.out;
  for (int64_t i = 0; i < s.samples * s.groups * s.rows; i++, out += s.positions()) {
    const int64_t plane = i % (s.groups * s.rows);
    if (plane < s.planes.first || plane >= s.planes.first + s.planes.count) continue;
    const int64_t group = i / s.rows % s.groups;
    const float* const from = s.source + i / s.rows * source;
    for (int64_t at = s.lines.from(s.positions()); at < s.lines.to(s.positions()); at++) {
      float total = 0.0f;
      for (int64_t step = 0; step < s.depth();) {
        float sum = 0.0f;
        for (const int64_t end = least(step + BLOCK_DEPTH, s.depth()); step < end; step++) {
          const float element = elementAt(s, from, at / s.x.grid, at % s.x.grid, step);
          sum = multiplyAdd<NUMERICS>(*s.weight(group, i % s.rows, step), element, sum);
        }
        total = step <= BLOCK_DEPTH ? sum : total + sum;
      }
      out[at] = total;
    }
    const int64_t first = s.lines.from(s.positions());
    if (s.epilogue) finishRun(s, plane, out + first, s.lines.to(s.positions()) - first);
  }
}

template <Numerics NUMERICS>
inline void correlate(const Correlation& s) {
  if (s.y.phases() * s.x.phases() > MOST_PHASES) return correlateDirectly<NUMERICS>(s);
  const int64_t deepest = least(s.depth(), BLOCK_DEPTH);
  const Regions regions = regionsOf(s, least(s.channels, (deepest - 1) / s.window() + 2));
  if (regions.rows == 0) return correlateDirectly<NUMERICS>(s);
  const int64_t fitting = SUMS_FLOATS / (s.x.phases() * regions.sums());
  for (int64_t group = 0; group < s.groups; group++) {
    const Range range = s.rowsOf(group);
    if (range.count == 0) continue;
    const Split rowBlocks(range.count, s.packsWeights() ? least(fitting, OPERAND_ROWS) : fitting);
    int64_t row = range.first;
    for (int64_t part = 0; part < rowBlocks.parts; part++) {
      const int64_t rows = rowBlocks.size(part);
      for (int64_t step = 0; step < s.depth(); step += BLOCK_DEPTH) {
        const int64_t depth = least(BLOCK_DEPTH, s.depth() - step);
        const int64_t channel = step / s.window();
        correlateBlock<NUMERICS>(s, {group, row, rows, step, depth, channel, (step + depth - 1) / s.window() + 1 - channel}, regions);
      }
      row += rows;
    }
  }
}

}  // namespace CHAINRULE_ISA
}  // namespace chainrule
