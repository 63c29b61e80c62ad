/** Layers from what a model file says of them. */

import { OptionError } from '../errors.ts';
import { atOnce } from '../event-loop/promises.ts';
import type { ActivationName } from '../graph/functions.ts';
import { checkBoolean, checkKeys, describe } from '../options.ts';
import { multiHeadAttention } from './attention.ts';
import { bidirectional } from './bidirectional.ts';
import { conv1d, conv2d, convTranspose2d } from './convolution.ts';
import { dense } from './dense.ts';
import { embedding, positionalEncoding } from './embedding.ts';
import { type AnyLayer, frozen, type Layer, type LayerConfig, named } from './layer.ts';
import { batchNorm, groupNorm, layerNorm, rmsNorm } from './normalization.ts';
import { averagePool2d, globalAveragePool2d, maxPool2d, upsample2d, type ZeroPadding, zeroPad2d } from './pooling.ts';
import { gru, lstm, rnn } from './recurrent.ts';
import { activation, dropout, flatten, reshape, spatialDropout } from './simple.ts';
import type { Pair } from './windows.ts';

/** Makes a layer from its options as a config has them: everything but type, name and trainable. */
export type LayerMaker = (options: Record<string, unknown>) => AnyLayer;

/** Makers of a user's own layers, by the type in their configs. */
export type LayerMakers = Readonly<Record<string, LayerMaker>>;

const MAKERS: LayerMakers = {
  dense: ({ units, ...options }) => dense(units as number, options),
  conv1d: ({ filters, kernel, ...options }) => conv1d(filters as number, kernel as number, options),
  conv2d: ({ filters, kernel, ...options }) => conv2d(filters as number, kernel as Pair, options),
  convTranspose2d: ({ filters, kernel, ...options }) => convTranspose2d(filters as number, kernel as Pair, options),
  maxPool2d: ({ pool, ...options }) => maxPool2d(pool as Pair, options),
  averagePool2d: ({ pool, ...options }) => averagePool2d(pool as Pair, options),
  globalAveragePool2d: (rest) => {
    checkKeys('globalAveragePool2d', rest, []);
    return globalAveragePool2d();
  },
  zeroPad2d: ({ padding, ...rest }) => {
    checkKeys('zeroPad2d', rest, []);
    return zeroPad2d(padding as ZeroPadding);
  },
  upsample2d: ({ factor, ...rest }) => {
    checkKeys('upsample2d', rest, []);
    return upsample2d(factor as Pair);
  },
  activation: ({ activation: name, ...options }) => activation(name as ActivationName, options),
  dropout: ({ rate, ...rest }) => {
    checkKeys('dropout', rest, []);
    return dropout(rate as number);
  },
  spatialDropout: ({ rate, ...rest }) => {
    checkKeys('spatialDropout', rest, []);
    return spatialDropout(rate as number);
  },
  batchNorm: (options) => batchNorm(options),
  layerNorm: (options) => layerNorm(options),
  rmsNorm: (options) => rmsNorm(options),
  groupNorm: ({ groups, ...options }) => groupNorm(groups as number, options),
  embedding: ({ count, size, ...options }) => embedding(count as number, size as number, options),
  positionalEncoding: (options) => positionalEncoding(options),
  multiHeadAttention: ({ heads, ...options }) => multiHeadAttention(heads as number, options),
  flatten: (rest) => {
    checkKeys('flatten', rest, []);
    return flatten();
  },
  reshape: ({ shape, ...rest }) => {
    checkKeys('reshape', rest, []);
    if (!Array.isArray(shape)) throw new OptionError(`reshape.shape: expected a list of sizes, got ${describe(shape)}`);
    return reshape(shape);
  },
  rnn: ({ units, ...options }) => rnn(units as number, options),
  lstm: ({ units, ...options }) => lstm(units as number, options),
  gru: ({ units, ...options }) => gru(units as number, options),
  bidirectional: ({ layer, ...options }) => bidirectional(layerFromConfig(layer as LayerConfig), options),
};

/**
 * The layer that a config describes: `{ type: 'dense', units: 32, activation: 'relu' }`.
 *
 * @param own Makers of types that are not chainrule's.
 * @throws OptionError for an unknown type or option.
 */
export function layerFromConfig(config: LayerConfig, own: LayerMakers = {}): Layer {
  if (typeof config !== 'object' || config === null) throw new OptionError(`layer: expected { type, … }, got ${describe(config)}`);
  const makers = { ...own, ...MAKERS };
  if (typeof config.type !== 'string' || !Object.hasOwn(makers, config.type))
    throw new OptionError(`layer: expected a type among ${Object.keys(makers).join(', ')}, got ${describe(config.type)}`);
  const { type, name, trainable, ...options } = config;
  const made: unknown = atOnce(`the maker of ${type}`, makers[type](options));
  if (typeof made !== 'function') throw new OptionError(`layer: expected the maker of ${type} to give a layer, got ${describe(made)}`);
  let layer = made as Layer;
  if (name !== undefined) layer = named(name, layer);
  if (trainable !== undefined && !checkBoolean('layer.trainable', trainable)) layer = frozen(layer);
  return layer;
}

/** Throws OptionError where something among a user's makers is none, or is of a type that chainrule has. */
export function checkMakers(where: string, makers: unknown): LayerMakers {
  checkKeys(where, makers, typeof makers === 'object' && makers !== null ? Object.keys(makers) : []);
  for (const [type, maker] of Object.entries(makers as object)) {
    if (typeof maker !== 'function')
      throw new OptionError(`${where}.${type}: expected a function that makes a layer, got ${describe(maker)}`);
    if (Object.hasOwn(MAKERS, type)) throw new OptionError(`${where}: expected types other than chainrule's own, got ${type}`);
  }
  return makers as LayerMakers;
}
