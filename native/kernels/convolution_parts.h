// The gradient of a convolution's weight in parts of the samples, whose sums are added by pairs, pairs by pairs and so on. It depends on nothing but the sizes:
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

// Where the sums of the parts lie: those of the first part in the result. `spans` says of each part's filters over how many parts their sums
// run already, 1 or a power of two.
struct PartSums {
  int64_t parts;
  int64_t filters;
  int64_t taps;
  float* out;
  float* others;
  float* spans;

  float* sums(int64_t part, int64_t filter) const { return (part == 0 ? out : others + (part - 1) * filters * taps) + filter * taps; }
  float& span(int64_t part, int64_t filter) const { return spans[part * filters + filter]; }
};

CHAINRULE_KERNEL void addRun(const float* from, int64_t count, float* to) {
  forEachVector(count, [=](int64_t i, int64_t n) { storeUpTo(to + i, loadUpTo(to + i, n) + loadUpTo(from + i, n), n); });
}

// Adds the sums of parts by pairs, pairs by pairs and so on, for filters whose parts has(first, end, filter) are there.
template <typename Has>
inline void addPairs(const PartSums& s, Range filters, Has has) {
  const int64_t end = filters.first + filters.count;
  for (int64_t size = 2; size <= s.parts; size *= 2) {
    for (int64_t part = 0; part < s.parts; part += size) {
      const auto adds = [&](int64_t filter) { return has(part, part + size, filter) && s.span(part, filter) < static_cast<float>(size); };
      for (int64_t first = filters.first; first < end; first++) {
        int64_t filter = first;
        for (; filter < end && adds(filter); filter++) s.span(part, filter) = static_cast<float>(size);
        if (filter > first) addRun(s.sums(part + size / 2, first), (filter - first) * s.taps, s.sums(part, first));
        first = filter;
      }
    }
  }
}

// Calls gradient(part, filters) for what falls to this thread, and writes the sums of its filters. Of all parts' filters, one part's after
// the other's, a thread takes as large a range as `filters` is of all filters: with as many threads as parts each takes whole parts. It adds
// up what it has before it meets the others, so that little passes from core to core.
template <typename Gradient>
inline void inParts(const WeightGradient& s, Range filters, Gradient gradient) {
  const int64_t parts = weightParts(s);
  const bool isTogether = filters.count < s.filters;
  float* const others = parts == 1 ? nullptr : isTogether ? sharedScratch() : threadScratch();
  const PartSums sums = {parts, s.filters, s.channels * s.window(), s.out, others, others + (parts - 1) * s.size()};
  const int64_t begin = filters.first * parts;
  const int64_t end = begin + filters.count * parts;
  for (int64_t part = 0; part < parts; part++) {
    const int64_t from = greatest(begin - part * s.filters, 0);
    const int64_t to = least(end - part * s.filters, s.filters);
    if (from >= to) continue;
    gradient(weightPartOf(s, part, parts, sums.sums(part, 0)), {from, to - from});
    for (int64_t filter = from; parts > 1 && filter < to; filter++) sums.span(part, filter) = 1.0f;
  }
  if (parts == 1) return;
  if (isTogether) {
    addPairs(sums, {0, s.filters}, [=](int64_t first, int64_t last, int64_t filter) {
      return first * s.filters + filter >= begin && (last - 1) * s.filters + filter < end;
    });
    meetOthers();
  }
  addPairs(sums, filters, [](int64_t, int64_t, int64_t) { return true; });
}

}  // namespace CHAINRULE_ISA
}  // namespace chainrule
