// Which way a convolution is computed. It depends on nothing but the shape: neither the instruction set nor the share of the output that a
// thread computes may change a result, and only `winograd` rounds otherwise than the rest.
#pragma once

#include <stdint.h>

#include "convolution_planes.h"
#include "convolution_pointwise.h"
#include "convolution_rows.h"
#include "convolution_winograd.h"
#include "convolution_winograd_weight.h"

namespace chainrule {
namespace CHAINRULE_ISA {

enum class Path { tiles, rows, planes, pointwise, winograd };

inline Path pathOf(Numerics numerics, const Correlation& s) {
  const Axis& y = s.y;
  const Axis& x = s.x;
  // Groups of one plane would leave a tile's rows, or the lanes of its filters, empty.
  if (depthwise::isDepthwise(y, x, s.channels, s.rows)) {
    // Full rows need no transposing, which costs as much as the multiplications of a window so small.
    if (depthwise::fillsRows(y, x)) return Path::rows;
    if (depthwise::fitsPlanes(y, x)) return Path::planes;
  }
  // The image is a matrix already.
  if (pointwise::isPointwise(y, x)) return Path::pointwise;
  // Fewer multiplications, rounded a little more.
  if (numerics == Numerics::fast && winograd::suits(y, x, s.channels, s.rows)) return Path::winograd;
  return Path::tiles;
}

// Whether threads that share a sample take lines of its planes, all rows of weights for each, rather than rows of weights. Then each copies or
// transforms a part of the image, but all of the weights: that pays where the image has more elements.
inline bool sharesLines(Path path, const Correlation& s) {
  if (path == Path::rows || path == Path::planes || s.groups > 1) return false;
  return s.y.source * s.x.source >= s.rows * s.window();
}

inline Path pathOf(Numerics numerics, const WeightGradient& s) {
  const int64_t filters = s.filters / s.groups;
  // A block of positions is made of whole rows there.
  if (depthwise::isDepthwise(s.y, s.x, s.channels, filters) && depthwise::fitsPlanes(s.y, s.x) && s.x.grid <= BLOCK_DEPTH) {
    return Path::planes;
  }
  if (pointwise::isPointwise(s.y, s.x)) return Path::pointwise;
  if (numerics == Numerics::fast && winograd::suits(s.y, s.x, s.channels, filters)) return Path::winograd;
  return Path::tiles;
}

}  // namespace CHAINRULE_ISA
}  // namespace chainrule
