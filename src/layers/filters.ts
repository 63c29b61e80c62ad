/** Common to the convolutional layers: their options, a weight, a bias for each filter and an activation. */
import { type ActivationName, activate, add, reshape } from '../graph/functions.ts';
import type { GraphValue } from '../graph/graph.ts';
import type { OptionsRead, TableOf } from '../options/table.ts';
import type { LayerScope } from './layer.ts';
import { regularize } from './regularization.ts';
import { WEIGHTED, type WeightedOptions, withActivation } from './weighted.ts';

export interface FilterOptions extends WeightedOptions {
  /** Applied to the convolution and its bias; default 'identity'. softmax and logSoftmax run along the rows of the image. */
  readonly activation?: ActivationName;
  /** Whether each filter has a bias; default true. */
  readonly bias?: boolean;
}

export const FILTERS = WEIGHTED satisfies TableOf<FilterOptions>;

/** A weight's shape, and the fans that its initialiser uses. */
interface WeightShape {
  readonly shape: readonly number[];
  readonly fanIn: number;
  readonly fanOut: number;
}

/** The checked options of one layer, and the nodes that they stand for. */
export class Filters {
  readonly #options: ReturnType<typeof withActivation<OptionsRead<typeof FILTERS>>>;

  /** Throws OptionError for an impossible option. */
  constructor(
    where: string,
    readonly count: number,
    options: OptionsRead<typeof FILTERS>,
  ) {
    this.#options = withActivation(where, options);
  }

  /** The layer's weight, kept small as the options say; its axis `unitAxis` counts the filters. */
  weight(scope: LayerScope, { shape, fanIn, fanOut }: WeightShape, unitAxis = 0): GraphValue {
    const weight = scope.parameter('weight', shape, this.#options.initializer, { fanIn, fanOut });
    regularize(scope, weight, this.#options, unitAxis);
    return weight;
  }

  /** f(z + bias) for a convolution z of [batch, filters, height, width]. */
  finish(scope: LayerScope, z: GraphValue): GraphValue {
    const { activation, alpha, bias } = this.#options;
    return activate(bias ? add(z, this.#biasOf(scope)) : z, activation, alpha);
  }

  #biasOf(scope: LayerScope): GraphValue {
    const bias = scope.parameter('bias', [this.count], this.#options.biasInitializer, { fanIn: 1, fanOut: this.count });
    return reshape(bias, [this.count, 1, 1]);
  }
}
