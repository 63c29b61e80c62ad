/** Convolutional layers on images [channels, height, width] and sequences [channels, length]. */

import { OptionError, ShapeError } from '../errors.ts';
import { GraphExpressions } from '../graph/expressions.ts';
import type { GraphValue } from '../graph/graph.ts';
import { CONVOLUTIONS } from '../ops/convolution.ts';
import { opIn } from '../ops/registry.ts';
import { formatShape } from '../ops/shape.ts';
import { type Check, readOptions, storableOptions, type TableOf, withDefault } from '../options/table.ts';
import { checkInteger, describe } from '../options.ts';
import { definedBy } from './definition.ts';
import { FILTERS, type FilterOptions, Filters } from './filters.ts';
import { type Layer, makeLayer } from './layer.ts';
import type { ImageLayer, SameSizeLayer } from './shapes.ts';
import { checkPadding, checkPair, imageSize, type Padding, type Pair, paddingOf, pair } from './windows.ts';

export interface Conv2dOptions extends FilterOptions {
  /** Steps from window to window; default 1. */
  readonly stride?: Pair;
  /** Zeros around the image; default 0. */
  readonly padding?: Padding;
  /** Steps from element to element within a window; default 1. */
  readonly dilation?: Pair;
  /** The number of groups of channels and filters, which do not mix; 'depthwise': each channel is one. Default 1. */
  readonly groups?: number | 'depthwise';
}

/** With these the image keeps its size. */
interface SameSizeOptions extends Conv2dOptions {
  readonly padding: 'same';
  readonly stride?: 1;
}

export interface Conv1dOptions extends FilterOptions {
  /** Steps from window to window; default 1. */
  readonly stride?: number;
  /** Zeros at both ends; default 0. */
  readonly padding?: number | 'same' | 'valid';
  /** Steps from element to element within a window; default 1. */
  readonly dilation?: number;
  /** The number of groups of channels and filters, which do not mix; 'depthwise': each channel is one. Default 1. */
  readonly groups?: number | 'depthwise';
}

export interface ConvTranspose2dOptions extends FilterOptions {
  /** Steps from window to window in the output; default 1. */
  readonly stride?: Pair;
  /** Rows and columns dropped on each side of the output; default 0. */
  readonly padding?: Pair;
  /** Rows and columns added below and to the right of the output, fewer than the stride; default 0. */
  readonly outputPadding?: Pair;
  /** Steps from element to element within a window; default 1. */
  readonly dilation?: Pair;
}

const checkGroups: Check<number | 'depthwise'> = (where, groups) => (groups === 'depthwise' ? groups : checkInteger(where, groups));

const CONV_2D_OPTIONS = {
  stride: withDefault(pair(), 1),
  padding: withDefault(checkPadding, 0),
  dilation: withDefault(pair(), 1),
  groups: withDefault(checkGroups, 1),
  ...FILTERS,
} satisfies TableOf<Conv2dOptions>;

/** As height and width of an image of one row. */
const alongRow: Check<readonly [number, number]> = (where, value) => [1, checkInteger(where, value)];
const paddingOfRow: Check<'same' | readonly [number, number]> = (where, value) =>
  typeof value === 'string' ? checkPadding(where, value) : [0, checkInteger(where, value, 0)];

const CONV_1D_OPTIONS = {
  stride: withDefault(alongRow, 1),
  padding: withDefault(paddingOfRow, 0),
  dilation: withDefault(alongRow, 1),
  groups: withDefault(checkGroups, 1),
  ...FILTERS,
} satisfies TableOf<Conv1dOptions>;

const CONV_TRANSPOSE_2D_OPTIONS = {
  stride: withDefault(pair(), 1),
  padding: withDefault(pair(0), 0),
  outputPadding: withDefault(pair(0), 0),
  dilation: withDefault(pair(), 1),
  ...FILTERS,
} satisfies TableOf<ConvTranspose2dOptions>;

/** The number of groups for that many channels. Throws ShapeError where they cannot be divided evenly. */
function groupsFor(where: string, groups: number | 'depthwise', channels: number, filters: number): number {
  const count = groups === 'depthwise' ? channels : groups;
  if (channels % count !== 0 || filters % count !== 0)
    throw new ShapeError(`${where}: expected channels and filters that ${count} groups divide, got ${channels} and ${filters}`);
  return count;
}

/**
 * y = f(x ∗ w + b), the cross-correlation that networks call convolution: [channels, height, width] → [filters, height′, width′] with
 * height′ = ⌊(height + padding − (kernel − 1) · dilation − 1) / stride⌋ + 1. Parameters as PyTorch lays them: `weight`
 * [filters, channels / groups, kernel height, kernel width], `bias` [filters]. Initialisers count fan in = channels / groups · kernel
 * and fan out = filters · kernel.
 *
 * @throws OptionError for an unknown or impossible option; ShapeError, when applied, for what is no image or too small for a window.
 */
export function conv2d<const Filters extends number>(filters: Filters, kernel: Pair, options: SameSizeOptions): SameSizeLayer<Filters>;
export function conv2d<const Filters extends number>(filters: Filters, kernel: Pair, options?: Conv2dOptions): ImageLayer<Filters>;
export function conv2d(filters: number, kernel: Pair, options: Conv2dOptions = {}): Layer {
  checkInteger('conv2d(filters)', filters);
  const read = readOptions('conv2d', CONV_2D_OPTIONS, options);
  const { stride, padding, dilation } = read;
  const windows = { kernel: checkPair('conv2d(kernel)', kernel), stride, dilation, padding };
  const own = new Filters('conv2d', filters, read);
  return makeLayer({ type: 'conv2d', filters, kernel, ...storableOptions(CONV_2D_OPTIONS, options) }, (scope, x: GraphValue) => {
    const [channels, ...size] = imageSize('conv2d', x);
    const groups = groupsFor('conv2d', read.groups, channels, filters);
    const area = windows.kernel[0] * windows.kernel[1];
    const shape = [filters, channels / groups, ...windows.kernel];
    const weight = own.weight(scope, { shape, fanIn: (channels / groups) * area, fanOut: filters * area });
    const attributes = { stride, dilation, groups, padding: paddingOf(size, windows) };
    return own.finish(scope, new GraphExpressions(x.graph).apply(opIn(CONVOLUTIONS, 'conv2d'), [x, weight], attributes));
  });
}

export const CONV_2D = definedBy('conv2d', conv2d, 'filters', 'kernel');

/**
 * conv2d along one direction: [channels, length] → [filters, length′]. Parameters: `weight` [filters, channels / groups, kernel],
 * `bias` [filters].
 *
 * @throws OptionError for an unknown or impossible option; ShapeError, when applied, for what is no sequence or too short for a window.
 */
export function conv1d(filters: number, kernel: number, options: Conv1dOptions = {}): Layer {
  checkInteger('conv1d(filters)', filters);
  checkInteger('conv1d(kernel)', kernel);
  const read = readOptions('conv1d', CONV_1D_OPTIONS, options);
  const { stride, padding, dilation } = read;
  const windows = { kernel: [1, kernel] as const, stride, dilation, padding };
  const own = new Filters('conv1d', filters, read);
  return makeLayer({ type: 'conv1d', filters, kernel, ...storableOptions(CONV_1D_OPTIONS, options) }, (scope, x: GraphValue) => {
    const [batch, channels, length] = x.shape;
    if (x.shape.length !== 3 || channels < 1 || length < 1)
      throw new ShapeError(`conv1d: expected an input of [batch, channels, length], got ${formatShape(x.shape)}`);
    const groups = groupsFor('conv1d', read.groups, channels, filters);
    const m = new GraphExpressions(x.graph);
    const shape = [filters, channels / groups, kernel];
    const weight = own.weight(scope, { shape, fanIn: (channels / groups) * kernel, fanOut: filters * kernel });
    const attributes = { stride, dilation, groups, padding: paddingOf([1, length], windows) };
    const image = m.reshape(x, [batch, channels, 1, length]);
    const y = own.finish(
      scope,
      m.apply(opIn(CONVOLUTIONS, 'conv2d'), [image, m.reshape(weight, [filters, channels / groups, 1, kernel])], attributes),
    );
    return m.reshape(y, [batch, filters, y.shape[3]]);
  });
}

export const CONV_1D = definedBy('conv1d', conv1d, 'filters', 'kernel');

/**
 * The transpose of a convolution, which makes images larger: [channels, height, width] → [filters, height′, width′] with
 * height′ = (height − 1) · stride − 2 · padding + (kernel − 1) · dilation + outputPadding + 1. Parameters as PyTorch lays them:
 * `weight` [channels, filters, kernel height, kernel width], `bias` [filters].
 *
 * @throws OptionError for an unknown or impossible option; ShapeError, when applied, for what is no image.
 */
export function convTranspose2d<const Filters extends number>(
  filters: Filters,
  kernel: Pair,
  options?: ConvTranspose2dOptions,
): ImageLayer<Filters>;
export function convTranspose2d(filters: number, kernel: Pair, options: ConvTranspose2dOptions = {}): Layer {
  const where = 'convTranspose2d';
  checkInteger(`${where}(filters)`, filters);
  const [height, width] = checkPair(`${where}(kernel)`, kernel);
  const read = readOptions(where, CONV_TRANSPOSE_2D_OPTIONS, options);
  const { stride, dilation, padding, outputPadding: more } = read;
  if (more.some((count, i) => count >= stride[i]))
    throw new OptionError(`${where}.outputPadding: expected less than the stride, got ${describe(options.outputPadding)}`);
  const own = new Filters(where, filters, read);
  const config = { type: where, filters, kernel, ...storableOptions(CONV_TRANSPOSE_2D_OPTIONS, options) };
  return makeLayer(config, (scope, x: GraphValue) => {
    const [channels, ...small] = imageSize(where, x);
    const spans = [(height - 1) * dilation[0], (width - 1) * dilation[1]];
    const size = small.map((length, i) => (length - 1) * stride[i] - 2 * padding[i] + spans[i] + more[i] + 1);
    if (size.some((length) => length < 1))
      throw new ShapeError(`${where}: expected an output that padding leaves something of, got ${describe(size)}`);
    const area = height * width;
    const weight = own.weight(scope, { shape: [channels, filters, height, width], fanIn: channels * area, fanOut: filters * area }, 1);
    return own.finish(scope, transposed(x, weight, { stride, dilation, size, padding: [...padding, ...padding] }));
  });
}

export const CONV_TRANSPOSE_2D = definedBy('convTranspose2d', convTranspose2d, 'filters', 'kernel');

function transposed(x: GraphValue, weight: GraphValue, attributes: Record<string, readonly number[]>): GraphValue {
  return new GraphExpressions(x.graph).apply(opIn(CONVOLUTIONS, 'conv2dInput'), [x, weight], attributes);
}
