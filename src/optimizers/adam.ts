/** Adam and its kin: they keep the mean gradient and the mean squared gradient of each element. */
import { epsilon, type TableOf, withDefault } from '../options/table.ts';
import { decay, definedBy, factor, inPlace, optimizerOf, type RateOptions, rate } from './definition.ts';
import type { Optimizer, UpdateRule } from './optimizer.ts';

export interface AdamOptions extends RateOptions {
  readonly beta1?: number;
  readonly beta2?: number;
  readonly epsilon?: number;
}

type Factors = { readonly beta1: number; readonly beta2: number; readonly epsilon: number };

const FACTORS = { beta1: factor(0.9), beta2: factor(0.999), epsilon: withDefault(epsilon, 1e-8) };
const STATES = { mean: 'the mean gradient', variance: 'the mean squared gradient' };

const update =
  (decoupled: boolean): UpdateRule<Factors> =>
  (scope, parameter, gradient, learningRate) => {
    const inputs = [parameter, gradient, scope.state('mean'), scope.state('variance'), learningRate, scope.step];
    return inPlace(scope, 'adam', inputs, { ...scope.options, decoupled });
  };

export const ADAM = definedBy({
  type: 'adam',
  options: { learningRate: rate(0.001), weightDecay: decay(), ...FACTORS } satisfies TableOf<AdamOptions>,
  states: STATES,
  update: update(false),
});

export const ADAMW = definedBy({
  type: 'adamw',
  options: { learningRate: rate(0.001), weightDecay: decay(0.01), ...FACTORS } satisfies TableOf<AdamOptions>,
  states: STATES,
  update: update(true),
});

/** Kingma & Ba 2015. learningRate 0.001, beta1 0.9, beta2 0.999, epsilon 1e-8, weightDecay 0 (added to the gradient). */
export function adam(options?: AdamOptions): Optimizer {
  return optimizerOf(ADAM, options);
}

/** Adam with decoupled weight decay, Loshchilov & Hutter 2019. Defaults as adam's, weightDecay 0.01. */
export function adamw(options?: AdamOptions): Optimizer {
  return optimizerOf(ADAMW, options);
}
