// The largest and the mean of each window of an image, plane by plane.
#pragma once

#include <math.h>
#include <stdint.h>

#include "../generated/arguments.h"
#include "../generated/functions.h"
#include "../workspace.h"
#include "loops.h"
#include "matmul.h"
#include "pooling_gather.h"
#include "pooling_halving.h"
#include "pooling_maxima.h"
#include "pooling_rows.h"
#include "pooling_windows.h"
#include "sums.h"

namespace chainrule {
namespace CHAINRULE_ISA {

CHAINRULE_KERNEL void largestOfHalves(const Pool& s, const float* x, float* out) {
  for (int64_t y = 0; y < s.outHeight; y++) maxPoolRow(x + 2 * y * s.width, s.width, out + y * s.outWidth, s.outWidth);
}

inline void maxPool2d(const MaxPool2dArguments& args) {
  const Pool s{args.sizes};
  if (s.isHalving()) {
    for (int64_t plane = 0; plane < s.planes; plane++) largestOfHalves(s, args.x + plane * s.plane(), args.out + plane * s.windows());
    return;
  }
  Largest largest(s, threadScratch());
  for (int64_t plane = 0; plane < s.planes; plane++) largest.find(s, args.x + plane * s.plane(), args.out + plane * s.windows());
}

// finish(sums, saved, columns, alpha), where there is one, completes elements that have all their δ's.
using FinishDelta = void (*)(float* sums, const float* saved, int64_t columns, float alpha);

struct PoolFinish {
  FinishDelta finish;
  const float* saved;
  float alpha;

  // Completes `size` elements of out, which lie so far into the image.
  void complete(float* out, int64_t at, int64_t size) const {
    if (finish) finish(out, saved + at, size, alpha);
  }
};

inline void halvingGradient(const Pool& s, const float* delta, const float* x, float* out, PoolFinish finish) {
  for (int64_t plane = 0; plane < s.planes; plane++) {
    const int64_t from = plane * s.plane();
    int64_t at = from;
    for (int64_t y = 0; y < s.outHeight; y++, delta += s.outWidth, at += 2 * s.width) {
      maxPoolRowGradient(delta, x + at, s.width, out + at, s.outWidth);
      finish.complete(out + at, at, 2 * s.width);
    }
    const int64_t rest = from + s.plane() - at;
    fillElements(out + at, rest, 0.0f);
    finish.complete(out + at, at, rest);
  }
}

CHAINRULE_KERNEL void gatherMaxima(const Pool& any, const Maxima& maxima, float* out) {
  withConstants(any, [=, &maxima](const Pool& s) {
    gatherPlane(s, out, [=, &maxima](int64_t element) {
      const Vector elements = maxima.elementsFrom(element);
      return [=, &maxima](int64_t at) { return maxima.deltaOf(at, elements); };
    });
  });
}

inline void maxPoolGradient(const Pool& s, const float* delta, const float* x, float* out, PoolFinish finish) {
  if (s.isHalving()) return halvingGradient(s, delta, x, out, finish);
  Maxima maxima(s, threadScratch());
  for (int64_t plane = 0; plane < s.planes; plane++) {
    const int64_t at = plane * s.plane();
    maxima.find(x + at);
    maxima.takeDelta(delta + plane * s.windows());
    gatherMaxima(s, maxima, out + at);
    finish.complete(out + at, at, s.plane());
  }
}

inline void maxPool2dGradient(const MaxPool2dGradientArguments& args) {
  maxPoolGradient(Pool{args.sizes}, args.delta, args.x, args.out, PoolFinish{nullptr, nullptr, 0.0f});
}

template <typename F>
inline void maxPool2dDelta(const MaxPool2dDeltaArguments& args) {
  const PoolFinish finish = {multiplyByDerivative<F>, args.saved, static_cast<float>(args.alpha)};
  maxPoolGradient(Pool{args.sizes}, args.delta, args.x, args.out, finish);
}

inline void maxPool2dPick(const MaxPool2dPickArguments& args) {
  const Pool s{args.sizes};
  Maxima maxima(s, threadScratch());
  float* out = args.out;
  for (int64_t plane = 0; plane < s.planes; plane++) {
    const float* const values = args.values + plane * s.plane();
    maxima.find(args.x + plane * s.plane());
    for (int64_t y = 0; y < s.outHeight; y++) {
      for (int64_t x = 0; x < s.outWidth; x++) *out++ = values[maxima.placeOf(y, x)];
    }
  }
}

// The means of a plane's windows: a window's elements added row by row, then divided. Elements to the left and right of the plane are steps of
// the sum too. `kept` has room for the rows that are kept.
template <typename Sum>
inline void meansIn(const Pool& s, const float* x, float* kept, float* out) {
  const Vector count = broadcast(static_cast<float>(s.elements()));
  const int64_t pitch = s.splitPitch();
  KeptRows rows(s);
  for (int64_t y = 0; y < s.outHeight; y++, out += s.outWidth) {
    rows.moveTo(s.top(y), s.bottom(y), [&](int64_t row, int64_t end) {
      for (; row < end; row++) splitRow(s, x + row * s.width, kept + rows.placeOf(row) * pitch);
    });
    forEachVector(s.outWidth, [&](int64_t i, int64_t n) {
      Sum sum;
      rows.forEach([&](int64_t place) { forEachColumn(s, kept + place * pitch + i, [&](const float* from) { sum.add(load(from)); }); });
      storeUpTo(out + i, sum.total() / count, n);
    });
  }
}

CHAINRULE_KERNEL void meansOfPlane(const Pool& any, const float* x, float* kept, float* out) {
  if (any.elements() > BLOCK_STEPS) return meansIn<SumOfVectors>(any, x, kept, out);
  withConstants(any, [=](const Pool& s) { meansIn<SumOfFew>(s, x, kept, out); });
}

inline void averagePool2d(const AveragePool2dArguments& args) {
  const Pool s{args.sizes};
  float* const kept = threadScratch();
  fillElements(kept, s.keptRows() * s.splitPitch(), 0.0f);
  for (int64_t plane = 0; plane < s.planes; plane++) meansOfPlane(s, args.x + plane * s.plane(), kept, args.out + plane * s.windows());
}

CHAINRULE_KERNEL void gatherMeans(const Pool& any, const float* parts, float* out) {
  withConstants(any, [=](const Pool& s) { gatherPlane(s, out, [=](int64_t) { return [=](int64_t at) { return load(parts + at); }; }); });
}

inline void averagePool2dGradient(const AveragePool2dGradientArguments& args) {
  const Pool s{args.sizes};
  const Vector count = broadcast(static_cast<float>(s.elements()));
  float* const parts = threadScratch();
  fillElements(parts, s.outHeight * s.windowPitch(), 0.0f);
  const float* delta = args.delta;
  for (int64_t plane = 0; plane < s.planes; plane++) {
    for (int64_t y = 0; y < s.outHeight; y++, delta += s.outWidth) {
      float* const to = parts + y * s.windowPitch() + s.behind(s.kernelWidth - 1);
      forEachVector(s.outWidth, [=](int64_t i, int64_t n) { storeUpTo(to + i, loadUpTo(delta + i, n) / count, n); });
    }
    gatherMeans(s, parts, args.out + plane * s.plane());
  }
}

}  // namespace CHAINRULE_ISA
}  // namespace chainrule
