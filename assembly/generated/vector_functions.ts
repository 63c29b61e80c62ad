// Generated from src/codegen/functions: do not edit, run `npm run generate`.
import * as c from './coefficients';
import { atLeast, atMost, constant, difference, horner, hornerOfDoubles, product, select, sum, withSign } from '../kernels/vector';

/** round(x·log₂e) as a float whose last bits are the integer, for |x| < 2²¹. */
@inline
export function biasedExponent(x: v128): v128 {
  return sum(product(x, constant(c.LOG2_E)), constant(c.ROUNDING_BIAS));
}

@inline
export function exponentOf(biased: v128): v128 {
  return i32x4.sub(biased, i32x4.splat(c.ROUNDING_BIAS_BITS));
}

/** e^x / 2^n − 1 for n = round(x·log₂e). */
@inline
export function excessOf(x: v128, biased: v128): v128 {
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

/** 2^n for −126 ≤ n ≤ 127. */
@inline
export function powerOfTwo(n: v128): v128 {
  return i32x4.add(i32x4.shl(n, 23), i32x4.splat(c.ONE_BITS));
}

/** 1 ulp. The power of two in two halves: subnormal results are rounded once, and those beyond the largest number overflow. */
@inline
export function exp(x: v128): v128 {
  const t = atLeast(atMost(x, constant(c.EXP_HIGHEST)), constant(c.EXP_LOWEST));
  const biased = biasedExponent(t);
  const n = exponentOf(biased);
  const half = i32x4.shr_s(n, 1);
  return product(product(sum(excessOf(t, biased), constant(1)), powerOfTwo(half)), powerOfTwo(i32x4.sub(n, half)));
}

/** e^x − 1 for x ≤ 0, the only side that is asked for; 1 ulp. */
@inline
export function expm1(x: v128): v128 {
  const t = atLeast(x, constant(c.EXPM1_LOWEST));
  const biased = biasedExponent(t);
  const scale = powerOfTwo(exponentOf(biased));
  return sum(product(scale, excessOf(t, biased)), difference(scale, constant(1)));
}

/** ln x for finite x > 0. */
@inline
export function logarithm(x: v128): v128 {
  const subnormal = f32x4.lt(x, constant(c.SMALLEST_NORMAL));
  const normal = select(subnormal, product(x, constant(c.SUBNORMAL_SCALE)), x);
  const bits = i32x4.add(normal, i32x4.splat(c.ONE_BITS - c.SQRT_HALF_BITS));
  const exponent = i32x4.sub(i32x4.shr_s(bits, 23), i32x4.splat(c.ONE_BITS >> 23));
  const k = difference(f32x4.convert_i32x4_s(exponent), v128.and(subnormal, constant(c.SUBNORMAL_EXPONENT)));
  const f = difference(i32x4.add(v128.and(bits, i32x4.splat(c.FRACTION_BITS)), i32x4.splat(c.SQRT_HALF_BITS)), constant(1));
  const s = f32x4.div(f, sum(f, constant(2)));
  const z = product(s, s);
  let p = constant(c.LOG_8);
  p = horner(p, z, c.LOG_6);
  p = horner(p, z, c.LOG_4);
  p = horner(p, z, c.LOG_2);
  const half = product(product(constant(0.5), f), f);
  const low = sum(product(s, sum(half, product(z, p))), product(k, constant(c.LOG_LN2_LOW)));
  return difference(product(k, constant(c.LOG_LN2_HIGH)), difference(difference(half, low), f));
}

/** 1 ulp. −∞ at 0, NaN below. */
@inline
export function log(x: v128): v128 {
  const positive = select(f32x4.lt(x, constant(Infinity)), logarithm(x), x);
  return select(f32x4.lt(constant(0), x), positive, select(f32x4.eq(x, constant(0)), constant(-Infinity), constant(NaN)));
}

/** ln(1 + x) = ln u + (x − (u − 1)) / u for u = 1 + x rounded; 1.5 ulp. */
@inline
export function log1p(x: v128): v128 {
  const u = sum(x, constant(1));
  const correction = f32x4.div(difference(x, difference(u, constant(1))), u);
  return sum(log(u), v128.and(v128.and(f32x4.lt(constant(0), u), f32x4.lt(u, constant(Infinity))), correction));
}

/** From e^(−2|x|) − 1; 3 ulp. */
@inline
export function tanh(x: v128): v128 {
  const t = expm1(product(constant(-2), f32x4.abs(x)));
  return withSign(f32x4.div(t, sum(t, constant(2))), x);
}

/** e^−|x| cannot overflow, and e^x / (1 + e^x) keeps the relative accuracy of small values; 2.5 ulp. */
@inline
export function sigmoid(x: v128): v128 {
  const e = exp(f32x4.neg(f32x4.abs(x)));
  return f32x4.div(select(f32x4.lt(x, constant(0)), e, constant(1)), sum(e, constant(1)));
}

/** ln(1 + e^−|x|), with which ln(1 + e^x) = max(x, 0) + … */
@inline
export function softplusTail(x: v128): v128 {
  return log1p(exp(f32x4.neg(f32x4.abs(x))));
}

/** 1.5 ulp. */
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

/** The density of the standard normal distribution without its constant: e^(−x²/2). Relative error 1e-6 where |x| ≤ 5, growing with x². */
@inline
export function normalDensity(x: v128): v128 {
  return exp(product(product(constant(-0.5), x), x));
}

/** Φ(x) from the density; does not cancel in the left tail. Relative error as the density's. */
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

/** ln x for x ≥ 0 or NaN that came from a float. */
@inline
export function logOfDouble(x: v128): v128 {
  const bits = i64x2.add(x, i64x2.splat(c.ONE_BITS_64 - c.SQRT_HALF_BITS_64));
  const k = f64x2.sub(v128.or(i64x2.shr_u(bits, 52), i64x2.splat(c.INTEGER_BITS_64)), f64x2.splat(c.EXPONENT_BIAS));
  const m = i64x2.add(v128.and(bits, i64x2.splat(c.FRACTION_BITS_64)), i64x2.splat(c.SQRT_HALF_BITS_64));
  const s = f64x2.div(f64x2.sub(m, f64x2.splat(1)), f64x2.add(m, f64x2.splat(1)));
  const z = f64x2.mul(s, s);
  let p = f64x2.splat(c.ARTANH_17);
  p = hornerOfDoubles(p, z, c.ARTANH_15);
  p = hornerOfDoubles(p, z, c.ARTANH_13);
  p = hornerOfDoubles(p, z, c.ARTANH_11);
  p = hornerOfDoubles(p, z, c.ARTANH_9);
  p = hornerOfDoubles(p, z, c.ARTANH_7);
  p = hornerOfDoubles(p, z, c.ARTANH_5);
  p = hornerOfDoubles(p, z, c.ARTANH_3);
  const positive = f64x2.add(f64x2.mul(k, f64x2.splat(c.LN2)), f64x2.mul(f64x2.splat(2), f64x2.add(f64x2.mul(f64x2.mul(s, z), p), s)));
  return select(f64x2.eq(x, f64x2.splat(0)), f64x2.splat(-Infinity), select(f64x2.lt(x, f64x2.splat(Infinity)), positive, x));
}

/** e^x, as far as a float reaches. */
@inline
export function expOfDouble(x: v128): v128 {
  const t = f64x2.pmin(f64x2.pmax(x, f64x2.splat(c.POWER_LOWEST)), f64x2.splat(c.POWER_HIGHEST));
  const biased = f64x2.add(f64x2.mul(t, f64x2.splat(c.INVERSE_LN2)), f64x2.splat(c.POWER_ROUNDING_BIAS));
  const r = f64x2.sub(t, f64x2.mul(f64x2.sub(biased, f64x2.splat(c.POWER_ROUNDING_BIAS)), f64x2.splat(c.LN2)));
  let p = f64x2.splat(c.POWER_11);
  p = hornerOfDoubles(p, r, c.POWER_10);
  p = hornerOfDoubles(p, r, c.POWER_9);
  p = hornerOfDoubles(p, r, c.POWER_8);
  p = hornerOfDoubles(p, r, c.POWER_7);
  p = hornerOfDoubles(p, r, c.POWER_6);
  p = hornerOfDoubles(p, r, c.POWER_5);
  p = hornerOfDoubles(p, r, c.POWER_4);
  p = hornerOfDoubles(p, r, c.POWER_3);
  p = hornerOfDoubles(p, r, c.POWER_2);
  return f64x2.mul(f64x2.add(f64x2.add(f64x2.mul(f64x2.mul(r, r), p), r), f64x2.splat(1)), i64x2.add(i64x2.shl(biased, 52), i64x2.splat(c.ONE_BITS_64)));
}

/** Holds for infinities, too. */
@inline
export function isInteger(x: v128): v128 {
  return f64x2.eq(f64x2.sub(f64x2.add(x, f64x2.splat(c.POWER_ROUNDING_BIAS)), f64x2.splat(c.POWER_ROUNDING_BIAS)), x);
}

/** Special values are JavaScript's: NaN where |x| is 1 and y infinite, 1 where y is 0. */
@inline
export function powerOfDouble(x: v128, y: v128): v128 {
  const magnitude = expOfDouble(f64x2.mul(y, logOfDouble(f64x2.abs(x))));
  const toInteger = select(isInteger(f64x2.mul(f64x2.splat(0.5), y)), magnitude, f64x2.neg(magnitude));
  const toFraction = select(f64x2.eq(x, f64x2.splat(0)), magnitude, select(f64x2.lt(f64x2.splat(-Infinity), x), f64x2.splat(NaN), magnitude));
  const ofNegative = select(isInteger(y), toInteger, toFraction);
  const power = select(i64x2.lt_s(x, i64x2.splat(0)), ofNegative, magnitude);
  return select(f64x2.eq(y, f64x2.splat(0)), f64x2.splat(1), power);
}

/** Comparisons are written so that NaN comes through, as Math.max and Math.min let it. */
@inline
export function clamp(x: v128, alpha: v128): v128 {
  return select(f32x4.lt(alpha, x), alpha, atLeast(x, f32x4.neg(alpha)));
}

@inline
export function step(x: v128): v128 {
  return v128.and(f32x4.lt(constant(0), x), constant(1));
}

@inline
export function sign(x: v128): v128 {
  return select(f32x4.lt(x, constant(0)), constant(-1), step(x));
}

/** min(max(x + 3, 0), 6). */
@inline
export function ramp(x: v128): v128 {
  return atMost(atLeast(sum(x, constant(3)), constant(0)), constant(6));
}

/** x > 0 ? x : alpha·(eˣ − 1). */
@inline
export function exponentialUnit(x: v128, alpha: v128): v128 {
  return select(f32x4.lt(constant(0), x), x, product(alpha, expm1(x)));
}

/** scale where x > 0, else alpha·eˣ. */
@inline
export function exponentialUnitDerivative(x: v128, scale: v128, alpha: v128): v128 {
  return select(f32x4.lt(constant(0), x), scale, product(alpha, exp(x)));
}

/** ½·(1 + tanh u) = sigmoid(2u) for u = √(2/π)·(x + 0.044715·x³), from x and x²: no cancellation where tanh is near −1. */
@inline
export function geluGate(x: v128, square: v128): v128 {
  return sigmoid(product(product(x, constant(c.GELU_RATE)), sum(product(square, constant(c.GELU_CUBIC)), constant(1))));
}

@inline
export function identity(x: v128): v128 {
  return x;
}

@inline
export function identityDerivative(x: v128): v128 {
  return constant(1);
}

@inline
export function sigmoidDerivative(y: v128): v128 {
  return product(y, difference(constant(1), y));
}

@inline
export function tanhDerivative(y: v128): v128 {
  return difference(constant(1), product(y, y));
}

@inline
export function relu(x: v128): v128 {
  return v128.andnot(x, f32x4.le(x, constant(0)));
}

@inline
export function reluDerivative(y: v128): v128 {
  return step(y);
}

@inline
export function leakyRelu(x: v128, alpha: v128): v128 {
  return select(f32x4.lt(constant(0), x), x, product(alpha, x));
}

@inline
export function leakyReluDerivative(x: v128, alpha: v128): v128 {
  return select(f32x4.lt(constant(0), x), constant(1), alpha);
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
export function selu(x: v128): v128 {
  return product(constant(c.SELU_SCALE), exponentialUnit(x, constant(c.SELU_ALPHA)));
}

@inline
export function seluDerivative(x: v128): v128 {
  return exponentialUnitDerivative(x, constant(c.SELU_SCALE), constant(c.SELU_SLOPE));
}

@inline
export function gelu(x: v128): v128 {
  return product(atLeast(x, constant(-c.GELU_SATURATION)), normalCumulative(x, normalDensity(x)));
}

@inline
export function geluDerivative(x: v128): v128 {
  const density = normalDensity(x);
  return sum(normalCumulative(x, density), product(clamp(x, constant(c.GELU_SATURATION)), product(constant(c.INVERSE_SQRT_TWO_PI), density)));
}

@inline
export function geluTanh(x: v128): v128 {
  return product(atLeast(x, constant(-c.GELU_SATURATION)), geluGate(x, product(x, x)));
}

@inline
export function geluTanhDerivative(input: v128): v128 {
  const x = clamp(input, constant(c.GELU_SATURATION));
  const square = product(x, x);
  const gate = geluGate(x, square);
  const slope = product(sum(product(square, constant(c.GELU_CUBIC_SLOPE)), constant(1)), constant(c.GELU_RATE));
  return sum(gate, product(product(x, slope), product(gate, difference(constant(1), gate))));
}

@inline
export function silu(x: v128): v128 {
  return product(atLeast(x, constant(-c.SILU_SATURATION)), sigmoid(x));
}

@inline
export function siluDerivative(x: v128): v128 {
  const s = sigmoid(x);
  return product(s, sum(product(clamp(x, constant(c.SILU_SATURATION)), difference(constant(1), s)), constant(1)));
}

@inline
export function softplus(x: v128): v128 {
  return sum(atLeast(x, constant(0)), softplusTail(x));
}

@inline
export function softplusDerivative(x: v128): v128 {
  return sigmoid(x);
}

@inline
export function hardSigmoid(x: v128): v128 {
  return f32x4.div(ramp(x), constant(6));
}

@inline
export function hardSigmoidDerivative(y: v128): v128 {
  return f32x4.div(v128.and(f32x4.lt(constant(0), y), step(difference(constant(1), y))), constant(6));
}

/** Divided first: the product of a large x and 6 would be infinite. */
@inline
export function hardSwish(x: v128): v128 {
  return product(atLeast(x, constant(-3)), f32x4.div(ramp(x), constant(6)));
}

@inline
export function hardSwishDerivative(x: v128): v128 {
  const above = step(difference(x, constant(3)));
  const inside = difference(step(sum(x, constant(3))), above);
  return sum(above, product(inside, f32x4.div(sum(product(constant(2), clamp(x, constant(3))), constant(3)), constant(6))));
}

@inline
export function negate(x: v128): v128 {
  return f32x4.neg(x);
}

@inline
export function sqrt(x: v128): v128 {
  return f32x4.sqrt(x);
}

@inline
export function square(x: v128): v128 {
  return product(x, x);
}

@inline
export function abs(x: v128): v128 {
  return f32x4.abs(x);
}

/** A bfloat16 is the upper half of a float. What is added carries into it from a half on, from exactly a half where its last bit is 1. */
@inline
export function roundBfloat16(x: v128): v128 {
  const bits = x;
  const rounded = i32x4.add(i32x4.add(bits, i32x4.splat(c.BELOW_HALF_BITS)), v128.and(i32x4.shr_s(bits, 16), i32x4.splat(c.LAST_BIT)));
  return select(f32x4.eq(x, x), i32x4.shl(i32x4.shr_s(rounded, 16), 16), x);
}

@inline
export function add(x: v128, y: v128): v128 {
  return sum(x, y);
}

@inline
export function subtract(x: v128, y: v128): v128 {
  return difference(x, y);
}

@inline
export function multiply(x: v128, y: v128): v128 {
  return product(x, y);
}

@inline
export function divide(x: v128, y: v128): v128 {
  return f32x4.div(x, y);
}

/** Of two zeros, y. */
@inline
export function maximum(x: v128, y: v128): v128 {
  return select(f32x4.le(x, y), y, select(f32x4.lt(y, x), x, sum(x, y)));
}

/** Of two zeros, y. */
@inline
export function minimum(x: v128, y: v128): v128 {
  return select(f32x4.le(y, x), y, select(f32x4.lt(x, y), x, sum(x, y)));
}

@inline
export function squaredError(x: v128, y: v128): v128 {
  const d = difference(x, y);
  return product(product(constant(0.5), d), d);
}

@inline
export function squaredErrorPartial(x: v128, y: v128): v128 {
  return difference(x, y);
}

@inline
export function absoluteError(x: v128, y: v128): v128 {
  return f32x4.abs(difference(x, y));
}

@inline
export function absoluteErrorPartial(x: v128, y: v128): v128 {
  return sign(difference(x, y));
}

@inline
export function huberError(x: v128, y: v128, alpha: v128): v128 {
  const d = f32x4.abs(difference(x, y));
  return select(f32x4.le(d, alpha), product(product(constant(0.5), d), d), product(alpha, difference(d, product(constant(0.5), alpha))));
}

@inline
export function huberErrorPartial(x: v128, y: v128, alpha: v128): v128 {
  return clamp(difference(x, y), alpha);
}

@inline
export function logisticError(x: v128, y: v128): v128 {
  return sum(difference(atLeast(x, constant(0)), product(x, y)), softplusTail(x));
}

@inline
export function logisticErrorPartial(x: v128, y: v128): v128 {
  return difference(sigmoid(x), y);
}

@inline
export function bernoulliError(x: v128, y: v128): v128 {
  const yes = product(y, atLeast(log(x), constant(c.LOG_FLOOR)));
  const no = product(difference(constant(1), y), atLeast(log1p(f32x4.neg(x)), constant(c.LOG_FLOOR)));
  return f32x4.neg(sum(yes, no));
}

@inline
export function bernoulliErrorPartial(x: v128, y: v128): v128 {
  return f32x4.div(difference(x, y), atLeast(product(x, difference(constant(1), x)), constant(c.PROBABILITY_FLOOR)));
}

@inline
export function relativeEntropy(x: v128, y: v128): v128 {
  return v128.and(f32x4.lt(constant(0), y), product(y, difference(log(y), x)));
}

@inline
export function relativeEntropyPartial(x: v128, y: v128): v128 {
  return f32x4.neg(atLeast(y, constant(0)));
}

/** The gradient with weight decay. */
@inline
export function decayed(gradient: v128, parameter: v128, decay: v128): v128 {
  return sum(gradient, product(decay, parameter));
}

@inline
export function descended(parameter: v128, direction: v128, rate: v128): v128 {
  return difference(parameter, product(rate, direction));
}

@inline
export function rolled(velocity: v128, gradient: v128, momentum: v128): v128 {
  return sum(product(momentum, velocity), gradient);
}

/** Nesterov's direction, one step of momentum ahead. */
@inline
export function lookahead(velocity: v128, gradient: v128, momentum: v128): v128 {
  return sum(gradient, product(momentum, velocity));
}

/** A moving mean, and one of squares; a sum of squares where keep and take are 1. */
@inline
export function averaged(mean: v128, gradient: v128, keep: v128, take: v128): v128 {
  return sum(product(keep, mean), product(take, gradient));
}

@inline
export function averagedSquare(mean: v128, gradient: v128, keep: v128, take: v128): v128 {
  return sum(product(keep, mean), product(product(take, gradient), gradient));
}

@inline
export function adapted(parameter: v128, gradient: v128, squares: v128, rate: v128, epsilon: v128): v128 {
  return difference(parameter, f32x4.div(product(rate, gradient), sum(f32x4.sqrt(squares), epsilon)));
}

@inline
export function adamStep(parameter: v128, mean: v128, variance: v128, rate: v128, correction: v128, shrink: v128, epsilon: v128): v128 {
  return difference(product(parameter, shrink), f32x4.div(product(rate, mean), sum(product(f32x4.sqrt(variance), correction), epsilon)));
}

/** 32 random bits of each element, by where it stands in a step's sequence: src/ops/rounded-states.ts. */
@inline
export function scrambled(place: v128): v128 {
  const x = i32x4.mul(v128.xor(place, v128.and(i32x4.shr_s(place, 15), i32x4.splat(c.BELOW_15_BITS))), i32x4.splat(c.SCRAMBLE));
  return v128.xor(x, v128.and(i32x4.shr_s(x, 15), i32x4.splat(c.BELOW_15_BITS)));
}

/** A number whose upper half is one of the two bfloat16 beside x, the nearer one more likely, by the lower half of random bits. */
@inline
export function roundedByLow(x: v128, random: v128): v128 {
  return select(f32x4.eq(x, x), i32x4.add(x, v128.and(random, i32x4.splat(c.LOW_HALF_BITS))), constant(NaN));
}

@inline
export function roundedByHigh(x: v128, random: v128): v128 {
  return select(f32x4.eq(x, x), i32x4.add(x, v128.and(i32x4.shr_s(random, 16), i32x4.splat(c.LOW_HALF_BITS))), constant(NaN));
}

/** δ of a gate's sum, whose value a sigmoid gave: δ of what it was multiplied into, and by what. */
@inline
export function gateDelta(delta: v128, factor: v128, gate: v128): v128 {
  return product(product(delta, factor), sigmoidDerivative(gate));
}

/** The same, where tanh gave the value. */
@inline
export function candidateDelta(delta: v128, factor: v128, candidate: v128): v128 {
  return product(product(delta, factor), tanhDerivative(candidate));
}

/** The cell of a long short-term memory. */
@inline
export function lstmState(input: v128, forget: v128, candidate: v128, before: v128): v128 {
  return sum(product(forget, before), product(input, candidate));
}

/** The state of a gated recurrent unit, between what it was and the candidate. */
@inline
export function gruState(update: v128, candidate: v128, before: v128): v128 {
  return sum(candidate, product(update, difference(before, candidate)));
}

@inline
export function scaledSquare(x: v128, scale: v128): v128 {
  return square(product(x, scale));
}

@inline
export function squaredDeviation(x: v128, mean: v128): v128 {
  return square(difference(x, mean));
}

@inline
export function shiftedExponential(x: v128, shift: v128): v128 {
  return exp(difference(x, shift));
}

/** How far a logit lies below the largest: finite for all finite logits. */
@inline
export function below(largest: v128, logit: v128): v128 {
  return atMost(difference(largest, logit), constant(c.LARGEST));
}

/** A class's part of a cross-entropy, log being ln Σ e^(logit − largest). */
@inline
export function crossEntropyTerm(logit: v128, target: v128, largest: v128, log: v128): v128 {
  return product(target, sum(below(largest, logit), log));
}

/** δ of a logit; total is the sum of the targets. */
@inline
export function crossEntropyDelta(delta: v128, probability: v128, total: v128, target: v128): v128 {
  return product(delta, difference(product(probability, total), target));
}

/** The same where the target is 0. */
@inline
export function otherClassDelta(delta: v128, probability: v128, total: v128): v128 {
  return product(delta, product(probability, total));
}

/** dot is Σ δ·y. */
@inline
export function softmaxDelta(delta: v128, y: v128, dot: v128): v128 {
  return product(y, difference(delta, dot));
}

@inline
export function logProbability(x: v128, largest: v128, log: v128): v128 {
  return difference(difference(x, largest), log);
}

/** y is the logarithm of a probability, total Σ δ. */
@inline
export function logSoftmaxDelta(delta: v128, y: v128, total: v128): v128 {
  return difference(delta, product(exp(y), total));
}

/** ln(e^x + e^y + e^z); −∞ where all are. */
@inline
export function logOfExponentials(x: v128, y: v128, z: v128): v128 {
  const largest = atLeast(atLeast(atLeast(x, y), z), constant(-c.LARGEST));
  const total = sum(sum(exp(difference(x, largest)), exp(difference(y, largest))), exp(difference(z, largest)));
  return sum(largest, log(total));
}

@inline
export function reciprocalDeviation(variance: v128, epsilon: v128): v128 {
  return f32x4.div(constant(1), f32x4.sqrt(sum(variance, epsilon)));
}

/** A variance that was taken around what lies rest off the mean. */
@inline
export function correctedVariance(variance: v128, rest: v128): v128 {
  return atLeast(difference(variance, product(rest, rest)), constant(0));
}

/** x̂ of a normalisation. */
@inline
export function standardized(x: v128, mean: v128, scale: v128): v128 {
  return product(difference(x, mean), scale);
}

/** δ of a normalisation's x, from δ of x̂: offset is the mean of the latter, slope the mean of its products with x̂. */
@inline
export function standardizedDelta(delta: v128, x: v128, mean: v128, scale: v128, offset: v128, slope: v128, factor: v128): v128 {
  return product(difference(delta, sum(offset, product(standardized(x, mean, scale), slope))), factor);
}
