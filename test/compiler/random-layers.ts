/** Layers of images and sequences for random graphs. What each gives is bounded by what is said with it. */
import * as f from '../../src/graph/functions.ts';
import type { GraphValue } from '../../src/graph/graph.ts';
import {
  averagePool2d,
  bidirectional,
  conv1d,
  conv2d,
  convTranspose2d,
  embedding,
  globalAveragePool2d,
  groupNorm,
  gru,
  layerNorm,
  lstm,
  maxPool2d,
  multiHeadAttention,
  rmsNorm,
  rnn,
  upsample2d,
  zeroPad2d,
} from '../../src/index.ts';
import { BATCH } from '../../src/ops/shape.ts';
import type { Shape } from '../../src/ops/spec.ts';
import type { Chance } from '../support/randomness.ts';

/** A value and a bound of its magnitude. */
export type Bounded = readonly [value: GraphValue, bound: number];

/** What layers are made from besides their input. */
export interface Material {
  readonly chance: Chance;
  /** A new source of values of at most 1: an input where it has a batch, else a parameter. */
  source(shape: Shape): GraphValue;
  /** A new input of integers from 0 to below `limit`. */
  integers(shape: Shape, limit: number): GraphValue;
}

/** Large enough that what is all the same but for rounding is not blown up. */
const EPSILON = 0.1;
const squashed = (x: GraphValue): Bounded => [f.tanh(x), 1];

/** Whether a value is an image that a few layers leave small. */
export const isImage = ({ shape }: GraphValue) => shape.length === 4 && shape.slice(1).every((size) => size > 0 && size <= 8);
export const isSequence = ({ shape }: GraphValue) => shape.length === 3 && shape.slice(1).every((size) => size > 0 && size <= 8);

/** An image to begin with; without a batch it is a parameter, so that its own δ is compared. */
export function newImage({ chance, source }: Material): GraphValue {
  return source([chance.pick([BATCH, BATCH, 2]), chance.pick([1, 2, 4]), ...[1, 2].map(() => chance.pick([3, 4, 5, 7]))]);
}

/** A sequence to begin with: of numbers, or of words looked up. */
export function newSequence({ chance, source, integers }: Material): GraphValue {
  const [steps, features] = [chance.pick([1, 2, 4]), chance.pick([1, 2, 6])];
  if (chance.happens(0.5)) return source([chance.pick([BATCH, BATCH, 2]), steps, features]);
  return embedding(5, features)(integers([BATCH, steps], 5));
}

export function imageLayer(x: GraphValue, bound: number, material: Material): Bounded {
  const { chance } = material;
  const choices: (() => Bounded)[] = [
    () => squashed(convolution(x, chance)),
    () => squashed(convolution(x, chance)),
    () => squashed(convolution(x, chance)),
    () => squashed(transposed(x, chance)),
    () => squashed(transposed(x, chance)),
    () => [pooled(x, chance, maxPool2d), bound],
    () => [pooled(x, chance, averagePool2d), bound],
    () => [globalAveragePool2d()(x), bound],
    () => [zeroPad2d([chance.below(2), chance.below(3), chance.below(2), 1])(x), bound],
    () => [upsample2d([chance.pick([1, 2]), chance.pick([2, 3])])(x), bound],
    () => channelsNormalized(x, material),
    () => squashed(groupNorm(divisor(x.shape[1], chance), { epsilon: EPSILON })(x)),
  ];
  return chance.pick(choices)();
}

export function sequenceLayer(x: GraphValue, material: Material): Bounded {
  const { chance } = material;
  const choices: (() => Bounded)[] = [
    () => squashed(recurrent(x, material)),
    () => squashed(recurrent(x, material)),
    () => squashed(recurrent(x, material)),
    () => squashed(attended(x, material)),
    () => squashed(attended(x, material)),
    () => squashed((chance.happens(0.5) ? layerNorm : rmsNorm)({ epsilon: EPSILON })(x)),
    () => squashed(conv1d(3, chance.pick([1, 2, 3]), { stride: chance.pick([1, 2]), padding: 'same', dilation: chance.pick([1, 2]) })(x)),
  ];
  return chance.pick(choices)();
}

const divisor = (size: number, chance: Chance) => chance.pick([1, 2, 4].filter((part) => size % part === 0));

function convolution(x: GraphValue, chance: Chance): GraphValue {
  const pair = (sizes: readonly number[]) => [chance.pick(sizes), chance.pick(sizes)] as const;
  const [kernel, stride, dilation] = [pair([1, 2, 3]), pair([1, 1, 2, 3]), pair([1, 1, 2])];
  const groups = divisor(x.shape[1], chance);
  const fits = kernel.every((size, i) => (size - 1) * dilation[i] < x.shape[2 + i]);
  const padding = fits ? chance.pick(['same', 0, 1, [2, 1]] as const) : 'same';
  const activation = chance.pick([undefined, 'relu', 'tanh', 'gelu'] as const);
  return conv2d(groups * chance.pick([1, 3]), kernel, { stride, dilation, groups, padding, activation, bias: chance.happens(0.7) })(x);
}

function transposed(x: GraphValue, chance: Chance): GraphValue {
  const kernel = chance.pick([1, 2, 3]);
  const stride = chance.pick([1, 2]);
  return convTranspose2d(chance.pick([1, 3]), kernel, {
    ...{ stride, dilation: chance.pick([1, 2]), padding: kernel === 3 ? chance.below(2) : 0 },
    ...{ outputPadding: chance.below(stride), bias: chance.happens(0.7) },
  })(x);
}

function pooled(x: GraphValue, chance: Chance, layer: typeof maxPool2d): GraphValue {
  const pool = [0, 1].map((i) => chance.pick([1, 2, 3].filter((size) => size <= x.shape[2 + i]))) as [number, number];
  return layer(pool, { stride: chance.pick([1, 2]), padding: Math.min(...pool) > 1 ? chance.below(2) : 0 })(x);
}

/** All three of the op's results. */
function channelsNormalized(x: GraphValue, { chance, source }: Material): Bounded {
  const [, channels] = x.shape;
  const given = [source([channels]), source([channels])];
  const [y, mean, variance] = x.graph.apply('batchNorm', [x, ...given], { epsilon: EPSILON });
  return squashed(chance.happens(0.6) ? y : f.add(mean, variance));
}

/** Steps that a mask leaves out, forwards or backwards, with or without δ's cut off. */
function recurrent(x: GraphValue, { chance, integers }: Material): GraphValue {
  const masked = chance.happens(0.4);
  const inputs = masked ? [x, integers(x.shape.slice(0, 2), 2)] : [x];
  const reverse = chance.happens(0.3);
  const common = {
    masked,
    returnSequences: chance.happens(0.7),
    bias: chance.happens(0.8),
    truncate: chance.pick([undefined, undefined, 2]),
  };
  const units = chance.pick([1, 3, 5]);
  const both = chance.happens(0.2);
  const options = both ? common : { ...common, reverse };
  const layer = chance.pick([() => lstm(units, options), () => gru(units, options), () => rnn(units, options)])();
  return (both ? bidirectional(layer) : layer)(...(inputs as [GraphValue]));
}

function attended(x: GraphValue, { chance, integers }: Material): GraphValue {
  const masked = chance.happens(0.4);
  const inputs = masked ? [x, integers(x.shape.slice(0, 2), 2)] : [x];
  const layer = multiHeadAttention(divisor(x.shape[2], chance), { masked, causal: chance.happens(0.5) });
  return layer(...(inputs as [GraphValue]));
}
