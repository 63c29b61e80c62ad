/**
 * exp, log and their kin on four lanes: the sequences of operations of native/kernels/transcendental.h, where formulas and errors
 * stand; every lane has the same bits as there.
 */
import * as c from '../generated/coefficients';
import { atLeast, atMost, constant, difference, product, select, sum } from './vector';

/** p·x + coefficient: a step of Horner's rule. */
@inline
function horner(p: v128, x: v128, coefficient: f32): v128 {
  return sum(product(p, x), constant(coefficient));
}

/** round(x·log₂e) as a float whose last bits are the integer. */
@inline
function biasedExponent(x: v128): v128 {
  return sum(product(x, constant(c.LOG2_E)), constant(c.ROUNDING_BIAS));
}

@inline
function exponentOf(biased: v128): v128 {
  return i32x4.sub(biased, i32x4.splat(c.ROUNDING_BIAS_BITS));
}

/** e^x / 2^n − 1. */
@inline
function excessOf(x: v128, biased: v128): v128 {
  const n = difference(biased, constant(c.ROUNDING_BIAS));
  const r = difference(difference(x, product(n, constant(c.LN2_HIGH))), product(n, constant(c.LN2_LOW)));
  let p = constant(c.EXP_7);
  p = horner(p, r, c.EXP_6);
  p = horner(p, r, c.EXP_5);
  p = horner(p, r, c.EXP_4);
  p = horner(p, r, c.EXP_3);
  p = horner(p, r, c.EXP_2);
  return sum(product(product(r, r), p), r);
}

@inline
function powerOfTwo(n: v128): v128 {
  return i32x4.add(i32x4.shl(n, 23), i32x4.splat(c.ONE_BITS));
}

@inline
export function exp(x: v128): v128 {
  const t = atLeast(atMost(x, constant(c.EXP_HIGHEST)), constant(c.EXP_LOWEST));
  const biased = biasedExponent(t);
  const n = exponentOf(biased);
  const half = i32x4.shr_s(n, 1);
  const e = sum(excessOf(t, biased), constant(1));
  return product(product(e, powerOfTwo(half)), powerOfTwo(i32x4.sub(n, half)));
}

/** For x ≤ 0. */
@inline
export function expm1(x: v128): v128 {
  const t = atLeast(x, constant(c.EXPM1_LOWEST));
  const biased = biasedExponent(t);
  const scale = powerOfTwo(exponentOf(biased));
  return sum(product(scale, excessOf(t, biased)), difference(scale, constant(1)));
}

/** For finite x > 0. */
@inline
function logarithm(x: v128): v128 {
  const subnormal = f32x4.lt(x, constant(c.SMALLEST_NORMAL));
  const normal = select(subnormal, product(x, constant(c.SUBNORMAL_SCALE)), x);
  const bits = i32x4.add(normal, i32x4.splat(c.ONE_BITS - c.SQRT_HALF_BITS));
  const exponent = i32x4.sub(i32x4.shr_s(bits, 23), i32x4.splat(c.ONE_BITS >> 23));
  const k = difference(f32x4.convert_i32x4_s(exponent), v128.and(subnormal, constant(c.SUBNORMAL_EXPONENT)));
  const m = i32x4.add(v128.and(bits, i32x4.splat(c.FRACTION_BITS)), i32x4.splat(c.SQRT_HALF_BITS));
  const f = difference(m, constant(1));
  const s = f32x4.div(f, sum(f, constant(2)));
  const z = product(s, s);
  const r = product(z, horner(horner(horner(constant(c.LOG_8), z, c.LOG_6), z, c.LOG_4), z, c.LOG_2));
  const half = product(product(constant(0.5), f), f);
  const low = sum(product(s, sum(half, r)), product(k, constant(c.LOG_LN2_LOW)));
  return difference(product(k, constant(c.LOG_LN2_HIGH)), difference(difference(half, low), f));
}

@inline
export function log(x: v128): v128 {
  const zero = constant(0);
  const atMostZero = select(f32x4.eq(x, zero), constant(-Infinity), constant(NaN));
  const positive = select(f32x4.lt(x, constant(Infinity)), logarithm(x), x);
  return select(f32x4.lt(zero, x), positive, atMostZero);
}

@inline
export function log1p(x: v128): v128 {
  const u = sum(x, constant(1));
  const correction = f32x4.div(difference(x, difference(u, constant(1))), u);
  const regular = v128.and(f32x4.lt(constant(0), u), f32x4.lt(u, constant(Infinity)));
  return sum(log(u), v128.and(regular, correction));
}

@inline
export function tanh(x: v128): v128 {
  const t = expm1(product(constant(-2), f32x4.abs(x)));
  return withSign(f32x4.div(t, sum(t, constant(2))), x);
}

/** |x| with the sign of y. */
@inline
function withSign(x: v128, y: v128): v128 {
  return v128.bitselect(y, x, constant(-0.0));
}

@inline
export function sigmoid(x: v128): v128 {
  const e = exp(f32x4.neg(f32x4.abs(x)));
  return f32x4.div(select(f32x4.lt(x, constant(0)), e, constant(1)), sum(e, constant(1)));
}

@inline
export function softplusTail(x: v128): v128 {
  return log1p(exp(f32x4.neg(f32x4.abs(x))));
}

@inline
export function erf(x: v128): v128 {
  const t = f32x4.abs(x);
  const square = product(x, x);
  let q = constant(c.ERF_TAIL_6);
  q = horner(q, t, c.ERF_TAIL_5);
  q = horner(q, t, c.ERF_TAIL_4);
  q = horner(q, t, c.ERF_TAIL_3);
  q = horner(q, t, c.ERF_TAIL_2);
  q = horner(q, t, c.ERF_TAIL_1);
  q = horner(q, t, c.ERF_TAIL_0);
  let p = constant(c.ERF_CENTRE_10);
  p = horner(p, square, c.ERF_CENTRE_8);
  p = horner(p, square, c.ERF_CENTRE_6);
  p = horner(p, square, c.ERF_CENTRE_4);
  p = horner(p, square, c.ERF_CENTRE_2);
  p = horner(p, square, c.ERF_CENTRE_0);
  const tail = withSign(difference(constant(1), exp(difference(product(q, t), t))), x);
  return select(f32x4.lt(constant(c.ERF_LIMIT), t), tail, sum(product(p, x), x));
}

/** e^(−x²/2). */
@inline
export function normalDensity(x: v128): v128 {
  return exp(product(product(constant(-0.5), x), x));
}

/** Φ(x), given the density. */
@inline
export function normalCumulative(x: v128, density: v128): v128 {
  const v = f32x4.div(constant(1), sum(product(f32x4.abs(x), constant(c.NORMAL_SLOPE)), constant(1)));
  let p = constant(c.NORMAL_8);
  p = horner(p, v, c.NORMAL_7);
  p = horner(p, v, c.NORMAL_6);
  p = horner(p, v, c.NORMAL_5);
  p = horner(p, v, c.NORMAL_4);
  p = horner(p, v, c.NORMAL_3);
  p = horner(p, v, c.NORMAL_2);
  p = horner(p, v, c.NORMAL_1);
  const tail = product(density, product(v, p));
  return select(f32x4.le(x, constant(0)), tail, difference(constant(1), tail));
}
