/** Adam, with its weight decay beside the gradient too, and with the largest mean squared gradient so far. */
import { OptionError } from '../errors.ts';
import { add, divide, maximum, multiply, sqrt, square, subtract } from '../graph/functions.ts';
import type { GraphValue } from '../graph/graph.ts';
import { epsilon, flag, type TableOf, withDefault } from '../options/table.ts';
import { describe } from '../options.ts';
import { average, bias, decayed } from './arithmetic.ts';
import { decay, definedBy, factor, inPlace, optimizerOf, type RateOptions, rate } from './definition.ts';
import { type LazyOption, lazy, rowInputs } from './lazy.ts';
import type { Optimizer, OptimizerScope, UpdateRule } from './optimizer.ts';
import { keptAs, type StateNumbers, type StateOption, stateNumbers } from './state.ts';

export interface AdamOptions extends RateOptions, LazyOption, StateOption {
  readonly beta1?: number;
  readonly beta2?: number;
  readonly epsilon?: number;
  /** Divides by the largest mean squared gradient so far: steps never grow again (Reddi et al. 2018). Default false. */
  readonly amsgrad?: boolean;
}

/** The rows of the two averages, and of what keeps a divisor from being 0. */
export const AVERAGES = { beta1: factor(0.9), beta2: factor(0.999), epsilon: withDefault(epsilon, 1e-8) };
export interface Averages {
  readonly beta1: number;
  readonly beta2: number;
  readonly epsilon: number;
}
export const AVERAGED = { mean: 'the mean gradient', variance: 'the mean squared gradient' };

/** The averages of g and g², and what they are divided by, since they begin at 0. */
export function averages(scope: OptimizerScope<Averages>, g: GraphValue) {
  const { beta1, beta2 } = scope.options;
  return {
    mean: average(scope, 'mean', beta1, g),
    variance: average(scope, 'variance', beta2, square(g)),
    ofMean: bias(scope, beta1),
    ofVariance: bias(scope, beta2),
  };
}

interface Options extends Averages {
  readonly amsgrad: boolean;
  readonly lazy: boolean;
  readonly state: StateNumbers;
}

const update =
  (decoupled: boolean): UpdateRule<Options> =>
  (scope, parameter, gradient, learningRate) => {
    const { amsgrad, lazy, state: _, ...options } = scope.options;
    if (amsgrad) return largest(scope, decoupled, parameter, gradient, learningRate);
    const rows = lazy ? rowInputs(scope, parameter, gradient) : undefined;
    const { state, suffix, attributes } = keptAs(scope);
    const inputs = [...(rows ?? [parameter, gradient]), state('mean'), state('variance'), learningRate, scope.step];
    const op = `${rows ? 'embedAdam' : 'adam'}${suffix}`;
    return inPlace(scope, op, inputs, { ...options, ...attributes, decoupled, ...(rows && { summed: false }) });
  };

function largest(
  scope: OptimizerScope<Options>,
  decoupled: boolean,
  parameter: GraphValue,
  gradient: GraphValue,
  learningRate: GraphValue,
): GraphValue {
  const { p, g } = decayed(scope, decoupled, parameter, gradient, learningRate);
  const { mean, variance, ofMean, ofVariance } = averages(scope, g);
  const most = maximum(scope.state('largestVariance'), variance);
  scope.assign(scope.state('largestVariance'), most);
  const divisor = add(divide(sqrt(most), sqrt(ofVariance)), scope.options.epsilon);
  return subtract(p, divide(multiply(mean, divide(learningRate, ofMean)), divisor));
}

const STATES = { ...AVERAGED, largestVariance: 'the largest mean squared gradient' };
const TABLE = { ...AVERAGES, amsgrad: withDefault(flag, false), lazy: lazy(), state: stateNumbers() };

/** Throws OptionError for what amsgrad does not go with: it keeps a largest mean squared gradient, of every row, as float32. */
const refuse = (type: string) => (options: Readonly<Record<string, unknown>>) => {
  if (options.lazy && options.amsgrad) throw new OptionError(`${type}.lazy: expected false with amsgrad, got true`);
  if (options.state !== 'float32' && options.amsgrad)
    throw new OptionError(`${type}.state: expected 'float32' with amsgrad, got ${describe(options.state)}`);
};

export const ADAM = definedBy({
  type: 'adam',
  options: { learningRate: rate(0.001), weightDecay: decay(), ...TABLE } satisfies TableOf<AdamOptions>,
  refuse: refuse('adam'),
  states: STATES,
  update: update(false),
});

export const ADAMW = definedBy({
  type: 'adamw',
  options: { learningRate: rate(0.001), weightDecay: decay(0.01), ...TABLE } satisfies TableOf<AdamOptions>,
  refuse: refuse('adamw'),
  states: STATES,
  update: update(true),
});

/**
 * Kingma & Ba 2015. learningRate 0.001, beta1 0.9, beta2 0.999, epsilon 1e-8, weightDecay 0 (added to the gradient), amsgrad and lazy false, state 'float32'.
 * Lazy steps are those of PyTorch's SparseAdam but for epsilon, which that adds before the bias of the mean square is corrected.
 */
export function adam(options?: AdamOptions): Optimizer {
  return optimizerOf(ADAM, options);
}

/** Adam with decoupled weight decay, Loshchilov & Hutter 2019. Defaults as adam's, weightDecay 0.01. */
export function adamw(options?: AdamOptions): Optimizer {
  return optimizerOf(ADAMW, options);
}
