/** Layers that make images [channels, height, width] smaller or larger, channel by channel, without parameters. */

import { OptionError } from '../errors.ts';
import { GraphExpressions } from '../graph/expressions.ts';
import { mean } from '../graph/functions.ts';
import type { GraphValue } from '../graph/graph.ts';
import { POOLING } from '../ops/pooling.ts';
import { opIn } from '../ops/registry.ts';
import { optional, readOptions, type TableOf, withDefault } from '../options/table.ts';
import { checkInteger } from '../options.ts';
import { definedBy, definedByArguments } from './definition.ts';
import { type Layer, makeLayer } from './layer.ts';
import type { ChannelsLayer, SameChannelsLayer } from './shapes.ts';
import { checkPadding, checkPair, imageSize, type Padding, type Pair, paddingOf, pair } from './windows.ts';

export interface PoolOptions {
  /** Steps from window to window; default the size of a window. */
  readonly stride?: Pair;
  /** Around the image, at most half a window; default 0. */
  readonly padding?: Padding;
}

const POOL_OPTIONS = { stride: optional(pair()), padding: withDefault(checkPadding, 0) } satisfies TableOf<PoolOptions>;

function pooling(type: 'maxPool2d' | 'averagePool2d', pool: Pair, options: PoolOptions): Layer {
  const kernel = checkPair(`${type}(pool)`, pool);
  const { stride = kernel, padding } = readOptions(type, POOL_OPTIONS, options);
  const windows = { kernel, stride, dilation: [1, 1] as const, padding };
  if (padding !== 'same' && padding.some((zeros, i) => zeros > kernel[i] / 2))
    throw new OptionError(
      `${type}.padding: expected at most half a window, ${kernel.map((length) => Math.floor(length / 2)).join(' and ')}, got ${padding.join(' and ')}`,
    );
  return makeLayer({ type, pool, ...options }, (_, x: GraphValue) => {
    const [, ...size] = imageSize(type, x);
    return new GraphExpressions(x.graph).apply(opIn(POOLING, type), [x], { kernel, stride, padding: paddingOf(size, windows) });
  });
}

/**
 * The largest element of each window: [channels, height, width] → [channels, height′, width′] with
 * height′ = ⌊(height + padding − pool) / stride⌋ + 1. δ goes to the first maximum of a window; padding is never the maximum.
 *
 * @throws OptionError for an unknown or impossible option; ShapeError, when applied, for what is no image, or is smaller than a window.
 */
export function maxPool2d(pool: Pair, options?: PoolOptions): SameChannelsLayer;
export function maxPool2d(pool: Pair, options: PoolOptions = {}): Layer {
  return pooling('maxPool2d', pool, options);
}

export const MAX_POOL_2D = definedBy('maxPool2d', maxPool2d, 'pool');

/**
 * The mean of each window, the zeros of the padding counted: shapes as for maxPool2d.
 *
 * @throws OptionError for an unknown or impossible option; ShapeError, when applied, for what is no image, or is smaller than a window.
 */
export function averagePool2d(pool: Pair, options?: PoolOptions): SameChannelsLayer;
export function averagePool2d(pool: Pair, options: PoolOptions = {}): Layer {
  return pooling('averagePool2d', pool, options);
}

export const AVERAGE_POOL_2D = definedBy('averagePool2d', averagePool2d, 'pool');

/**
 * The mean of each channel: [channels, height, width] → [channels].
 *
 * @throws ShapeError, when applied, for what is no image.
 */
export function globalAveragePool2d(): ChannelsLayer;
export function globalAveragePool2d(): Layer {
  return makeLayer({ type: 'globalAveragePool2d' }, (_, x: GraphValue) => {
    imageSize('globalAveragePool2d', x);
    return mean(x, [2, 3]);
  });
}

export const GLOBAL_AVERAGE_POOL_2D = definedByArguments('globalAveragePool2d', globalAveragePool2d);

/** Zeros on each side: one number for all four, [height, width], or [top, bottom, left, right]. */
export type ZeroPadding = Pair | readonly [number, number, number, number];

/**
 * Zeros around each channel: [channels, height, width] → [channels, top + height + bottom, left + width + right].
 *
 * @throws OptionError unless the padding is one, two or four integers of at least 0; ShapeError, when applied, for what is no image.
 */
export function zeroPad2d(padding: ZeroPadding): SameChannelsLayer;
export function zeroPad2d(padding: ZeroPadding): Layer {
  const [top, bottom, left, right] = sidesOf(padding);
  return makeLayer({ type: 'zeroPad2d', padding }, (_, x: GraphValue) => {
    imageSize('zeroPad2d', x);
    return withZeros(withZeros(x, 2, top, bottom), 3, left, right);
  });
}

export const ZERO_PAD_2D = definedByArguments('zeroPad2d', zeroPad2d, 'padding');

function sidesOf(padding: ZeroPadding): readonly number[] {
  const where = 'zeroPad2d(padding)';
  if (Array.isArray(padding) && padding.length === 4)
    return Array.from(padding as readonly number[], (side, i) => checkInteger(`${where}[${i}]`, side, 0));
  const [vertical, horizontal] = checkPair(where, padding, 0);
  return [vertical, vertical, horizontal, horizontal];
}

function withZeros(x: GraphValue, axis: number, before: number, after: number): GraphValue {
  if (before + after === 0) return x;
  const m = new GraphExpressions(x.graph);
  const shape = x.shape.map((size, i) => (i === axis ? before + size + after : size));
  return m.insert(m.fill(0, shape), x, axis, before);
}

/**
 * Every element `factor` times in each direction (nearest neighbour): [channels, height, width] → [channels, factor · height,
 * factor · width]; `factor` may be [height, width].
 *
 * @throws OptionError unless factors are positive integers; ShapeError, when applied, for what is no image.
 */
export function upsample2d(factor: Pair): SameChannelsLayer;
export function upsample2d(factor: Pair): Layer {
  const [down, across] = checkPair('upsample2d(factor)', factor);
  return makeLayer({ type: 'upsample2d', factor }, (_, x: GraphValue) => {
    const [channels, height, width] = imageSize('upsample2d', x);
    const [batch] = x.shape;
    const m = new GraphExpressions(x.graph);
    const repeated = m.broadcast(m.reshape(x, [batch, channels, height, 1, width, 1]), [batch, channels, height, down, width, across]);
    return m.reshape(repeated, [batch, channels, height * down, width * across]);
  });
}

export const UPSAMPLE_2D = definedByArguments('upsample2d', upsample2d, 'factor');
