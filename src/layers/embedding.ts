/** Layers that turn indices, and places in a sequence, into vectors. */

import { ShapeError } from '../errors.ts';
import { add } from '../graph/functions.ts';
import type { GraphValue } from '../graph/graph.ts';
import { type InitializerOption, initializerOr } from '../initializers.ts';
import { opIn } from '../ops/registry.ts';
import { LOOKUPS } from '../ops/row-updates.ts';
import { formatShape } from '../ops/shape.ts';
import { flag, readOptions, storableOptions, type TableOf, withDefault } from '../options/table.ts';
import { checkInteger } from '../options.ts';
import { definedBy } from './definition.ts';
import { type Layer, makeLayer } from './layer.ts';
import type { EmbeddingLayer, SameShapeLayer } from './shapes.ts';

export interface EmbeddingOptions {
  /** How the table begins; default the standard normal distribution, PyTorch's. */
  readonly initializer?: InitializerOption;
}

export interface PositionalEncodingOptions {
  /** Trains the encoding, `weight` [time, features], from N(0, 0.02²); default false: sines and cosines. */
  readonly learned?: boolean;
}

/** The standard deviation that a learned encoding begins with. */
const SPREAD = 0.02;
/** The longest wavelength of the sines, in units of 2π. */
const WAVELENGTHS = 10_000;

const normal = (deviation: number) => ({ type: 'normal', deviation }) as const;

const EMBEDDING_OPTIONS = { initializer: initializerOr(normal(1)) } satisfies TableOf<EmbeddingOptions>;
const POSITIONAL_ENCODING_OPTIONS = { learned: withDefault(flag, false) } satisfies TableOf<PositionalEncodingOptions>;

/**
 * A vector of `size` numbers for each of `count` things: [batch, …] of indices 0 … count − 1 → [batch, …, size]. Parameter: `weight`
 * [count, size]. Indices are exact up to 2³¹ − 1. An input that only reshapes, slices, joins and the like lie between is checked where data
 * is given (DataError); an index that the network computes and that is none gives NaN, and so a DivergedError in training.
 *
 * With plain `sgd` a training step updates the rows that its mini-batch names and touches no others, and so it does with the option `lazy` of
 * `sgd`, `adam` and `adamw`. Else, with momentum, weight decay and the other optimisers every row moves at every step, as PyTorch's do by
 * default; these, clipping and accumulation make the whole table's gradient.
 *
 * @throws OptionError unless both are positive integers.
 */
export function embedding<const Size extends number>(count: number, size: Size, options?: EmbeddingOptions): EmbeddingLayer<Size>;
export function embedding(count: number, size: number, options: EmbeddingOptions = {}): Layer {
  checkInteger('embedding(count)', count);
  checkInteger('embedding(size)', size);
  const { initializer } = readOptions('embedding', EMBEDDING_OPTIONS, options);
  return makeLayer({ type: 'embedding', count, size, ...storableOptions(EMBEDDING_OPTIONS, options) }, (scope, x: GraphValue) => {
    const table = scope.parameter('weight', [count, size], initializer, { fanIn: count, fanOut: size });
    return scope.graph.apply(opIn(LOOKUPS, 'embed'), [table, x])[0];
  });
}

export const EMBEDDING = definedBy('embedding', embedding, 'count', 'size');

/**
 * Adds to each step of a sequence a vector that tells its place: [batch, time, features] → the same. Unless learned, feature 2i of step t
 * gets sin(t / 10000^(2i / features)) and feature 2i + 1 the cosine (Vaswani et al. 2017); they are kept as state, `encoding`.
 *
 * @throws OptionError for an unknown option.
 */
export function positionalEncoding(options?: PositionalEncodingOptions): SameShapeLayer;
export function positionalEncoding(options: PositionalEncodingOptions = {}): Layer {
  const { learned } = readOptions('positionalEncoding', POSITIONAL_ENCODING_OPTIONS, options);
  return makeLayer({ type: 'positionalEncoding', ...options }, (scope, x: GraphValue) => {
    const [, time, features] = x.shape;
    if (x.shape.length !== 3 || time < 1 || features < 1)
      throw new ShapeError(`positionalEncoding: expected an input of [batch, time, features], got ${formatShape(x.shape)}`);
    const encoding = learned
      ? scope.parameter('weight', [time, features], normal(SPREAD))
      : scope.state('encoding', [time, features], ([, width]) => sinusoids(time, width));
    return add(x, encoding);
  });
}

export const POSITIONAL_ENCODING = definedBy('positionalEncoding', positionalEncoding);

function sinusoids(time: number, features: number): Float64Array {
  return Float64Array.from({ length: time * features }, (_, i) => {
    const feature = i % features;
    const angle = Math.floor(i / features) / WAVELENGTHS ** ((feature - (feature % 2)) / features);
    return feature % 2 === 0 ? Math.sin(angle) : Math.cos(angle);
  });
}
