/** xʸ in double precision, two lanes at a time: the sequence of operations of native/kernels/power.h. */
import * as c from '../generated/coefficients';
import { select } from './vector';

@inline
export function horner(p: v128, x: v128, coefficient: f64): v128 {
  return f64x2.add(f64x2.mul(p, x), f64x2.splat(coefficient));
}

/** ln x for x ≥ 0 or NaN that came from a float. */
@inline
export function logOfDouble(x: v128): v128 {
  const bits = i64x2.add(x, i64x2.splat(c.ONE_BITS_64 - c.SQRT_HALF_BITS_64));
  const k = f64x2.sub(v128.or(i64x2.shr_u(bits, 52), i64x2.splat(c.INTEGER_BITS_64)), f64x2.splat(c.EXPONENT_BIAS));
  const m = i64x2.add(v128.and(bits, i64x2.splat(c.FRACTION_BITS_64)), i64x2.splat(c.SQRT_HALF_BITS_64));
  const s = f64x2.div(f64x2.sub(m, f64x2.splat(1)), f64x2.add(m, f64x2.splat(1)));
  const z = f64x2.mul(s, s);
  let p = f64x2.splat(c.ARTANH_17);
  p = horner(p, z, c.ARTANH_15);
  p = horner(p, z, c.ARTANH_13);
  p = horner(p, z, c.ARTANH_11);
  p = horner(p, z, c.ARTANH_9);
  p = horner(p, z, c.ARTANH_7);
  p = horner(p, z, c.ARTANH_5);
  p = horner(p, z, c.ARTANH_3);
  const artanh = f64x2.add(f64x2.mul(f64x2.mul(s, z), p), s);
  const log = f64x2.add(f64x2.mul(k, f64x2.splat(c.LN2)), f64x2.mul(f64x2.splat(2), artanh));
  const positive = select(f64x2.lt(x, f64x2.splat(Infinity)), log, x);
  return select(f64x2.eq(x, f64x2.splat(0)), f64x2.splat(-Infinity), positive);
}

/** e^x, as far as a float reaches. */
@inline
function expOfDouble(x: v128): v128 {
  const t = f64x2.pmin(f64x2.pmax(x, f64x2.splat(c.POWER_LOWEST)), f64x2.splat(c.POWER_HIGHEST));
  const biased = f64x2.add(f64x2.mul(t, f64x2.splat(c.INVERSE_LN2)), f64x2.splat(c.POWER_ROUNDING_BIAS));
  const n = f64x2.sub(biased, f64x2.splat(c.POWER_ROUNDING_BIAS));
  const r = f64x2.sub(t, f64x2.mul(n, f64x2.splat(c.LN2)));
  let p = f64x2.splat(c.POWER_11);
  p = horner(p, r, c.POWER_10);
  p = horner(p, r, c.POWER_9);
  p = horner(p, r, c.POWER_8);
  p = horner(p, r, c.POWER_7);
  p = horner(p, r, c.POWER_6);
  p = horner(p, r, c.POWER_5);
  p = horner(p, r, c.POWER_4);
  p = horner(p, r, c.POWER_3);
  p = horner(p, r, c.POWER_2);
  const scale = i64x2.add(i64x2.shl(biased, 52), i64x2.splat(c.ONE_BITS_64));
  const e = f64x2.add(f64x2.add(f64x2.mul(f64x2.mul(r, r), p), r), f64x2.splat(1));
  return f64x2.mul(e, scale);
}

/** Holds for infinities, too. */
@inline
function isInteger(x: v128): v128 {
  const bias = f64x2.splat(c.POWER_ROUNDING_BIAS);
  return f64x2.eq(f64x2.sub(f64x2.add(x, bias), bias), x);
}

/** The powers of two doubles each, as two floats and two zeros. */
function powerOfTwoLanes(x: v128, y: v128): v128 {
  const magnitude = expOfDouble(f64x2.mul(y, logOfDouble(f64x2.abs(x))));
  const toInteger = select(isInteger(f64x2.mul(f64x2.splat(0.5), y)), magnitude, f64x2.neg(magnitude));
  const regular = v128.and(f64x2.ne(x, f64x2.splat(0)), f64x2.gt(x, f64x2.splat(-Infinity)));
  const toFraction = select(regular, f64x2.splat(NaN), magnitude);
  const ofNegative = select(isInteger(y), toInteger, toFraction);
  const result = select(i64x2.lt_s(x, i64x2.splat(0)), ofNegative, magnitude);
  return f32x4.demote_f64x2_zero(select(f64x2.eq(y, f64x2.splat(0)), f64x2.splat(1), result));
}

export function power(x: v128, y: v128): v128 {
  const low = powerOfTwoLanes(f64x2.promote_low_f32x4(x), f64x2.promote_low_f32x4(y));
  const high = powerOfTwoLanes(upperLanes(x), upperLanes(y));
  return v128.shuffle<f32>(low, high, 0, 1, 4, 5);
}

@inline
function upperLanes(x: v128): v128 {
  return f64x2.promote_low_f32x4(v128.shuffle<f32>(x, x, 2, 3, 2, 3));
}
