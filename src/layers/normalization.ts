/** Layers that normalise their inputs: over the batch, over features, over groups of channels. */

import { ShapeError } from '../errors.ts';
import { elementsOver, GraphExpressions } from '../graph/expressions.ts';
import { add, divide, maximum, multiply, reshape, sqrt, subtract } from '../graph/functions.ts';
import type { GraphValue } from '../graph/graph.ts';
import { NORMALIZATION } from '../ops/normalization.ts';
import { opIn } from '../ops/registry.ts';
import { BATCH, count, formatShape } from '../ops/shape.ts';
import { epsilon, number, readOptions, type TableOf, withDefault } from '../options/table.ts';
import { checkInteger } from '../options.ts';
import { definedBy } from './definition.ts';
import { type Layer, type LayerScope, makeLayer } from './layer.ts';
import type { SameShapeLayer } from './shapes.ts';

export interface NormalizationOptions {
  /** Added to the variance, so that nothing is divided by zero; default 1e-5. */
  readonly epsilon?: number;
}

export interface BatchNormOptions extends NormalizationOptions {
  /** The share of each step's statistics in the running ones; default 0.1. */
  readonly momentum?: number;
}

const NORMALIZATION_OPTIONS = { epsilon: withDefault(epsilon, 1e-5) } satisfies TableOf<NormalizationOptions>;
const BATCH_NORM_OPTIONS = { ...NORMALIZATION_OPTIONS, momentum: withDefault(number(0, 1), 0.1) } satisfies TableOf<BatchNormOptions>;

/**
 * Batch normalisation (Ioffe & Szegedy 2015) of [batch, features] or [batch, channels, …]:
 * y = (x − mean) / √(variance + epsilon) · weight + bias for each feature or channel. While training, mean and variance are those of the
 * batch, and `running_mean` and `running_var` (of n / (n − 1) · variance, as PyTorch's) follow them; evaluation and prediction use these.
 * Where one of these is frozen, with the whole layer or by itself, training too normalises by them and changes neither: it then trains what
 * it serves, on batches of any size. Frozen `weight` and `bias` alone leave the statistics those of the batch, of which a channel must have at
 * least two values: a mini-batch of a single row of features, a last one too, is refused.
 * Parameters: `weight` [channels], 1 at first, and `bias` [channels], 0 at first.
 *
 * @throws OptionError for an unknown or impossible option.
 */
export function batchNorm(options?: BatchNormOptions): SameShapeLayer;
export function batchNorm(options: BatchNormOptions = {}): Layer {
  const { epsilon, momentum } = readOptions('batchNorm', BATCH_NORM_OPTIONS, options);
  return makeLayer({ type: 'batchNorm', ...options }, (scope, x: GraphValue) => {
    const channels = channelsOf('batchNorm', x);
    const weight = scope.parameter('weight', [channels], 'ones');
    const bias = scope.parameter('bias', [channels], 'zeros');
    const runningMean = scope.state('running_mean', [channels], 'zeros');
    const runningVariance = scope.state('running_var', [channels], 'ones');
    const isFixed = [runningMean, runningVariance].some((statistic) => scope.isFrozen(statistic));
    if (!scope.training || isFixed) return normalizeBy(x, runningMean, runningVariance, weight, bias, epsilon);
    if (valuesOf(x) === BATCH) scope.needRows(2);
    const [y, mean, variance] = scope.graph.apply(opIn(NORMALIZATION, 'batchNorm'), [x, weight, bias], { epsilon });
    follow(scope, runningMean, mean, momentum);
    follow(scope, runningVariance, unbiased(x, variance), momentum);
    return y;
  });
}

export const BATCH_NORM = definedBy('batchNorm', batchNorm);

function normalizeBy(
  x: GraphValue,
  mean: GraphValue,
  variance: GraphValue,
  weight: GraphValue,
  bias: GraphValue,
  epsilon: number,
): GraphValue {
  const scale = divide(weight, sqrt(add(variance, epsilon)));
  const shift = subtract(bias, multiply(mean, scale));
  return add(multiply(x, alongChannels(scale, x)), alongChannels(shift, x));
}

function follow(scope: LayerScope, running: GraphValue, latest: GraphValue, momentum: number): void {
  scope.assign(running, add(multiply(scope.latest(running), 1 - momentum), multiply(latest, momentum)));
}

/** How many values a channel has. */
const valuesOf = (x: GraphValue) =>
  elementsOver(
    x,
    x.shape.flatMap((_, axis) => (axis === 1 ? [] : [axis])),
  );

/** n / (n − 1) · variance, for the n elements of a channel that came; the variance itself, 0, where there is one alone. */
function unbiased(x: GraphValue, variance: GraphValue): GraphValue {
  const reciprocal = new GraphExpressions(x.graph).scale(x.graph.constant(1), 1, valuesOf(x));
  return divide(variance, maximum(subtract(1, reciprocal), 0.5));
}

function channelsOf(op: string, x: GraphValue): number {
  const [, channels] = x.shape;
  if (x.shape.length < 2 || channels < 1)
    throw new ShapeError(`${op}: expected an input of [batch, features] or [batch, channels, …], got ${formatShape(x.shape)}`);
  return channels;
}

const alongChannels = (value: GraphValue, x: GraphValue) => reshape(value, [x.shape[1], ...x.shape.slice(2).map(() => 1)]);

function featuresOf(op: string, x: GraphValue): number {
  const features = x.shape[x.shape.length - 1];
  if (x.shape.length < 2 || features < 1)
    throw new ShapeError(`${op}: expected an input of [batch, …, features], got ${formatShape(x.shape)}`);
  return features;
}

/**
 * Layer normalisation (Ba, Kiros & Hinton 2016) over the last axis: y = (x − mean) / √(variance + epsilon) · weight + bias.
 * Parameters: `weight` [features], 1 at first, and `bias` [features], 0 at first.
 *
 * @throws OptionError for an unknown or impossible option.
 */
export function layerNorm(options?: NormalizationOptions): SameShapeLayer;
export function layerNorm(options: NormalizationOptions = {}): Layer {
  const { epsilon } = readOptions('layerNorm', NORMALIZATION_OPTIONS, options);
  return makeLayer({ type: 'layerNorm', ...options }, (scope, x: GraphValue) => {
    const features = featuresOf('layerNorm', x);
    const weight = scope.parameter('weight', [features], 'ones');
    const bias = scope.parameter('bias', [features], 'zeros');
    return scope.graph.apply(opIn(NORMALIZATION, 'normalize'), [x, weight, bias], { centred: true, epsilon })[0];
  });
}

export const LAYER_NORM = definedBy('layerNorm', layerNorm);

/**
 * Root mean square normalisation (Zhang & Sennrich 2019) over the last axis: y = x / √(mean of x² + epsilon) · weight.
 * Parameter: `weight` [features], 1 at first.
 *
 * @throws OptionError for an unknown or impossible option.
 */
export function rmsNorm(options?: NormalizationOptions): SameShapeLayer;
export function rmsNorm(options: NormalizationOptions = {}): Layer {
  const { epsilon } = readOptions('rmsNorm', NORMALIZATION_OPTIONS, options);
  return makeLayer({ type: 'rmsNorm', ...options }, (scope, x: GraphValue) => {
    const weight = scope.parameter('weight', [featuresOf('rmsNorm', x)], 'ones');
    return scope.graph.apply(opIn(NORMALIZATION, 'normalize'), [x, weight, undefined], { centred: false, epsilon })[0];
  });
}

export const RMS_NORM = definedBy('rmsNorm', rmsNorm);

/**
 * Group normalisation (Wu & He 2018) of [batch, channels, …]: each sample's channels, in `groups` groups of neighbours, are normalised by
 * their group's mean and variance, then y = x̂ · weight + bias for each channel. As many groups as channels is instance normalisation.
 * Parameters: `weight` [channels], 1 at first, and `bias` [channels], 0 at first.
 *
 * @throws OptionError for an unknown or impossible option; ShapeError where the groups do not divide the channels evenly.
 */
export function groupNorm(groups: number, options?: NormalizationOptions): SameShapeLayer;
export function groupNorm(groups: number, options: NormalizationOptions = {}): Layer {
  checkInteger('groupNorm(groups)', groups);
  const { epsilon } = readOptions('groupNorm', NORMALIZATION_OPTIONS, options);
  return makeLayer({ type: 'groupNorm', groups, ...options }, (scope, x: GraphValue) => {
    const channels = channelsOf('groupNorm', x);
    if (channels % groups !== 0)
      throw new ShapeError(`groupNorm: expected channels that ${groups} groups divide evenly, got ${formatShape(x.shape)}`);
    const weight = scope.parameter('weight', [channels], 'ones');
    const bias = scope.parameter('bias', [channels], 'zeros');
    const grouped = reshape(x, [x.shape[0], groups, count(x.shape.slice(1)) / groups]);
    const [normalized] = scope.graph.apply(opIn(NORMALIZATION, 'normalize'), [grouped, undefined, undefined], { centred: true, epsilon });
    return add(multiply(reshape(normalized, x.shape), alongChannels(weight, x)), alongChannels(bias, x));
  });
}

export const GROUP_NORM = definedBy('groupNorm', groupNorm, 'groups');
