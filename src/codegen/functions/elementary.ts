/**
 * exp, log and their kin: polynomials, with the largest error in units in the last place against float64. Each is one fixed sequence of
 * IEEE operations without a fused multiply-add, so that every instruction set and WebAssembly give the same bits (any NaN counts as one and
 * the same). Choices are selections: the side not taken may be infinite or NaN. The coefficients are those of src/codegen/coefficients.ts.
 */
export const ELEMENTARY = `
// round(x·log₂e) as a float whose last bits are the integer, for |x| < 2²¹.
biasedExponent(x) = x * LOG2_E + ROUNDING_BIAS

exponentOf(biased) = bitsOf(biased) - ROUNDING_BIAS_BITS

// e^x / 2^n − 1 for n = round(x·log₂e).
excessOf(x, biased) =
  n = biased - ROUNDING_BIAS
  r = x - n * LN2_HIGH - n * LN2_LOW
  p = polynomial(r, EXP_7, EXP_6, EXP_5, EXP_4, EXP_3, EXP_2)
  r * r * p + r

// 2^n for −126 ≤ n ≤ 127.
powerOfTwo(n: integers) = fromBits((n << 23) + ONE_BITS)

// 1 ulp. The power of two in two halves: subnormal results are rounded once, and those beyond the largest number overflow.
exp(x) =
  t = atLeast(atMost(x, EXP_HIGHEST), EXP_LOWEST)
  biased = biasedExponent(t)
  n = exponentOf(biased)
  half = n >> 1
  (excessOf(t, biased) + 1) * powerOfTwo(half) * powerOfTwo(n - half)

// e^x − 1 for x ≤ 0, the only side that is asked for; 1 ulp.
expm1(x) =
  t = atLeast(x, EXPM1_LOWEST)
  biased = biasedExponent(t)
  scale = powerOfTwo(exponentOf(biased))
  scale * excessOf(t, biased) + (scale - 1)

// ln x for finite x > 0.
logarithm(x) =
  subnormal = x < SMALLEST_NORMAL
  normal = subnormal ? x * SUBNORMAL_SCALE : x
  bits = bitsOf(normal) + (ONE_BITS - SQRT_HALF_BITS)
  exponent = (bits >> 23) - (ONE_BITS >> 23)
  k = toFloats(exponent) - (subnormal ? SUBNORMAL_EXPONENT : 0)
  f = fromBits((bits & FRACTION_BITS) + SQRT_HALF_BITS) - 1
  s = f / (f + 2)
  z = s * s
  p = polynomial(z, LOG_8, LOG_6, LOG_4, LOG_2)
  half = 0.5 * f * f
  low = s * (half + z * p) + k * LOG_LN2_LOW
  k * LOG_LN2_HIGH - (half - low - f)

// 1 ulp. −∞ at 0, NaN below.
log(x) =
  positive = x < INFINITY ? logarithm(x) : x
  0 < x ? positive : x == 0 ? -INFINITY : NAN

// ln(1 + x) = ln u + (x − (u − 1)) / u for u = 1 + x rounded; 1.5 ulp.
log1p(x) =
  u = x + 1
  correction = (x - (u - 1)) / u
  log(u) + (0 < u & u < INFINITY ? correction : 0)

// From e^(−2|x|) − 1; 3 ulp.
tanh(x) =
  t = expm1(-2 * absolute(x))
  withSign(t / (t + 2), x)

// e^−|x| cannot overflow, and e^x / (1 + e^x) keeps the relative accuracy of small values; 2.5 ulp.
sigmoid(x) =
  e = exp(-absolute(x))
  (x < 0 ? e : 1) / (e + 1)

// ln(1 + e^−|x|), with which ln(1 + e^x) = max(x, 0) + …
softplusTail(x) = log1p(exp(-absolute(x)))

// 1.5 ulp.
erf(x) =
  t = absolute(x)
  square = x * x
  q = polynomial(t, ERF_TAIL_6, ERF_TAIL_5, ERF_TAIL_4, ERF_TAIL_3, ERF_TAIL_2, ERF_TAIL_1, ERF_TAIL_0)
  p = polynomial(square, ERF_CENTRE_10, ERF_CENTRE_8, ERF_CENTRE_6, ERF_CENTRE_4, ERF_CENTRE_2, ERF_CENTRE_0)
  tail = withSign(1 - exp(q * t - t), x)
  ERF_LIMIT < t ? tail : p * x + x

// The density of the standard normal distribution without its constant: e^(−x²/2). Relative error 1e-6 where |x| ≤ 5, growing with x².
normalDensity(x) = exp(-0.5 * x * x)

// Φ(x) from the density; does not cancel in the left tail. Relative error as the density's.
normalCumulative(x, density) =
  v = 1 / (absolute(x) * NORMAL_SLOPE + 1)
  p = polynomial(v, NORMAL_8, NORMAL_7, NORMAL_6, NORMAL_5, NORMAL_4, NORMAL_3, NORMAL_2, NORMAL_1)
  tail = density * (v * p)
  x <= 0 ? tail : 1 - tail
`;
