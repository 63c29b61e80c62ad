// Normalisation over the batch, channel by channel. The elements are runs of neighbours, one for each sample and channel. What a channel
// sums up is told of each run first, then of its runs, one after the other; so threads take samples, like the layers before and after, and
// give the same bits however many they are. A channel's variance is the mean of its runs' variances and the variance of their means.
#pragma once

#include <stdint.h>

#include "../generated/arguments.h"
#include "../isa.h"
#include "../sizes.h"
#include "../workspace.h"
#include "moments.h"
#include "normalization_rows.h"
#include "sums.h"
#include "vector_math.h"

namespace chainrule {
namespace CHAINRULE_ISA {

// What a thread has of elements seen as [samples, channels, inner]: all channels of some samples, or all samples of some channels.
struct BatchPart {
  int64_t allSamples;
  int64_t allChannels;
  int64_t inner;
  Range samples;
  Range channels;

  // Others have the other samples: what is told of runs lies in shared memory.
  bool isTogether() const { return samples.count < allSamples; }
  // The first of them says what was found of the channels.
  bool reports() const { return !isTogether() || leadsOthers(); }
  int64_t runs() const { return allSamples * allChannels; }
  int64_t startOf(int64_t run) const { return run * inner; }
  float size() const { return static_cast<float>(allSamples * inner); }
};

// Of channels that one thread has with all samples, as many at a time as lie in an L2 cache until they are read again.
inline int64_t channelsAtATime(const BatchPart& s) {
  constexpr int64_t CACHED = 65536;
  return s.isTogether() ? greatest(s.channels.count, 1) : greatest(CACHED / greatest(s.allSamples * s.inner, 1), 1);
}

// Calls body(part) for the channels that are taken together.
template <typename Body>
inline void forEachBlock(const BatchPart& s, Body body) {
  const int64_t most = channelsAtATime(s);
  const int64_t end = s.channels.first + s.channels.count;
  for (int64_t c = s.channels.first; c < end; c += most) {
    BatchPart block = s;
    block.channels = {c, least(most, end - c)};
    body(block);
  }
}

// Calls body(run, channel) for all of the part's runs, which are numbered as they lie.
template <typename Body>
inline void forEachRun(const BatchPart& s, Body body) {
  const int64_t end = s.channels.first + s.channels.count;
  for (int64_t o = s.samples.first; o < s.samples.first + s.samples.count; o++) {
    for (int64_t c = s.channels.first; c < end; c++) body(o * s.allChannels + c, c);
  }
}

// The last first: after a walk over all of them they are what a cache still has.
template <typename Body>
inline void forEachRunBack(const BatchPart& s, Body body) {
  for (int64_t o = s.samples.first + s.samples.count - 1; o >= s.samples.first; o--) {
    for (int64_t c = s.channels.first + s.channels.count - 1; c >= s.channels.first; c--) body(o * s.allChannels + c, c);
  }
}

// Calls body(c, n) for vectors of neighbouring channels.
template <typename Body>
inline void forEachChannel(const BatchPart& s, Body body) {
  forEachVector(s.channels.count, [&](int64_t i, int64_t n) { body(s.channels.first + i, n); });
}

// Two numbers of each run; then some of each channel, the thread's own.
struct RunTable {
  float* first;
  float* second;
  float* ofChannels;

  explicit RunTable(const BatchPart& s)
      : first(s.isTogether() ? sharedScratch() : threadScratch()), second(first + s.runs()), ofChannels(threadScratch() + 2 * s.runs()) {}
};

// COUNT sums down the samples, for neighbouring channels: add(at, sums) adds a vector of those at `at` in a table of [samples, channels].
template <int COUNT, typename Add>
inline void sumSamples(const BatchPart& s, int64_t channel, Vector sums[COUNT], Add add) {
  sumSteps<COUNT>(s.allSamples, sums, [=](int64_t o, Vector* own) { add(channel + o * s.allChannels, own); });
}

// The moments of n neighbouring columns of x, [samples, channels]: what rounding left in a mean is told by the walk that the variances take.
inline void momentsOfColumns(const float* x, const BatchPart& s, int64_t c, int64_t n, Vector& mean, Vector& variance) {
  const Vector size = broadcast(static_cast<float>(s.allSamples));
  Vector sums[2];
  sumSamples<1>(s, c, sums, [=](int64_t i, Vector* sum) { sum[0] = sum[0] + loadUpTo(x + i, n); });
  const Vector about = sums[0] / size;
  sumSamples<2>(s, c, sums, [=](int64_t i, Vector* own) {
    const Vector deviation = loadUpTo(x + i, n) - about;
    own[0] = own[0] + deviation;
    own[1] = own[1] + deviation * deviation;
  });
  const Vector rest = sums[0] / size;
  mean = about + rest;
  variance = math::correctedVariance(sums[1] / size, rest);
}

// The moments of n channels from those of their runs.
inline void momentsOfRuns(const RunTable& runs, const BatchPart& s, int64_t c, int64_t n, Vector& mean, Vector& variance) {
  momentsOfColumns(runs.first, s, c, n, mean, variance);
  const float* within = runs.second;
  Vector sum[1];
  sumSamples<1>(s, c, sum, [=](int64_t i, Vector* own) { own[0] = own[0] + loadUpTo(within + i, n); });
  variance = variance + sum[0] / broadcast(static_cast<float>(s.allSamples));
}

inline void batchNormRuns(const BatchNormArguments& p, const BatchPart& s) {
  const RunTable runs(s);
  const float* const x = p.x;
  float* const out = p.out;
  float* const means = runs.ofChannels;
  float* const scales = means + s.allChannels;
  forEachRun(s, [&](int64_t run, int64_t) {
    const Moments of = momentsOfRow(x + s.startOf(run), s.inner, true);
    runs.first[run] = of.mean;
    runs.second[run] = of.variance;
  });
  if (s.isTogether()) meetOthers();
  forEachChannel(s, [&](int64_t c, int64_t n) {
    Vector mean, variance;
    momentsOfRuns(runs, s, c, n, mean, variance);
    storeUpTo(means + c, mean, n);
    storeUpTo(scales + c, loadUpTo(p.weight + c, n) * reciprocalDeviation(variance, p.epsilon), n);
    if (!s.reports()) return;
    storeUpTo(p.mean + c, mean, n);
    storeUpTo(p.variance + c, variance, n);
  });
  forEachRunBack(s, [&](int64_t run, int64_t c) {
    const Vector mean = broadcast(means[c]);
    const Vector scale = broadcast(scales[c]);
    const Vector bias = broadcast(p.bias[c]);
    const float* const from = x + s.startOf(run);
    float* const to = out + s.startOf(run);
    forEachVector(s.inner,
                  [=](int64_t i, int64_t n) { storeUpTo(to + i, math::standardized(loadUpTo(from + i, n), mean, scale) + bias, n); });
  });
}

// Runs of one element are their own means.
inline void batchNormColumns(const BatchNormArguments& p, const BatchPart& s, int64_t c, int64_t n) {
  const float* x = p.x;
  float* out = p.out;
  Vector mean, variance;
  momentsOfColumns(x, s, c, n, mean, variance);
  const Vector scale = loadUpTo(p.weight + c, n) * reciprocalDeviation(variance, p.epsilon);
  const Vector bias = loadUpTo(p.bias + c, n);
  for (int64_t o = 0, i = c; o < s.allSamples; o++, i += s.allChannels) {
    storeUpTo(out + i, math::standardized(loadUpTo(x + i, n), mean, scale) + bias, n);
  }
  storeUpTo(p.mean + c, mean, n);
  storeUpTo(p.variance + c, variance, n);
}

CHAINRULE_KERNEL void batchNorm(Range samples, Range channels, const BatchNormArguments& args) {
  const BatchPart part = {args.outer, args.channels, args.inner, samples, channels};
  if (args.inner == 1) {
    forEachChannel(part, [&](int64_t c, int64_t n) { batchNormColumns(args, part, c, n); });
  } else {
    forEachBlock(part, [&](const BatchPart& block) { batchNormRuns(args, block); });
  }
}

// Of n channels: Σ δ and Σ δ⊙x̂ over the batch, and what the δ of their elements are made of.
struct ChannelDelta {
  Vector mean;
  Vector scale;
  Vector constant;
  Vector slope;
  Vector factor;

  Vector operator()(Vector delta, Vector x) const { return math::standardizedDelta(delta, x, mean, scale, constant, slope, factor); }
};

inline ChannelDelta channelDeltaOf(const BatchNormGradientArguments& p, const BatchPart& s, int64_t c, int64_t n, const Vector sums[2]) {
  const Vector size = broadcast(s.size());
  const Vector scale = reciprocalDeviation(loadUpTo(p.variance + c, n), p.epsilon);
  return {loadUpTo(p.mean + c, n), scale, sums[0] / size, sums[1] / size, loadUpTo(p.weight + c, n) * scale};
}

inline void reportSums(const BatchNormGradientArguments& p, const BatchPart& s, int64_t c, int64_t n, const Vector sums[2]) {
  if (!s.reports()) return;
  storeUpTo(p.ofBias + c, sums[0], n);
  storeUpTo(p.ofWeight + c, sums[1], n);
}

inline void batchNormGradientRuns(const BatchNormGradientArguments& p, const BatchPart& s) {
  const RunTable runs(s);
  const float* const delta = p.delta;
  const float* const x = p.x;
  float* const ofX = p.ofX;
  float* const scales = runs.ofChannels;
  float* const constants = scales + s.allChannels;
  float* const slopes = constants + s.allChannels;
  float* const factors = slopes + s.allChannels;
  forEachChannel(s, [&](int64_t c, int64_t n) { storeUpTo(scales + c, reciprocalDeviation(loadUpTo(p.variance + c, n), p.epsilon), n); });
  forEachRun(s, [&](int64_t run, int64_t c) {
    const Vector mean = broadcast(p.mean[c]);
    const Vector scale = broadcast(scales[c]);
    const float* const from = x + s.startOf(run);
    const float* const deltas = delta + s.startOf(run);
    float sums[2];
    sumRun<2>(s.inner, sums, [=](int64_t i, int64_t n, Vector* own) {
      const Vector d = loadUpTo(deltas + i, n);
      own[0] = own[0] + d;
      own[1] = own[1] + keepUpTo(d * math::standardized(loadUpTo(from + i, n), mean, scale), n, zero());
    });
    runs.first[run] = sums[0];
    runs.second[run] = sums[1];
  });
  if (s.isTogether()) meetOthers();
  forEachChannel(s, [&](int64_t c, int64_t n) {
    Vector sums[2];
    sumSamples<2>(s, c, sums, [&](int64_t i, Vector* own) {
      own[0] = own[0] + loadUpTo(runs.first + i, n);
      own[1] = own[1] + loadUpTo(runs.second + i, n);
    });
    const ChannelDelta of = channelDeltaOf(p, s, c, n, sums);
    storeUpTo(constants + c, of.constant, n);
    storeUpTo(slopes + c, of.slope, n);
    storeUpTo(factors + c, of.factor, n);
    reportSums(p, s, c, n, sums);
  });
  forEachRunBack(s, [&](int64_t run, int64_t c) {
    const ChannelDelta of = {broadcast(p.mean[c]), broadcast(scales[c]), broadcast(constants[c]), broadcast(slopes[c]),
                             broadcast(factors[c])};
    const int64_t at = s.startOf(run);
    forEachVector(s.inner,
                  [=](int64_t i, int64_t n) { storeUpTo(ofX + at + i, of(loadUpTo(delta + at + i, n), loadUpTo(x + at + i, n)), n); });
  });
}

// Runs of one element.
inline void batchNormGradientColumns(const BatchNormGradientArguments& p, const BatchPart& s, int64_t c, int64_t n) {
  const float* delta = p.delta;
  const float* x = p.x;
  float* ofX = p.ofX;
  const Vector mean = loadUpTo(p.mean + c, n);
  const Vector scale = reciprocalDeviation(loadUpTo(p.variance + c, n), p.epsilon);
  Vector sums[2];
  sumSamples<2>(s, c, sums, [=](int64_t i, Vector* own) {
    const Vector d = loadUpTo(delta + i, n);
    own[0] = own[0] + d;
    own[1] = own[1] + d * math::standardized(loadUpTo(x + i, n), mean, scale);
  });
  const ChannelDelta of = channelDeltaOf(p, s, c, n, sums);
  for (int64_t o = 0, i = c; o < s.allSamples; o++, i += s.allChannels) {
    storeUpTo(ofX + i, of(loadUpTo(delta + i, n), loadUpTo(x + i, n)), n);
  }
  reportSums(p, s, c, n, sums);
}

CHAINRULE_KERNEL void batchNormGradient(Range samples, Range channels, const BatchNormGradientArguments& args) {
  const BatchPart part = {args.outer, args.channels, args.inner, samples, channels};
  if (args.inner == 1) {
    forEachChannel(part, [&](int64_t c, int64_t n) { batchNormGradientColumns(args, part, c, n); });
  } else {
    forEachBlock(part, [&](const BatchPart& block) { batchNormGradientRuns(args, block); });
  }
}

}  // namespace CHAINRULE_ISA
}  // namespace chainrule
