/**
 * One optimiser step over a run of parameters, in place; the formulas stand in src/ops/optimizers.ts. What depends on the step
 * alone is computed in double precision and rounded once.
 */
import { Context } from '../context';
import { load4, splat, store4 } from './vector';

@inline
function decayed(gradient: v128, parameter: v128, weightDecay: v128): v128 {
  return f32x4.add(gradient, f32x4.mul(weightDecay, parameter));
}

export function sgd(parameter: usize, gradient: usize, learningRate: usize, size: i32, weightDecay: f64): void {
  const rate = v128.load32_splat(learningRate);
  const decay = splat(weightDecay);
  for (let rest = size; rest > 0; rest -= 4, parameter += 16, gradient += 16) {
    const p = load4(parameter, rest);
    store4(parameter, f32x4.sub(p, f32x4.mul(rate, decayed(load4(gradient, rest), p, decay))), rest);
  }
}

export function momentum(
  parameter: usize,
  gradient: usize,
  velocity: usize,
  learningRate: usize,
  size: i32,
  momentum: f64,
  weightDecay: f64,
  nesterov: i32,
): void {
  const rate = v128.load32_splat(learningRate);
  const mu = splat(momentum);
  const decay = splat(weightDecay);
  for (let rest = size; rest > 0; rest -= 4, parameter += 16, gradient += 16, velocity += 16) {
    const p = load4(parameter, rest);
    const g = decayed(load4(gradient, rest), p, decay);
    const v = f32x4.add(f32x4.mul(mu, load4(velocity, rest)), g);
    store4(velocity, v, rest);
    const direction = nesterov ? f32x4.add(g, f32x4.mul(mu, v)) : v;
    store4(parameter, f32x4.sub(p, f32x4.mul(rate, direction)), rest);
  }
}

/** p − η·g / (√s + ε). */
@inline
function adapted(p: v128, g: v128, squares: v128, rate: v128, epsilon: v128): v128 {
  return f32x4.sub(p, f32x4.div(f32x4.mul(rate, g), f32x4.add(f32x4.sqrt(squares), epsilon)));
}

export function adagrad(
  parameter: usize,
  gradient: usize,
  squares: usize,
  learningRate: usize,
  size: i32,
  epsilon: f64,
  weightDecay: f64,
): void {
  const rate = v128.load32_splat(learningRate);
  const floor = splat(epsilon);
  const decay = splat(weightDecay);
  for (let rest = size; rest > 0; rest -= 4, parameter += 16, gradient += 16, squares += 16) {
    const p = load4(parameter, rest);
    const g = decayed(load4(gradient, rest), p, decay);
    const s = f32x4.add(load4(squares, rest), f32x4.mul(g, g));
    store4(squares, s, rest);
    store4(parameter, adapted(p, g, s, rate, floor), rest);
  }
}

export function rmsprop(
  parameter: usize,
  gradient: usize,
  squares: usize,
  learningRate: usize,
  size: i32,
  decay: f64,
  epsilon: f64,
  weightDecay: f64,
): void {
  const rate = v128.load32_splat(learningRate);
  const rho = splat(decay);
  const fresh = splat(1 - decay);
  const floor = splat(epsilon);
  const pull = splat(weightDecay);
  for (let rest = size; rest > 0; rest -= 4, parameter += 16, gradient += 16, squares += 16) {
    const p = load4(parameter, rest);
    const g = decayed(load4(gradient, rest), p, pull);
    const s = f32x4.add(f32x4.mul(rho, load4(squares, rest)), f32x4.mul(f32x4.mul(fresh, g), g));
    store4(squares, s, rest);
    store4(parameter, adapted(p, g, s, rate, floor), rest);
  }
}

/** xⁿ by repeated squaring: the same bits on every backend. */
function integerPower(x: f64, n: u64): f64 {
  let result: f64 = 1;
  for (; n > 0; n >>= 1, x *= x) if (n & 1) result *= x;
  return result;
}

export function adam(
  context: Context,
  parameter: usize,
  gradient: usize,
  mean: usize,
  variance: usize,
  learningRate: usize,
  size: i32,
  beta1: f64,
  beta2: f64,
  epsilon: f64,
  weightDecay: f64,
  decoupled: i32,
): void {
  const t = <u64>(context.stepBase + context.iteration) + 1;
  const eta = <f64>load<f32>(learningRate);
  const rate = splat(eta / (1 - integerPower(beta1, t)));
  const correction = splat(1 / Math.sqrt(1 - integerPower(beta2, t)));
  const shrink = splat(decoupled ? 1 - eta * weightDecay : 1);
  const decay = splat(decoupled ? 0 : weightDecay);
  const keepMean = splat(beta1);
  const freshMean = splat(1 - beta1);
  const keepVariance = splat(beta2);
  const freshVariance = splat(1 - beta2);
  const floor = splat(epsilon);
  // Whole vectors have a loop of their own: with a call in it, for partial ones, no constant would stay in a register.
  let rest = size;
  for (; rest >= 4; rest -= 4, parameter += 16, gradient += 16, mean += 16, variance += 16) {
    const p = v128.load(parameter);
    const g = decayed(v128.load(gradient), p, decay);
    const m = f32x4.add(f32x4.mul(keepMean, v128.load(mean)), f32x4.mul(freshMean, g));
    const v = f32x4.add(f32x4.mul(keepVariance, v128.load(variance)), f32x4.mul(f32x4.mul(freshVariance, g), g));
    v128.store(mean, m);
    v128.store(variance, v);
    v128.store(parameter, moved(p, m, v, rate, correction, floor, shrink));
  }
  if (rest > 0) {
    const p = load4(parameter, rest);
    const g = decayed(load4(gradient, rest), p, decay);
    const m = f32x4.add(f32x4.mul(keepMean, load4(mean, rest)), f32x4.mul(freshMean, g));
    const v = f32x4.add(f32x4.mul(keepVariance, load4(variance, rest)), f32x4.mul(f32x4.mul(freshVariance, g), g));
    store4(mean, m, rest);
    store4(variance, v, rest);
    store4(parameter, moved(p, m, v, rate, correction, floor, shrink), rest);
  }
}

/** shrink·p − η̂·m / (√v·correction + ε). */
@inline
function moved(p: v128, m: v128, v: v128, rate: v128, correction: v128, floor: v128, shrink: v128): v128 {
  const scale = f32x4.add(f32x4.mul(f32x4.sqrt(v), correction), floor);
  return f32x4.sub(f32x4.mul(p, shrink), f32x4.div(f32x4.mul(rate, m), scale));
}
