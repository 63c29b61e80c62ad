/** Optimisers that take of a gradient, or of its average, the signs alone. */

import { OptionError } from '../errors.ts';
import { add, maximum, minimum, multiply, sign, step, subtract } from '../graph/functions.ts';
import { numberBetween, type TableOf, withDefault } from '../options/table.ts';
import { shrunk, withDecay } from './arithmetic.ts';
import { decay, definedBy, factor, optimizerOf, type RateOptions, rate } from './definition.ts';
import type { Optimizer } from './optimizer.ts';

export interface LionOptions extends RateOptions {
  readonly beta1?: number;
  readonly beta2?: number;
}

export const LION = definedBy({
  type: 'lion',
  options: {
    learningRate: rate(0.0001),
    weightDecay: decay(),
    beta1: factor(0.9),
    beta2: factor(0.99),
  } satisfies TableOf<LionOptions>,
  states: { mean: 'the mean gradient' },
  update: (scope, parameter, gradient, learningRate) => {
    const { beta1, beta2 } = scope.options;
    const mean = scope.state('mean');
    // β·m + (1 − β)·g, of two β: by their common part, both and the update are one instruction.
    const change = subtract(gradient, mean);
    const direction = sign(add(mean, multiply(change, 1 - beta1)));
    scope.assign(mean, add(mean, multiply(change, 1 - beta2)));
    return subtract(shrunk(scope, parameter, learningRate), multiply(direction, learningRate));
  },
});

export interface RpropOptions extends RateOptions {
  /** The factor of an element's step where its gradient keeps its sign: above 1. Default 1.2. */
  readonly increase?: number;
  /** The factor where it changes it: between 0 and 1. Default 0.5. */
  readonly decrease?: number;
  /** The smallest step. Default 1e-6. */
  readonly smallest?: number;
  /** The largest step. Default 50. */
  readonly largest?: number;
}

export const RPROP = definedBy({
  type: 'rprop',
  options: {
    learningRate: rate(0.01),
    weightDecay: decay(),
    increase: withDefault(numberBetween(1), 1.2),
    decrease: withDefault(numberBetween(0, 1), 0.5),
    smallest: withDefault(numberBetween(0), 1e-6),
    largest: withDefault(numberBetween(0), 50),
  } satisfies TableOf<RpropOptions>,
  refuse: ({ smallest, largest }) => {
    if (Number(smallest) > Number(largest))
      throw new OptionError(`rprop.smallest: expected at most the largest step, ${largest}, got ${smallest}`);
  },
  states: { size: 'the size of the step', gradient: 'the last gradient' },
  update: (scope, parameter, gradient, learningRate) => {
    const { increase, decrease, smallest, largest } = scope.options;
    const g = withDecay(scope, gradient, parameter);
    const agreement = multiply(sign(g), sign(scope.state('gradient')));
    const agrees = step(agreement);
    const disagrees = step(multiply(agreement, -1));
    const before = scope.state('size');
    // Steps are never 0 but before the first.
    const known = add(before, multiply(subtract(1, step(before)), learningRate));
    const factor = add(add(multiply(agrees, increase - 1), multiply(disagrees, decrease - 1)), 1);
    const size = minimum(maximum(multiply(known, factor), smallest), largest);
    const kept = multiply(g, subtract(1, disagrees));
    scope.assign(before, size);
    scope.assign(scope.state('gradient'), kept);
    return subtract(parameter, multiply(sign(kept), size));
  },
});

/**
 * Chen et al. 2023: steps of one length, the learning rate, in the direction of the averaged gradient's signs. learningRate 0.0001 (a third to a tenth of
 * Adam's), beta1 0.9, beta2 0.99, weightDecay 0, which shrinks the parameter.
 */
export function lion(options?: LionOptions): Optimizer {
  return optimizerOf(LION, options);
}

/**
 * Riedmiller & Braun 1993, for batches of the whole data: each element has a step, which grows while its gradient keeps its sign. The learning rate,
 * 0.01, is the first step alone: a schedule changes none after it. increase 1.2, decrease 0.5, smallest 1e-6, largest 50, weightDecay 0 (added
 * to the gradient).
 */
export function rprop(options?: RpropOptions): Optimizer {
  return optimizerOf(RPROP, options);
}
