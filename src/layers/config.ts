/** Layers from their configs in a model file. */

import { OptionError } from '../errors.ts';
import { atOnce } from '../event-loop/promises.ts';
import { checkBoolean, checkKeys, describe, makerHint } from '../options.ts';
import type { LayerDefinition, LayerMaker } from './definition.ts';
import { LAYERS } from './index.ts';
import { frozen, type Layer, type LayerConfig, named } from './layer.ts';

/** Makers of a user's own layers, by the type in their configs. */
export type LayerMakers = Readonly<Record<string, LayerMaker>>;

const OWN: ReadonlyMap<string, LayerDefinition> = new Map(LAYERS.map((definition) => [definition.type, definition]));

/**
 * The layer that a config describes: `{ type: 'dense', units: 32, activation: 'relu' }`.
 *
 * @param own Makers of types that are not chainrule's, where a file is read.
 * @throws OptionError for an unknown type or option.
 */
export function layerFromConfig(config: LayerConfig, own?: LayerMakers): Layer {
  if (typeof config !== 'object' || config === null) throw new OptionError(`layer: expected { type, … }, got ${describe(config)}`);
  const { type, name, trainable, ...options } = config;
  const make = makerOf(type, own);
  if (!make) throw unknownType(type, own);
  const made: unknown = atOnce(`the maker of ${type}`, make(options));
  if (typeof made !== 'function') throw new OptionError(`layer: expected the maker of ${type} to give a layer, got ${describe(made)}`);
  let layer = made as Layer;
  if (name !== undefined) layer = named(name, layer);
  if (trainable !== undefined && !checkBoolean('layer.trainable', trainable)) layer = frozen(layer);
  return layer;
}

function makerOf(type: unknown, own: LayerMakers = {}): LayerMaker | undefined {
  if (typeof type !== 'string') return undefined;
  const definition = OWN.get(type);
  if (definition) return (options) => definition.make(options, layerFromConfig);
  return Object.hasOwn(own, type) ? own[type] : undefined;
}

function unknownType(type: unknown, own: LayerMakers | undefined): OptionError {
  const names = [...Object.keys(own ?? {}), ...OWN.keys()].join(', ');
  const hint = own ? makerHint('layer', 'layers', type) : '';
  return new OptionError(`layer: expected a type among ${names}, got ${describe(type)}${hint}`);
}

/** Throws OptionError for a user's maker that is no function, or of a type that chainrule has. */
export function checkMakers(where: string, makers: unknown): LayerMakers {
  checkKeys(where, makers, typeof makers === 'object' && makers !== null ? Object.keys(makers) : []);
  for (const [type, maker] of Object.entries(makers as object)) {
    if (typeof maker !== 'function')
      throw new OptionError(`${where}.${type}: expected a function that makes a layer, got ${describe(maker)}`);
    if (OWN.has(type)) throw new OptionError(`${where}: expected types other than chainrule's own, got ${type}`);
  }
  return makers as LayerMakers;
}
