/** Adam's kin: other momenta, other divisors, other lengths of the step. */
import { abs, add, divide, maximum, multiply, power, sqrt, step, subtract } from '../graph/functions.ts';
import type { GraphValue } from '../graph/graph.ts';
import { epsilon, flag, number, type TableOf, withDefault } from '../options/table.ts';
import { AVERAGED, AVERAGES, averages } from './adam.ts';
import { average, bias, decayed, norm, withDecay } from './arithmetic.ts';
import { decay, definedBy, optimizerOf, type RateOptions, rate } from './definition.ts';
import type { Optimizer, OptimizerScope } from './optimizer.ts';

export interface AdaptiveMomentOptions extends RateOptions {
  readonly beta1?: number;
  readonly beta2?: number;
  readonly epsilon?: number;
}

export interface RadamOptions extends AdaptiveMomentOptions {
  /** Whether weight decay shrinks the parameter, as adamw's does, in place of being added to the gradient. Default false. */
  readonly decoupled?: boolean;
}

export interface NadamOptions extends RadamOptions {
  /** How fast the momentum rises from half of beta1 to beta1. Default 0.004. */
  readonly momentumDecay?: number;
}

/** The momentum of step t is β₁·(1 − 0.96^(t·decay) / 2). */
const MOMENTUM_BASE = 0.96;

export const NADAM = definedBy({
  type: 'nadam',
  options: {
    learningRate: rate(0.002),
    weightDecay: decay(),
    ...AVERAGES,
    momentumDecay: withDefault(number(), 0.004),
    decoupled: withDefault(flag, false),
  } satisfies TableOf<NadamOptions>,
  states: AVERAGED,
  update: (scope, parameter, gradient, learningRate) => {
    const { beta1, epsilon, momentumDecay, decoupled } = scope.options;
    const { p, g } = decayed(scope, decoupled, parameter, gradient, learningRate);
    const { mean, variance, ofVariance } = averages(scope, g);
    const momentumAt = (t: GraphValue) => multiply(subtract(1, multiply(power(MOMENTUM_BASE, multiply(t, momentumDecay)), 0.5)), beta1);
    const momentum = momentumAt(scope.step);
    const next = momentumAt(add(scope.step, 1));
    const product = scope.shared('momentumProduct', 1, (before) => multiply(before, momentum));
    const ofGradient = divide(subtract(1, momentum), subtract(1, product));
    const ofMean = divide(next, subtract(1, multiply(product, next)));
    const direction = add(multiply(g, ofGradient), multiply(mean, ofMean));
    return subtract(p, divide(multiply(direction, learningRate), add(sqrt(divide(variance, ofVariance)), epsilon)));
  },
});

/** Below this length of the average of g², its own variance is not known: the step is the mean gradient's. */
const LEAST_LENGTH = 5;

export const RADAM = definedBy({
  type: 'radam',
  options: {
    learningRate: rate(0.001),
    weightDecay: decay(),
    ...AVERAGES,
    decoupled: withDefault(flag, false),
  } satisfies TableOf<RadamOptions>,
  states: AVERAGED,
  update: (scope, parameter, gradient, learningRate) => {
    const { beta2, epsilon, decoupled } = scope.options;
    const { p, g } = decayed(scope, decoupled, parameter, gradient, learningRate);
    const { mean, variance, ofMean, ofVariance } = averages(scope, g);
    const plain = multiply(mean, divide(learningRate, ofMean));
    const rectified = rectification(scope, beta2);
    if (!rectified) return subtract(p, plain);
    const { isKnown, factor } = rectified;
    // What is the same for all elements is one number: it is 0 while the variance is not known.
    const known = multiply(multiply(factor, sqrt(ofVariance)), isKnown);
    return subtract(p, multiply(plain, add(divide(known, add(sqrt(variance), epsilon)), subtract(1, isKnown))));
  },
});

/**
 * Whether the variance of the mean squared gradient is known in this step, 1 or 0, and the factor of the step where it is; undefined where it
 * never will be.
 */
function rectification(scope: OptimizerScope<unknown>, beta2: number) {
  const longest = 2 / (1 - beta2) - 1;
  if (longest <= LEAST_LENGTH) return undefined;
  // ρₜ = ρ∞ − 2tβ₂ᵗ / (1 − β₂ᵗ) as 2·Σ (k + 1)β₂ᵏ / Σ β₂ᵏ − 1, over k < t: the difference of two large numbers has no digits in float32.
  const powers = scope.shared('powers', 0, (before) => add(multiply(before, beta2), 1));
  const weighted = scope.shared('weightedPowers', 0, (before) => add(multiply(before, beta2), powers));
  const length = subtract(multiply(divide(weighted, powers), 2), 1);
  const known = maximum(length, LEAST_LENGTH);
  const scale = longest / ((longest - 4) * (longest - 2));
  return {
    isKnown: step(subtract(length, LEAST_LENGTH)),
    factor: sqrt(multiply(divide(multiply(subtract(known, 4), subtract(known, 2)), known), scale)),
  };
}

export const ADAMAX = definedBy({
  type: 'adamax',
  options: { learningRate: rate(0.002), weightDecay: decay(), ...AVERAGES } satisfies TableOf<AdaptiveMomentOptions>,
  states: { mean: AVERAGED.mean, largest: 'the largest gradient' },
  update: (scope, parameter, gradient, learningRate) => {
    const { beta1, beta2, epsilon } = scope.options;
    const g = withDecay(scope, gradient, parameter);
    const mean = average(scope, 'mean', beta1, g);
    const largest = maximum(multiply(scope.state('largest'), beta2), add(abs(g), epsilon));
    scope.assign(scope.state('largest'), largest);
    return subtract(parameter, divide(multiply(mean, divide(learningRate, bias(scope, beta1))), largest));
  },
});

export const LAMB = definedBy({
  type: 'lamb',
  options: {
    learningRate: rate(0.001),
    weightDecay: decay(),
    ...AVERAGES,
    epsilon: withDefault(epsilon, 1e-6),
  } satisfies TableOf<AdaptiveMomentOptions>,
  states: AVERAGED,
  update: (scope, parameter, gradient, learningRate) => {
    const { mean, variance, ofMean, ofVariance } = averages(scope, gradient);
    const move = divide(divide(mean, ofMean), add(sqrt(divide(variance, ofVariance)), scope.options.epsilon));
    const whole = withDecay(scope, move, parameter);
    const [size, length] = [norm(parameter), norm(whole)];
    // 1 where one of them is 0.
    const isKnown = multiply(step(size), step(length));
    const isUnknown = subtract(1, isKnown);
    const trust = add(multiply(divide(size, add(length, isUnknown)), isKnown), isUnknown);
    return subtract(parameter, multiply(whole, multiply(trust, learningRate)));
  },
});

/**
 * Adam with Nesterov's momentum, Dozat 2016. learningRate 0.002, beta1 0.9, beta2 0.999, epsilon 1e-8, momentumDecay 0.004, weightDecay 0 (added
 * to the gradient; to shrink the parameter with `decoupled`).
 */
export function nadam(options?: NadamOptions): Optimizer {
  return optimizerOf(NADAM, options);
}

/**
 * Rectified Adam, Liu et al. 2020: steps are short until the mean squared gradient is known. learningRate 0.001, beta1 0.9, beta2 0.999, epsilon 1e-8,
 * weightDecay 0 (added to the gradient; to shrink the parameter with `decoupled`).
 */
export function radam(options?: RadamOptions): Optimizer {
  return optimizerOf(RADAM, options);
}

/** Adam by the largest gradient in place of the mean squared one, Kingma & Ba 2015. learningRate 0.002, beta1 0.9, beta2 0.999, epsilon 1e-8. */
export function adamax(options?: AdaptiveMomentOptions): Optimizer {
  return optimizerOf(ADAMAX, options);
}

/**
 * For large batches, You et al. 2020: Adam's step, weight decay added, as long as the parameter's norm times the learning rate. learningRate
 * 0.001, beta1 0.9, beta2 0.999, epsilon 1e-6, weightDecay 0.
 */
export function lamb(options?: AdaptiveMomentOptions): Optimizer {
  return optimizerOf(LAMB, options);
}
