// Normalisation over the elements of each row.
#pragma once

#include <math.h>
#include <stdint.h>

#include "../generated/arguments.h"
#include "../isa.h"
#include "moments.h"
#include "sums.h"

namespace chainrule {
namespace CHAINRULE_ISA {

// n elements of a row of factors; ones without factors.
inline Vector factorsUpTo(const float* factors, int64_t i, int64_t n) { return factors ? loadUpTo(factors + i, n) : broadcast(1.0f); }

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
