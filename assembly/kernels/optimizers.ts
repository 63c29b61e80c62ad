/**
 * One optimiser step over a run of parameters, in place; the formulas stand in src/ops/optimizers.ts. What depends on the step
 * alone is computed in double precision and rounded once. Whole vectors have loops of their own: with the call for partial ones in a
 * loop, engines keep no constant in a register there.
 */
import { AdagradArguments, AdamArguments, MomentumArguments, RmspropArguments, SgdArguments } from '../generated/arguments';
import { load4, splat, store4 } from './vector';

@inline
function decayed(gradient: v128, parameter: v128, weightDecay: v128): v128 {
  return f32x4.add(gradient, f32x4.mul(weightDecay, parameter));
}

export function sgd(args: SgdArguments): void {
  let parameter = args.parameter;
  let gradient = args.gradient;
  const rate = v128.load32_splat(args.learningRate);
  const decay = splat(args.weightDecay);
  let rest = args.size;
  for (; rest >= 4; rest -= 4, parameter += 16, gradient += 16) descend(parameter, gradient, rate, decay, 4);
  if (rest > 0) descend(parameter, gradient, rate, decay, rest);
}

@inline
function descend(parameter: usize, gradient: usize, rate: v128, decay: v128, n: i32): void {
  const p = load4(parameter, n);
  store4(parameter, f32x4.sub(p, f32x4.mul(rate, decayed(load4(gradient, n), p, decay))), n);
}

export function momentum(args: MomentumArguments): void {
  let parameter = args.parameter;
  let gradient = args.gradient;
  let velocity = args.velocity;
  const nesterov = args.nesterov;
  const rate = v128.load32_splat(args.learningRate);
  const mu = splat(args.momentum);
  const decay = splat(args.weightDecay);
  let rest = args.size;
  for (; rest >= 4; rest -= 4, parameter += 16, gradient += 16, velocity += 16) {
    roll(parameter, gradient, velocity, rate, mu, decay, nesterov, 4);
  }
  if (rest > 0) roll(parameter, gradient, velocity, rate, mu, decay, nesterov, rest);
}

@inline
function roll(parameter: usize, gradient: usize, velocity: usize, rate: v128, mu: v128, decay: v128, nesterov: i32, n: i32): void {
  const p = load4(parameter, n);
  const g = decayed(load4(gradient, n), p, decay);
  const v = f32x4.add(f32x4.mul(mu, load4(velocity, n)), g);
  store4(velocity, v, n);
  const direction = nesterov ? f32x4.add(g, f32x4.mul(mu, v)) : v;
  store4(parameter, f32x4.sub(p, f32x4.mul(rate, direction)), n);
}

/** p − η·g / (√s + ε). */
@inline
function adapted(p: v128, g: v128, squares: v128, rate: v128, epsilon: v128): v128 {
  return f32x4.sub(p, f32x4.div(f32x4.mul(rate, g), f32x4.add(f32x4.sqrt(squares), epsilon)));
}

export function adagrad(args: AdagradArguments): void {
  let parameter = args.parameter;
  let gradient = args.gradient;
  let squares = args.squares;
  const rate = v128.load32_splat(args.learningRate);
  const floor = splat(args.epsilon);
  const decay = splat(args.weightDecay);
  const one = splat(1);
  let rest = args.size;
  for (; rest >= 4; rest -= 4, parameter += 16, gradient += 16, squares += 16) {
    adapt(parameter, gradient, squares, rate, one, one, floor, decay, 4);
  }
  if (rest > 0) adapt(parameter, gradient, squares, rate, one, one, floor, decay, rest);
}

/** s ← keep·s + fresh·g²; p ← p − η·g / (√s + ε). */
@inline
function adapt(
  parameter: usize,
  gradient: usize,
  squares: usize,
  rate: v128,
  keep: v128,
  fresh: v128,
  floor: v128,
  decay: v128,
  n: i32,
): void {
  const p = load4(parameter, n);
  const g = decayed(load4(gradient, n), p, decay);
  const s = f32x4.add(f32x4.mul(keep, load4(squares, n)), f32x4.mul(f32x4.mul(fresh, g), g));
  store4(squares, s, n);
  store4(parameter, adapted(p, g, s, rate, floor), n);
}

export function rmsprop(args: RmspropArguments): void {
  let parameter = args.parameter;
  let gradient = args.gradient;
  let squares = args.squares;
  const decay = args.decay;
  const rate = v128.load32_splat(args.learningRate);
  const rho = splat(decay);
  const fresh = splat(1 - decay);
  const floor = splat(args.epsilon);
  const pull = splat(args.weightDecay);
  let rest = args.size;
  for (; rest >= 4; rest -= 4, parameter += 16, gradient += 16, squares += 16) {
    adapt(parameter, gradient, squares, rate, rho, fresh, floor, pull, 4);
  }
  if (rest > 0) adapt(parameter, gradient, squares, rate, rho, fresh, floor, pull, rest);
}

/** xⁿ by repeated squaring: the same bits on every backend. */
function integerPower(x: f64, n: u64): f64 {
  let result: f64 = 1;
  for (; n > 0; n >>= 1, x *= x) if (n & 1) result *= x;
  return result;
}

/** `step` holds t, an integer. */
export function adam(args: AdamArguments): void {
  let parameter = args.parameter;
  let gradient = args.gradient;
  let mean = args.mean;
  let variance = args.variance;
  const beta1 = args.beta1;
  const beta2 = args.beta2;
  const weightDecay = args.weightDecay;
  const decoupled = args.decoupled;
  const t = <u64>load<f32>(args.step);
  const eta = <f64>load<f32>(args.learningRate);
  const rate = splat(eta / (1 - integerPower(beta1, t)));
  const correction = splat(1 / Math.sqrt(1 - integerPower(beta2, t)));
  const shrink = splat(decoupled ? 1 - eta * weightDecay : 1);
  const decay = splat(decoupled ? 0 : weightDecay);
  const keepMean = splat(beta1);
  const freshMean = splat(1 - beta1);
  const keepVariance = splat(beta2);
  const freshVariance = splat(1 - beta2);
  const floor = splat(args.epsilon);
  let rest = args.size;
  for (; rest >= 4; rest -= 4, parameter += 16, gradient += 16, mean += 16, variance += 16) {
    adamAt(parameter, gradient, mean, variance, rate, correction, shrink, decay, keepMean, freshMean, keepVariance, freshVariance, floor, 4);
  }
  if (rest > 0) {
    adamAt(parameter, gradient, mean, variance, rate, correction, shrink, decay, keepMean, freshMean, keepVariance, freshVariance, floor, rest);
  }
}

/** p ← shrink·p − rate·m / (√v·correction + floor), with the means m of g and v of g². */
@inline
function adamAt(
  parameter: usize,
  gradient: usize,
  mean: usize,
  variance: usize,
  rate: v128,
  correction: v128,
  shrink: v128,
  decay: v128,
  keepMean: v128,
  freshMean: v128,
  keepVariance: v128,
  freshVariance: v128,
  floor: v128,
  n: i32,
): void {
  const p = load4(parameter, n);
  const g = decayed(load4(gradient, n), p, decay);
  const m = f32x4.add(f32x4.mul(keepMean, load4(mean, n)), f32x4.mul(freshMean, g));
  const v = f32x4.add(f32x4.mul(keepVariance, load4(variance, n)), f32x4.mul(f32x4.mul(freshVariance, g), g));
  store4(mean, m, n);
  store4(variance, v, n);
  const scale = f32x4.add(f32x4.mul(f32x4.sqrt(v), correction), floor);
  store4(parameter, f32x4.sub(f32x4.mul(p, shrink), f32x4.div(f32x4.mul(rate, m), scale)), n);
}
