/** Layers from what a model file says of them. */
import { OptionError } from '../errors.ts';
import { checkKeys, describe } from '../options.ts';
import { dense } from './dense.ts';
import type { Layer, LayerConfig } from './layer.ts';
import { activation, dropout, flatten, reshape } from './simple.ts';

const MAKERS: Readonly<Record<string, (options: Record<string, unknown>) => Layer>> = {
  dense: ({ units, ...options }) => dense(units as number, options),
  activation: ({ activation: name, ...options }) => activation(name as string, options),
  dropout: ({ rate, ...rest }) => {
    checkKeys('dropout', rest, []);
    return dropout(rate as number);
  },
  flatten: (rest) => {
    checkKeys('flatten', rest, []);
    return flatten();
  },
  reshape: ({ shape, ...rest }) => {
    checkKeys('reshape', rest, []);
    if (!Array.isArray(shape)) throw new OptionError(`reshape.shape: expected a list of sizes, got ${describe(shape)}`);
    return reshape(shape);
  },
};

/**
 * The layer that a config describes: `{ type: 'dense', units: 32, activation: 'relu' }`.
 *
 * @throws OptionError for an unknown type or option.
 */
export function layerFromConfig(config: LayerConfig): Layer {
  if (typeof config !== 'object' || config === null) throw new OptionError(`layer: expected { type, … }, got ${describe(config)}`);
  if (typeof config.type !== 'string' || !Object.hasOwn(MAKERS, config.type))
    throw new OptionError(`layer: expected a type among ${Object.keys(MAKERS).join(', ')}, got ${describe(config.type)}`);
  const { type, ...options } = config;
  return MAKERS[type](options);
}
