/**
 * The scalar functions of src/ops/functions.ts and their derivatives, on four lanes; what each means stands there. All take the
 * function's parameter `alpha` last, used or not, because the generated selection calls them alike. Branches are selections: the
 * side not taken may be infinite or NaN and is dropped.
 */
import { clip, constant, difference, exponentialUnit, heaviside, logistic, logOnePlusExp, positive, product, ramp, signum, sum } from './algebra';
import { erf as vectorErf, exp as vectorExp, expm1, log as vectorLog, power as vectorPower, tanh as vectorTanh } from './transcendental';
import { select } from './vector';

const SELU_ALPHA: f32 = 1.6732632423543772;
const SELU_SCALE: f32 = 1.0507009873554805;
const SQRT_HALF: f32 = 0.7071067811865476;
const SQRT_TWO_OVER_PI: f32 = 0.7978845608028654;
const INVERSE_SQRT_TWO_PI: f32 = 0.3989422804014327;
const GELU_CUBIC: f32 = 0.044715;
const LOG_FLOOR: f32 = -100;
const PROBABILITY_FLOOR: f32 = 1e-12;

// @ts-ignore: decorator
@inline
export function sigmoid(x: v128, alpha: v128): v128 {
  return logistic(x);
}

// @ts-ignore: decorator
@inline
export function sigmoidDerivative(y: v128, alpha: v128): v128 {
  return product(y, difference(constant(1), y));
}

// @ts-ignore: decorator
@inline
export function tanh(x: v128, alpha: v128): v128 {
  return vectorTanh(x);
}

// @ts-ignore: decorator
@inline
export function tanhDerivative(y: v128, alpha: v128): v128 {
  return difference(constant(1), product(y, y));
}

// @ts-ignore: decorator
@inline
export function relu(x: v128, alpha: v128): v128 {
  return v128.andnot(x, f32x4.le(x, constant(0)));
}

// @ts-ignore: decorator
@inline
export function reluDerivative(y: v128, alpha: v128): v128 {
  return heaviside(y);
}

// @ts-ignore: decorator
@inline
export function leakyRelu(x: v128, alpha: v128): v128 {
  return select(positive(x), x, product(alpha, x));
}

// @ts-ignore: decorator
@inline
export function leakyReluDerivative(x: v128, alpha: v128): v128 {
  return select(positive(x), constant(1), alpha);
}

// @ts-ignore: decorator
@inline
export function elu(x: v128, alpha: v128): v128 {
  return select(positive(x), x, product(alpha, expm1(x)));
}

// @ts-ignore: decorator
@inline
export function eluDerivative(x: v128, alpha: v128): v128 {
  return exponentialUnit(x, constant(1), alpha);
}

// @ts-ignore: decorator
@inline
export function selu(x: v128, alpha: v128): v128 {
  return product(constant(SELU_SCALE), select(positive(x), x, product(constant(SELU_ALPHA), expm1(x))));
}

// @ts-ignore: decorator
@inline
export function seluDerivative(x: v128, alpha: v128): v128 {
  return exponentialUnit(x, constant(SELU_SCALE), constant(SELU_SCALE * SELU_ALPHA));
}

// @ts-ignore: decorator
@inline
export function gelu(x: v128, alpha: v128): v128 {
  return product(product(constant(0.5), x), sum(constant(1), vectorErf(product(x, constant(SQRT_HALF)))));
}

// @ts-ignore: decorator
@inline
export function geluDerivative(x: v128, alpha: v128): v128 {
  const phi = product(constant(0.5), sum(constant(1), vectorErf(product(x, constant(SQRT_HALF)))));
  const density = product(constant(INVERSE_SQRT_TWO_PI), vectorExp(product(constant(-0.5), product(x, x))));
  return sum(phi, product(x, density));
}

/** ½·(1 + tanh u) = sigmoid(2u) for u = √(2/π)·(x + 0.044715·x³), from x and x²: without the cancellation where tanh is near −1. */
// @ts-ignore: decorator
@inline
function geluGate(x: v128, square: v128): v128 {
  return logistic(product(product(x, constant(2 * SQRT_TWO_OVER_PI)), sum(constant(1), product(constant(GELU_CUBIC), square))));
}

// @ts-ignore: decorator
@inline
export function geluTanh(x: v128, alpha: v128): v128 {
  return product(x, geluGate(x, product(x, x)));
}

// @ts-ignore: decorator
@inline
export function geluTanhDerivative(x: v128, alpha: v128): v128 {
  const square = product(x, x);
  const gate = geluGate(x, square);
  const slope = product(constant(2 * SQRT_TWO_OVER_PI), sum(constant(1), product(constant(3 * GELU_CUBIC), square)));
  return sum(gate, product(product(x, slope), product(gate, difference(constant(1), gate))));
}

// @ts-ignore: decorator
@inline
export function silu(x: v128, alpha: v128): v128 {
  return product(x, logistic(x));
}

// @ts-ignore: decorator
@inline
export function siluDerivative(x: v128, alpha: v128): v128 {
  const s = logistic(x);
  return product(s, sum(constant(1), product(x, difference(constant(1), s))));
}

// @ts-ignore: decorator
@inline
export function softplus(x: v128, alpha: v128): v128 {
  return logOnePlusExp(x);
}

// @ts-ignore: decorator
@inline
export function softplusDerivative(x: v128, alpha: v128): v128 {
  return logistic(x);
}

// @ts-ignore: decorator
@inline
export function hardSigmoid(x: v128, alpha: v128): v128 {
  return f32x4.div(ramp(x), constant(6));
}

// @ts-ignore: decorator
@inline
export function hardSigmoidDerivative(y: v128, alpha: v128): v128 {
  return f32x4.div(v128.and(positive(y), heaviside(difference(constant(1), y))), constant(6));
}

// @ts-ignore: decorator
@inline
export function hardSwish(x: v128, alpha: v128): v128 {
  return f32x4.div(product(x, ramp(x)), constant(6));
}

// @ts-ignore: decorator
@inline
export function hardSwishDerivative(x: v128, alpha: v128): v128 {
  const above = heaviside(difference(x, constant(3)));
  const inside = difference(heaviside(sum(x, constant(3))), above);
  const slope = f32x4.div(sum(product(constant(2), clip(x, constant(3))), constant(3)), constant(6));
  return sum(above, product(inside, slope));
}

// @ts-ignore: decorator
@inline
export function negate(x: v128, alpha: v128): v128 {
  return f32x4.neg(x);
}

// @ts-ignore: decorator
@inline
export function exp(x: v128, alpha: v128): v128 {
  return vectorExp(x);
}

// @ts-ignore: decorator
@inline
export function log(x: v128, alpha: v128): v128 {
  return vectorLog(x);
}

// @ts-ignore: decorator
@inline
export function sqrt(x: v128, alpha: v128): v128 {
  return f32x4.sqrt(x);
}

// @ts-ignore: decorator
@inline
export function square(x: v128, alpha: v128): v128 {
  return product(x, x);
}

// @ts-ignore: decorator
@inline
export function abs(x: v128, alpha: v128): v128 {
  return f32x4.abs(x);
}

// @ts-ignore: decorator
@inline
export function sign(x: v128, alpha: v128): v128 {
  return signum(x);
}

// @ts-ignore: decorator
@inline
export function step(x: v128, alpha: v128): v128 {
  return heaviside(x);
}

// @ts-ignore: decorator
@inline
export function erf(x: v128, alpha: v128): v128 {
  return vectorErf(x);
}

// @ts-ignore: decorator
@inline
export function clamp(x: v128, alpha: v128): v128 {
  return clip(x, alpha);
}

// @ts-ignore: decorator
@inline
export function add(x: v128, y: v128, alpha: v128): v128 {
  return sum(x, y);
}

// @ts-ignore: decorator
@inline
export function subtract(x: v128, y: v128, alpha: v128): v128 {
  return difference(x, y);
}

// @ts-ignore: decorator
@inline
export function multiply(x: v128, y: v128, alpha: v128): v128 {
  return product(x, y);
}

// @ts-ignore: decorator
@inline
export function divide(x: v128, y: v128, alpha: v128): v128 {
  return f32x4.div(x, y);
}

// @ts-ignore: decorator
@inline
export function power(x: v128, y: v128, alpha: v128): v128 {
  return vectorPower(x, y);
}

// @ts-ignore: decorator
@inline
export function maximum(x: v128, y: v128, alpha: v128): v128 {
  return f32x4.max(x, y);
}

// @ts-ignore: decorator
@inline
export function minimum(x: v128, y: v128, alpha: v128): v128 {
  return f32x4.min(x, y);
}

// @ts-ignore: decorator
@inline
export function squaredError(x: v128, y: v128, alpha: v128): v128 {
  const d = difference(x, y);
  return product(product(constant(0.5), d), d);
}

// @ts-ignore: decorator
@inline
export function squaredErrorPartial(x: v128, y: v128, alpha: v128): v128 {
  return difference(x, y);
}

// @ts-ignore: decorator
@inline
export function absoluteError(x: v128, y: v128, alpha: v128): v128 {
  return f32x4.abs(difference(x, y));
}

// @ts-ignore: decorator
@inline
export function absoluteErrorPartial(x: v128, y: v128, alpha: v128): v128 {
  return signum(difference(x, y));
}

// @ts-ignore: decorator
@inline
export function huberError(x: v128, y: v128, alpha: v128): v128 {
  const d = f32x4.abs(difference(x, y));
  const linear = product(alpha, difference(d, product(constant(0.5), alpha)));
  return select(f32x4.le(d, alpha), product(product(constant(0.5), d), d), linear);
}

// @ts-ignore: decorator
@inline
export function huberErrorPartial(x: v128, y: v128, alpha: v128): v128 {
  return clip(difference(x, y), alpha);
}

// @ts-ignore: decorator
@inline
export function logisticError(x: v128, y: v128, alpha: v128): v128 {
  return difference(logOnePlusExp(x), product(x, y));
}

// @ts-ignore: decorator
@inline
export function logisticErrorPartial(x: v128, y: v128, alpha: v128): v128 {
  return difference(logistic(x), y);
}

// @ts-ignore: decorator
@inline
export function bernoulliError(x: v128, y: v128, alpha: v128): v128 {
  const yes = product(y, f32x4.max(vectorLog(x), constant(LOG_FLOOR)));
  const no = product(difference(constant(1), y), f32x4.max(vectorLog(difference(constant(1), x)), constant(LOG_FLOOR)));
  return f32x4.neg(sum(yes, no));
}

// @ts-ignore: decorator
@inline
export function bernoulliErrorPartial(x: v128, y: v128, alpha: v128): v128 {
  const variance = product(x, difference(constant(1), x));
  return f32x4.div(difference(x, y), f32x4.max(variance, constant(PROBABILITY_FLOOR)));
}

// @ts-ignore: decorator
@inline
export function relativeEntropy(x: v128, y: v128, alpha: v128): v128 {
  return v128.and(positive(y), product(y, difference(vectorLog(y), x)));
}

// @ts-ignore: decorator
@inline
export function relativeEntropyPartial(x: v128, y: v128, alpha: v128): v128 {
  return f32x4.neg(f32x4.max(y, constant(0)));
}
