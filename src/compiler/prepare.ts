/**
 * Splits a graph that only reads its parameters in two. The preparation computes values that depend on parameters alone, once when these
 * change; to the rest its results are parameters. So the square roots of a normalisation, weights that `fold.ts` has scaled and slices of a
 * weight cost a prediction nothing, and a backend can keep them packed like any weight.
 */
import { Graph, type GraphValue, type Operation } from '../graph/graph.ts';
import { liveOperations, rewrite } from '../graph/rewrite.ts';
import { count } from '../ops/shape.ts';
import { FixedValues } from './fixed-values.ts';

/** The limit of prepared values, which lie in memory beside the weights: 64 MB. Each run computes those beyond it. */
export const MOST_PREPARED_ELEMENTS = 2 ** 24;

export interface PreparedGraphs {
  /** Its parameters are parameters of the given graph, and the outputs of `preparation` under their names. */
  readonly graph: Graph;
  /** From the given graph's parameters to its outputs; undefined where there is nothing to prepare. */
  readonly preparation: Graph | undefined;
}

/** For a graph that writes no parameter. */
export function splitFixed(old: Graph): PreparedGraphs {
  const prepared = preparedValues(old);
  if (prepared.size === 0) return { graph: old, preparation: undefined };
  const graph = rewrite(old, (operation, inputs, target) =>
    target.copy(operation, inputs).map((copy, i) => {
      const output = operation.outputs[i];
      return prepared.has(output) ? target.prepared(prepared.get(output) as string, output) : copy;
    }),
  );
  dropUnread(graph);
  return { graph, preparation: preparationOf(prepared) };
}

/** The prepared values that the rest reads, by names that no parameter of a layer has. */
function preparedValues(graph: Graph): Map<GraphValue, string> {
  const fixed = new FixedValues();
  const made = new Set<GraphValue>();
  const read = (value: GraphValue | undefined) => {
    const one = value && fixed.has(value) ? withoutRepeats(value) : undefined;
    if (one?.operation?.inputs.length) made.add(one);
  };
  for (const { inputs, outputs } of liveOperations(graph)) if (!outputs.some((output) => fixed.has(output))) inputs.forEach(read);
  for (const value of graph.outputs.values()) read(value);
  return new Map(withinLimit([...made]).map((value, i) => [value, `prepared ${i}`]));
}

/** Those that fit within the limit: computed values before values that are only moved. */
function withinLimit(values: readonly GraphValue[]): GraphValue[] {
  const isMoved = ({ operation }: GraphValue) => Boolean(operation?.op.moves);
  let left = MOST_PREPARED_ELEMENTS;
  return [...values.filter((value) => !isMoved(value)), ...values.filter(isMoved)].filter(({ shape }) => {
    const fits = count(shape) <= left;
    if (fits) left -= count(shape);
    return fits;
  });
}

/** The value behind reshapes and broadcasts: these cost less where they are used than a copy in memory. */
function withoutRepeats(value: GraphValue): GraphValue {
  const { operation } = value;
  return operation && (operation.op.view || operation.op.name === 'broadcast') ? withoutRepeats(operation.inputs[0] as GraphValue) : value;
}

function preparationOf(prepared: ReadonlyMap<GraphValue, string>): Graph {
  const graph = new Graph();
  const images = new Map<Operation, readonly GraphValue[]>();
  const image = (value: GraphValue): GraphValue => {
    const { operation, source, index, shape } = value;
    if (!operation) {
      if (source?.constant !== undefined) return graph.constant(source.constant);
      if (source?.values !== undefined) return graph.list(source.values);
      return graph.parameters.get(source?.name as string) ?? graph.parameter(source?.name as string, shape);
    }
    const inputs = operation.inputs.map((input) => input && image(input));
    const outputs = images.get(operation) ?? graph.from(operation.origin, () => graph.copy(operation, inputs));
    images.set(operation, outputs);
    return outputs[index];
  };
  for (const [value, name] of prepared) graph.outputs.set(name, image(value));
  return graph;
}

function dropUnread(graph: Graph): void {
  const read = new Set<GraphValue | undefined>([...graph.outputs.values(), ...liveOperations(graph).flatMap(({ inputs }) => inputs)]);
  for (const [name, value] of graph.parameters) if (!read.has(value)) graph.parameters.delete(name);
}
