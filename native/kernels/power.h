// xʸ in double precision, rounded once: right to 1 ulp. The sequence of operations is that of assembly/kernels/power.ts, without
// branches, so that a loop over lanes is vectorised. Special values are JavaScript's: NaN where |x| is 1 and y infinite, 1 where
// y is 0.
#pragma once

#include <math.h>
#include <stdint.h>
#include <string.h>

#include "../generated/coefficients.h"

namespace chainrule {
namespace CHAINRULE_ISA {
namespace math {

inline uint64_t bitsOfDouble(double x) {
  uint64_t bits;
  memcpy(&bits, &x, sizeof bits);
  return bits;
}

inline double doubleOfBits(uint64_t bits) {
  double x;
  memcpy(&x, &bits, sizeof x);
  return x;
}

// ln x for x ≥ 0 or NaN that came from a float.
inline double logOfDouble(double x) {
  const uint64_t bits = bitsOfDouble(x) + (ONE_BITS_64 - SQRT_HALF_BITS_64);
  const double k = doubleOfBits((bits >> 52) | INTEGER_BITS_64) - EXPONENT_BIAS;
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
  const double log = k * LN2 + 2.0 * (s * z * p + s);
  return x == 0.0 ? -INFINITY : x < INFINITY ? log : x;
}

// e^x, as far as a float reaches.
inline double expOfDouble(double x) {
  const double low = x < POWER_LOWEST ? POWER_LOWEST : x;
  const double t = low > POWER_HIGHEST ? POWER_HIGHEST : low;
  const double biased = t * INVERSE_LN2 + POWER_ROUNDING_BIAS;
  const double r = t - (biased - POWER_ROUNDING_BIAS) * LN2;
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
  return (r * r * p + r + 1.0) * doubleOfBits((bitsOfDouble(biased) << 52) + ONE_BITS_64);
}

// Holds for infinities, too.
inline bool isInteger(double x) { return (x + POWER_ROUNDING_BIAS) - POWER_ROUNDING_BIAS == x; }

inline float power(float base, float exponent) {
  const double x = base;
  const double y = exponent;
  const double magnitude = expOfDouble(y * logOfDouble(::fabs(x)));
  const double toInteger = isInteger(0.5 * y) ? magnitude : -magnitude;
  const double toFraction = (x != 0.0) & (x > -INFINITY) ? static_cast<double>(NAN) : magnitude;
  const double ofNegative = isInteger(y) ? toInteger : toFraction;
  const double result = bitsOfDouble(x) >> 63 ? ofNegative : magnitude;
  return static_cast<float>(y == 0.0 ? 1.0 : result);
}

}  // namespace math
}  // namespace CHAINRULE_ISA
}  // namespace chainrule
