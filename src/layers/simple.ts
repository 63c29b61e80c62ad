/** Layers without parameters. */
import { OptionError, ShapeError } from '../errors.ts';
import { GraphExpressions } from '../graph/expressions.ts';
import { ACTIVATION_NAMES, type ActivationName, activate, flattenSample, reshape as reshapeValue } from '../graph/functions.ts';
import { GraphValue } from '../graph/graph.ts';
import { count, formatShape } from '../ops/shape.ts';
import { number, optional, readOptions, type TableOf } from '../options/table.ts';
import { checkFraction, checkName, checkShape, describe } from '../options.ts';
import { definedBy, definedByArguments, type LayerDefinition } from './definition.ts';
import { type Layer, makeLayer } from './layer.ts';
import type { FlatLayer, ReshapingLayer, SameShapeLayer } from './shapes.ts';
import { checkAlpha } from './weighted.ts';

export interface ActivationOptions {
  /** The parameter of leakyRelu (default 0.01) and elu (default 1); other activations take none. */
  readonly alpha?: number;
}

const ACTIVATION_OPTIONS = { alpha: optional(number()) } satisfies TableOf<ActivationOptions>;

/**
 * An activation as a layer: sigmoid, tanh, relu, leakyRelu, elu, selu, gelu, geluTanh, silu, softplus, hardSigmoid, hardSwish, softmax,
 * logSoftmax or identity. `alpha` is the parameter of leakyRelu (default 0.01) and elu (default 1); the others take none.
 *
 * @throws OptionError for an unknown name or option, or an alpha for an activation without one.
 */
export function activation(name: ActivationName, options?: ActivationOptions): SameShapeLayer;
export function activation(name: ActivationName, options: ActivationOptions = {}): Layer {
  checkName('activation(name)', name, ACTIVATION_NAMES);
  const { alpha } = readOptions('activation', ACTIVATION_OPTIONS, options);
  checkAlpha('activation', name, alpha);
  return makeLayer({ type: 'activation', activation: name, ...options }, (_, x: GraphValue) => activate(x, name, alpha));
}

export const ACTIVATION = definedBy('activation', activation, 'activation');

/**
 * While training, zeroes each element with probability `rate` and divides the others by 1 − rate (Srivastava et al. 2014, inverted);
 * does nothing when predicting. The mask depends on the network's seed and the step only.
 *
 * @throws OptionError unless 0 ≤ rate < 1.
 */
export function dropout(rate: number): SameShapeLayer;
export function dropout(rate: number): Layer {
  checkFraction('dropout(rate)', rate);
  return makeLayer({ type: 'dropout', rate }, (scope, x: GraphValue) =>
    scope.training && rate > 0 ? new GraphExpressions(scope.graph).apply('dropout', [x], { rate, stream: scope.stream() }) : x,
  );
}

export const DROPOUT = definedByArguments('dropout', dropout, 'rate');

/**
 * While training, zeroes each channel of [batch, channels, …] as a whole with probability `rate` and divides the others by 1 − rate
 * (Tompson et al. 2015); does nothing when predicting.
 *
 * @throws OptionError unless 0 ≤ rate < 1.
 */
export function spatialDropout(rate: number): SameShapeLayer;
export function spatialDropout(rate: number): Layer {
  checkFraction('spatialDropout(rate)', rate);
  return makeLayer({ type: 'spatialDropout', rate }, (scope, x: GraphValue) => {
    if (x.shape.length < 3) throw new ShapeError(`spatialDropout: expected an input of [batch, channels, …], got ${formatShape(x.shape)}`);
    if (!scope.training || rate === 0) return x;
    const m = new GraphExpressions(scope.graph);
    const ones = m.fill(1, [x.shape[0], x.shape[1], ...x.shape.slice(2).map(() => 1)]);
    return m.multiply(x, m.apply('dropout', [ones], { rate, stream: scope.stream() }));
  });
}

export const SPATIAL_DROPOUT = definedByArguments('spatialDropout', spatialDropout, 'rate');

/** One axis for everything but the batch: [batch, 28, 28] → [batch, 784]. */
export function flatten(): FlatLayer;
export function flatten(): Layer {
  return makeLayer({ type: 'flatten' }, (_, x: GraphValue) => flattenSample(x));
}

export const FLATTEN = definedByArguments('flatten', flatten);

/**
 * As a layer, `reshape([1, 28, 28])`: another shape for each sample, of as many elements. As a function of the graph,
 * `reshape(x, [4, 2])`: the same elements under another shape; one size may be −1 and is then worked out.
 *
 * @throws OptionError unless the layer's sizes are positive integers; ShapeError where the elements do not add up.
 */
export function reshape<const Sample extends readonly number[]>(shape: Sample): ReshapingLayer<Sample>;
export function reshape(x: GraphValue, shape: readonly number[]): GraphValue;
export function reshape(first: GraphValue | readonly number[], shape?: readonly number[]): Layer | GraphValue {
  if (first instanceof GraphValue) return reshapeValue(first, shape as readonly number[]);
  const sample = checkShape('reshape(shape)', first);
  return makeLayer({ type: 'reshape', shape: sample }, (_, x: GraphValue) => {
    if (count(sample) !== count(x.shape.slice(1))) {
      throw new ShapeError(
        `reshape: expected a sample of as many elements as ${formatShape(sample)}, got ${formatShape(x.shape.slice(1))}`,
      );
    }
    return new GraphExpressions(x.graph).reshape(x, [x.shape[0], ...sample]);
  });
}

export const RESHAPE: LayerDefinition = definedByArguments(
  'reshape',
  (shape: readonly number[]) => {
    if (!Array.isArray(shape)) throw new OptionError(`reshape.shape: expected a list of sizes, got ${describe(shape)}`);
    return reshape(shape);
  },
  'shape',
);
