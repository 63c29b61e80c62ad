// xʸ in double precision, one element at a time: rounded once, it is right to 1 ulp. The sequence of operations is that of
// assembly/kernels/power.ts. Special values are JavaScript's: NaN where |x| is 1 and y infinite, 1 where y is 0.
#pragma once

#include <math.h>
#include <stdint.h>
#include <string.h>

#include "../generated/coefficients.h"

namespace chainrule {
namespace CHAINRULE_ISA {
namespace math {

inline int64_t bitsOfDouble(double x) {
  int64_t bits;
  memcpy(&bits, &x, sizeof bits);
  return bits;
}

inline double doubleOfBits(int64_t bits) {
  double x;
  memcpy(&x, &bits, sizeof x);
  return x;
}

// ln x for x ≥ 0 or NaN that came from a float.
inline double logOfDouble(double x) {
  if (x == 0.0) return -INFINITY;
  if (!(x < INFINITY)) return x;
  const int64_t bits = bitsOfDouble(x) + (ONE_BITS_64 - SQRT_HALF_BITS_64);
  const double k = static_cast<double>((bits >> 52) - (ONE_BITS_64 >> 52));
  const double m = doubleOfBits((bits & FRACTION_BITS_64) + SQRT_HALF_BITS_64);
  const double s = (m - 1.0) / (m + 1.0);
  const double z = s * s;
  double p = ARTANH_17;
  p = p * z + ARTANH_15;
  p = p * z + ARTANH_13;
  p = p * z + ARTANH_11;
  p = p * z + ARTANH_9;
  p = p * z + ARTANH_7;
  p = p * z + ARTANH_5;
  p = p * z + ARTANH_3;
  return k * LN2 + 2.0 * (s * z * p + s);
}

// e^x, rounded to float.
inline float expOfDouble(double x) {
  if (x != x) return NAN;
  const double t = x < POWER_LOWEST ? POWER_LOWEST : x > POWER_HIGHEST ? POWER_HIGHEST : x;
  const double n = ::floor(t * INVERSE_LN2 + 0.5);
  const double r = t - n * LN2;
  double p = POWER_11;
  p = p * r + POWER_10;
  p = p * r + POWER_9;
  p = p * r + POWER_8;
  p = p * r + POWER_7;
  p = p * r + POWER_6;
  p = p * r + POWER_5;
  p = p * r + POWER_4;
  p = p * r + POWER_3;
  p = p * r + POWER_2;
  const double scale = doubleOfBits(static_cast<int64_t>(n) * (FRACTION_BITS_64 + 1) + ONE_BITS_64);
  return static_cast<float>((r * r * p + r + 1.0) * scale);
}

inline float power(float x, float y) {
  if (y == 0.0f) return 1.0f;
  const float magnitude = expOfDouble(static_cast<double>(y) * logOfDouble(::fabsf(x)));
  if (!::signbit(x)) return magnitude;
  const bool integer = ::truncf(y) == y;
  if (!integer && x != 0.0f && x > -INFINITY) return NAN;
  const bool odd = integer && ::truncf(0.5f * y) != 0.5f * y;
  return odd ? -magnitude : magnitude;
}

}  // namespace math
}  // namespace CHAINRULE_ISA
}  // namespace chainrule
