/** Gradient descent, with momentum and Nesterov's form of it. */
import { OptionError } from '../errors.ts';
import { flag, number, required, type TableOf, withDefault } from '../options/table.ts';
import { decay, definedBy, factor, inPlace, optimizerOf, type RateOptions } from './definition.ts';
import { type LazyOption, lazy, rowInputs } from './lazy.ts';
import type { Optimizer } from './optimizer.ts';
import { keptAs, type StateOption, stateNumbers } from './state.ts';

export interface SgdOptions extends RateOptions, LazyOption, StateOption {
  readonly learningRate: number;
  readonly momentum?: number;
  readonly nesterov?: boolean;
}

export const SGD = definedBy({
  type: 'sgd',
  options: {
    learningRate: required(number()),
    weightDecay: decay(),
    momentum: factor(0),
    nesterov: withDefault(flag, false),
    lazy: lazy(),
    state: stateNumbers(),
  } satisfies TableOf<SgdOptions>,
  refuse: ({ nesterov, momentum, state }) => {
    if (nesterov && !momentum) throw new OptionError('sgd.nesterov: expected a momentum above 0 with it, got 0');
    if (state !== 'float32' && !momentum) throw new OptionError('sgd.state: expected a momentum above 0 with bfloat16, got 0');
  },
  states: { velocity: 'the velocity' },
  update: (scope, parameter, gradient, learningRate) => {
    const { momentum, nesterov } = scope.options;
    const rows = scope.options.lazy ? rowInputs(scope, parameter, gradient) : undefined;
    const inputs = rows ?? [parameter, gradient];
    const summed = rows && { summed: false };
    if (!momentum) return inPlace(scope, rows ? 'embedSgd' : 'sgd', [...inputs, learningRate], { ...summed });
    const { state, suffix, attributes } = keptAs(scope);
    const op = `${rows ? 'embedMomentum' : 'momentum'}${suffix}`;
    // The number of the step chooses how a bfloat16 is rounded.
    const numbers = [learningRate, ...(suffix ? [scope.step] : [])];
    return inPlace(scope, op, [...inputs, state('velocity'), ...numbers], { momentum, nesterov, ...attributes, ...summed });
  },
});

/**
 * p ← p − η·(g + weightDecay·p), with momentum μ (default 0) v ← μ·v + g, and Nesterov's form of it. Without momentum and weight decay the
 * rows of a table that a step does not name stay as they are anyway; `lazy` says so of the others.
 */
export function sgd(options: SgdOptions): Optimizer {
  return optimizerOf(SGD, options);
}
