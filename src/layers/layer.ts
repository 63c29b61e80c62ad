/** What a layer is: a function that adds nodes to the graph. */
import { OptionError } from '../errors.ts';
import type { GraphValue } from '../graph/graph.ts';
import { describe } from '../options.ts';

/** What a model file stores of a layer. */
export interface LayerConfig {
  readonly type: string;
  readonly [option: string]: unknown;
}

/** A function from a graph value to a graph value. The built-in ones also say how to be made again. */
export interface Layer {
  (x: GraphValue): GraphValue;
  /** Absent for a user's own function: such a network runs and trains, but is not saved as a model file. */
  readonly config?: LayerConfig;
}

/** Attaches a config to a layer's function. */
export function defineLayer(config: LayerConfig, apply: (x: GraphValue, layer: Layer) => GraphValue): Layer {
  const layer: Layer = Object.assign((x: GraphValue) => apply(x, layer), { config });
  return layer;
}

/** `dense`, or `custom` for a user's function. */
export function layerType(layer: Layer): string {
  return layer.config?.type ?? 'custom';
}

/** Throws OptionError where something in a list of layers is not one. */
export function checkLayers(where: string, layers: unknown): readonly Layer[] {
  if (!Array.isArray(layers) || layers.length === 0)
    throw new OptionError(`${where}: expected a list of at least one layer, got ${describe(layers)}`);
  layers.forEach((layer, i) => {
    if (typeof layer !== 'function') throw new OptionError(`${where}[${i}]: expected a layer such as dense(10), got ${describe(layer)}`);
  });
  return layers;
}
