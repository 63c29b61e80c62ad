// Normalisation over the batch, channel by channel, and over the elements of each row. Variances take a second walk over the
// elements, which by then lie in a cache.
#pragma once

#include <stdint.h>

#include "../isa.h"
#include "sums.h"

namespace chainrule {
namespace CHAINRULE_ISA {

inline Vector reciprocalDeviation(Vector variance, float epsilon) {
  return broadcast(1.0f) / squareRoot(variance + broadcast(epsilon));
}

// Elements seen as [outer, channels, inner].
struct Channels {
  int64_t outer;
  int64_t channels;
  int64_t inner;

  int64_t stride() const { return channels * inner; }
  float size() const { return static_cast<float>(outer * inner); }
};

// Σ over the runs of a channel: the terms term(i, n) of each run in turn, i counted from the run's start, go on with the partial sums
// of sums.h. `at` is where the run begins.
template <typename Term>
inline float sumOfRuns(const Channels& s, int64_t channel, Term term) {
  Sums sums;
  for (int64_t o = 0, at = channel * s.inner; o < s.outer; o++, at += s.stride()) {
    int64_t i = 0;
    for (; i + PARTIAL_SUMS <= s.inner; i += PARTIAL_SUMS) {
      for (int64_t lane = 0; lane < PARTIAL_SUMS; lane += LANES) sums.add(lane, term(at + i + lane, static_cast<int64_t>(LANES)));
    }
    for (int64_t lane = 0; i + lane < s.inner; lane += LANES) sums.add(lane, term(at + i + lane, s.inner - i - lane));
  }
  return sums.total();
}

// Calls body(at, n) for every vector of a channel.
template <typename Body>
inline void forEachOfRuns(const Channels& s, int64_t channel, Body body) {
  for (int64_t o = 0, at = channel * s.inner; o < s.outer; o++, at += s.stride()) {
    forEachVector(s.inner, [=](int64_t i, int64_t n) { body(at + i, n); });
  }
}

// Σ over the outer axis in its order, for n neighbouring channels of one element: term(at) gives a vector of them.
template <typename Term>
inline Vector sumOfColumn(const Channels& s, int64_t channel, Term term) {
  Vector sum = zero();
  for (int64_t o = 0, at = channel; o < s.outer; o++, at += s.channels) sum = sum + term(at);
  return sum;
}

template <typename Body>
inline void forEachOfColumn(const Channels& s, int64_t channel, Body body) {
  for (int64_t o = 0, at = channel; o < s.outer; o++, at += s.channels) body(at);
}

struct BatchNorm {
  const float* x;
  const float* weight;
  const float* bias;
  float* out;
  float* mean;
  float* variance;
  float epsilon;
};

inline void batchNormRuns(const BatchNorm& p, const Channels& s, int64_t c) {
  const float* x = p.x;
  float* out = p.out;
  const float mean = sumOfRuns(s, c, [=](int64_t i, int64_t n) { return loadUpTo(x + i, n); }) / s.size();
  const Vector m = broadcast(mean);
  const float squares = sumOfRuns(s, c, [=](int64_t i, int64_t n) {
    const Vector centred = keepUpTo(loadUpTo(x + i, n) - m, n, zero());
    return centred * centred;
  });
  const float variance = squares / s.size();
  const Vector scale = broadcast(p.weight[c]) * reciprocalDeviation(broadcast(variance), p.epsilon);
  const Vector bias = broadcast(p.bias[c]);
  forEachOfRuns(s, c, [=](int64_t i, int64_t n) { storeUpTo(out + i, (loadUpTo(x + i, n) - m) * scale + bias, n); });
  p.mean[c] = mean;
  p.variance[c] = variance;
}

inline void batchNormColumns(const BatchNorm& p, const Channels& s, int64_t c, int64_t n) {
  const float* x = p.x;
  float* out = p.out;
  const Vector size = broadcast(s.size());
  const Vector mean = sumOfColumn(s, c, [=](int64_t i) { return loadUpTo(x + i, n); }) / size;
  const Vector squares = sumOfColumn(s, c, [=](int64_t i) {
    const Vector centred = loadUpTo(x + i, n) - mean;
    return centred * centred;
  });
  const Vector variance = squares / size;
  const Vector scale = loadUpTo(p.weight + c, n) * reciprocalDeviation(variance, p.epsilon);
  const Vector bias = loadUpTo(p.bias + c, n);
  forEachOfColumn(s, c, [=](int64_t i) { storeUpTo(out + i, (loadUpTo(x + i, n) - mean) * scale + bias, n); });
  storeUpTo(p.mean + c, mean, n);
  storeUpTo(p.variance + c, variance, n);
}

CHAINRULE_KERNEL void batchNorm(Range range, const float* x, const float* weight, const float* bias, float* out, float* mean,
                                float* variance, int64_t outer, int64_t channels, int64_t inner, float epsilon) {
  const BatchNorm parameters = {x, weight, bias, out, mean, variance, epsilon};
  const Channels shape = {outer, channels, inner};
  const int64_t end = range.first + range.count;
  if (inner == 1) {
    forEachVector(range.count, [=](int64_t c, int64_t n) { batchNormColumns(parameters, shape, range.first + c, n); });
  } else {
    for (int64_t c = range.first; c < end; c++) batchNormRuns(parameters, shape, c);
  }
}

struct BatchNormGradient {
  const float* delta;
  const float* x;
  const float* mean;
  const float* variance;
  const float* weight;
  float* ofX;
  float* ofWeight;
  float* ofBias;
  float epsilon;
};

inline void batchNormGradientRuns(const BatchNormGradient& p, const Channels& s, int64_t c) {
  const float* delta = p.delta;
  const float* x = p.x;
  float* ofX = p.ofX;
  const Vector mean = broadcast(p.mean[c]);
  const Vector scale = reciprocalDeviation(broadcast(p.variance[c]), p.epsilon);
  const float sum = sumOfRuns(s, c, [=](int64_t i, int64_t n) { return loadUpTo(delta + i, n); });
  const float dot = sumOfRuns(s, c, [=](int64_t i, int64_t n) {
    return keepUpTo(loadUpTo(delta + i, n) * ((loadUpTo(x + i, n) - mean) * scale), n, zero());
  });
  const Vector constant = broadcast(sum / s.size());
  const Vector slope = broadcast(dot / s.size());
  const Vector factor = broadcast(p.weight[c]) * scale;
  forEachOfRuns(s, c, [=](int64_t i, int64_t n) {
    const Vector hat = (loadUpTo(x + i, n) - mean) * scale;
    storeUpTo(ofX + i, (loadUpTo(delta + i, n) - (constant + hat * slope)) * factor, n);
  });
  p.ofWeight[c] = dot;
  p.ofBias[c] = sum;
}

inline void batchNormGradientColumns(const BatchNormGradient& p, const Channels& s, int64_t c, int64_t n) {
  const float* delta = p.delta;
  const float* x = p.x;
  float* ofX = p.ofX;
  const Vector size = broadcast(s.size());
  const Vector mean = loadUpTo(p.mean + c, n);
  const Vector scale = reciprocalDeviation(loadUpTo(p.variance + c, n), p.epsilon);
  const Vector sum = sumOfColumn(s, c, [=](int64_t i) { return loadUpTo(delta + i, n); });
  const Vector dot = sumOfColumn(s, c, [=](int64_t i) { return loadUpTo(delta + i, n) * ((loadUpTo(x + i, n) - mean) * scale); });
  const Vector constant = sum / size;
  const Vector slope = dot / size;
  const Vector factor = loadUpTo(p.weight + c, n) * scale;
  forEachOfColumn(s, c, [=](int64_t i) {
    const Vector hat = (loadUpTo(x + i, n) - mean) * scale;
    storeUpTo(ofX + i, (loadUpTo(delta + i, n) - (constant + hat * slope)) * factor, n);
  });
  storeUpTo(p.ofWeight + c, dot, n);
  storeUpTo(p.ofBias + c, sum, n);
}

CHAINRULE_KERNEL void batchNormGradient(Range range, const float* delta, const float* x, const float* mean, const float* variance,
                                        const float* weight, float* ofX, float* ofWeight, float* ofBias, int64_t outer,
                                        int64_t channels, int64_t inner, float epsilon) {
  const BatchNormGradient parameters = {delta, x, mean, variance, weight, ofX, ofWeight, ofBias, epsilon};
  const Channels shape = {outer, channels, inner};
  const int64_t end = range.first + range.count;
  if (inner == 1) {
    forEachVector(range.count, [=](int64_t c, int64_t n) { batchNormGradientColumns(parameters, shape, range.first + c, n); });
  } else {
    for (int64_t c = range.first; c < end; c++) batchNormGradientRuns(parameters, shape, c);
  }
}

// n elements of a row of factors or, where there are none, ones.
inline Vector factorsUpTo(const float* factors, int64_t i, int64_t n) { return factors ? loadUpTo(factors + i, n) : broadcast(1.0f); }

// weight and bias may be absent (nullptr).
CHAINRULE_KERNEL void normalize(const float* x, const float* weight, const float* bias, float* out, float* mean, float* scale,
                                int64_t rows, int64_t columns, int32_t centred, float epsilon) {
  const float size = static_cast<float>(columns);
  for (int64_t r = 0; r < rows; r++, x += columns, out += columns) {
    const float average = centred ? sumOf(columns, [=](int64_t i, int64_t n) { return loadUpTo(x + i, n); }) / size : 0.0f;
    const Vector m = broadcast(average);
    const float squares = sumOf(columns, [=](int64_t i, int64_t n) {
      const Vector difference = keepUpTo(loadUpTo(x + i, n) - m, n, zero());
      return difference * difference;
    });
    const Vector by = reciprocalDeviation(broadcast(squares / size), epsilon);
    forEachVector(columns, [=](int64_t i, int64_t n) {
      const Vector weighted = (loadUpTo(x + i, n) - m) * by * factorsUpTo(weight, i, n);
      storeUpTo(out + i, bias ? weighted + loadUpTo(bias + i, n) : weighted, n);
    });
    mean[r] = average;
    scale[r] = first(by);
  }
}

// delta or x may be out; weight may be absent (nullptr).
CHAINRULE_KERNEL void normalizeGradient(const float* delta, const float* x, const float* mean, const float* scale, const float* weight,
                                        float* out, int64_t rows, int64_t columns, int32_t centred) {
  const float size = static_cast<float>(columns);
  for (int64_t r = 0; r < rows; r++, delta += columns, x += columns, out += columns) {
    const Vector m = broadcast(mean[r]);
    const Vector by = broadcast(scale[r]);
    const auto weighted = [=](int64_t i, int64_t n) { return loadUpTo(delta + i, n) * factorsUpTo(weight, i, n); };
    const auto hat = [=](int64_t i, int64_t n) { return (loadUpTo(x + i, n) - m) * by; };
    const float sum = centred ? sumOf(columns, [=](int64_t i, int64_t n) { return keepUpTo(weighted(i, n), n, zero()); }) : 0.0f;
    const float dot = sumOf(columns, [=](int64_t i, int64_t n) { return keepUpTo(weighted(i, n) * hat(i, n), n, zero()); });
    const Vector constant = broadcast(sum / size);
    const Vector slope = broadcast(dot / size);
    forEachVector(columns, [=](int64_t i, int64_t n) {
      storeUpTo(out + i, (weighted(i, n) - (constant + hat(i, n) * slope)) * by, n);
    });
  }
}

// Some of the columns, summed over the rows in order.
CHAINRULE_KERNEL void normalizeParameterGradient(Range range, const float* delta, const float* x, const float* mean, const float* scale,
                                                 float* ofWeight, float* ofBias, int64_t rows, int64_t columns) {
  forEachVector(range.count, [=](int64_t i, int64_t n) {
    const int64_t column = range.first + i;
    Vector dot = zero();
    Vector sum = zero();
    for (int64_t r = 0, at = column; r < rows; r++, at += columns) {
      const Vector d = loadUpTo(delta + at, n);
      dot = dot + d * ((loadUpTo(x + at, n) - broadcast(mean[r])) * broadcast(scale[r]));
      sum = sum + d;
    }
    storeUpTo(ofWeight + column, dot, n);
    storeUpTo(ofBias + column, sum, n);
  });
}

}  // namespace CHAINRULE_ISA
}  // namespace chainrule
