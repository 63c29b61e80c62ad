// A convolution as a product of weights by windows, and the regions of the output whose copies of the image and sums fit into the workspace.
#pragma once

#include <stdint.h>

#include "../isa.h"
#include "../sizes.h"
#include "../workspace.h"
#include "convolution_axis.h"
#include "convolution_image.h"
#include "convolution_tile.h"
#include "gemm_swapped.h"

namespace chainrule {
namespace CHAINRULE_ISA {

// How the workspace is shared out, in floats: the copy of the image, with what tiles read beyond its end; packed weights or δ; sums.
// The more rows of weights, or filters, are taken together, the less often the image is copied.
constexpr int64_t IMAGE_FLOATS = 128 * 1024;
constexpr int64_t OPERAND_ROWS = 128;
constexpr int64_t OPERAND_FLOATS = OPERAND_ROWS * (BLOCK_DEPTH + CACHE_LINE);
constexpr int64_t SUMS_FLOATS = 72 * 1024;
constexpr int64_t MOST_PANEL = 64;
// Phases of a grid that are computed by themselves: beyond it elements are computed one by one.
constexpr int64_t MOST_PHASES = 64;
static_assert(TILING.vectors * LANES <= MOST_PANEL, "a panel does not fit");
static_assert(IMAGE_FLOATS + MOST_PANEL + OPERAND_FLOATS + SUMS_FLOATS <= WORKSPACE_FLOATS, "a convolution does not fit");

// From row to row of packed weights: a cache line more than they take, or the rows of a tile would compete for the same places of the cache.
constexpr int64_t WEIGHTS_STRIDE = BLOCK_DEPTH + CACHE_LINE;

inline float* imageSpace() { return packingWorkspace(); }
inline float* operandSpace() { return packingWorkspace() + IMAGE_FLOATS + MOST_PANEL; }
inline float* sumsSpace() { return packingWorkspace() + IMAGE_FLOATS + MOST_PANEL + OPERAND_FLOATS; }

// The epilogue of finished sums, as Epilogue of gemm_product.h. Its operand is one number for each row, or laid like the output.
struct RowEpilogue {
  void (*apply)(float* sums, const float* operand, int64_t columns, float alpha);
  const float* operand;
  bool oneForEachRow;
  float alpha;
};

// Parts [first, end) of `of` equal ones: what a thread takes of some lines, tiles or vectors. Those of all threads are the whole.
struct Lines {
  int64_t first;
  int64_t end;
  int64_t of;

  int64_t from(int64_t count) const { return count * first / of; }
  int64_t to(int64_t count) const { return count * end / of; }
  bool isNone(int64_t count) const { return from(count) == to(count); }
};
constexpr Lines ALL_LINES = {0, 1, 1};

// out = weights · windows, a group and a sample at a time. `source` has `channels` planes for each group, out `rows` of them. Of each
// sample's planes of out, counted over all groups, those of `planes` alone are computed, and of these `lines`. There is but one sample
// where these are not all.
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
  Lines lines = ALL_LINES;

  int64_t window() const { return y.taps * x.taps; }
  int64_t depth() const { return channels * window(); }
  int64_t positions() const { return y.grid * x.grid; }
  // Whether a phase's weights for neighbouring steps lie apart.
  bool packsWeights() const { return transposedWeights || y.spacing > 1 || x.spacing > 1; }
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

// How the regions lie into which all phases of a grid are cut, so that copies and sums fit; `rows` is 0 where not even one position does.
struct Regions {
  Reach y;
  Reach x;
  int64_t rows;
  int64_t columns;
  Layout layout;

  ImageCopy copy() const { return ImageCopy(y, x, rows, columns, layout); }
  // Elements of the sums of `part` for each row of weights.
  int64_t sums(const Part2d& part) const { return roundUp((part.rows - 1) * copy().pitch() + part.columns, LANES); }
  int64_t sums() const { return sums({0, rows, 0, columns}); }
  // Whether a region's sums lie one after the other as they do in the output.
  bool isPlain(const Part2d& part) const { return part.rows == 1 || copy().pitch() == part.columns; }
};

// About the cycles that a region takes, times two: a multiply-add for each row and tap takes half of one, a vector that is copied two.
inline int64_t costOf(const Correlation& s, const Regions& regions) {
  const int64_t lines = regions.copy().lines(regions.rows) * vectorsOf(regions.copy().pitch());
  const int64_t moved = regions.isPlain({0, regions.rows, 0, regions.columns}) ? 0 : s.rows * regions.rows * vectorsOf(regions.columns);
  return s.channels * (s.rows * s.window() * regions.sums() / LANES + 4 * lines) + 4 * moved;
}

inline Regions cheaperOf(const Correlation& s, Regions regions) {
  Regions other = regions;
  other.layout = Layout::aligned;
  return costOf(s, other) < costOf(s, regions) ? other : regions;
}

inline Regions regionsOf(const Correlation& s, int64_t channels) {
  const int64_t strip = least(s.rows, TILING.rows[0]) * s.x.phases();
  const int64_t height = phaseOf(s.y, 0).axis.grid;
  const int64_t columns = least(phaseOf(s.x, 0).axis.grid, BLOCK_DEPTH);
  Regions regions = {reachOf(s.y), reachOf(s.x), least(height, BLOCK_DEPTH / columns), columns, Layout::shared};
  regions.layout = cheaperOf(s, regions).layout;
  for (;;) {
    if (channels * regions.copy().distance() <= IMAGE_FLOATS && strip * regions.sums() <= SUMS_FLOATS) return regions;
    if (regions.rows > 1) {
      regions.rows = (regions.rows + 1) / 2;
    } else if (regions.columns > 1) {
      regions.columns = (regions.columns + 1) / 2;
    } else {
      regions.rows = 0;
      return regions;
    }
  }
}

}  // namespace CHAINRULE_ISA
}  // namespace chainrule
