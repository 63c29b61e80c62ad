/** The options of layers that have a weight, a bias and an activation. */
import { OptionError } from '../errors.ts';
import { ACTIVATION_NAMES, type ActivationName, takesAlpha } from '../graph/functions.ts';
import { defaultInitializer, type InitializerOption, initializerFrom } from '../initializers.ts';
import { checkBoolean, checkName, checkNumber } from '../options.ts';
import { checkRegularization, REGULARIZATION_KEYS, type Regularization } from './regularization.ts';

export interface WeightedOptions extends Regularization {
  /** Applied to the product with the weight and its bias; default 'identity'. */
  readonly activation?: ActivationName;
  /** The parameter of leakyRelu (default 0.01) and elu (default 1); other activations take none. */
  readonly alpha?: number;
  /** Whether there is a bias; default true. */
  readonly bias?: boolean;
  /** How the weight begins; default fits the activation (He for relu and its kin, LeCun for selu, else Glorot uniform). */
  readonly initializer?: InitializerOption;
  /** How the bias begins; default 'zeros'. */
  readonly biasInitializer?: InitializerOption;
}

export const WEIGHTED_KEYS = ['activation', 'alpha', 'bias', 'initializer', 'biasInitializer', ...REGULARIZATION_KEYS] as const;

/** The options checked, with defaults filled in. Throws OptionError. */
export function checkWeighted(where: string, options: WeightedOptions) {
  const activation = checkName(`${where}.activation`, options.activation ?? 'identity', ACTIVATION_NAMES);
  checkAlpha(where, activation, options.alpha);
  checkRegularization(where, options);
  const initializer = options.initializer ?? defaultInitializer(activation);
  const biasInitializer = options.biasInitializer ?? 'zeros';
  initializerFrom(`${where}.initializer`, initializer, 1, 1);
  initializerFrom(`${where}.biasInitializer`, biasInitializer, 1, 1);
  return { activation, alpha: options.alpha, bias: checkBoolean(`${where}.bias`, options.bias ?? true), initializer, biasInitializer };
}

/** Throws OptionError for a negative alpha, or one of an activation that has no parameter. */
export function checkAlpha(where: string, activation: ActivationName, alpha: unknown): void {
  if (alpha === undefined) return;
  checkNumber(`${where}.alpha`, alpha, 0);
  if (!takesAlpha(activation)) throw new OptionError(`${where}.alpha: expected it with leakyRelu and elu only, got it with ${activation}`);
}
