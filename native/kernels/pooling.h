// The largest and the mean of each window of an image, plane by plane.
#pragma once

#include <math.h>
#include <stdint.h>

#include "../workspace.h"
#include "functions.h"
#include "indices.h"
#include "loops.h"
#include "matmul.h"
#include "sums.h"

namespace chainrule {
namespace CHAINRULE_ISA {

// `planes` of height × width and their windows; every window has an element of the plane in it.
struct Pool {
  int64_t planes;
  int64_t height;
  int64_t width;
  int64_t outHeight;
  int64_t outWidth;
  int64_t kernelHeight;
  int64_t kernelWidth;
  int64_t strideY;
  int64_t strideX;
  int64_t padTop;
  int64_t padLeft;

  int64_t plane() const { return height * width; }
  int64_t windows() const { return outHeight * outWidth; }
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

inline void maxPool(const Pool& s, const float* x, float* out) {
  if (s.isHalving()) {
    for (int64_t plane = 0; plane < s.planes; plane++, x += s.plane()) {
      for (int64_t y = 0; y < s.outHeight; y++, out += s.outWidth) maxPoolRow(x + 2 * y * s.width, s.width, out, s.outWidth);
    }
    return;
  }
  forEachWindow(s, [&](int64_t plane, int64_t window, int64_t row, int64_t column) {
    const float* const own = x + plane * s.plane();
    out[window] = own[maximumOf(s, own, row, column)];
  });
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
inline void gatherMaxima(const Pool& s, const float* delta, const float* x, float* out) {
  float* const places = threadScratch();
  for (int64_t y = 0; y < s.outHeight; y++) {
    for (int64_t column = 0; column < s.outWidth; column++) {
      storeIndex(places, y * s.outWidth + column, static_cast<int32_t>(maximumOf(s, x, y, column)));
    }
  }
  gatherWindows(s, out, [=](int64_t window, int64_t i, SumOfTerms& sum) {
    if (loadIndex(places, window) == i) sum.add(delta[window]);
  });
}

// δ of a plane whose elements few windows share: they add theirs in their order.
inline void scatterMaxima(const Pool& s, const float* delta, const float* x, float* out) {
  clearElements(out, s.plane());
  for (int64_t y = 0; y < s.outHeight; y++) {
    for (int64_t column = 0; column < s.outWidth; column++) out[maximumOf(s, x, y, column)] += *delta++;
  }
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

inline void maxPool2d(const float* x, float* out, int64_t planes, int64_t height, int64_t width, int64_t outHeight, int64_t outWidth,
                      int64_t kernelHeight, int64_t kernelWidth, int64_t strideY, int64_t strideX, int64_t padTop, int64_t padLeft) {
  maxPool({planes, height, width, outHeight, outWidth, kernelHeight, kernelWidth, strideY, strideX, padTop, padLeft}, x, out);
}

inline void maxPool2dGradient(const float* delta, const float* x, float* out, int64_t planes, int64_t height, int64_t width,
                              int64_t outHeight, int64_t outWidth, int64_t kernelHeight, int64_t kernelWidth, int64_t strideY,
                              int64_t strideX, int64_t padTop, int64_t padLeft) {
  maxPoolGradient({planes, height, width, outHeight, outWidth, kernelHeight, kernelWidth, strideY, strideX, padTop, padLeft}, delta, x,
                  out, nullptr, nullptr, 0.0f);
}

inline void maxPool2dPick(const float* values, const float* x, float* out, int64_t planes, int64_t height, int64_t width,
                          int64_t outHeight, int64_t outWidth, int64_t kernelHeight, int64_t kernelWidth, int64_t strideY,
                          int64_t strideX, int64_t padTop, int64_t padLeft) {
  const Pool s = {planes, height, width, outHeight, outWidth, kernelHeight, kernelWidth, strideY, strideX, padTop, padLeft};
  forEachWindow(s, [&](int64_t plane, int64_t window, int64_t row, int64_t column) {
    const int64_t offset = plane * s.plane();
    out[window] = values[offset + maximumOf(s, x + offset, row, column)];
  });
}

template <typename F>
inline void maxPool2dDelta(const float* delta, const float* x, const float* saved, float* out, int64_t planes, int64_t height,
                           int64_t width, int64_t outHeight, int64_t outWidth, int64_t kernelHeight, int64_t kernelWidth,
                           int64_t strideY, int64_t strideX, int64_t padTop, int64_t padLeft, float alpha) {
  maxPoolGradient({planes, height, width, outHeight, outWidth, kernelHeight, kernelWidth, strideY, strideX, padTop, padLeft}, delta, x,
                  out, multiplyByDerivative<F>, saved, alpha);
}

// A window's elements added row by row, then divided.
inline void averagePool2d(const float* x, float* out, int64_t planes, int64_t height, int64_t width, int64_t outHeight,
                          int64_t outWidth, int64_t kernelHeight, int64_t kernelWidth, int64_t strideY, int64_t strideX,
                          int64_t padTop, int64_t padLeft) {
  const Pool s = {planes, height, width, outHeight, outWidth, kernelHeight, kernelWidth, strideY, strideX, padTop, padLeft};
  const float count = static_cast<float>(kernelHeight * kernelWidth);
  forEachWindow(s, [&](int64_t plane, int64_t window, int64_t row, int64_t column) {
    const float* const own = x + plane * s.plane();
    SumOfTerms sum;
    forEachOfWindow(s, row, column, [&](int64_t i) { sum.add(own[i]); });
    out[window] = sum.total() / count;
  });
}

inline void averagePool2dGradient(const float* delta, float* out, int64_t planes, int64_t height, int64_t width, int64_t outHeight,
                                  int64_t outWidth, int64_t kernelHeight, int64_t kernelWidth, int64_t strideY, int64_t strideX,
                                  int64_t padTop, int64_t padLeft) {
  const Pool s = {planes, height, width, outHeight, outWidth, kernelHeight, kernelWidth, strideY, strideX, padTop, padLeft};
  const float count = static_cast<float>(kernelHeight * kernelWidth);
  if (s.overlapsFar()) {
    for (int64_t plane = 0; plane < planes; plane++, delta += s.windows(), out += s.plane()) {
      gatherWindows(s, out, [=](int64_t window, int64_t, SumOfTerms& sum) { sum.add(delta[window] / count); });
    }
    return;
  }
  clearElements(out, planes * s.plane());
  forEachWindow(s, [&](int64_t plane, int64_t window, int64_t row, int64_t column) {
    float* const own = out + plane * s.plane();
    const float part = delta[window] / count;
    forEachOfWindow(s, row, column, [&](int64_t i) { own[i] += part; });
  });
}

}  // namespace CHAINRULE_ISA
}  // namespace chainrule
