/** Gradient descent, with momentum and Nesterov's form of it. */
import { OptionError } from '../errors.ts';
import { flag, number, required, type TableOf, withDefault } from '../options/table.ts';
import { decay, definedBy, factor, inPlace, optimizerOf, type RateOptions } from './definition.ts';
import type { Optimizer } from './optimizer.ts';

export interface SgdOptions extends RateOptions {
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
  } satisfies TableOf<SgdOptions>,
  refuse: ({ nesterov, momentum }) => {
    if (nesterov && !momentum) throw new OptionError('sgd.nesterov: expected a momentum above 0 with it, got 0');
  },
  states: { velocity: 'the velocity' },
  update: (scope, parameter, gradient, learningRate) => {
    const { momentum, nesterov } = scope.options;
    if (!momentum) return inPlace(scope, 'sgd', [parameter, gradient, learningRate]);
    return inPlace(scope, 'momentum', [parameter, gradient, scope.state('velocity'), learningRate], { momentum, nesterov });
  },
});

/** p ← p − η·(g + weightDecay·p), with momentum μ (default 0) v ← μ·v + g, and Nesterov's form of it. */
export function sgd(options: SgdOptions): Optimizer {
  return optimizerOf(SGD, options);
}
