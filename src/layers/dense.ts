/** The fully connected layer. */
import { ShapeError } from '../errors.ts';
import { activate, add, matmul } from '../graph/functions.ts';
import type { GraphValue } from '../graph/graph.ts';
import { formatShape } from '../ops/shape.ts';
import { readOptions, storableOptions } from '../options/table.ts';
import { checkInteger } from '../options.ts';
import { definedBy } from './definition.ts';
import { type Layer, makeLayer } from './layer.ts';
import { regularize } from './regularization.ts';
import type { FeatureLayer } from './shapes.ts';
import { WEIGHTED, type WeightedOptions, withActivation } from './weighted.ts';

/** The activation is applied to x·Wᵀ + b. */
export type DenseOptions = WeightedOptions;

/**
 * y = f(x·Wᵀ + b) on the last axis: [..., in] → [..., units]. Parameters: `weight` [units, in], `bias` [units].
 *
 * @throws OptionError for an unknown or impossible option.
 */
export function dense<const Units extends number>(units: Units, options?: DenseOptions): FeatureLayer<Units>;
export function dense(units: number, options: DenseOptions = {}): Layer {
  checkInteger('dense(units)', units);
  const read = withActivation('dense', readOptions('dense', WEIGHTED, options));
  const { activation, alpha, bias, initializer, biasInitializer } = read;
  return makeLayer({ type: 'dense', units, ...storableOptions(WEIGHTED, options) }, (scope, x: GraphValue) => {
    const fans = { fanIn: featuresOf(x), fanOut: units };
    scope.graph.take(x, 'features');
    const weight = scope.parameter('weight', [units, fans.fanIn], initializer, fans);
    const product = matmul(x, weight, { transposeB: true });
    const z = bias ? add(product, scope.parameter('bias', [units], biasInitializer, fans)) : product;
    regularize(scope, weight, read);
    return activate(z, activation, alpha);
  });
}

export const DENSE = definedBy('dense', dense, 'units');

function featuresOf(x: GraphValue): number {
  const features = x.shape[x.shape.length - 1];
  if (x.shape.length < 2 || features < 1)
    throw new ShapeError(`dense: expected an input of [batch, …, features], got ${formatShape(x.shape)}; flatten() makes one of an image`);
  return features;
}
