// exp, log and their kin on vectors: polynomials, with the largest error in units in the last place against float64.
//
// Each is one fixed sequence of IEEE operations without a fused multiply-add: assembly/kernels/transcendental.ts has the same
// sequence, so that every instruction set and WebAssembly give the same bits (any NaN counts as one and the same). Branches are
// selections: the side not taken may be infinite or NaN. The coefficients are those of src/codegen/coefficients.ts.
#pragma once

#include <math.h>
#include <stdint.h>

#include "../generated/coefficients.h"

namespace chainrule {
namespace CHAINRULE_ISA {
namespace math {

// Horner's rule, the highest coefficient first.
template <typename... Rest>
inline Vector polynomial(Vector x, float highest, Rest... rest) {
  Vector p = broadcast(highest);
  ((p = p * x + rest), ...);
  return p;
}

// e^x = 2^exponent · (1 + excess).
struct Exponential {
  Integers exponent;
  Vector excess;
};

// For |x| < 2²¹. Adding ROUNDING_BIAS rounds to an integer, which then stands in the last bits.
inline Exponential exponential(Vector x) {
  const Vector biased = x * LOG2_E + ROUNDING_BIAS;
  const Vector n = biased - ROUNDING_BIAS;
  const Vector r = (x - n * LN2_HIGH) - n * LN2_LOW;
  const Vector p = polynomial(r, EXP_7, EXP_6, EXP_5, EXP_4, EXP_3, EXP_2);
  return {subtractIntegers(bitsOf(biased), broadcastInteger(ROUNDING_BIAS_BITS)), (r * r) * p + r};
}

// 2^n for −126 ≤ n ≤ 127.
inline Vector powerOfTwo(Integers n) { return fromBits(addIntegers(shiftLeft<23>(n), broadcastInteger(ONE_BITS))); }

// 1 ulp. The power of two in two halves: subnormal results are rounded once, and those beyond the largest number overflow.
inline Vector exp(Vector x) {
  const Exponential e = exponential(atLeast(atMost(x, broadcast(EXP_HIGHEST)), broadcast(EXP_LOWEST)));
  const Integers half = shiftRight<1>(e.exponent);
  return ((e.excess + 1.0f) * powerOfTwo(half)) * powerOfTwo(subtractIntegers(e.exponent, half));
}

// e^x − 1 for x ≤ 0, the only side that is asked for; 1 ulp.
inline Vector expm1(Vector x) {
  const Exponential e = exponential(atLeast(x, broadcast(EXPM1_LOWEST)));
  const Vector scale = powerOfTwo(e.exponent);
  return scale * e.excess + (scale - 1.0f);
}

// ln x for finite x > 0.
inline Vector logarithm(Vector x) {
  const Mask subnormal = less(x, broadcast(SMALLEST_NORMAL));
  const Integers bits = addIntegers(bitsOf(select(subnormal, x * SUBNORMAL_SCALE, x)), broadcastInteger(ONE_BITS - SQRT_HALF_BITS));
  const Integers exponent = subtractIntegers(shiftRight<23>(bits), broadcastInteger(ONE_BITS >> 23));
  const Vector k = toFloats(exponent) - select(subnormal, broadcast(SUBNORMAL_EXPONENT), zero());
  const Vector f = fromBits(addIntegers(andIntegers(bits, broadcastInteger(FRACTION_BITS)), broadcastInteger(SQRT_HALF_BITS))) - 1.0f;
  const Vector s = f / (f + 2.0f);
  const Vector z = s * s;
  const Vector r = z * polynomial(z, LOG_8, LOG_6, LOG_4, LOG_2);
  const Vector half = (0.5f * f) * f;
  return k * LOG_LN2_HIGH - ((half - (s * (half + r) + k * LOG_LN2_LOW)) - f);
}

// 1 ulp. −∞ at 0, NaN below.
inline Vector log(Vector x) {
  const Vector atMostZero = select(equal(x, zero()), broadcast(-INFINITY), broadcast(NAN));
  return select(less(zero(), x), select(less(x, broadcast(INFINITY)), logarithm(x), x), atMostZero);
}

// ln(1 + x) = ln u + (x − (u − 1)) / u for u = 1 + x rounded; 1.5 ulp.
inline Vector log1p(Vector x) {
  const Vector u = x + 1.0f;
  const Vector correction = (x - (u - 1.0f)) / u;
  return log(u) + select(both(less(zero(), u), less(u, broadcast(INFINITY))), correction, zero());
}

// From e^(−2|x|) − 1; 3 ulp.
inline Vector tanh(Vector x) {
  const Vector t = expm1(-2.0f * absolute(x));
  return withSign(t / (t + 2.0f), x);
}

// e^−|x| cannot overflow, and e^x / (1 + e^x) keeps the relative accuracy of small values; 2.5 ulp.
inline Vector sigmoid(Vector x) {
  const Vector e = exp(-absolute(x));
  return select(less(x, zero()), e, broadcast(1.0f)) / (e + 1.0f);
}

// ln(1 + e^−|x|), with which ln(1 + e^x) = max(x, 0) + …
inline Vector softplusTail(Vector x) { return log1p(exp(-absolute(x))); }

// 1.5 ulp.
inline Vector erf(Vector x) {
  const Vector t = absolute(x);
  const Vector square = x * x;
  const Vector q = polynomial(t, ERF_TAIL_6, ERF_TAIL_5, ERF_TAIL_4, ERF_TAIL_3, ERF_TAIL_2, ERF_TAIL_1, ERF_TAIL_0);
  const Vector p = polynomial(square, ERF_CENTRE_10, ERF_CENTRE_8, ERF_CENTRE_6, ERF_CENTRE_4, ERF_CENTRE_2, ERF_CENTRE_0);
  return select(less(broadcast(ERF_LIMIT), t), withSign(1.0f - exp(q * t - t), x), p * x + x);
}

// The standard normal distribution: e^(−x²/2), and Φ(x), which does not cancel in the left tail. Relative error of both: 1e-6
// where |x| ≤ 5, growing with x².
struct Normal {
  Vector density;
  Vector cumulative;
};

inline Normal normal(Vector x) {
  const Vector density = exp((-0.5f * x) * x);
  const Vector v = 1.0f / (absolute(x) * NORMAL_SLOPE + 1.0f);
  const Vector p = polynomial(v, NORMAL_8, NORMAL_7, NORMAL_6, NORMAL_5, NORMAL_4, NORMAL_3, NORMAL_2, NORMAL_1);
  const Vector tail = density * (v * p);
  return {density, select(lessOrEqual(x, zero()), tail, 1.0f - tail)};
}

}  // namespace math
}  // namespace CHAINRULE_ISA
}  // namespace chainrule
