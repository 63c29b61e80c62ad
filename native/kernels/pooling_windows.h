// What the windows of a pooling cover.
#pragma once

#include <stdint.h>

#include "../generated/arguments.h"
#include "../sizes.h"
#include "loops.h"
#include "sums.h"

namespace chainrule {
namespace CHAINRULE_ISA {

// The first window that has the element so far from the edge, padding included, and the one behind the last.
inline int64_t firstOver(int64_t at, int64_t kernel, int64_t stride) { return at < kernel ? 0 : (at - kernel) / stride + 1; }
inline int64_t endOver(int64_t at, int64_t stride, int64_t count) { return at / stride + 1 < count ? at / stride + 1 : count; }

// `planes` of height × width and their windows; every window has an element of the plane in it.
//
// A row is split by the remainder of its columns, padding included, by strideX: part p has columns p, p + strideX, …. Column j of the windows
// side by side then lies side by side as well, `behind(j)` into part j mod strideX. Parts past the windows' last column are left out. The
// sizes of the scratch memory are in src/ops/pooling.ts too.
struct Pool : PoolSizes {
  int64_t plane() const { return height * width; }
  int64_t windows() const { return outHeight * outWidth; }
  // Elements of a window, those of the padding too.
  int64_t elements() const { return kernelHeight * kernelWidth; }

  // The rows of the plane in the windows of row y, from the first to that behind the last.
  int64_t top(int64_t y) const {
    const int64_t row = y * strideY - padTop;
    return row > 0 ? row : 0;
  }
  int64_t bottom(int64_t y) const {
    const int64_t row = y * strideY - padTop + kernelHeight;
    return least(row, height);
  }
  // The rows of windows that have a row of the plane.
  int64_t firstOverRow(int64_t row) const { return firstOver(row + padTop, kernelHeight, strideY); }
  int64_t endOverRow(int64_t row) const { return endOver(row + padTop, strideY, outHeight); }
  // Columns of the plane before the last window's end.
  int64_t coveredColumns() const {
    const int64_t end = (outWidth - 1) * strideX - padLeft + kernelWidth;
    return least(end, width);
  }

  int64_t behind(int64_t j) const { return j / strideX; }
  // Parts of a row, and elements of each.
  int64_t parts() const { return least(strideX, kernelWidth); }
  int64_t part() const { return outWidth + behind(kernelWidth - 1); }
  // From row to row that is split, of results of a row, and of windows with as many before and behind them as may share an element with one.
  // Vectors past the end are read as well.
  int64_t splitPitch() const { return parts() * part() + LANES_AT_MOST; }
  int64_t resultPitch() const { return outWidth + LANES_AT_MOST; }
  int64_t windowPitch() const { return outWidth + 2 * behind(kernelWidth - 1) + LANES_AT_MOST; }
  // Rows of the plane that are kept at a time: a window's, and those that are split ahead.
  int64_t keptRows() const { return least(kernelHeight, height) + ROWS_AHEAD; }

  // The most windows of a row, or of a column, that share an element.
  static int64_t windowsOver(int64_t kernel, int64_t stride) { return ceilDivide(kernel, stride); }
  // Whether more windows may share an element than a block of a sum has steps.
  bool overlapsFar() const { return windowsOver(kernelHeight, strideY) * windowsOver(kernelWidth, strideX) > BLOCK_STEPS; }
  // Windows of two by two elements, side by side.
  bool isHalving() const {
    return kernelHeight == 2 && kernelWidth == 2 && strideY == 2 && strideX == 2 && padTop == 0 && padLeft == 0 &&
           2 * outHeight <= height && 2 * outWidth <= width;
  }

  // Of any instruction set.
  static constexpr int64_t LANES_AT_MOST = 16;
  // So many rows are split before the first of them is read: a load from the middle of two stores waits until both have left the core.
  static constexpr int64_t ROWS_AHEAD = 8;
};

// Calls body(s); usual widths and strides of windows are constants in it.
template <typename Body>
inline void withConstants(Pool s, Body body) {
  const auto with = [=](int64_t width, int64_t stride) {
    Pool constant = s;
    constant.kernelWidth = width;
    constant.strideX = stride;
    body(constant);
  };
  if (s.kernelWidth == 3 && s.strideX == 2) return with(3, 2);
  if (s.kernelWidth == 2 && s.strideX == 2) return with(2, 2);
  if (s.kernelWidth == 3 && s.strideX == 1) return with(3, 1);
  body(s);
}

}  // namespace CHAINRULE_ISA
}  // namespace chainrule
