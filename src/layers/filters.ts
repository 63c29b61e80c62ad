/** What the convolutional layers have in common: their options, a weight, a bias for each filter and an activation. */
import { ACTIVATION_NAMES, activate, add, reshape } from '../graph/functions.ts';
import type { GraphValue } from '../graph/graph.ts';
import { defaultInitializer, type InitializerOption, initializerFrom } from '../initializers.ts';
import { checkBoolean, checkName, checkNumber } from '../options.ts';
import type { LayerScope } from './layer.ts';
import { checkRegularization, REGULARIZATION_KEYS, type Regularization, regularize } from './regularization.ts';

export interface FilterOptions extends Regularization {
  /** Applied to the convolution and its bias; default 'identity'. softmax and logSoftmax run along the rows of the image. */
  readonly activation?: string;
  /** The parameter of leakyRelu (default 0.01) and elu (default 1). */
  readonly alpha?: number;
  /** Whether each filter has a bias; default true. */
  readonly bias?: boolean;
  /** How the weight begins; default fits the activation (He for relu and its kin, LeCun for selu, else Glorot uniform). */
  readonly initializer?: InitializerOption;
  /** How the bias begins; default 'zeros'. */
  readonly biasInitializer?: InitializerOption;
}

export const FILTER_KEYS = ['activation', 'alpha', 'bias', 'initializer', 'biasInitializer', ...REGULARIZATION_KEYS] as const;

/** A weight's shape, and the numbers of inputs and outputs that its initialiser goes by. */
interface WeightShape {
  readonly shape: readonly number[];
  readonly fanIn: number;
  readonly fanOut: number;
}

/** The checked options of one layer, and the nodes that they stand for. */
export class Filters {
  readonly #activation: string;
  readonly #bias: boolean;
  readonly #initializer: InitializerOption;
  readonly #biasInitializer: InitializerOption;

  /** Throws OptionError for an impossible option. */
  constructor(
    readonly where: string,
    readonly count: number,
    readonly options: FilterOptions,
  ) {
    this.#activation = checkName(`${where}.activation`, options.activation ?? 'identity', ACTIVATION_NAMES);
    this.#bias = checkBoolean(`${where}.bias`, options.bias ?? true);
    checkRegularization(where, options);
    if (options.alpha !== undefined) checkNumber(`${where}.alpha`, options.alpha, 0);
    this.#initializer = options.initializer ?? defaultInitializer(this.#activation);
    this.#biasInitializer = options.biasInitializer ?? 'zeros';
    initializerFrom(`${where}.initializer`, this.#initializer, 1, 1);
    initializerFrom(`${where}.biasInitializer`, this.#biasInitializer, 1, 1);
  }

  /** The layer's weight, kept small as the options say; its axis `unitAxis` counts the filters. */
  weight(scope: LayerScope, { shape, fanIn, fanOut }: WeightShape, unitAxis = 0): GraphValue {
    const weight = scope.parameter('weight', shape, this.#initializer, { fanIn, fanOut });
    regularize(scope, weight, this.options, unitAxis);
    return weight;
  }

  /** f(z + bias) for a convolution z of [batch, filters, height, width]. */
  finish(scope: LayerScope, z: GraphValue): GraphValue {
    return activate(this.#bias ? add(z, this.#biasOf(scope)) : z, this.#activation, this.options.alpha);
  }

  #biasOf(scope: LayerScope): GraphValue {
    const bias = scope.parameter('bias', [this.count], this.#biasInitializer, { fanIn: 1, fanOut: this.count });
    return reshape(bias, [this.count, 1, 1]);
  }
}
