/** The options of layers that have a weight, a bias and an activation. */
import { OptionError } from '../errors.ts';
import { ACTIVATION_NAMES, type ActivationName, takesAlpha } from '../graph/functions.ts';
import { defaultInitializer, type InitializerOption, initializerOr, optionalInitializer } from '../initializers.ts';
import { flag, number, type OptionsRead, oneOf, optional, type TableOf, withDefault } from '../options/table.ts';
import { REGULARIZATION, type Regularization } from './regularization.ts';

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

export const WEIGHTED = {
  activation: withDefault(oneOf(ACTIVATION_NAMES), 'identity'),
  alpha: optional(number()),
  bias: withDefault(flag, true),
  initializer: optionalInitializer,
  biasInitializer: initializerOr('zeros'),
  ...REGULARIZATION,
} satisfies TableOf<WeightedOptions>;

/** Those options with what depends on the activation. Throws OptionError for an alpha that the activation does not take. */
export function withActivation<O extends OptionsRead<typeof WEIGHTED>>(where: string, options: O) {
  const { activation, alpha, initializer = defaultInitializer(activation) } = options;
  checkAlpha(where, activation, alpha);
  return { ...options, initializer };
}

/** Throws OptionError for an alpha of an activation that has no parameter. */
export function checkAlpha(where: string, activation: ActivationName, alpha: number | undefined): void {
  if (alpha !== undefined && !takesAlpha(activation))
    throw new OptionError(`${where}.alpha: expected it with leakyRelu and elu only, got it with ${activation}`);
}
