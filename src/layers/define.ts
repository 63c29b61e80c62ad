/** Layers of a user's own. */
import { OptionError } from '../errors.ts';
import type { GraphValue } from '../graph/graph.ts';
import { checkOwnType, describe } from '../options.ts';
import { LAYERS } from './index.ts';
import { type Layer, type LayerBody, type LayerConfig, type LayerOutput, makeLayer } from './layer.ts';

/** The types of chainrule's layers. */
export const LAYER_TYPES: readonly string[] = LAYERS.map(({ type }) => type);

/**
 * Makes a layer of a function of its scope and its inputs. With a config, a model file can hold the layer: one of a user's own type is
 * read back with a maker, `Network.load(path, { layers: { TYPE: (options) => … } })`.
 *
 * ```ts
 * const gate = () => defineLayer({ type: 'gate' }, (scope, x: GraphValue) => multiply(x, scope.parameter('scale', [1], 'ones')));
 * ```
 *
 * @throws OptionError for a config without a type or with that of a layer that chainrule has, or with a name that is none, or a body that
 *   is no function.
 */
export function defineLayer<In extends readonly GraphValue[], Out extends LayerOutput>(
  config: LayerConfig | undefined,
  body: LayerBody<In, Out>,
): Layer<In, Out> {
  if (typeof body !== 'function')
    throw new OptionError(`defineLayer: expected a function of a scope and graph values, got ${describe(body)}`);
  if (config !== undefined) {
    if (typeof config !== 'object' || config === null)
      throw new OptionError(`defineLayer: expected a config { type, … } or undefined, got ${describe(config)}`);
    checkOwnType('defineLayer', config.type, LAYER_TYPES);
  }
  return makeLayer(config, body);
}
