// The largest of windows of two by two elements, side by side.
#pragma once

#include <stdint.h>

#include "loops.h"
#include "pairs.h"

namespace chainrule {
namespace CHAINRULE_ISA {

// The larger of the two: the first of equal ones, and any NaN over what came before it.
inline Vector largerOf(Vector largest, Vector x) { return select(equal(x, x), atLeast(largest, x), x); }
// chosen in the lanes where x takes the place of the largest element so far, otherwise elsewhere.
inline Vector whereBeats(Vector x, Vector largest, Vector chosen, Vector otherwise) {
  return select(equal(x, x), select(less(largest, x), chosen, otherwise), chosen);
}

CHAINRULE_KERNEL void maxPoolRow(const float* x, int64_t width, float* out, int64_t outWidth) {
  forEachVector(outWidth, [=](int64_t j, int64_t n) {
    const Pairs upper(x + 2 * j, 2 * n);
    const Pairs lower(x + width + 2 * j, 2 * n);
    const Vector first = largerOf(upper.even, upper.odd);
    storeUpTo(out + j, largerOf(largerOf(first, lower.even), lower.odd), n);
  });
}

// Each δ goes to the one of its four elements that came out largest.
CHAINRULE_KERNEL void maxPoolRowGradient(const float* delta, const float* x, int64_t width, float* out, int64_t outWidth) {
  forEachVector(outWidth, [=](int64_t j, int64_t n) {
    const Pairs upper(x + 2 * j, 2 * n);
    const Pairs lower(x + width + 2 * j, 2 * n);
    const Vector none = zero();
    const Vector first = largerOf(upper.even, upper.odd);
    const Vector second = largerOf(first, lower.even);
    Vector left = loadUpTo(delta + j, n);
    const Vector lowerOdd = whereBeats(lower.odd, second, left, none);
    left = whereBeats(lower.odd, second, none, left);
    const Vector lowerEven = whereBeats(lower.even, first, left, none);
    left = whereBeats(lower.even, first, none, left);
    const Vector upperOdd = whereBeats(upper.odd, upper.even, left, none);
    const Vector upperEven = whereBeats(upper.odd, upper.even, none, left);
    storePairs(out + 2 * j, upperEven, upperOdd, 2 * n);
    storePairs(out + width + 2 * j, lowerEven, lowerOdd, 2 * n);
  });
  for (int64_t j = 2 * outWidth; j < width; j++) out[j] = out[width + j] = 0.0f;
}

}  // namespace CHAINRULE_ISA
}  // namespace chainrule
