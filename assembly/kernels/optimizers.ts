/**
 * One optimiser step over a run of parameters, in place. What is computed of an element is written in src/codegen/functions/update.ts. What depends on the step
 * alone is computed in double precision and rounded once. Whole vectors have loops of their own: with the call for partial ones in a
 * loop, engines keep no constant in a register there.
 */
import { Context } from '../context';
import {
  AdagradArguments,
  AdamArguments,
  AdamBfloat16Arguments,
  MomentumArguments,
  MomentumBfloat16Arguments,
  RmspropArguments,
  SgdArguments,
} from '../generated/arguments';
import {
  adamStep,
  adapted,
  averaged,
  averagedSquare,
  decayed,
  descended,
  lookahead,
  rolled,
  roundedByHigh,
  roundedByLow,
} from '../generated/vector_functions';
import { beginningOf, bitsFrom, halfAt, narrow4, widen4 } from './rounded_states';
import { load4, splat, store4 } from './vector';

export function sgd(args: SgdArguments): void {
  sgdRun(args.parameter, args.gradient, args.size, v128.load32_splat(args.learningRate), splat(args.weightDecay));
}

/** The step of `size` elements. */
export function sgdRun(parameter: usize, gradient: usize, size: i32, rate: v128, decay: v128): void {
  let rest = size;
  for (; rest >= 4; rest -= 4, parameter += 16, gradient += 16) descend(parameter, gradient, rate, decay, 4);
  if (rest > 0) descend(parameter, gradient, rate, decay, rest);
}

@inline
function descend(parameter: usize, gradient: usize, rate: v128, decay: v128, n: i32): void {
  const p = load4(parameter, n);
  store4(parameter, descended(p, decayed(load4(gradient, n), p, decay), rate), n);
}

export function momentum(args: MomentumArguments): void {
  const rate = v128.load32_splat(args.learningRate);
  momentumRun(args.parameter, args.gradient, args.velocity, args.size, rate, splat(args.momentum), splat(args.weightDecay), args.nesterov);
}

/** The step of `size` elements. */
export function momentumRun(
  parameter: usize,
  gradient: usize,
  velocity: usize,
  size: i32,
  rate: v128,
  mu: v128,
  decay: v128,
  nesterov: i32,
): void {
  let rest = size;
  for (; rest >= 4; rest -= 4, parameter += 16, gradient += 16, velocity += 16) {
    roll(parameter, gradient, velocity, rate, mu, decay, nesterov, 4);
  }
  if (rest > 0) roll(parameter, gradient, velocity, rate, mu, decay, nesterov, rest);
}

@inline
function roll(parameter: usize, gradient: usize, velocity: usize, rate: v128, mu: v128, decay: v128, nesterov: i32, n: i32): void {
  const p = load4(parameter, n);
  const g = decayed(load4(gradient, n), p, decay);
  const v = rolled(load4(velocity, n), g, mu);
  store4(velocity, v, n);
  store4(parameter, descended(p, nesterov ? lookahead(v, g, mu) : v, rate), n);
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
  const s = averagedSquare(load4(squares, n), g, keep, fresh);
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

/** What the elements of a step of Adam share: `prepareAdam` writes them, `adamRun` reads them. Each thread has its own. */
let adamRate: v128 = i32x4.splat(0);
let adamCorrection: v128 = i32x4.splat(0);
let adamShrink: v128 = i32x4.splat(0);
let adamDecay: v128 = i32x4.splat(0);
let adamKeepMean: v128 = i32x4.splat(0);
let adamTakeMean: v128 = i32x4.splat(0);
let adamKeepVariance: v128 = i32x4.splat(0);
let adamTakeVariance: v128 = i32x4.splat(0);
let adamEpsilon: v128 = i32x4.splat(0);

/** `step` holds t, an integer. */
export function prepareAdam(
  learningRate: usize,
  step: usize,
  beta1: f64,
  beta2: f64,
  epsilon: f64,
  weightDecay: f64,
  decoupled: i32,
): void {
  const t = <u64>load<f32>(step);
  const eta = <f64>load<f32>(learningRate);
  adamRate = splat(eta / (1 - integerPower(beta1, t)));
  adamCorrection = splat(1 / Math.sqrt(1 - integerPower(beta2, t)));
  adamShrink = splat(decoupled ? 1 - eta * weightDecay : 1);
  adamDecay = splat(decoupled ? 0 : weightDecay);
  adamKeepMean = splat(beta1);
  adamTakeMean = splat(1 - beta1);
  adamKeepVariance = splat(beta2);
  adamTakeVariance = splat(1 - beta2);
  adamEpsilon = splat(epsilon);
}

export function adam(args: AdamArguments): void {
  prepareAdam(args.learningRate, args.step, args.beta1, args.beta2, args.epsilon, args.weightDecay, args.decoupled);
  adamRun(args.parameter, args.gradient, args.mean, args.variance, args.size);
}

/** The step of `size` elements. */
export function adamRun(parameter: usize, gradient: usize, mean: usize, variance: usize, size: i32): void {
  const rate = adamRate;
  const correction = adamCorrection;
  const shrink = adamShrink;
  const decay = adamDecay;
  const keepMean = adamKeepMean;
  const takeMean = adamTakeMean;
  const keepVariance = adamKeepVariance;
  const takeVariance = adamTakeVariance;
  const epsilon = adamEpsilon;
  let rest = size;
  for (; rest >= 4; rest -= 4, parameter += 16, gradient += 16, mean += 16, variance += 16) {
    adamAt(parameter, gradient, mean, variance, rate, correction, shrink, decay, keepMean, takeMean, keepVariance, takeVariance, epsilon, 4);
  }
  if (rest > 0) {
    adamAt(parameter, gradient, mean, variance, rate, correction, shrink, decay, keepMean, takeMean, keepVariance, takeVariance, epsilon, rest);
  }
}

/** p ← shrink·p − rate·m / (√v·correction + epsilon), with the means m of g and v of g². */
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
  takeMean: v128,
  keepVariance: v128,
  takeVariance: v128,
  epsilon: v128,
  n: i32,
): void {
  const p = load4(parameter, n);
  const g = decayed(load4(gradient, n), p, decay);
  const m = averaged(load4(mean, n), g, keepMean, takeMean);
  const v = averagedSquare(load4(variance, n), g, keepVariance, takeVariance);
  store4(mean, m, n);
  store4(variance, v, n);
  store4(parameter, adamStep(p, m, v, rate, correction, shrink, epsilon), n);
}

export function momentumBfloat16(context: Context, first: i32, count: i32, args: MomentumBfloat16Arguments): void {
  const rate = v128.load32_splat(args.learningRate);
  const begin = beginningOf(context, args.stream, args.step);
  const bytes = <usize>first << 2;
  const velocity = halfAt(args.velocity, first);
  const mu = splat(args.momentum);
  momentumRoundedRun(args.parameter + bytes, args.gradient + bytes, velocity, begin, first, count, rate, mu, splat(args.weightDecay), args.nesterov);
}

/** The step of `size` elements, of which the first is element `at` of the parameter. */
export function momentumRoundedRun(
  parameter: usize,
  gradient: usize,
  velocity: usize,
  begin: i32,
  at: i32,
  size: i32,
  rate: v128,
  mu: v128,
  decay: v128,
  nesterov: i32,
): void {
  for (let rest = size; rest > 0; rest -= 4, at += 4, parameter += 16, gradient += 16, velocity += 8) {
    const p = load4(parameter, rest);
    const g = decayed(load4(gradient, rest), p, decay);
    const v = rolled(widen4(velocity, rest), g, mu);
    narrow4(velocity, roundedByLow(v, bitsFrom(begin, at)), rest);
    store4(parameter, descended(p, nesterov ? lookahead(v, g, mu) : v, rate), rest);
  }
}

export function adamBfloat16(context: Context, first: i32, count: i32, args: AdamBfloat16Arguments): void {
  prepareAdam(args.learningRate, args.step, args.beta1, args.beta2, args.epsilon, args.weightDecay, args.decoupled);
  const begin = beginningOf(context, args.stream, args.step);
  const bytes = <usize>first << 2;
  adamRoundedRun(args.parameter + bytes, args.gradient + bytes, halfAt(args.mean, first), halfAt(args.variance, first), begin, first, count);
}

/** As `momentumRoundedRun`. */
export function adamRoundedRun(
  parameter: usize,
  gradient: usize,
  mean: usize,
  variance: usize,
  begin: i32,
  at: i32,
  size: i32,
): void {
  const rate = adamRate;
  const correction = adamCorrection;
  const shrink = adamShrink;
  const decay = adamDecay;
  const keepMean = adamKeepMean;
  const takeMean = adamTakeMean;
  const keepVariance = adamKeepVariance;
  const takeVariance = adamTakeVariance;
  const epsilon = adamEpsilon;
  for (let rest = size; rest > 0; rest -= 4, at += 4, parameter += 16, gradient += 16, mean += 8, variance += 8) {
    const random = bitsFrom(begin, at);
    const p = load4(parameter, rest);
    const g = decayed(load4(gradient, rest), p, decay);
    const m = averaged(widen4(mean, rest), g, keepMean, takeMean);
    const v = averagedSquare(widen4(variance, rest), g, keepVariance, takeVariance);
    narrow4(mean, roundedByLow(m, random), rest);
    narrow4(variance, roundedByHigh(v, random), rest);
    store4(parameter, adamStep(p, m, v, rate, correction, shrink, epsilon), rest);
  }
}
