// The copy of a part of the image that a convolution's tiles read: zeros where the windows reach beyond the image, so that the
// elements which one tap multiplies lie side by side. It stays in the cache, and no window is spelled out.
#pragma once

#include <stdint.h>

#include "gemm_tile.h"
#include "loops.h"

namespace chainrule {
namespace CHAINRULE_ISA {

// One direction of a convolution. What is computed is a grid of positions; tap t at position q reads the coordinate
// first + q·stride + t·step, where the source's element i lies at coordinate i·spacing and everything else is zero.
struct Axis {
  int64_t grid;
  int64_t taps;
  int64_t source;
  int64_t stride;
  int64_t spacing;
  int64_t first;
  int64_t step;

  int64_t lowest() const { return step < 0 ? (taps - 1) * step : 0; }
  // From the lowest coordinate that a position reads to the tap's.
  int64_t offset(int64_t tap) const { return tap * step - lowest(); }
  // The source's element at a coordinate; -1 if it has none there.
  int64_t element(int64_t coordinate) const {
    if (coordinate < 0) return -1;
    int64_t i = coordinate;
    // Divisions are slow, and mostly there is nothing to divide by.
    if (spacing > 1) {
      if (coordinate % spacing != 0) return -1;
      i = coordinate / spacing;
    }
    return i < source ? i : -1;
  }
};

// How many coordinates of each of the stride's phases `count` positions read.
inline int64_t lengthOf(const Axis& axis, int64_t count) {
  const int64_t reach = (axis.taps - 1) * (axis.step < 0 ? -axis.step : axis.step);
  return ((count - 1) * axis.stride + reach) / axis.stride + 1;
}

// Some rows and columns of the grid.
struct Part2d {
  int64_t row;
  int64_t rows;
  int64_t column;
  int64_t columns;
};

// What the copies of all regions of up to `rows` × `columns` positions have in common. In a copy, position (r, c) of the region lies
// r·pitch + c after (0, 0).
class ImageCopy {
 public:
  ImageCopy(const Axis& y, const Axis& x, int64_t rows, int64_t columns)
      : y_(y), x_(x), height_(lengthOf(y, rows)), pitch_(lengthOf(x, columns)) {}

  int64_t pitch() const { return pitch_; }
  int64_t plane() const { return height_ * pitch_; }
  // From channel to channel: a cache line more than the planes take, or all would compete for the same few places of the cache.
  int64_t distance() const { return y_.stride * x_.stride * plane() + CACHE_LINE; }

  // Where the tap of one channel's window finds what position (0, 0) multiplies with it.
  int64_t tap(int64_t i, int64_t j) const {
    const int64_t down = y_.offset(i);
    const int64_t across = x_.offset(j);
    const int64_t phase = (down % y_.stride) * x_.stride + across % x_.stride;
    return phase * plane() + (down / y_.stride) * pitch() + across / x_.stride;
  }

  // Steps [step, step + depth) of k, which runs over (channel, i, j); `channel` is the first that was copied.
  void taps(int64_t step, int64_t depth, int64_t channel, int32_t* to) const {
    int64_t j = step % x_.taps;
    int64_t i = step / x_.taps % y_.taps;
    int64_t c = step / (x_.taps * y_.taps) - channel;
    for (int64_t p = 0; p < depth; p++) {
      to[p] = static_cast<int32_t>(c * distance() + tap(i, j));
      if (++j < x_.taps) continue;
      j = 0;
      if (++i < y_.taps) continue;
      i = 0;
      c++;
    }
  }

  // Copies what the region at (row, column) reads of `channels` planes of the source.
  void fill(const float* source, int64_t row, int64_t column, int64_t channels, float* to) const {
    const int64_t top = y_.first + row * y_.stride + y_.lowest();
    const int64_t left = x_.first + column * x_.stride + x_.lowest();
    for (int64_t across = 0; across < x_.stride; across++) {
      const Run run = runFrom(left + across);
      for (int64_t c = 0; c < channels; c++) {
        const float* const plane = source + c * y_.source * x_.source;
        for (int64_t down = 0; down < y_.stride; down++) {
          float* line = to + c * distance() + (down * x_.stride + across) * this->plane();
          for (int64_t r = 0; r < height_; r++, line += pitch_) {
            const int64_t element = y_.element(top + down + r * y_.stride);
            if (element < 0) {
              clearRun(line, pitch_);
            } else {
              fillLine(plane + element * x_.source, run, line);
            }
          }
        }
      }
    }
  }

 private:
  // Coordinates start, start + stride, …; those from `before` to `end` have an element.
  struct Run {
    int64_t start;
    int64_t before;
    int64_t end;
  };

  Run runFrom(int64_t start) const {
    const int64_t before = start < 0 ? limited((-start + x_.stride - 1) / x_.stride, 0, pitch_) : 0;
    return {start, before, limited((x_.source - start + x_.stride - 1) / x_.stride, before, pitch_)};
  }

  void fillLine(const float* from, const Run& run, float* to) const {
    if (x_.spacing > 1) return spreadLine(from, run.start, to);
    clearRun(to, run.before);
    if (x_.stride == 1) {
      const float* const first = from + run.start + run.before;
      float* const copied = to + run.before;
      forEachVector(run.end - run.before, [=](int64_t i, int64_t n) { storeUpTo(copied + i, loadUpTo(first + i, n), n); });
    } else {
      for (int64_t i = run.before; i < run.end; i++) to[i] = from[run.start + i * x_.stride];
    }
    clearRun(to + run.end, pitch_ - run.end);
  }

  // Only a stride of 1 comes with a spacing.
  void spreadLine(const float* from, int64_t start, float* to) const {
    clearRun(to, pitch_);
    int64_t i = start <= 0 ? 0 : (start + x_.spacing - 1) / x_.spacing;
    for (; i < x_.source && i * x_.spacing - start < pitch_; i++) to[i * x_.spacing - start] = from[i];
  }

  static int64_t limited(int64_t n, int64_t least, int64_t most) { return n < least ? least : n > most ? most : n; }

  static void clearRun(float* to, int64_t size) {
    forEachVector(size, [=](int64_t i, int64_t n) { storeUpTo(to + i, zero(), n); });
  }

  const Axis& y_;
  const Axis& x_;
  int64_t height_;
  int64_t pitch_;
};

}  // namespace CHAINRULE_ISA
}  // namespace chainrule
