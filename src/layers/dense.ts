/** The fully connected layer. */
import { ShapeError } from '../errors.ts';
import { ACTIVATION_NAMES, abs, activate, add, matmul, multiply, square, sum } from '../graph/functions.ts';
import type { GraphValue, Source } from '../graph/graph.ts';
import { defaultInitializer, type InitializerOption, initializerFrom, isNamedInitializer } from '../initializers.ts';
import { formatShape } from '../ops/shape.ts';
import { checkBoolean, checkInteger, checkKeys, checkName, checkNumber } from '../options.ts';
import { defineLayer, type Layer } from './layer.ts';

export interface DenseOptions {
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
  /** Adds l1 · Σ|w| over the weight to the loss; default 0. */
  readonly l1?: number;
  /** Adds l2 · Σw² over the weight to the loss; default 0. */
  readonly l2?: number;
}

const KEYS = ['activation', 'alpha', 'bias', 'initializer', 'biasInitializer', 'l1', 'l2'] as const;

/**
 * y = f(x·Wᵀ + b) on the last axis: [..., in] → [..., units]. Parameters: `weight` [units, in], `bias` [units].
 *
 * @throws OptionError for an unknown or impossible option.
 */
export function dense(units: number, options: DenseOptions = {}): Layer {
  checkInteger('dense(units)', units);
  checkKeys('dense', options, KEYS);
  const activation = checkName('dense.activation', options.activation ?? 'identity', ACTIVATION_NAMES);
  const bias = checkBoolean('dense.bias', options.bias ?? true);
  const l1 = checkNumber('dense.l1', options.l1 ?? 0, 0);
  const l2 = checkNumber('dense.l2', options.l2 ?? 0, 0);
  if (options.alpha !== undefined) checkNumber('dense.alpha', options.alpha, 0);
  const initializer = options.initializer ?? defaultInitializer(activation);
  const biasInitializer = options.biasInitializer ?? 'zeros';
  initializerFrom('dense.initializer', initializer, 1, 1);
  initializerFrom('dense.biasInitializer', biasInitializer, 1, 1);
  return defineLayer(configOf(units, options), (x, layer) => {
    const inputs = featuresOf(x);
    const weight = x.graph.layerParameter(
      layer,
      'weight',
      [units, inputs],
      initializerFrom('dense.initializer', initializer, inputs, units),
    );
    const product = matmul(x, weight, { transposeB: true });
    const z = bias
      ? add(
          product,
          x.graph.layerParameter(layer, 'bias', [units], initializerFrom('dense.biasInitializer', biasInitializer, inputs, units)),
        )
      : product;
    const { penalties } = x.graph;
    const { name } = weight.source as Source;
    if (l1 > 0) penalties.set(`l1 ${name}`, multiply(sum(abs(weight)), l1));
    if (l2 > 0) penalties.set(`l2 ${name}`, multiply(sum(square(weight)), l2));
    return activate(z, activation, options.alpha);
  });
}

function configOf(units: number, options: DenseOptions) {
  const entries = Object.entries(options).filter(
    ([key, value]) => value !== undefined && (!/initializer/i.test(key) || isNamedInitializer(value as InitializerOption)),
  );
  return { type: 'dense', units, ...Object.fromEntries(entries) };
}

function featuresOf(x: GraphValue): number {
  const features = x.shape.at(-1) as number;
  if (x.shape.length < 2 || features < 1)
    throw new ShapeError(`dense: expected an input of [batch, …, features], got ${formatShape(x.shape)}; flatten() makes one of an image`);
  return features;
}
