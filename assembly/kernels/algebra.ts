/** The pieces that several of the scalar functions share; the same, in the same order, as in native/kernels/functions.h. */
import { GELU_CUBIC, GELU_RATE } from '../generated/coefficients';
import { exp, expm1, sigmoid } from './transcendental';
import { atLeast, atMost, constant, product, select, sum } from './vector';

@inline
export function positive(x: v128): v128 {
  return f32x4.gt(x, constant(0));
}

/** x > 0 ? 1 : 0. */
@inline
export function heaviside(x: v128): v128 {
  return v128.and(positive(x), constant(1));
}

/** x > 0 ? 1 : x < 0 ? −1 : 0. */
@inline
export function signum(x: v128): v128 {
  return v128.or(heaviside(x), v128.and(f32x4.lt(x, constant(0)), constant(-1)));
}

@inline
export function clip(x: v128, limit: v128): v128 {
  return select(f32x4.lt(limit, x), limit, atLeast(x, f32x4.neg(limit)));
}

/** min(max(x + 3, 0), 6). */
@inline
export function ramp(x: v128): v128 {
  return atMost(atLeast(sum(x, constant(3)), constant(0)), constant(6));
}

/** x > 0 ? x : alpha·(eˣ − 1). */
@inline
export function exponentialUnit(x: v128, alpha: v128): v128 {
  return select(positive(x), x, product(alpha, expm1(x)));
}

/** `scale` where x > 0, else alpha·eˣ. */
@inline
export function exponentialUnitDerivative(x: v128, scale: v128, alpha: v128): v128 {
  return select(positive(x), scale, product(alpha, exp(x)));
}

/** ½·(1 + tanh u) = sigmoid(2u) for u = √(2/π)·(x + 0.044715·x³), from x and x²: without the cancellation where tanh is near −1. */
@inline
export function geluGate(x: v128, square: v128): v128 {
  return sigmoid(product(product(x, constant(GELU_RATE)), sum(product(square, constant(GELU_CUBIC)), constant(1))));
}
