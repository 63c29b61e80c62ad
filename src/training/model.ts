/** A network's structure, traced once to learn its shapes. */
import { OptionError, ShapeError } from '../errors.ts';
import { Graph, GraphValue } from '../graph/graph.ts';
import { type Layer, layerType } from '../layers/layer.ts';
import { checkPrediction, type Loss } from '../losses.ts';
import { BATCH, count, formatShape } from '../ops/shape.ts';
import { describe } from '../options.ts';
import type { Model } from './step.ts';

/** Arenas are addressed by 32-bit offsets. */
const MOST_PARAMETERS = 2 ** 31 - 1;

export interface LayerSummary {
  readonly name: string;
  readonly type: string;
  /** Output shape of one batch. */
  readonly shape: readonly number[];
  readonly parameters: number;
}

/** A stack of layers and a loss. */
export class SequentialModel implements Model {
  readonly output: readonly number[];
  readonly summaries: readonly LayerSummary[];
  /** The graph it was traced with: its parameters' shapes and initialisers. */
  readonly traced = new Graph();
  readonly parameterCount: number;

  constructor(
    readonly input: readonly number[],
    readonly layers: readonly Layer[],
    readonly loss: Loss,
  ) {
    const shapes: (readonly number[])[] = [];
    const prediction = this.#apply(this.traced.input('x', [BATCH, ...input]), shapes);
    checkPrediction(loss, prediction);
    this.output = prediction.shape.slice(1);
    const counts = this.#countParameters();
    this.summaries = layers.map((layer, i) => ({
      name: String(i),
      type: layerType(layer),
      shape: shapes[i],
      parameters: counts.get(String(i)) ?? 0,
    }));
    this.parameterCount = [...counts.values()].reduce((total, size) => total + size, 0);
    if (this.parameterCount > MOST_PARAMETERS)
      throw new ShapeError(`network: expected at most ${MOST_PARAMETERS} parameters, got ${this.parameterCount}`);
  }

  trace(x: GraphValue): GraphValue {
    return this.#apply(x, []);
  }

  /** A program label in words. */
  describe(label: string): string {
    const [, index, rest = ''] = /^(\d+)(.*)$/.exec(label) ?? [];
    const layer = index === undefined ? undefined : this.layers[Number(index)];
    return layer ? `layer ${index} (${layerType(layer)})${rest}` : `the ${label || 'step'}`;
  }

  #apply(x: GraphValue, shapes: (readonly number[])[]): GraphValue {
    return this.layers.reduce((value, layer, i) => {
      const output = x.graph.applyLayer(layer, [value], () => this.#applyOne(layer, i, value), layer.config?.name);
      shapes.push(output.shape);
      return output;
    }, x);
  }

  #applyOne(layer: Layer, index: number, value: GraphValue): GraphValue {
    try {
      const output: unknown = layer(value);
      if (output instanceof GraphValue) return output;
      throw new OptionError(`layer ${index}: expected a function that returns a graph value, got ${describe(output)}`);
    } catch (error) {
      if (error instanceof ShapeError)
        throw new ShapeError(`layer ${index}: ${error.message}; its input has shape ${formatShape(value.shape)}`, { cause: error });
      throw error;
    }
  }

  /** Parameters of each layer, by its name; in one pass, since a file may hold very many layers. */
  #countParameters(): Map<string, number> {
    const counts = new Map<string, number>();
    for (const [name, { shape }] of this.traced.parameters) {
      const layer = name.slice(0, name.indexOf('.'));
      counts.set(layer, (counts.get(layer) ?? 0) + count(shape));
    }
    return counts;
  }
}
