/** A network's structure as data: which layers and ops are applied to what. Recorded once from a function, replayed into every graph. */

import { OptionError, ShapeError } from '../errors.ts';
import { atOnce } from '../event-loop/promises.ts';
import type { LayerSettings } from '../graph/applied-layers.ts';
import { Graph, GraphValue } from '../graph/graph.ts';
import { type AnyLayer, type LayerConfig, layerType } from '../layers/layer.ts';
import { channelsFirst } from '../layers/windows.ts';
import { applicationProblem } from '../ops/attributes.ts';
import { isInTable, opNamed } from '../ops/registry.ts';
import { BATCH, formatShape } from '../ops/shape.ts';
import type { Attributes, OpSpec, Shape } from '../ops/spec.ts';
import { describe } from '../options.ts';

/** A value: its place among all values (the inputs, then what each node gives, in order), or a number. */
export type Reference = number | { readonly constant: number };

export interface LayerNode {
  readonly layer: AnyLayer;
  readonly inputs: readonly Reference[];
  /** Whether it stands in a list, where the next layer takes the one value that it gives. */
  readonly isListed?: true;
}

export interface OpNode {
  readonly op: OpSpec | string;
  /** Null for an operand that is absent. */
  readonly inputs: readonly (Reference | null)[];
  readonly attributes: Attributes;
}

export type Node = LayerNode | OpNode;

/** A named sample's shape each. */
export type Shapes = ReadonlyMap<string, readonly number[]>;

export interface Structure {
  readonly inputs: Shapes;
  readonly nodes: readonly Node[];
  /** The value that each head predicts. */
  readonly outputs: ReadonlyMap<string, Reference>;
}

/** A layer as something that can be called with any inputs. */
type Callable = ((...inputs: readonly GraphValue[]) => unknown) & { readonly config?: LayerConfig };

/** Applies a layer, and says in its errors which one it was. */
export function applyLayer(graph: Graph, layer: AnyLayer, inputs: readonly GraphValue[]): GraphValue[] {
  const call = layer as unknown as Callable;
  let output: unknown;
  try {
    output = graph.applyLayer(layer, inputs, () => call(...inputs), layer.config);
  } catch (error) {
    throw located(error, graph, layer, inputs);
  }
  const outputs = [output].flat();
  if (outputs.length > 0 && outputs.every((value) => value instanceof GraphValue && value.graph === graph)) return outputs as GraphValue[];
  throw new OptionError(`layer ${graph.pathOf(layer)}: expected a function that returns a graph value, got ${describe(output)}`);
}

function located(error: unknown, graph: Graph, layer: AnyLayer, inputs: readonly GraphValue[]): unknown {
  if (!(error instanceof ShapeError)) return error;
  const shapes = inputs.map(({ shape }) => formatShape(shape)).join(', ');
  const what = inputs.length > 1 ? 'its inputs have shapes' : 'its input has shape';
  const last = inputs.map(({ shape }) => channelsFirst(shape.slice(1))).find((shape) => shape);
  const hint = last ? `; channels come first: [batch, ${last.join(', ')}]` : '';
  return new ShapeError(`layer ${graph.pathOf(layer) ?? layerType(layer)}: ${error.message}; ${what} ${shapes}${hint}`, { cause: error });
}

/** A stack of layers. */
export function stack(input: readonly number[], layers: readonly AnyLayer[]): Structure {
  return {
    inputs: new Map([['x', input]]),
    nodes: layers.map((layer, i) => ({ layer, inputs: [i], isListed: true })),
    outputs: new Map([['y', layers.length]]),
  };
}

/** Records what a `build` function does with its inputs. */
export function record(inputs: Shapes, build: (inputs: Record<string, GraphValue>) => unknown): Structure {
  const graph = new RecordingGraph();
  const values = [...inputs].map(([name, shape]) => [name, graph.input(name, [BATCH, ...shape])] as const);
  const outputs: unknown = atOnce('build', build(Object.fromEntries(values)));
  if (typeof outputs !== 'object' || outputs === null || outputs instanceof GraphValue || Object.keys(outputs).length === 0)
    throw new OptionError(`build: expected a function that returns named outputs, { name: value }, got ${describe(outputs)}`);
  const references = Object.entries(outputs).map(([name, value]): [string, Reference] => {
    if (!(value instanceof GraphValue)) throw new OptionError(`build: expected a graph value as output ${name}, got ${describe(value)}`);
    return [name, graph.reference(value)];
  });
  return { inputs, nodes: graph.nodes, outputs: new Map(references) };
}

/** Records what is applied outside of layers, not what a layer does inside. */
class RecordingGraph extends Graph {
  readonly nodes: Node[] = [];
  readonly #places = new Map<GraphValue, number>();
  #count = 0;
  #depth = 0;

  constructor() {
    super({ training: true });
  }

  override input(name: string, shape: Shape): GraphValue {
    const value = super.input(name, shape);
    this.#places.set(value, this.#count++);
    return value;
  }

  override apply(op: OpSpec | string, inputs: readonly (GraphValue | undefined)[], attributes: Attributes = {}): readonly GraphValue[] {
    const outputs = super.apply(op, inputs, attributes);
    if (this.#depth > 0) return outputs;
    const spec = typeof op === 'string' ? opNamed(op) : op;
    const problem = isInTable(spec.name) && applicationProblem(spec, inputs, attributes);
    if (problem) throw new OptionError(problem);
    this.nodes.push({ op, inputs: inputs.map((input) => (input ? this.reference(input) : null)), attributes });
    for (const output of outputs) this.#places.set(output, this.#count++);
    return outputs;
  }

  override applyLayer<T>(layer: object, inputs: readonly GraphValue[], body: () => T, settings?: LayerSettings): T {
    if (this.#depth > 0) return super.applyLayer(layer, inputs, body, settings);
    this.#depth++;
    try {
      const output = super.applyLayer(layer, inputs, body, settings);
      return this.#noted(layer as AnyLayer, inputs, output);
    } catch (error) {
      throw located(error, this, layer as AnyLayer, inputs);
    } finally {
      this.#depth--;
    }
  }

  /** A layer that returns its input returns a copy, so that the value is known for the layer's. */
  #noted<T>(layer: AnyLayer, inputs: readonly GraphValue[], output: T): T {
    const given = ([output].flat() as unknown[]).map((value) => {
      if (!(value instanceof GraphValue))
        throw new OptionError(`${layerType(layer)}: expected to give graph values, got ${describe(value)}`);
      return this.#places.has(value) ? super.apply('reshape', [value], { shape: value.shape })[0] : value;
    });
    this.nodes.push({ layer, inputs: inputs.map((input) => this.reference(input)) });
    for (const value of given) this.#places.set(value, this.#count++);
    return (Array.isArray(output) ? given : given[0]) as T;
  }

  reference(value: GraphValue): Reference {
    const place = this.#places.get(value);
    if (place !== undefined) return place;
    if (value.source?.constant !== undefined) return { constant: value.source.constant };
    throw new OptionError(
      'build: expected values made of the inputs by layers and functions; parameters belong in a layer: see defineLayer',
    );
  }
}

/** Adds the structure's nodes to a graph; returns the predictions of the heads. Calls `seen` with the outputs of each layer. */
export function replay(
  { nodes, outputs }: Structure,
  graph: Graph,
  inputs: readonly GraphValue[],
  seen?: (layer: AnyLayer, outputs: readonly GraphValue[], inputs: readonly GraphValue[]) => void,
): GraphValue[] {
  const values = [...inputs];
  const find = (reference: Reference) => {
    const value = typeof reference === 'number' ? values[reference] : graph.constant(reference.constant);
    if (!value) throw new OptionError(`network: expected a value before it is used, got ${describe(reference)}`);
    return value;
  };
  for (const node of nodes) {
    if ('layer' in node) {
      const taken = node.inputs.map(find);
      const given = applyLayer(graph, node.layer, taken);
      if (node.isListed && given.length > 1) throw new OptionError(severalOutputs(graph, node.layer, given.length));
      seen?.(node.layer, given, taken);
      values.push(...given);
    } else {
      values.push(
        ...graph.apply(
          node.op,
          node.inputs.map((input) => (input === null ? undefined : find(input))),
          node.attributes,
        ),
      );
    }
  }
  return [...outputs.values()].map(find);
}

function severalOutputs(graph: Graph, layer: AnyLayer, count: number): string {
  return `layer ${graph.pathOf(layer)} (${layerType(layer)}): expected one value of each layer in a list, got ${count}; a build function takes several`;
}
