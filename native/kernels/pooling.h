// The largest and the mean of each window of an image, plane by plane.
#pragma once

#include <math.h>
#include <stdint.h>

#include "../generated/arguments.h"
#include "../workspace.h"
#include "../generated/functions.h"
#include "indices.h"
#include "loops.h"
#include "matmul.h"
#include "sums.h"

namespace chainrule {
namespace CHAINRULE_ISA {

// So few windows side by side are not worth a vector.
constexpr int64_t FEW_WINDOWS = 4;

// `planes` of height × width and their windows; every window has an element of the plane in it.
struct Pool : PoolSizes {
  int64_t plane() const { return height * width; }
  int64_t windows() const { return outHeight * outWidth; }
  // Elements of a window, those of the padding too.
  float elements() const { return static_cast<float>(kernelHeight * kernelWidth); }
  // The windows of a row that lie within the width, where they are near enough and enough for vectors: from the first one to that behind
  // the last.
  int64_t firstInside() const {
    const int64_t first = (padLeft + strideX - 1) / strideX;
    return first < outWidth ? first : outWidth;
  }
  int64_t endInside() const {
    const int64_t room = width + padLeft - kernelWidth;
    const int64_t behind = room < 0 || strideX > 2 ? 0 : room / strideX + 1;
    const int64_t end = behind < outWidth ? behind : outWidth;
    return end - firstInside() < FEW_WINDOWS ? firstInside() : end;
  }
  // Whether floats tell the places within a window apart.
  bool hasExactOffsets() const { return kernelHeight * width < (int64_t{1} << 24); }
  // The most windows of a row, or of a column, that share an element.
  static int64_t windowsOver(int64_t kernel, int64_t stride) { return (kernel + stride - 1) / stride; }
  // Whether more windows may share an element than a block of a sum has steps.
  bool overlapsFar() const { return windowsOver(kernelHeight, strideY) * windowsOver(kernelWidth, strideX) > BLOCK_STEPS; }
  // Windows of two by two elements, side by side.
  bool isHalving() const {
    return kernelHeight == 2 && kernelWidth == 2 && strideY == 2 && strideX == 2 && padTop == 0 && padLeft == 0 &&
           2 * outHeight <= height && 2 * outWidth <= width;
  }
};

// Calls body(i) for the elements of a window that lie in the plane, row by row.
template <typename Body>
inline void forEachOfWindow(const Pool& s, int64_t y, int64_t x, Body body) {
  const int64_t top = y * s.strideY - s.padTop;
  const int64_t left = x * s.strideX - s.padLeft;
  const int64_t bottom = top + s.kernelHeight < s.height ? top + s.kernelHeight : s.height;
  const int64_t right = left + s.kernelWidth < s.width ? left + s.kernelWidth : s.width;
  for (int64_t row = top < 0 ? 0 : top; row < bottom; row++) {
    for (int64_t column = left < 0 ? 0 : left; column < right; column++) body(row * s.width + column);
  }
}

// Whether x takes the place of the largest element so far: the first maximum wins, and any NaN over it.
inline bool beats(float x, float largest) { return x > largest || x != x; }
// chosen in the lanes where x beats the largest element so far, otherwise elsewhere.
inline Vector whereBeats(Vector x, Vector largest, Vector chosen, Vector otherwise) {
  return select(equal(x, x), select(less(largest, x), chosen, otherwise), chosen);
}

// Where a window has its first maximum; the last NaN, where it has one.
inline int64_t maximumOf(const Pool& s, const float* x, int64_t row, int64_t column) {
  int64_t place = -1;
  forEachOfWindow(s, row, column, [&](int64_t i) {
    if (place < 0 || beats(x[i], x[place])) place = i;
  });
  return place;
}

// Calls body(plane, window, y, x) for all windows.
template <typename Body>
inline void forEachWindow(const Pool& s, Body body) {
  for (int64_t plane = 0; plane < s.planes; plane++) {
    for (int64_t y = 0; y < s.outHeight; y++) {
      for (int64_t x = 0; x < s.outWidth; x++) body(plane, plane * s.windows() + y * s.outWidth + x, y, x);
    }
  }
}

// The first elements of n windows side by side, `stride` elements apart, which is 1 or 2.
inline Vector sideBySide(const float* from, int64_t stride, int64_t n) {
  if (stride == 1) return loadUpTo(from, n);
  const int64_t size = 2 * n - 1;
  Vector even, odd;
  deinterleave(loadUpTo(from, size), size > LANES ? loadUpTo(from + LANES, size - LANES) : zero(), even, odd);
  return even;
}

// out[window] = one(own, y, x) for all windows, `own` being their plane; where n windows side by side lie within its width,
// many(own, y, x, n) makes a vector of them.
template <typename Many, typename One>
inline void poolWindows(const Pool& s, const float* own, float* out, Many many, One one) {
  const int64_t first = s.firstInside();
  const int64_t end = s.endInside();
  for (int64_t plane = 0; plane < s.planes; plane++, own += s.plane()) {
    for (int64_t y = 0; y < s.outHeight; y++, out += s.outWidth) {
      for (int64_t x = 0; x < first; x++) out[x] = one(own, y, x);
      for (int64_t x = first; x < end; x += LANES) {
        const int64_t n = end - x < LANES ? end - x : LANES;
        storeUpTo(out + x, many(own, y, x, n), n);
      }
      for (int64_t x = end; x < s.outWidth; x++) out[x] = one(own, y, x);
    }
  }
}

// Where n windows side by side have their maxima: element `first` is the first of the first window, and the others' lie as far from theirs
// as `offsets` says.
inline void maximaOf(const Pool& s, const float* own, int64_t y, int64_t x, int64_t n, int64_t& first, float offsets[LANES]) {
  Vector largest = broadcast(-INFINITY);
  Vector places = zero();
  first = -1;
  forEachOfWindow(s, y, x, [&](int64_t i) {
    if (first < 0) first = i;
    const Vector next = sideBySide(own + i, s.strideX, n);
    places = whereBeats(next, largest, broadcast(static_cast<float>(i - first)), places);
    largest = whereBeats(next, largest, next, largest);
  });
  store(offsets, places);
}

// Calls body(window, place) for all windows of a plane: where they have their maxima.
template <typename Body>
inline void forEachMaximum(const Pool& s, const float* own, Body body) {
  const int64_t begin = s.firstInside();
  const int64_t end = s.hasExactOffsets() ? s.endInside() : begin;
  int64_t window = 0;
  for (int64_t y = 0; y < s.outHeight; y++) {
    for (int64_t x = 0; x < begin; x++) body(window++, maximumOf(s, own, y, x));
    for (int64_t x = begin; x < end; x += LANES) {
      const int64_t n = end - x < LANES ? end - x : LANES;
      int64_t first;
      float offsets[LANES];
      maximaOf(s, own, y, x, n, first, offsets);
      for (int64_t i = 0; i < n; i++) body(window++, first + i * s.strideX + static_cast<int64_t>(offsets[i]));
    }
    for (int64_t x = end; x < s.outWidth; x++) body(window++, maximumOf(s, own, y, x));
  }
}

// Elements 0, 2, … and 1, 3, … of 2·n neighbours; zeros in the other lanes.
struct Pairs {
  Vector even;
  Vector odd;

  Pairs(const float* from, int64_t n) {
    const Vector low = loadUpTo(from, 2 * n);
    deinterleave(low, 2 * n > LANES ? loadUpTo(from + LANES, 2 * n - LANES) : zero(), even, odd);
  }
};

inline void storePairs(float* to, Vector even, Vector odd, int64_t n) {
  Vector low, high;
  interleave(even, odd, low, high);
  storeUpTo(to, low, 2 * n);
  if (2 * n > LANES) storeUpTo(to + LANES, high, 2 * n - LANES);
}

CHAINRULE_KERNEL void maxPoolRow(const float* x, int64_t width, float* out, int64_t outWidth) {
  forEachVector(outWidth, [=](int64_t j, int64_t n) {
    const Pairs upper(x + 2 * j, n);
    const Pairs lower(x + width + 2 * j, n);
    Vector largest = whereBeats(upper.odd, upper.even, upper.odd, upper.even);
    largest = whereBeats(lower.even, largest, lower.even, largest);
    storeUpTo(out + j, whereBeats(lower.odd, largest, lower.odd, largest), n);
  });
}

// Each δ goes to the one of its four elements that came out largest.
CHAINRULE_KERNEL void maxPoolRowGradient(const float* delta, const float* x, int64_t width, float* out, int64_t outWidth) {
  forEachVector(outWidth, [=](int64_t j, int64_t n) {
    const Pairs upper(x + 2 * j, n);
    const Pairs lower(x + width + 2 * j, n);
    const Vector none = zero();
    const Vector first = whereBeats(upper.odd, upper.even, upper.odd, upper.even);
    const Vector second = whereBeats(lower.even, first, lower.even, first);
    Vector left = loadUpTo(delta + j, n);
    const Vector lowerOdd = whereBeats(lower.odd, second, left, none);
    left = whereBeats(lower.odd, second, none, left);
    const Vector lowerEven = whereBeats(lower.even, first, left, none);
    left = whereBeats(lower.even, first, none, left);
    const Vector upperOdd = whereBeats(upper.odd, upper.even, left, none);
    const Vector upperEven = whereBeats(upper.odd, upper.even, none, left);
    storePairs(out + 2 * j, upperEven, upperOdd, n);
    storePairs(out + width + 2 * j, lowerEven, lowerOdd, n);
  });
  for (int64_t j = 2 * outWidth; j < width; j++) out[j] = out[width + j] = 0.0f;
}

inline void clearElements(float* out, int64_t size) {
  forEachVector(size, [=](int64_t i, int64_t n) { storeUpTo(out + i, zero(), n); });
}

CHAINRULE_KERNEL void maxPool(Pool s, const float* x, float* out) {
  if (s.isHalving()) {
    for (int64_t plane = 0; plane < s.planes; plane++, x += s.plane()) {
      for (int64_t y = 0; y < s.outHeight; y++, out += s.outWidth) maxPoolRow(x + 2 * y * s.width, s.width, out, s.outWidth);
    }
    return;
  }
  const auto many = [=](const float* own, int64_t row, int64_t column, int64_t n) {
    Vector largest = broadcast(-INFINITY);
    forEachOfWindow(s, row, column, [&](int64_t i) {
      const Vector next = sideBySide(own + i, s.strideX, n);
      largest = whereBeats(next, largest, next, largest);
    });
    return largest;
  };
  poolWindows(s, x, out, many, [=](const float* own, int64_t row, int64_t column) { return own[maximumOf(s, own, row, column)]; });
}

// The first window that has the element so far from the edge, padding included, and the one behind the last.
inline int64_t firstOver(int64_t at, int64_t kernel, int64_t stride) { return at < kernel ? 0 : (at - kernel) / stride + 1; }
inline int64_t endOver(int64_t at, int64_t stride, int64_t count) { return at / stride + 1 < count ? at / stride + 1 : count; }

// δ of elements that more windows share than a block has steps: each gathers its windows' in their order. add(window, i, sum) adds what
// element i has from a window.
template <typename Add>
inline void gatherWindows(const Pool& s, float* out, Add add) {
  for (int64_t y = 0; y < s.height; y++) {
    const int64_t first = firstOver(y + s.padTop, s.kernelHeight, s.strideY);
    const int64_t end = endOver(y + s.padTop, s.strideY, s.outHeight);
    for (int64_t x = 0; x < s.width; x++) {
      const int64_t endColumn = endOver(x + s.padLeft, s.strideX, s.outWidth);
      SumOfTerms sum;
      for (int64_t row = first; row < end; row++) {
        int64_t column = firstOver(x + s.padLeft, s.kernelWidth, s.strideX);
        for (; column < endColumn; column++) add(row * s.outWidth + column, y * s.width + x, sum);
      }
      out[y * s.width + x] = sum.total();
    }
  }
}

// δ of a plane whose elements many windows share. Where the windows have their maxima lies in the thread's scratch, as src/ops/pooling.ts
// says.
CHAINRULE_RARE void gatherMaxima(Pool s, const float* delta, const float* x, float* out) {
  float* const places = threadScratch();
  forEachMaximum(s, x, [=](int64_t window, int64_t place) { storeIndex(places, window, static_cast<int32_t>(place)); });
  gatherWindows(s, out, [=](int64_t window, int64_t i, SumOfTerms& sum) {
    if (loadIndex(places, window) == i) sum.add(delta[window]);
  });
}

// δ of a plane whose elements few windows share: they add theirs in their order.
CHAINRULE_KERNEL void scatterMaxima(Pool s, const float* delta, const float* x, float* out) {
  clearElements(out, s.plane());
  forEachMaximum(s, x, [=](int64_t window, int64_t place) { out[place] += delta[window]; });
}

// finish(sums, saved, columns, alpha), where there is one, completes elements that have all their δ's.
using FinishDelta = void (*)(float* sums, const float* saved, int64_t columns, float alpha);

inline void maxPoolGradient(const Pool& s, const float* delta, const float* x, float* out, FinishDelta finish, const float* saved,
                            float alpha) {
  for (int64_t plane = 0; plane < s.planes; plane++, x += s.plane(), out += s.plane()) {
    const int64_t offset = plane * s.plane();
    if (s.isHalving()) {
      for (int64_t y = 0; y < s.outHeight; y++, delta += s.outWidth) {
        const int64_t at = 2 * y * s.width;
        maxPoolRowGradient(delta, x + at, s.width, out + at, s.outWidth);
        if (finish) finish(out + at, saved + offset + at, 2 * s.width, alpha);
      }
      const int64_t covered = 2 * s.outHeight * s.width;
      clearElements(out + covered, s.plane() - covered);
      if (finish) finish(out + covered, saved + offset + covered, s.plane() - covered, alpha);
      continue;
    }
    if (s.overlapsFar()) {
      gatherMaxima(s, delta, x, out);
    } else {
      scatterMaxima(s, delta, x, out);
    }
    delta += s.windows();
    if (finish) finish(out, saved + offset, s.plane(), alpha);
  }
}

inline void maxPool2d(const MaxPool2dArguments& args) { maxPool(Pool{args.sizes}, args.x, args.out); }

inline void maxPool2dGradient(const MaxPool2dGradientArguments& args) {
  maxPoolGradient(Pool{args.sizes}, args.delta, args.x, args.out, nullptr, nullptr, 0.0f);
}

inline void maxPool2dPick(const MaxPool2dPickArguments& args) {
  const Pool s{args.sizes};
  for (int64_t plane = 0; plane < s.planes; plane++) {
    const float* const values = args.values + plane * s.plane();
    float* const out = args.out + plane * s.windows();
    forEachMaximum(s, args.x + plane * s.plane(), [=](int64_t window, int64_t place) { out[window] = values[place]; });
  }
}

template <typename F>
inline void maxPool2dDelta(const MaxPool2dDeltaArguments& args) {
  maxPoolGradient(Pool{args.sizes}, args.delta, args.x, args.out, multiplyByDerivative<F>, args.saved, static_cast<float>(args.alpha));
}

// A window's elements added row by row, then divided.
CHAINRULE_KERNEL void averagePool2d(const AveragePool2dArguments& args) {
  const Pool s{args.sizes};
  const float count = s.elements();
  const auto many = [=](const float* own, int64_t row, int64_t column, int64_t n) {
    SumOfVectors sum;
    forEachOfWindow(s, row, column, [&](int64_t i) { sum.add(sideBySide(own + i, s.strideX, n)); });
    return sum.total() / broadcast(count);
  };
  poolWindows(s, args.x, args.out, many, [=](const float* own, int64_t row, int64_t column) {
    SumOfTerms sum;
    forEachOfWindow(s, row, column, [&](int64_t i) { sum.add(own[i]); });
    return sum.total() / count;
  });
}

inline void averagePool2dGradient(const AveragePool2dGradientArguments& args) {
  const Pool s{args.sizes};
  const float* const delta = args.delta;
  const float count = s.elements();
  if (s.overlapsFar()) {
    for (int64_t plane = 0; plane < s.planes; plane++) {
      const float* const own = delta + plane * s.windows();
      gatherWindows(s, args.out + plane * s.plane(), [=](int64_t window, int64_t, SumOfTerms& sum) { sum.add(own[window] / count); });
    }
    return;
  }
  clearElements(args.out, s.planes * s.plane());
  forEachWindow(s, [&](int64_t plane, int64_t window, int64_t row, int64_t column) {
    float* const own = args.out + plane * s.plane();
    const float part = delta[window] / count;
    forEachOfWindow(s, row, column, [&](int64_t i) { own[i] += part; });
  });
}

}  // namespace CHAINRULE_ISA
}  // namespace chainrule
