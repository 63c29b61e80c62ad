// Normalisation over the batch, channel by channel, and over the elements of each row. Variances take a second walk over the
// elements, which by then often lie in a cache; it also tells what rounding left in the mean.
#pragma once

#include <math.h>
#include <stdint.h>

#include "../generated/arguments.h"
#include "../isa.h"
#include "../sizes.h"
#include "sums.h"
#include "vector_math.h"

namespace chainrule {
namespace CHAINRULE_ISA {

inline Vector reciprocalDeviation(Vector variance, double epsilon) {
  return math::reciprocalDeviation(variance, broadcast(static_cast<float>(epsilon)));
}
inline float reciprocalDeviationOf(float variance, double epsilon) { return first(reciprocalDeviation(broadcast(variance), epsilon)); }

struct Moments {
  float mean;
  float variance;
};

// Of `size` elements: sum(term) adds up term(x) of them, x being a vector. The mean is one as far as a sum of floats tells; where it is
// far from 0, the mean of the deviations from it tells the rest (Chan, Golub & LeVeque 1983). So equal elements lie on their mean.
template <typename Sum>
inline Moments momentsOf(float size, bool centred, Sum sum) {
  const float mean = centred ? sum([](Vector x) { return x; }) / size : 0.0f;
  const Vector m = broadcast(mean);
  const float variance = sum([=](Vector x) { return math::squaredDeviation(x, m); }) / size;
  if (!(mean * mean > FAR * FAR * variance)) return {mean, variance};
  const float rest = sum([=](Vector x) { return x - m; }) / size;
  return {mean + rest, first(math::correctedVariance(broadcast(variance), broadcast(rest)))};
}

// Elements seen as [outer, channels, inner].
struct Channels {
  int64_t outer;
  int64_t channels;
  int64_t inner;

  int64_t stride() const { return channels * inner; }
  float size() const { return static_cast<float>(outer * inner); }
};

// COUNT sums over the elements of a channel: add(at, n, sums) adds the terms of n elements from number `at` on.
template <int COUNT, typename Add>
inline void sumRuns(const Channels& s, int64_t channel, float totals[COUNT], Add add) {
  SumsOfRuns<COUNT> sums;
  for (int64_t o = 0, at = channel * s.inner; o < s.outer; o++, at += s.stride()) {
    sums.add(s.inner, [=](int64_t i, int64_t n, Vector* own) { add(at + i, n, own); });
  }
  sums.totals(totals);
}

// Calls body(at, n) for every vector of a channel, the last runs first: after a walk over all of them they are what a cache still has.
template <typename Body>
inline void forEachOfRuns(const Channels& s, int64_t channel, Body body) {
  for (int64_t o = s.outer - 1, at = channel * s.inner + o * s.stride(); o >= 0; o--, at -= s.stride()) {
    forEachVector(s.inner, [=](int64_t i, int64_t n) { body(at + i, n); });
  }
}

// COUNT sums down the outer axis, for neighbouring channels of one element: add(at, sums) adds a vector of them.
template <int COUNT, typename Add>
inline void sumColumns(const Channels& s, int64_t channel, Vector sums[COUNT], Add add) {
  sumSteps<COUNT>(s.outer, sums, [=](int64_t o, Vector* own) { add(channel + o * s.channels, own); });
}

template <typename Body>
inline void forEachOfColumn(const Channels& s, int64_t channel, Body body) {
  for (int64_t o = 0, at = channel; o < s.outer; o++, at += s.channels) body(at);
}

// Runs lie apart, so that the processor's own prefetching begins anew with each: a walk that comes first asks for what lies this far ahead,
// about a page of runs. Short runs follow each other so fast that asking takes longer than it saves.
inline int64_t ahead(const Channels& s) {
  constexpr int64_t LONG_RUN = 256;
  constexpr int64_t PAGE = 1024;
  return s.inner < LONG_RUN ? 0 : s.stride() * ceilDivide(PAGE, s.inner);
}

inline Moments momentsOfRuns(const float* x, const Channels& s, int64_t c) {
  const int64_t next = ahead(s);
  return momentsOf(s.size(), true, [=](auto term) {
    float total[1];
    sumRuns<1>(s, c, total, [=](int64_t i, int64_t n, Vector* sum) {
      prefetch(x + i + next);
      sum[0] = sum[0] + keepUpTo(term(loadUpTo(x + i, n)), n, zero());
    });
    return total[0];
  });
}

// Of n neighbouring channels in a vector: what rounding left in their means is told by the walk that their variances take.
inline void momentsOfColumns(const float* x, const Channels& s, int64_t c, int64_t n, Vector& mean, Vector& variance) {
  const Vector size = broadcast(s.size());
  Vector sums[2];
  sumColumns<1>(s, c, sums, [=](int64_t i, Vector* sum) { sum[0] = sum[0] + loadUpTo(x + i, n); });
  const Vector about = sums[0] / size;
  sumColumns<2>(s, c, sums, [=](int64_t i, Vector* own) {
    const Vector deviation = loadUpTo(x + i, n) - about;
    own[0] = own[0] + deviation;
    own[1] = own[1] + deviation * deviation;
  });
  const Vector rest = sums[0] / size;
  mean = about + rest;
  variance = math::correctedVariance(sums[1] / size, rest);
}

inline void batchNormRuns(const BatchNormArguments& p, const Channels& s, int64_t c) {
  const float* x = p.x;
  float* out = p.out;
  const Moments of = momentsOfRuns(x, s, c);
  const Vector mean = broadcast(of.mean);
  const Vector scale = broadcast(p.weight[c] * reciprocalDeviationOf(of.variance, p.epsilon));
  const Vector bias = broadcast(p.bias[c]);
  forEachOfRuns(s, c, [=](int64_t i, int64_t n) { storeUpTo(out + i, math::standardized(loadUpTo(x + i, n), mean, scale) + bias, n); });
  p.mean[c] = of.mean;
  p.variance[c] = of.variance;
}

inline void batchNormColumns(const BatchNormArguments& p, const Channels& s, int64_t c, int64_t n) {
  const float* x = p.x;
  float* out = p.out;
  Vector mean, variance;
  momentsOfColumns(x, s, c, n, mean, variance);
  const Vector scale = loadUpTo(p.weight + c, n) * reciprocalDeviation(variance, p.epsilon);
  const Vector bias = loadUpTo(p.bias + c, n);
  forEachOfColumn(s, c, [=](int64_t i) { storeUpTo(out + i, math::standardized(loadUpTo(x + i, n), mean, scale) + bias, n); });
  storeUpTo(p.mean + c, mean, n);
  storeUpTo(p.variance + c, variance, n);
}

CHAINRULE_KERNEL void batchNorm(Range range, const BatchNormArguments& args) {
  const Channels shape = {args.outer, args.channels, args.inner};
  const int64_t end = range.first + range.count;
  if (args.inner == 1) {
    forEachVector(range.count, [&](int64_t c, int64_t n) { batchNormColumns(args, shape, range.first + c, n); });
  } else {
    for (int64_t c = range.first; c < end; c++) batchNormRuns(args, shape, c);
  }
}

inline void batchNormGradientRuns(const BatchNormGradientArguments& p, const Channels& s, int64_t c) {
  const float* delta = p.delta;
  const float* x = p.x;
  float* ofX = p.ofX;
  const Vector mean = broadcast(p.mean[c]);
  const Vector scale = broadcast(reciprocalDeviationOf(p.variance[c], p.epsilon));
  const int64_t next = s.stride();
  float sums[2];
  sumRuns<2>(s, c, sums, [=](int64_t i, int64_t n, Vector* own) {
    prefetch(x + i + next);
    prefetch(delta + i + next);
    const Vector d = loadUpTo(delta + i, n);
    own[0] = own[0] + d;
    own[1] = own[1] + keepUpTo(d * math::standardized(loadUpTo(x + i, n), mean, scale), n, zero());
  });
  const Vector constant = broadcast(sums[0] / s.size());
  const Vector slope = broadcast(sums[1] / s.size());
  const Vector factor = broadcast(p.weight[c]) * scale;
  forEachOfRuns(s, c, [=](int64_t i, int64_t n) {
    const Vector of = math::standardizedDelta(loadUpTo(delta + i, n), loadUpTo(x + i, n), mean, scale, constant, slope, factor);
    storeUpTo(ofX + i, of, n);
  });
  p.ofWeight[c] = sums[1];
  p.ofBias[c] = sums[0];
}

inline void batchNormGradientColumns(const BatchNormGradientArguments& p, const Channels& s, int64_t c, int64_t n) {
  const float* delta = p.delta;
  const float* x = p.x;
  float* ofX = p.ofX;
  const Vector size = broadcast(s.size());
  const Vector mean = loadUpTo(p.mean + c, n);
  const Vector scale = reciprocalDeviation(loadUpTo(p.variance + c, n), p.epsilon);
  Vector sums[2];
  sumColumns<2>(s, c, sums, [=](int64_t i, Vector* own) {
    const Vector d = loadUpTo(delta + i, n);
    own[0] = own[0] + d;
    own[1] = own[1] + d * math::standardized(loadUpTo(x + i, n), mean, scale);
  });
  const Vector constant = sums[0] / size;
  const Vector slope = sums[1] / size;
  const Vector factor = loadUpTo(p.weight + c, n) * scale;
  forEachOfColumn(s, c, [=](int64_t i) {
    const Vector of = math::standardizedDelta(loadUpTo(delta + i, n), loadUpTo(x + i, n), mean, scale, constant, slope, factor);
    storeUpTo(ofX + i, of, n);
  });
  storeUpTo(p.ofWeight + c, sums[1], n);
  storeUpTo(p.ofBias + c, sums[0], n);
}

CHAINRULE_KERNEL void batchNormGradient(Range range, const BatchNormGradientArguments& args) {
  const Channels shape = {args.outer, args.channels, args.inner};
  const int64_t end = range.first + range.count;
  if (args.inner == 1) {
    forEachVector(range.count, [&](int64_t c, int64_t n) { batchNormGradientColumns(args, shape, range.first + c, n); });
  } else {
    for (int64_t c = range.first; c < end; c++) batchNormGradientRuns(args, shape, c);
  }
}

// n elements of a row of factors; ones without factors.
inline Vector factorsUpTo(const float* factors, int64_t i, int64_t n) { return factors ? loadUpTo(factors + i, n) : broadcast(1.0f); }

// The mean is 0 unless centred.
inline Moments momentsOfRow(const float* x, int64_t columns, bool centred) {
  return momentsOf(static_cast<float>(columns), centred, [=](auto term) {
    return sumOf(columns, [=](int64_t i, int64_t n) { return keepUpTo(term(loadUpTo(x + i, n)), n, zero()); });
  });
}

struct Normalization {
  // May be absent (nullptr).
  const float* weight;
  const float* bias;
  int64_t columns;
  bool centred;
  float epsilon;
};

// Whether a variance and epsilon are sums of squares that floats held.
inline bool holds(float spread) { return spread >= SMALLEST_NORMAL && spread <= LARGEST; }

// A row whose squares are too large or too small for floats, in double precision.
CHAINRULE_RARE void normalizeWide(const Normalization& p, const float* x, float* out, float& mean, float& scale) {
  const double size = static_cast<double>(p.columns);
  double sum = 0.0;
  double squares = 0.0;
  for (int64_t i = 0; p.centred && i < p.columns; i++) sum += x[i];
  const double average = sum / size;
  for (int64_t i = 0; i < p.columns; i++) squares += (x[i] - average) * (x[i] - average);
  const double by = 1.0 / ::sqrt(squares / size + p.epsilon);
  for (int64_t i = 0; i < p.columns; i++) {
    const float weighted = static_cast<float>((x[i] - average) * by) * (p.weight ? p.weight[i] : 1.0f);
    out[i] = p.bias ? weighted + p.bias[i] : weighted;
  }
  mean = static_cast<float>(average);
  scale = static_cast<float>(by);
}

inline void normalizeRow(const Normalization& p, const float* x, float* out, float& mean, float& scale) {
  const float* weight = p.weight;
  const float* bias = p.bias;
  const Moments of = momentsOfRow(x, p.columns, p.centred);
  if (!holds(of.variance + p.epsilon)) return normalizeWide(p, x, out, mean, scale);
  mean = of.mean;
  scale = reciprocalDeviationOf(of.variance, p.epsilon);
  const Vector m = broadcast(mean);
  const Vector by = broadcast(scale);
  forEachVector(p.columns, [=](int64_t i, int64_t n) {
    const Vector weighted = math::standardized(loadUpTo(x + i, n), m, by) * factorsUpTo(weight, i, n);
    storeUpTo(out + i, bias ? weighted + loadUpTo(bias + i, n) : weighted, n);
  });
}

CHAINRULE_KERNEL void normalize(const NormalizeArguments& args) {
  const float* x = args.x;
  float* out = args.out;
  const float epsilon = static_cast<float>(args.epsilon);
  const Normalization parameters = {args.weight, args.bias, args.columns, args.centred != 0, epsilon};
  for (int64_t r = 0; r < args.rows; r++, x += args.columns, out += args.columns)
    normalizeRow(parameters, x, out, args.mean[r], args.scale[r]);
}

// delta or x may be out; weight may be absent (nullptr).
CHAINRULE_KERNEL void normalizeGradient(const NormalizeGradientArguments& args) {
  const float* delta = args.delta;
  const float* x = args.x;
  const float* const weight = args.weight;
  float* out = args.out;
  const float size = static_cast<float>(args.columns);
  for (int64_t r = 0; r < args.rows; r++, delta += args.columns, x += args.columns, out += args.columns) {
    const Vector m = broadcast(args.mean[r]);
    const Vector by = broadcast(args.scale[r]);
    const auto weighted = [=](int64_t i, int64_t n) { return loadUpTo(delta + i, n) * factorsUpTo(weight, i, n); };
    float totals[2];
    sumRun<2>(args.columns, totals, [=](int64_t i, int64_t n, Vector* own) {
      const Vector w = keepUpTo(weighted(i, n), n, zero());
      own[0] = own[0] + w;
      own[1] = own[1] + keepUpTo(w * math::standardized(loadUpTo(x + i, n), m, by), n, zero());
    });
    const Vector constant = broadcast(args.centred ? totals[0] / size : 0.0f);
    const Vector slope = broadcast(totals[1] / size);
    forEachVector(args.columns, [=](int64_t i, int64_t n) {
      storeUpTo(out + i, math::standardizedDelta(weighted(i, n), loadUpTo(x + i, n), m, by, constant, slope, by), n);
    });
  }
}

// Some of the columns.
CHAINRULE_KERNEL void normalizeParameterGradient(Range range, const NormalizeParameterGradientArguments& args) {
  const float* const delta = args.delta;
  const float* const x = args.x;
  const float* const mean = args.mean;
  const float* const scale = args.scale;
  float* const ofWeight = args.ofWeight;
  float* const ofBias = args.ofBias;
  const int64_t rows = args.rows;
  const int64_t columns = args.columns;
  forEachVector(range.count, [=](int64_t i, int64_t n) {
    const int64_t column = range.first + i;
    Vector sums[2];
    sumSteps<2>(rows, sums, [=](int64_t r, Vector* own) {
      const int64_t at = column + r * columns;
      const Vector d = loadUpTo(delta + at, n);
      own[0] = own[0] + d * math::standardized(loadUpTo(x + at, n), broadcast(mean[r]), broadcast(scale[r]));
      own[1] = own[1] + d;
    });
    storeUpTo(ofWeight + column, sums[0], n);
    storeUpTo(ofBias + column, sums[1], n);
  });
}

}  // namespace CHAINRULE_ISA
}  // namespace chainrule
