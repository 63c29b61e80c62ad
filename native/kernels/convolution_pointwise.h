// Convolutions of windows with one element, without stride or padding: products of matrices that lie in memory, by the tiles of the matrix
// product. Sums are in the order that convolution_product.h states.
#pragma once

#include <stdint.h>

#include "../sizes.h"
#include "convolution_product.h"
#include "convolution_weight.h"
#include "gemm_blocked.h"
#include "gemm_pack.h"
#include "gemm_tile.h"

namespace chainrule {
namespace CHAINRULE_ISA {
namespace pointwise {

// How the workspace is shared out, in floats: a panel of the image; packed weights.
constexpr int64_t PANEL_FLOATS = BLOCK_DEPTH * TILING.vectors * LANES;
constexpr int64_t WEIGHT_FLOATS = WORKSPACE_FLOATS - PANEL_FLOATS;
// Sums that are finished together, so that they and their operand share an L2 cache with the image.
constexpr int64_t FINISHED_FLOATS = 32 * 1024;

inline float* panelSpace() { return packingWorkspace(); }
inline float* weightSpace() { return packingWorkspace() + PANEL_FLOATS; }

// Whether positions and the source's elements are the same.
inline bool isWhole(const Axis& axis) {
  return axis.taps == 1 && axis.stride == 1 && axis.spacing == 1 && axis.first == 0 && axis.grid == axis.source;
}
inline bool isPointwise(const Axis& y, const Axis& x) { return isWhole(y) && isWhole(x); }

// Some rows of a group's weights, a tile's in each strip, and the channels of a block of k.
struct Weights {
  int64_t group;
  int64_t row;
  int64_t rows;
  int64_t step;
  int64_t depth;
  Split strips;

  bool isLast(const Correlation& s) const { return step + depth == s.depth(); }
};

// Neighbouring positions of a sample: the elements of their first channel, their sums in the first row, and the elements of the panel that comes
// next.
struct Panel {
  const float* image;
  float* out;
  int64_t vectors;
  int64_t columns;
  const float* next;

  int64_t width() const { return vectors * LANES; }
};

// Asks for `columns` elements of some rows. Planes lie apart, so that the processor's own prefetching begins anew with each.
inline void prefetchRows(const float* from, int64_t rows, int64_t stride, int64_t columns) {
  for (int64_t i = 0; i < rows; i++, from += stride) {
    for (int64_t j = 0; j < columns; j += CACHE_LINE) prefetchFar(from + j);
  }
}

// What the epilogue multiplies the sums by, where it lies as they do; null where there is nothing to wait for.
inline const float* operandOf(const Correlation& s, const float* out) {
  const bool liesAsOut = s.epilogue && s.epilogue->operand && !s.epilogue->oneForEachRow;
  return liesAsOut ? s.epilogue->operand + (out - s.out) : nullptr;
}

// The panel is packed by the tile of the first strip, transposed weights by the tiles of the first panel.
template <Numerics NUMERICS, bool Transposed>
inline void multiplyPanel(const Correlation& s, const Weights& w, const Panel& panel, bool isFirst) {
  const int64_t positions = s.positions();
  const bool lies = panel.columns == panel.width();
  if (!lies) packPanel({panel.image, positions, false}, w.depth, panel.columns, panel.vectors, panelSpace());
  Tile tile;
  tile.b = lies ? panel.image : panelSpace();
  tile.strideB = lies ? positions : panel.width();
  tile.copyB = lies ? panelSpace() : nullptr;
  tile.depth = w.depth;
  tile.out = panel.out;
  tile.strideOut = positions;
  tile.columns = panel.columns;
  tile.accumulate = w.step > 0;
  const bool packs = Transposed && isFirst;
  const bool readsPacked = Transposed && !isFirst;
  const int64_t coming = ceilDivide(w.depth, w.strips.parts);
  float* packed = weightSpace();
  int64_t row = w.row;
  for (int64_t strip = 0; strip < w.strips.parts; strip++) {
    const int64_t height = w.strips.size(strip);
    prefetchRows(panel.next + strip * coming * positions, coming, positions, panel.width());
    if (const float* operand = operandOf(s, tile.out)) prefetchRows(operand, height, positions, panel.columns);
    tile.a = readsPacked ? packed : s.weight(w.group, row, w.step);
    tile.strideA = readsPacked ? height : Transposed ? s.rows : s.depth();
    tile.copyA = packs ? packed : nullptr;
    tileOf<NUMERICS, Transposed>(height, panel.vectors)(tile);
    tile.b = panelSpace();
    tile.strideB = panel.width();
    tile.copyB = nullptr;
    tile.out += height * positions;
    packed += height * w.depth;
    row += height;
  }
}

// The positions of each sample that are computed.
struct Panels {
  int64_t first;
  int64_t end;
  Split vectors;

  explicit Panels(const Correlation& s)
      : Panels(s.positions(), s.lines.from(vectorsOf(s.positions())), s.lines.to(vectorsOf(s.positions()))) {}

 private:
  Panels(int64_t positions, int64_t from, int64_t to)
      : first(from * LANES), end(least(positions, to * LANES)), vectors(to - from, TILING.vectors) {}
};

// All panels of a sample.
template <Numerics NUMERICS, bool Transposed>
inline void multiplySample(const Correlation& s, const Weights& w, const Panels& panels, int64_t n) {
  const int64_t positions = s.positions();
  const float* const image = s.source + ((n * s.groups + w.group) * s.channels + w.step) * positions;
  float* const out = s.out + ((n * s.groups + w.group) * s.rows + w.row) * positions;
  int64_t column = panels.first;
  int64_t finished = column;
  for (int64_t i = 0; i < panels.vectors.parts; i++) {
    const int64_t vectors = panels.vectors.size(i);
    const int64_t columns = least(panels.end - column, vectors * LANES);
    const bool isLast = column + columns == panels.end;
    const float* const next = isLast ? image + s.groups * s.channels * positions : image + column + columns;
    multiplyPanel<NUMERICS, Transposed>(s, w, {image + column, out + column, vectors, columns, next}, n == 0 && i == 0);
    column += columns;
    const int64_t size = column - finished;
    if (!s.epilogue || !w.isLast(s) || (!isLast && size * w.rows < FINISHED_FLOATS)) continue;
    for (int64_t r = 0; r < w.rows; r++) finishRun(s, w.group * s.rows + w.row + r, out + r * positions + finished, size);
    finished = column;
  }
}

template <Numerics NUMERICS>
inline void correlate(const Correlation& s) {
  const auto multiply = s.transposedWeights ? multiplySample<NUMERICS, true> : multiplySample<NUMERICS, false>;
  if (s.lines.isNone(vectorsOf(s.positions()))) return;
  const Panels panels(s);
  for (int64_t group = 0; group < s.groups; group++) {
    const Range range = s.rowsOf(group);
    if (range.count == 0) continue;
    const Split blocks(range.count, WEIGHT_FLOATS / blockDepth(s.depth(), 0));
    int64_t row = range.first;
    for (int64_t block = 0; block < blocks.parts; block++) {
      const int64_t rows = blocks.size(block);
      for (int64_t step = 0; step < s.depth(); step += BLOCK_DEPTH) {
        const Weights w = {group, row, rows, step, blockDepth(s.depth(), step), Split(rows, tileRows(panels.vectors.size(0)))};
        for (int64_t n = 0; n < s.samples; n++) multiply(s, w, panels, n);
      }
      row += rows;
    }
  }
}

// The filters from `first` on, `count` of them: δ·imageᵀ of each block of positions, added to zero in order.
template <Numerics NUMERICS>
inline void weightGradient(const WeightGradient& s, int64_t first, int64_t count) {
  const int64_t perGroup = s.filters / s.groups;
  for (int64_t filter = first; filter < first + count;) {
    const int64_t group = filter / perGroup;
    const int64_t filters = least(first + count, (group + 1) * perGroup) - filter;
    float* const out = s.out + filter * s.channels;
    clear(out, filters * s.channels);
    for (int64_t n = 0; n < s.samples; n++) {
      const float* const image = s.image + (n * s.groups + group) * s.channels * s.plane();
      const float* const delta = s.delta + (n * s.filters + filter) * s.positions();
      forEachBlock(s, [&](const Part2d& part) {
        const int64_t at = part.row * s.x.grid + part.column;
        multiplyBlocked<NUMERICS>({{delta + at, s.positions(), false},
                                   {image + at, s.positions(), true},
                                   out,
                                   s.channels,
                                   filters,
                                   s.channels,
                                   part.rows * part.columns,
                                   true,
                                   nullptr,
                                   {}});
      });
    }
    filter += filters;
  }
}

}  // namespace pointwise
}  // namespace CHAINRULE_ISA
}  // namespace chainrule
