/** Optimisers that divide each element's gradient by the size of its earlier ones. */
import { add, divide, multiply, sqrt, square, subtract } from '../graph/functions.ts';
import { epsilon, type TableOf, withDefault } from '../options/table.ts';
import { average, averageOf, withDecay } from './arithmetic.ts';
import { decay, definedBy, factor, inPlace, optimizerOf, type RateOptions, rate } from './definition.ts';
import type { Optimizer } from './optimizer.ts';

export interface AdagradOptions extends RateOptions {
  readonly epsilon?: number;
}

export interface RmspropOptions extends RateOptions {
  readonly decay?: number;
  readonly epsilon?: number;
}

export interface AdadeltaOptions extends RateOptions {
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

export const ADADELTA = definedBy({
  type: 'adadelta',
  options: {
    learningRate: rate(1),
    weightDecay: decay(),
    decay: factor(0.9),
    epsilon: withDefault(epsilon, 1e-6),
  } satisfies TableOf<AdadeltaOptions>,
  states: { ...STATES, moves: 'the squared changes' },
  update: (scope, parameter, gradient, learningRate) => {
    const { decay: rho, epsilon } = scope.options;
    const g = withDecay(scope, gradient, parameter);
    const squares = average(scope, 'squares', rho, square(g));
    const moves = scope.state('moves');
    const change = multiply(g, divide(sqrt(add(moves, epsilon)), sqrt(add(squares, epsilon))));
    scope.assign(moves, averageOf(moves, rho, square(change)));
    return subtract(parameter, multiply(change, learningRate));
  },
});

/** Duchi et al. 2011. learningRate 0.01, epsilon 1e-10. */
export function adagrad(options?: AdagradOptions): Optimizer {
  return optimizerOf(ADAGRAD, options);
}

/** Tieleman & Hinton 2012. learningRate 0.01, decay 0.99, epsilon 1e-8. */
export function rmsprop(options?: RmspropOptions): Optimizer {
  return optimizerOf(RMSPROP, options);
}

/** Zeiler 2012: changes as large as earlier ones, whatever the gradient's unit. learningRate 1, decay 0.9, epsilon 1e-6. */
export function adadelta(options?: AdadeltaOptions): Optimizer {
  return optimizerOf(ADADELTA, options);
}
