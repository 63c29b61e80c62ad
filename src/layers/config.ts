/** Layers from their configs in a model file. */

import { OptionError } from '../errors.ts';
import { atOnce } from '../event-loop/promises.ts';
import { checkMakers, describe, makerHint } from '../options.ts';
import { LAYER_TYPES } from './define.ts';
import type { LayerDefinition, LayerMaker } from './definition.ts';
import { LAYERS } from './index.ts';
import { asConfigured, type Layer, type LayerConfig } from './layer.ts';

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
  return asConfigured(config, (type, options) => {
    const make = makerOf(type, own);
    if (!make) throw unknownType(type, own);
    return atOnce(`the maker of ${type}`, make(options));
  });
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
export const checkLayerMakers = (where: string, makers: unknown): LayerMakers => checkMakers(where, 'layer', makers, LAYER_TYPES);
