/** xʸ in double precision, rounded once: right to 1 ulp of a float. Without branches, so that a loop over lanes is vectorised. */
export const DOUBLE = `
// ln x for x ≥ 0 or NaN that came from a float.
logOfDouble(x: double) =
  bits = bitsOf(x) + (ONE_BITS_64 - SQRT_HALF_BITS_64)
  k = fromBits(bits >> 52 | INTEGER_BITS_64) - EXPONENT_BIAS
  m = fromBits((bits & FRACTION_BITS_64) + SQRT_HALF_BITS_64)
  s = (m - 1) / (m + 1)
  z = s * s
  p = polynomial(z, ARTANH_17, ARTANH_15, ARTANH_13, ARTANH_11, ARTANH_9, ARTANH_7, ARTANH_5, ARTANH_3)
  positive = k * LN2 + 2 * (s * z * p + s)
  x == 0 ? -INFINITY : x < INFINITY ? positive : x

// e^x, as far as a float reaches.
expOfDouble(x: double) =
  t = atMost(atLeast(x, POWER_LOWEST), POWER_HIGHEST)
  biased = t * INVERSE_LN2 + POWER_ROUNDING_BIAS
  r = t - (biased - POWER_ROUNDING_BIAS) * LN2
  p = polynomial(r, POWER_11, POWER_10, POWER_9, POWER_8, POWER_7, POWER_6, POWER_5, POWER_4, POWER_3, POWER_2)
  (r * r * p + r + 1) * fromBits((bitsOf(biased) << 52) + ONE_BITS_64)

// Holds for infinities, too.
isInteger(x: double) = x + POWER_ROUNDING_BIAS - POWER_ROUNDING_BIAS == x

// Special values are JavaScript's: NaN where |x| is 1 and y infinite, 1 where y is 0.
powerOfDouble(x: double, y: double) =
  magnitude = expOfDouble(y * logOfDouble(absolute(x)))
  toInteger = isInteger(0.5 * y) ? magnitude : -magnitude
  toFraction = x == 0 ? magnitude : -INFINITY < x ? NAN : magnitude
  ofNegative = isInteger(y) ? toInteger : toFraction
  power = isNegative(x) ? ofNegative : magnitude
  y == 0 ? 1 : power
`;
