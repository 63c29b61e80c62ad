// The gradient of a convolution's weight in parts of the samples, whose sums are added in their order. It depends on nothing but the sizes:
// neither the number of threads nor the share of one may change a result.
#pragma once

#include <stdint.h>

#include "../sizes.h"
#include "../workspace.h"
#include "convolution_weight.h"
#include "loops.h"

namespace chainrule {
namespace CHAINRULE_ISA {

// As `weightParts` of src/ops/convolution.ts, which says why.
inline int64_t weightParts(const WeightGradient& s) {
  const auto fits = [&](int64_t parts) {
    return parts <= s.samples && (parts - 1) * s.size() <= WEIGHT_SUMS && parts * WEIGHT_LEAST_POSITIONS <= s.samples * s.positions();
  };
  int64_t parts = WEIGHT_MOST_PARTS;
  while (parts > 1 && !fits(parts)) parts /= 2;
  return parts;
}

// The gradient of one part of the samples.
inline WeightGradient weightPartOf(const WeightGradient& s, int64_t part, int64_t parts, float* out) {
  const int64_t first = s.samples * part / parts;
  WeightGradient own = s;
  own.samples = s.samples * (part + 1) / parts - first;
  own.image += first * s.groups * s.channels * s.plane();
  own.delta += first * s.filters * s.positions();
  own.out = out;
  return own;
}

// out + the sums of the further parts, for `count` elements; these sums lie `distance` apart.
CHAINRULE_KERNEL void addParts(const float* sums, int64_t more, int64_t distance, int64_t count, float* out) {
  forEachVector(count, [=](int64_t i, int64_t n) {
    Vector total = loadUpTo(out + i, n);
    for (int64_t part = 0; part < more; part++) total = total + loadUpTo(sums + part * distance + i, n);
    storeUpTo(out + i, total, n);
  });
}

// Calls gradient(part, filters) for what falls to this thread, and writes the sums of its filters. Of all parts' filters, one part's after
// the other's, a thread takes as large a range as `filters` is of all filters: with as many threads as parts each takes whole parts.
template <typename Gradient>
inline void inParts(const WeightGradient& s, Range filters, Gradient gradient) {
  const int64_t parts = weightParts(s);
  const bool isTogether = filters.count < s.filters;
  // The first part's sums are written to out.
  float* const sums = parts == 1 ? nullptr : isTogether ? sharedScratch() : threadScratch();
  for (int64_t part = 0; part < parts; part++) {
    const int64_t from = greatest(filters.first * parts - part * s.filters, 0);
    const int64_t to = least((filters.first + filters.count) * parts - part * s.filters, s.filters);
    if (from >= to) continue;
    gradient(weightPartOf(s, part, parts, part == 0 ? s.out : sums + (part - 1) * s.size()), {from, to - from});
  }
  if (parts == 1) return;
  if (isTogether) meetOthers();
  const int64_t taps = s.channels * s.window();
  addParts(sums + filters.first * taps, parts - 1, s.size(), filters.count * taps, s.out + filters.first * taps);
}

}  // namespace CHAINRULE_ISA
}  // namespace chainrule
