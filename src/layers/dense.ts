/** The fully connected layer. */
import { ShapeError } from '../errors.ts';
import { ACTIVATION_NAMES, activate, add, matmul } from '../graph/functions.ts';
import type { GraphValue } from '../graph/graph.ts';
import { defaultInitializer, type InitializerOption, initializerFrom } from '../initializers.ts';
import { formatShape } from '../ops/shape.ts';
import { checkBoolean, checkInteger, checkKeys, checkName, checkNumber } from '../options.ts';
import { defineLayer, type Layer } from './layer.ts';
import { checkRegularization, REGULARIZATION_KEYS, type Regularization, regularize } from './regularization.ts';
import type { FeatureLayer } from './shapes.ts';
import { storableOptions } from './storable.ts';

export interface DenseOptions extends Regularization {
  /** Applied to x·Wᵀ + b; default 'identity'. */
  readonly activation?: string;
  /** The parameter of leakyRelu (default 0.01) and elu (default 1). */
  readonly alpha?: number;
  /** Whether there is a bias; default true. */
  readonly bias?: boolean;
  /** How the weight begins; default fits the activation (He for relu and its kin, LeCun for selu, else Glorot uniform). */
  readonly initializer?: InitializerOption;
  /** How the bias begins; default 'zeros'. */
  readonly biasInitializer?: InitializerOption;
}

const KEYS = ['activation', 'alpha', 'bias', 'initializer', 'biasInitializer', ...REGULARIZATION_KEYS] as const;

/**
 * y = f(x·Wᵀ + b) on the last axis: [..., in] → [..., units]. Parameters: `weight` [units, in], `bias` [units].
 *
 * @throws OptionError for an unknown or impossible option.
 */
export function dense<const Units extends number>(units: Units, options?: DenseOptions): FeatureLayer<Units>;
export function dense(units: number, options: DenseOptions = {}): Layer {
  checkInteger('dense(units)', units);
  checkKeys('dense', options, KEYS);
  const activation = checkName('dense.activation', options.activation ?? 'identity', ACTIVATION_NAMES);
  const bias = checkBoolean('dense.bias', options.bias ?? true);
  checkRegularization('dense', options);
  if (options.alpha !== undefined) checkNumber('dense.alpha', options.alpha, 0);
  const initializer = options.initializer ?? defaultInitializer(activation);
  const biasInitializer = options.biasInitializer ?? 'zeros';
  initializerFrom('dense.initializer', initializer, 1, 1);
  initializerFrom('dense.biasInitializer', biasInitializer, 1, 1);
  return defineLayer({ type: 'dense', units, ...storableOptions(options) }, (scope, x: GraphValue) => {
    const fans = { fanIn: featuresOf(x), fanOut: units };
    const weight = scope.parameter('weight', [units, fans.fanIn], initializer, fans);
    const product = matmul(x, weight, { transposeB: true });
    const z = bias ? add(product, scope.parameter('bias', [units], biasInitializer, fans)) : product;
    regularize(scope, weight, options);
    return activate(z, activation, options.alpha);
  });
}

function featuresOf(x: GraphValue): number {
  const features = x.shape.at(-1) as number;
  if (x.shape.length < 2 || features < 1)
    throw new ShapeError(`dense: expected an input of [batch, …, features], got ${formatShape(x.shape)}; flatten() makes one of an image`);
  return features;
}
