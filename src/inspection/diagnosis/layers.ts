/** The measured values of a graph's layers, found in the graph itself: a user's own layers are diagnosed like built-in ones. */
import type { Graph, GraphValue, Operation } from '../../graph/graph.ts';
import type { Source } from '../../graph/source.ts';
import { layerType } from '../../layers/layer.ts';
import { ACTIVATIONS } from '../../ops/functions.ts';
import type { Activated } from './meter.ts';

/** A layer's values in a graph, over all its uses. */
export interface TracedLayer {
  readonly path: string;
  /** The names that make its path: those of the layers around it, and its own. */
  readonly names: readonly string[];
  readonly type: string;
  readonly outputs: readonly GraphValue[];
  /** Weighted inputs, before the layer's activation; its outputs where it ends with none. */
  readonly z: readonly GraphValue[];
  readonly activations: readonly Activated[];
  /** Its parameters, by their names within the layer. */
  readonly parameters: ReadonlyMap<string, GraphValue>;
}

/** The layers of a forward pass in the order in which their outputs are computed, a layer after those within it. */
export function tracedLayers(graph: Graph): TracedLayer[] {
  const parameters = parametersByLayer(graph);
  const layers = [...graph.layers].map(([path, { layer, names, outputs }]) => {
    const ends = [...outputs].map((output) => endOf(output, path));
    return {
      path,
      names,
      type: layerType(layer),
      outputs: [...outputs],
      z: [...new Set(ends.map(({ z }) => z))],
      activations: ends.flatMap(({ activation }) => activation ?? []),
      parameters: parameters.get(path) ?? new Map(),
    };
  });
  return layers.sort((a, b) => placeOf(a) - placeOf(b) || b.names.length - a.names.length);
}

/** For each of some layers, those whose output goes into it. */
export function upstreamLayers(layers: readonly TracedLayer[]): Map<string, Set<string>> {
  const byOutput = new Map<GraphValue, string[]>();
  for (const { path, outputs } of layers) {
    for (const output of outputs) byOutput.set(output, [...(byOutput.get(output) ?? []), path]);
  }
  return new Map(
    layers.map(({ path, z }) => {
      const within = ancestorsOf(z).flatMap((value) => byOutput.get(value) ?? []);
      return [path, new Set(within.filter((other) => other !== path))];
    }),
  );
}

function parametersByLayer(graph: Graph): Map<string, Map<string, GraphValue>> {
  const byLayer = new Map<string, Map<string, GraphValue>>();
  for (const value of graph.trainable.values()) {
    const { layer, ownName } = value.source as Source;
    const path = layer.join('.');
    const own = byLayer.get(path) ?? new Map<string, GraphValue>();
    byLayer.set(path, own.set(ownName, value));
  }
  return byLayer;
}

/** The position of a layer's first output. */
const placeOf = ({ outputs: [first] }: TracedLayer) => first.operation?.id ?? -1;

/** Whether the layer itself, none within it, applied it. */
const isOf = ({ origin }: Operation, path: string) => origin.layer.join('.') === path;

/** The operand of the layer's last activation, behind views. */
function endOf(output: GraphValue, path: string): { z: GraphValue; activation?: Activated } {
  let y = output;
  while (y.operation?.op.view && isOf(y.operation, path)) y = y.operation.inputs[0] as GraphValue;
  const { operation } = y;
  if (!operation || !isOf(operation, path)) return { z: output };
  const z = operation.inputs[0] as GraphValue;
  if (operation.op.activation?.over === 'row') return { z };
  const f = ACTIVATIONS.find(({ name }) => name === operation.op.name);
  if (!f) return { z: output };
  return { z, activation: { z, y, f, alpha: Number(operation.attributes.alpha), unitAxis: unitAxisOf(z) } };
}

/** Channels where the value is an image or comes of one, else features. */
function unitAxisOf(z: GraphValue): number {
  const last = z.shape.length - 1;
  for (let value: GraphValue | undefined = z; value?.operation; value = value.operation.inputs[0]) {
    const { name, gives, view } = value.operation.op;
    if (gives.includes('image')) return 1;
    if (gives.includes('weightedSums')) return last;
    if (name !== 'add' && !view) break;
  }
  return last > 2 ? 1 : last;
}

/** The values themselves and all that they are computed from. */
function ancestorsOf(values: readonly GraphValue[]): GraphValue[] {
  const found = new Set(values);
  for (const value of found) {
    for (const input of value.operation?.inputs ?? []) if (input) found.add(input);
  }
  return [...found];
}
