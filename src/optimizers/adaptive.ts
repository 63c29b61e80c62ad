/** Optimisers that divide each element's gradient by the size of its earlier ones. */
import { epsilon, type TableOf, withDefault } from '../options/table.ts';
import { decay, definedBy, factor, inPlace, optimizerOf, type RateOptions, rate } from './definition.ts';
import type { Optimizer } from './optimizer.ts';

export interface AdagradOptions extends RateOptions {
  readonly epsilon?: number;
}

export interface RmspropOptions extends RateOptions {
  readonly decay?: number;
  readonly epsilon?: number;
}

const STATES = { squares: 'the squared gradients' };

export const ADAGRAD = definedBy({
  type: 'adagrad',
  options: {
    learningRate: rate(0.01),
    weightDecay: decay(),
    epsilon: withDefault(epsilon, 1e-10),
  } satisfies TableOf<AdagradOptions>,
  states: STATES,
  update: (scope, parameter, gradient, learningRate) =>
    inPlace(scope, 'adagrad', [parameter, gradient, scope.state('squares'), learningRate], scope.options),
});

export const RMSPROP = definedBy({
  type: 'rmsprop',
  options: {
    learningRate: rate(0.01),
    weightDecay: decay(),
    decay: factor(0.99),
    epsilon: withDefault(epsilon, 1e-8),
  } satisfies TableOf<RmspropOptions>,
  states: STATES,
  update: (scope, parameter, gradient, learningRate) =>
    inPlace(scope, 'rmsprop', [parameter, gradient, scope.state('squares'), learningRate], scope.options),
});

/** Duchi et al. 2011. learningRate 0.01, epsilon 1e-10. */
export function adagrad(options?: AdagradOptions): Optimizer {
  return optimizerOf(ADAGRAD, options);
}

/** Tieleman & Hinton 2012. learningRate 0.01, decay 0.99, epsilon 1e-8. */
export function rmsprop(options?: RmspropOptions): Optimizer {
  return optimizerOf(RMSPROP, options);
}
