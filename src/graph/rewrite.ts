/** Rebuilding a graph operation by operation: the one mechanism behind expansion, simplification and fusion. */
import { Graph, GraphValue, type Operation } from './graph.ts';

/** The values that replace an operation's outputs in the new graph; undefined to copy the operation. */
export type Rule = (operation: Operation, inputs: readonly (GraphValue | undefined)[], graph: Graph) => readonly GraphValue[] | undefined;

/** A new graph in which every live operation of the old one was offered to `rule` with its inputs already rewritten. */
export function rewrite(old: Graph, rule: Rule): Graph {
  const graph = new Graph({ training: old.training, frozen: old.frozen });
  const images = new Map<GraphValue, GraphValue>();
  const image = (value: GraphValue) => images.get(value) as GraphValue;
  copySources(old, graph, images);
  for (const operation of liveOperations(old)) {
    const inputs = operation.inputs.map((input) => input && image(input));
    const outputs = graph.from(operation.origin, () => rule(operation, inputs, graph) ?? graph.copy(operation, inputs));
    operation.outputs.forEach((output, i) => {
      images.set(output, outputs[i]);
    });
  }
  for (const [name, value] of old.outputs) graph.outputs.set(name, image(value));
  for (const [name, value] of old.gradients) graph.gradients.set(name, image(value));
  for (const [name, place] of old.records) graph.records.set(name, place);
  return graph;
}

function copySources(old: Graph, graph: Graph, images: Map<GraphValue, GraphValue>): void {
  for (const kind of ['inputs', 'parameters', 'state', 'kept', 'carried'] as const) {
    for (const [name, value] of old[kind]) {
      const copy = new GraphValue(graph, value.producer, 0, value.shape, value.elements);
      graph[kind].set(name, copy);
      images.set(value, copy);
    }
  }
  for (const [number, value] of old.constants) images.set(value, graph.constant(number));
  for (const value of old.lists.values()) images.set(value, graph.list(value.source?.values ?? []));
}

/** Whether an operation reaches an output, a gradient or an effect. */
export function liveOperations(graph: Graph): Operation[] {
  const live = new Set<Operation>();
  const reach = (value: GraphValue | undefined) => {
    if (value?.operation) live.add(value.operation);
  };
  for (const value of [...graph.outputs.values(), ...graph.gradients.values()]) reach(value);
  for (let i = graph.operations.length - 1; i >= 0; i--) {
    const operation = graph.operations[i];
    if (operation.outputs.length === 0) live.add(operation);
    if (live.has(operation)) operation.inputs.forEach(reach);
  }
  return graph.operations.filter((operation) => live.has(operation));
}

/** The value whose memory a value is a view of. */
export function memoryOf(value: GraphValue): GraphValue {
  return value.operation?.op.view ? memoryOf(value.operation.inputs[0] as GraphValue) : value;
}

/** How many live operations read each value; being an output or a gradient counts as one more. */
export function useCounts(graph: Graph): Map<GraphValue, number> {
  const counts = new Map<GraphValue, number>();
  const use = (value: GraphValue | undefined) => {
    if (value) counts.set(value, (counts.get(value) ?? 0) + 1);
  };
  for (const operation of liveOperations(graph)) operation.inputs.forEach(use);
  for (const value of [...graph.outputs.values(), ...graph.gradients.values()]) use(value);
  return counts;
}
