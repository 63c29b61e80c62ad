/**
 * The scalar functions of src/ops/functions.ts and their derivatives, on four lanes; what each means stands there. The operations and
 * their order are those of native/kernels/functions.h. All take the
 * function's parameter `alpha` last, used or not, because the generated selection calls them alike. Branches are selections: the
 * side not taken may be infinite or NaN and is dropped.
 */
import * as c from '../generated/coefficients';
import { clip, exponentialUnit, exponentialUnitDerivative, geluGate, heaviside, positive, ramp, signum } from './algebra';
import { power as vectorPower } from './power';
import * as t from './transcendental';
import { atLeast, constant, difference, product, select, sum } from './vector';

@inline
export function sigmoid(x: v128, alpha: v128): v128 {
  return t.sigmoid(x);
}

@inline
export function sigmoidDerivative(y: v128, alpha: v128): v128 {
  return product(y, difference(constant(1), y));
}

@inline
export function tanh(x: v128, alpha: v128): v128 {
  return t.tanh(x);
}

@inline
export function tanhDerivative(y: v128, alpha: v128): v128 {
  return difference(constant(1), product(y, y));
}

@inline
export function relu(x: v128, alpha: v128): v128 {
  return v128.andnot(x, f32x4.le(x, constant(0)));
}

@inline
export function reluDerivative(y: v128, alpha: v128): v128 {
  return heaviside(y);
}

@inline
export function leakyRelu(x: v128, alpha: v128): v128 {
  return select(positive(x), x, product(alpha, x));
}

@inline
export function leakyReluDerivative(x: v128, alpha: v128): v128 {
  return select(positive(x), constant(1), alpha);
}

@inline
export function elu(x: v128, alpha: v128): v128 {
  return exponentialUnit(x, alpha);
}

@inline
export function eluDerivative(x: v128, alpha: v128): v128 {
  return exponentialUnitDerivative(x, constant(1), alpha);
}

@inline
export function selu(x: v128, alpha: v128): v128 {
  return product(constant(c.SELU_SCALE), exponentialUnit(x, constant(c.SELU_ALPHA)));
}

@inline
export function seluDerivative(x: v128, alpha: v128): v128 {
  return exponentialUnitDerivative(x, constant(c.SELU_SCALE), constant(c.SELU_SLOPE));
}

@inline
export function gelu(x: v128, alpha: v128): v128 {
  return product(atLeast(x, constant(-c.GELU_SATURATION)), t.normalCumulative(x, t.normalDensity(x)));
}

@inline
export function geluDerivative(x: v128, alpha: v128): v128 {
  const density = t.normalDensity(x);
  const factor = clip(x, constant(c.GELU_SATURATION));
  return sum(t.normalCumulative(x, density), product(factor, product(constant(c.INVERSE_SQRT_TWO_PI), density)));
}

@inline
export function geluTanh(x: v128, alpha: v128): v128 {
  return product(atLeast(x, constant(-c.GELU_SATURATION)), geluGate(x, product(x, x)));
}

@inline
export function geluTanhDerivative(input: v128, alpha: v128): v128 {
  const x = clip(input, constant(c.GELU_SATURATION));
  const square = product(x, x);
  const gate = geluGate(x, square);
  const slope = product(sum(product(square, constant(c.GELU_CUBIC_SLOPE)), constant(1)), constant(c.GELU_RATE));
  return sum(gate, product(product(x, slope), product(gate, difference(constant(1), gate))));
}

@inline
export function silu(x: v128, alpha: v128): v128 {
  return product(atLeast(x, constant(-c.SILU_SATURATION)), t.sigmoid(x));
}

@inline
export function siluDerivative(x: v128, alpha: v128): v128 {
  const s = t.sigmoid(x);
  return product(s, sum(product(clip(x, constant(c.SILU_SATURATION)), difference(constant(1), s)), constant(1)));
}

@inline
export function softplus(x: v128, alpha: v128): v128 {
  return sum(atLeast(x, constant(0)), t.softplusTail(x));
}

@inline
export function softplusDerivative(x: v128, alpha: v128): v128 {
  return t.sigmoid(x);
}

@inline
export function hardSigmoid(x: v128, alpha: v128): v128 {
  return f32x4.div(ramp(x), constant(6));
}

@inline
export function hardSigmoidDerivative(y: v128, alpha: v128): v128 {
  return f32x4.div(v128.and(positive(y), heaviside(difference(constant(1), y))), constant(6));
}

@inline
export function hardSwish(x: v128, alpha: v128): v128 {
  // Divided first: the product of a large x and 6 would be infinite.
  return product(atLeast(x, constant(-3)), f32x4.div(ramp(x), constant(6)));
}

@inline
export function hardSwishDerivative(x: v128, alpha: v128): v128 {
  const above = heaviside(difference(x, constant(3)));
  const inside = difference(heaviside(sum(x, constant(3))), above);
  const slope = f32x4.div(sum(product(constant(2), clip(x, constant(3))), constant(3)), constant(6));
  return sum(above, product(inside, slope));
}

@inline
export function negate(x: v128, alpha: v128): v128 {
  return f32x4.neg(x);
}

@inline
export function exp(x: v128, alpha: v128): v128 {
  return t.exp(x);
}

@inline
export function log(x: v128, alpha: v128): v128 {
  return t.log(x);
}

@inline
export function sqrt(x: v128, alpha: v128): v128 {
  return f32x4.sqrt(x);
}

@inline
export function square(x: v128, alpha: v128): v128 {
  return product(x, x);
}

@inline
export function abs(x: v128, alpha: v128): v128 {
  return f32x4.abs(x);
}

@inline
export function sign(x: v128, alpha: v128): v128 {
  return signum(x);
}

@inline
export function step(x: v128, alpha: v128): v128 {
  return heaviside(x);
}

@inline
export function erf(x: v128, alpha: v128): v128 {
  return t.erf(x);
}

@inline
export function clamp(x: v128, alpha: v128): v128 {
  return clip(x, alpha);
}

@inline
export function add(x: v128, y: v128, alpha: v128): v128 {
  return sum(x, y);
}

@inline
export function subtract(x: v128, y: v128, alpha: v128): v128 {
  return difference(x, y);
}

@inline
export function multiply(x: v128, y: v128, alpha: v128): v128 {
  return product(x, y);
}

@inline
export function divide(x: v128, y: v128, alpha: v128): v128 {
  return f32x4.div(x, y);
}

@inline
export function power(x: v128, y: v128, alpha: v128): v128 {
  return vectorPower(x, y);
}

/** Of two zeros, y. */
@inline
export function maximum(x: v128, y: v128, alpha: v128): v128 {
  return select(f32x4.le(x, y), y, select(f32x4.lt(y, x), x, sum(x, y)));
}

/** Of two zeros, y. */
@inline
export function minimum(x: v128, y: v128, alpha: v128): v128 {
  return select(f32x4.le(y, x), y, select(f32x4.lt(x, y), x, sum(x, y)));
}

@inline
export function squaredError(x: v128, y: v128, alpha: v128): v128 {
  const d = difference(x, y);
  return product(product(constant(0.5), d), d);
}

@inline
export function squaredErrorPartial(x: v128, y: v128, alpha: v128): v128 {
  return difference(x, y);
}

@inline
export function absoluteError(x: v128, y: v128, alpha: v128): v128 {
  return f32x4.abs(difference(x, y));
}

@inline
export function absoluteErrorPartial(x: v128, y: v128, alpha: v128): v128 {
  return signum(difference(x, y));
}

@inline
export function huberError(x: v128, y: v128, alpha: v128): v128 {
  const d = f32x4.abs(difference(x, y));
  const linear = product(alpha, difference(d, product(constant(0.5), alpha)));
  return select(f32x4.le(d, alpha), product(product(constant(0.5), d), d), linear);
}

@inline
export function huberErrorPartial(x: v128, y: v128, alpha: v128): v128 {
  return clip(difference(x, y), alpha);
}

@inline
export function logisticError(x: v128, y: v128, alpha: v128): v128 {
  return sum(difference(atLeast(x, constant(0)), product(x, y)), t.softplusTail(x));
}

@inline
export function logisticErrorPartial(x: v128, y: v128, alpha: v128): v128 {
  return difference(t.sigmoid(x), y);
}

@inline
export function bernoulliError(x: v128, y: v128, alpha: v128): v128 {
  const yes = product(y, atLeast(t.log(x), constant(c.LOG_FLOOR)));
  const no = product(difference(constant(1), y), atLeast(t.log1p(f32x4.neg(x)), constant(c.LOG_FLOOR)));
  return f32x4.neg(sum(yes, no));
}

@inline
export function bernoulliErrorPartial(x: v128, y: v128, alpha: v128): v128 {
  const variance = product(x, difference(constant(1), x));
  return f32x4.div(difference(x, y), atLeast(variance, constant(c.PROBABILITY_FLOOR)));
}

@inline
export function relativeEntropy(x: v128, y: v128, alpha: v128): v128 {
  return v128.and(positive(y), product(y, difference(t.log(y), x)));
}

@inline
export function relativeEntropyPartial(x: v128, y: v128, alpha: v128): v128 {
  return f32x4.neg(atLeast(y, constant(0)));
}
