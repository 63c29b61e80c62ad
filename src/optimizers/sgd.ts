/** Gradient descent, with momentum and Nesterov's form of it. */
import { OptionError } from '../errors.ts';
import { flag, number, required, type TableOf, withDefault } from '../options/table.ts';
import { decay, definedBy, factor, inPlace, optimizerOf, type RateOptions } from './definition.ts';
import { type LazyOption, lazy, rowInputs } from './lazy.ts';
import type { Optimizer } from './optimizer.ts';

export interface SgdOptions extends RateOptions, LazyOption {
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
  } satisfies TableOf<SgdOptions>,
  refuse: ({ nesterov, momentum }) => {
    if (nesterov && !momentum) throw new OptionError('sgd.nesterov: expected a momentum above 0 with it, got 0');
  },
  states: { velocity: 'the velocity' },
  update: (scope, parameter, gradient, learningRate) => {
    const { momentum, nesterov } = scope.options;
    const rows = scope.options.lazy ? rowInputs(scope, parameter, gradient) : undefined;
    const inputs = rows ?? [parameter, gradient];
    const summed = rows && { summed: false };
    if (!momentum) return inPlace(scope, rows ? 'embedSgd' : 'sgd', [...inputs, learningRate], { ...summed });
    const op = rows ? 'embedMomentum' : 'momentum';
    return inPlace(scope, op, [...inputs, scope.state('velocity'), learningRate], { momentum, nesterov, ...summed });
  },
});

/**
 * p ← p − η·(g + weightDecay·p), with momentum μ (default 0) v ← μ·v + g, and Nesterov's form of it. Without momentum and weight decay the
 * rows of a table that a step does not name stay as they are anyway; `lazy` says so of the others.
 */
export function sgd(options: SgdOptions): Optimizer {
  return optimizerOf(SGD, options);
}
