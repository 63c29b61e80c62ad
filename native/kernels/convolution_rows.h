// Depthwise convolutions of 3 × 3 with vectors along the rows of a plane, for planes whose rows fill vectors: neighbouring rows share what they
// read, and nothing is transposed. Sums are in the order that convolution_product.h states.
#pragma once

#include <stdint.h>

#include "../sizes.h"
#include "convolution_product.h"
#include "convolution_rows_tile.h"

namespace chainrule {
namespace CHAINRULE_ISA {
namespace depthwise {

// Floats of the copies of planes that are computed together, so that they stay in the L1 cache, unless one row takes more.
constexpr int64_t COPIED_FLOATS = 6144;
// A row is made of as many elements as the widest vectors have, or twice, three times as many.
constexpr int64_t FULL_ROW = 16;
static_assert(FULL_ROW % LANES == 0, "rows do not fill vectors");

inline bool isThree(const Axis& axis) { return axis.taps == 3 && axis.stride == 1 && axis.spacing == 1; }

// Whether a depthwise convolution is computed so.
inline bool fillsRows(const Axis& y, const Axis& x) {
  return isThree(y) && isThree(x) && (y.step == 1 || y.step == -1) && x.grid % FULL_ROW == 0 &&
         ImageCopy(reachOf(y), reachOf(x), 1, x.grid, Layout::shared).distance() <= IMAGE_FLOATS;
}

// Planes that are copied together, and rows of the grid: all, or as many of one plane as fit.
struct Chunk {
  int64_t planes;
  int64_t rows;
};

inline Chunk chunkOf(const Reach& y, const Reach& x, int64_t rows, int64_t columns) {
  for (;; rows = (rows + 1) / 2) {
    const int64_t planes = COPIED_FLOATS / ImageCopy(y, x, rows, columns, Layout::shared).distance();
    if (planes > 0 || rows == 1) return {planes > 0 ? planes : 1, rows};
  }
}

// Some planes of a sample, the copies of whose image lie in imageSpace.
struct SomePlanes {
  int64_t first;
  int64_t count;
  const float* weights;
  float* out;
};

// Rows [part.row, part.row + part.rows) of each plane.
template <Numerics NUMERICS>
inline void correlatePart(const Correlation& s, const ImageCopy& copy, const Reach& reach, const Part2d& part, const SomePlanes& planes) {
  // Where the taps walk upwards, the last row comes first.
  const bool upwards = s.y.step < 0;
  const int64_t sign = upwards ? -1 : 1;
  const int64_t tap = copy.place(upwards ? 2 : 0, s.x.first - reach.first);
  const Split panels(s.x.grid / LANES, ROW_VECTORS);
  const Split strips(part.rows, ROW_SUMS / panels.size(0));
  int64_t row = 0;
  for (int64_t strip = 0; strip < strips.parts; strip++) {
    const int64_t height = strips.size(strip);
    const int64_t first = upwards ? row + height - 1 : row;
    int64_t column = 0;
    for (int64_t panel = 0; panel < panels.parts; panel++) {
      const int64_t vectors = panels.size(panel);
      const auto kernel = rowsTileOf<NUMERICS>(height, vectors);
      RowsTile tile = {planes.weights, imageSpace() + tap + first * copy.pitch() + column,  sign * copy.pitch(),
                       s.x.step,       planes.out + (part.row + first) * s.x.grid + column, sign * s.x.grid};
      for (int64_t p = 0; p < planes.count; p++) {
        kernel(tile);
        tile.weights += s.window();
        tile.image += copy.distance();
        tile.out += s.positions();
      }
      column += vectors * LANES;
    }
    row += height;
  }
  if (!s.epilogue) return;
  for (int64_t p = 0; p < planes.count; p++) {
    finishRun(s, planes.first + p, planes.out + p * s.positions() + part.row * s.x.grid, part.rows * s.x.grid);
  }
}

template <Numerics NUMERICS>
inline void correlateByRows(const Correlation& s) {
  const Reach y = reachOf(s.y);
  const Reach x = reachOf(s.x);
  const Chunk chunk = chunkOf(y, x, s.y.grid, s.x.grid);
  const ImageCopy copy(y, x, chunk.rows, s.x.grid, Layout::shared);
  const int64_t end = s.planes.first + s.planes.count;
  int64_t copied = 0;
  for (int64_t n = 0; n < s.samples; n++) {
    for (int64_t first = s.planes.first; first < end; first += chunk.planes) {
      const int64_t planes = least(chunk.planes, end - first);
      const float* const source = s.source + (n * s.groups + first) * s.y.source * s.x.source;
      float* const out = s.out + (n * s.groups + first) * s.positions();
      for (int64_t row = 0; row < s.y.grid; row += chunk.rows) {
        const Part2d part = {row, least(chunk.rows, s.y.grid - row), 0, s.x.grid};
        if (chunk.rows == s.y.grid && planes <= copied) {
          copy.refill(source, part, planes, imageSpace());
        } else {
          copy.fill(source, part, planes, imageSpace());
          copied = planes;
        }
        correlatePart<NUMERICS>(s, copy, x, part, {first, planes, s.weight(first, 0, 0), out});
      }
    }
  }
}

}  // namespace depthwise
}  // namespace CHAINRULE_ISA
}  // namespace chainrule
