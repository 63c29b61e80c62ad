// The copy of a part of the image that a convolution's tiles read: zeros where the windows reach beyond the image, so that the
// elements which one tap multiplies lie side by side. It stays in the cache, and no window is spelled out.
#pragma once

#include <stdint.h>

#include "../sizes.h"
#include "convolution_axis.h"
#include "gemm_tile.h"
#include "loops.h"
#include "pairs.h"

namespace chainrule {
namespace CHAINRULE_ISA {

// How the rows of a copy lie. `shared`: as in the image, one for each of the stride's phases that windows read, longer than the region's rows by
// what windows reach beyond. `aligned`: one copy for each column of taps, exactly as long as the region's rows, so that positions of several rows
// follow each other without a gap.
enum class Layout { shared, aligned };

// What the copies of all regions of up to `rows` × `columns` positions have in common. In a copy, position (r, c) of the region lies
// r·pitch + c after (0, 0).
class ImageCopy {
 public:
  ImageCopy(const Reach& y, const Reach& x, int64_t rows, int64_t columns, Layout layout)
      : y_(y),
        x_(x),
        aligned_(layout == Layout::aligned),
        phases_(least(y.stride, y.span + 1)),
        copies_(aligned_ ? x.span / x.unit + 1 : least(x.stride, x.span + 1)),
        height_(rows + y.span / y.stride),
        pitch_(aligned_ ? columns : columns + x.span / x.stride) {}

  int64_t pitch() const { return pitch_; }
  // From copy to copy: what full vectors write beyond the end of one is not the next.
  int64_t plane() const { return height_ * pitch_ + (copies_ > 1 ? CACHE_LINE : 0); }
  // From channel to channel: a cache line more than the planes take, or all would compete for the same few places of the cache.
  int64_t distance() const { return phases_ * copies_ * plane() + CACHE_LINE; }
  // Rows that are copied for each channel of a region of `rows`.
  int64_t lines(int64_t rows) const { return phases_ * copies_ * (rows + y_.span / y_.stride); }

  // Where position (0, 0) finds what lies at these offsets of its reach.
  int64_t place(int64_t down, int64_t across) const {
    const int64_t copy = aligned_ ? across / x_.unit : across % x_.stride;
    const int64_t column = aligned_ ? 0 : across / x_.stride;
    return (down % y_.stride * copies_ + copy) * plane() + down / y_.stride * pitch_ + column;
  }

  // Copies what the region reads of `channels` planes of the source. Full vectors are written: what a line of the copy gets beyond its end,
  // the next line or plane writes over.
  void fill(const float* source, const Part2d& part, int64_t channels, float* to) const {
    if (fillsPairs()) return fillAllPairs(source, part, channels, to);
    const int64_t rows = linesOf(part);
    forEachPlane(part, to, [&](const Run& lines, const Run& run, float* own) {
      for (int64_t c = 0; c < channels; c++) fillPlane(source + c * y_.source * x_.source, lines, rows, run, own + c * distance());
    });
  }

  // The same where the copy is that of the same part and as many planes of another source: the zeros are there.
  void refill(const float* source, const Part2d& part, int64_t channels, float* to) const {
    if (fillsTogether()) return fill(source, part, channels, to);
    forEachPlane(part, to, [&](const Run& lines, const Run& run, float* own) {
      for (int64_t c = 0; c < channels; c++) refillPlane(source + c * y_.source * x_.source, lines, run, own + c * distance());
    });
  }

 private:
  // Coordinates start, start + stride, …; those from `before` to `end` have an element, the first of them `element`.
  struct Run {
    int64_t before;
    int64_t end;
    int64_t element;

    int64_t size() const { return end - before; }
  };

  static Run runFrom(const Reach& reach, int64_t start, int64_t most) {
    const int64_t before = start < 0 ? limited(ceilDivide(-start, reach.stride), 0, most) : 0;
    const int64_t end = limited(ceilDivide(reach.source - start, reach.stride), before, most);
    return {before, end, end > before ? start + before * reach.stride : 0};
  }

  // Rows that the copy of a part has.
  int64_t linesOf(const Part2d& part) const { return part.rows + y_.span / y_.stride; }
  Run runDown(const Part2d& part, int64_t down) const { return runFrom(y_, y_.first + part.row * y_.stride + down, linesOf(part)); }
  Run runAcross(const Part2d& part, int64_t copy) const {
    return runFrom(x_, x_.first + part.column * x_.stride + (aligned_ ? copy * x_.unit : copy), pitch_);
  }

  // Calls body(lines, run, own) for each plane of a channel's copy, which begins at `own`.
  template <typename Body>
  void forEachPlane(const Part2d& part, float* to, Body body) const {
    for (int64_t down = 0; down < phases_; down++) {
      const Run lines = runDown(part, down);
      for (int64_t copy = 0; copy < copies_; copy++, to += plane()) body(lines, runAcross(part, copy), to);
    }
  }

  // Whether both copies are of a row's elements by turns.
  bool fillsPairs() const { return !aligned_ && x_.stride == 2 && copies_ == 2; }

  void fillAllPairs(const float* source, const Part2d& part, int64_t channels, float* to) const {
    const Run runs[2] = {runAcross(part, 0), runAcross(part, 1)};
    for (int64_t down = 0; down < phases_; down++, to += 2 * plane()) {
      const Run lines = runDown(part, down);
      for (int64_t c = 0; c < channels; c++) fillPairs(source + c * y_.source * x_.source, lines, linesOf(part), runs, to + c * distance());
    }
  }

  // The copies of a phase's rows, each element of which goes to one or the other.
  void fillPairs(const float* plane, const Run& lines, int64_t rows, const Run runs[2], float* to) const {
    const int64_t first = runs[1].size() > 0 && (runs[0].size() == 0 || runs[1].element < runs[0].element) ? 1 : 0;
    const Run& even = runs[first];
    const Run& odd = runs[1 - first];
    const int64_t size = even.size() + odd.size();
    const float* from = plane + lines.element * x_.source + even.element;
    float* evens = to + first * this->plane();
    float* odds = to + (1 - first) * this->plane();
    clearVectors(evens, lines.before * pitch_);
    clearVectors(odds, lines.before * pitch_);
    evens += lines.before * pitch_;
    odds += lines.before * pitch_;
    for (int64_t i = lines.before; i < lines.end; i++, from += y_.stride * x_.source, evens += pitch_, odds += pitch_) {
      clearVectors(evens, even.before);
      clearVectors(odds, odd.before);
      int64_t j = 0;
      for (; 2 * j < size; j += LANES) {
        const Pairs pairs(from + 2 * j, least(size - 2 * j, 2 * LANES));
        store(evens + even.before + j, pairs.even);
        store(odds + odd.before + j, pairs.odd);
      }
      clearVectors(evens + even.before + j, pitch_ - even.before - j);
      clearVectors(odds + odd.before + j, pitch_ - odd.before - j);
    }
    clearVectors(evens, (rows - lines.end) * pitch_);
    clearVectors(odds, (rows - lines.end) * pitch_);
  }

  // Whether lines follow each other in the source as in the copy.
  bool fillsTogether() const { return x_.stride == 1 && y_.stride * x_.source == pitch_; }

  void refillPlane(const float* plane, const Run& lines, const Run& run, float* to) const {
    const float* from = plane + lines.element * x_.source + run.element;
    const int64_t distance = y_.stride * x_.source;
    const int64_t size = run.size();
    const int64_t pitch = pitch_;
    float* line = to + lines.before * pitch + run.before;
    if (x_.stride == 1 && size <= LANES) {
      for (int64_t i = lines.before; i < lines.end; i++, from += distance, line += pitch) storeUpTo(line, loadUpTo(from, size), size);
      return;
    }
    if (x_.stride == 2 && size <= LANES && size > 0) {
      const int64_t there = 2 * size - 1;
      for (int64_t i = lines.before; i < lines.end; i++, from += distance, line += pitch) storeUpTo(line, loadEven(from, there), size);
      return;
    }
    for (int64_t i = lines.before; i < lines.end; i++, from += distance, line += pitch_) {
      copyRun(from, size, [=](int64_t j, Vector x, int64_t n) { storeUpTo(line + j, x, n); });
    }
  }

  void fillPlane(const float* plane, const Run& lines, int64_t rows, const Run& run, float* to) const {
    const float* const from = plane + lines.element * x_.source + run.element;
    const int64_t distance = y_.stride * x_.source;
    clearVectors(to, lines.before * pitch_);
    float* const first = to + lines.before * pitch_;
    if (fillsTogether() && lines.size() > 0) {
      fillTogether(from, lines.size(), run, first);
    } else if (pitch_ <= LANES && x_.stride <= 2 && run.size() > 0) {
      const auto fill = x_.stride == 1 ? fillNarrow<1> : fillNarrow<2>;
      fill(from, distance, lines.size(), run, pitch_, first);
    } else {
      fillWide(from, distance, lines.size(), run, first);
    }
    clearVectors(to + lines.end * pitch_, (rows - lines.end) * pitch_);
  }

  void fillTogether(const float* from, int64_t lines, const Run& run, float* to) const {
    float* const first = to + run.before;
    copyRun(from, (lines - 1) * pitch_ + run.size(), [=](int64_t i, Vector x, int64_t) { store(first + i, x); });
    if (run.size() == pitch_) return;
    for (int64_t i = 0; i < lines; i++, to += pitch_) {
      for (int64_t j = 0; j < run.before; j++) to[j] = 0.0f;
      for (int64_t j = run.end; j < pitch_; j++) to[j] = 0.0f;
    }
  }

  // Lines `distance` apart in the plane, each of which one vector holds: what is the same for all is worked out once.
  template <int STRIDE>
  static void fillNarrow(const float* from, int64_t distance, int64_t lines, const Run& run, int64_t pitch, float* to) {
    const int64_t there = STRIDE * (run.size() - 1) + 1;
    const int64_t before = run.before;
    for (int64_t i = 0; i < lines; i++, from += distance, to += pitch) {
      if (before > 0) store(to, zero());
      store(to + before, STRIDE == 1 ? loadUpTo(from, there) : loadEven(from, there));
    }
  }

  void fillWide(const float* from, int64_t distance, int64_t lines, const Run& run, float* to) const {
    for (int64_t i = 0; i < lines; i++, from += distance, to += pitch_) {
      float* const first = to + run.before;
      clearVectors(to, run.before);
      copyRun(from, run.size(), [=](int64_t j, Vector x, int64_t) { store(first + j, x); });
      clearVectors(to + run.end, pitch_ - run.end);
    }
  }

  // Calls put(i, x, n) for vectors of every stride-th element, `size` of them.
  template <typename Put>
  void copyRun(const float* from, int64_t size, Put put) const {
    if (x_.stride == 1) {
      forEachVector(size, [=](int64_t i, int64_t n) { put(i, loadUpTo(from + i, n), n); });
    } else if (x_.stride == 2) {
      forEachVector(size, [=](int64_t i, int64_t n) { put(i, loadEven(from + 2 * i, i + n < size ? 2 * n : 2 * n - 1), n); });
    } else {
      const int64_t stride = x_.stride;
      forEachVector(size, [=](int64_t i, int64_t n) {
        float elements[LANES] = {};
        for (int64_t j = 0; j < n; j++) elements[j] = from[(i + j) * stride];
        put(i, load(elements), n);
      });
    }
  }

  // Elements 0, 2, … of those that are there.
  static Vector loadEven(const float* from, int64_t there) {
    const Vector low = loadUpTo(from, there);
    const Vector high = there > LANES ? loadUpTo(from + LANES, there - LANES) : zero();
    Vector even;
    Vector odd;
    deinterleave(low, high, even, odd);
    return even;
  }

  // By whole vectors, which is faster for few elements: what is written beyond the size is written again.
  static void clearVectors(float* to, int64_t size) {
    for (int64_t i = 0; i < size; i += LANES) store(to + i, zero());
  }

  const Reach& y_;
  const Reach& x_;
  bool aligned_;
  // Of the rows, and copies of each.
  int64_t phases_;
  int64_t copies_;
  int64_t height_;
  int64_t pitch_;
};

}  // namespace CHAINRULE_ISA
}  // namespace chainrule
