/** What the scalar functions are written in: arithmetic on four lanes, and the pieces that several of them share. */
import { exp, log1p } from './transcendental';
import { select } from './vector';

// @ts-ignore: decorator
@inline
export function constant(x: f32): v128 {
  return f32x4.splat(x);
}

// @ts-ignore: decorator
@inline
export function sum(x: v128, y: v128): v128 {
  return f32x4.add(x, y);
}

// @ts-ignore: decorator
@inline
export function difference(x: v128, y: v128): v128 {
  return f32x4.sub(x, y);
}

// @ts-ignore: decorator
@inline
export function product(x: v128, y: v128): v128 {
  return f32x4.mul(x, y);
}

// @ts-ignore: decorator
@inline
export function positive(x: v128): v128 {
  return f32x4.gt(x, constant(0));
}

/** x > 0 ? 1 : 0. */
// @ts-ignore: decorator
@inline
export function heaviside(x: v128): v128 {
  return v128.and(positive(x), constant(1));
}

/** x > 0 ? 1 : x < 0 ? −1 : 0. */
// @ts-ignore: decorator
@inline
export function signum(x: v128): v128 {
  return v128.or(heaviside(x), v128.and(f32x4.lt(x, constant(0)), constant(-1)));
}

// @ts-ignore: decorator
@inline
export function clip(x: v128, limit: v128): v128 {
  const low = f32x4.neg(limit);
  return select(f32x4.gt(x, limit), limit, select(f32x4.lt(x, low), low, x));
}

/** e^−|x| cannot overflow, and e^x / (1 + e^x) keeps the relative accuracy of small values. */
export function logistic(x: v128): v128 {
  const e = exp(f32x4.neg(f32x4.abs(x)));
  const larger = f32x4.div(constant(1), sum(constant(1), e));
  return select(f32x4.ge(x, constant(0)), larger, f32x4.div(e, sum(constant(1), e)));
}

export function logOnePlusExp(x: v128): v128 {
  return sum(f32x4.max(x, constant(0)), log1p(exp(f32x4.neg(f32x4.abs(x)))));
}

/** min(max(x + 3, 0), 6). */
// @ts-ignore: decorator
@inline
export function ramp(x: v128): v128 {
  return f32x4.min(f32x4.max(sum(x, constant(3)), constant(0)), constant(6));
}

/** `scale` where x > 0, else `alpha`·eˣ. */
// @ts-ignore: decorator
@inline
export function exponentialUnit(x: v128, scale: v128, alpha: v128): v128 {
  return select(positive(x), scale, product(alpha, exp(x)));
}
