/** Removes operations: repeated ones, neutral ones, chains that collapse into one. */

import type { Graph, GraphValue, Operation } from '../graph/graph.ts';
import { liveOperations, memoryOf, type Rule, rewrite } from '../graph/rewrite.ts';
import type { Source } from '../graph/source.ts';
import { sameShape } from '../ops/shape.ts';
import type { Attributes, AttributeValue } from '../ops/spec.ts';
import { expansionOf } from './expand.ts';

type Inputs = readonly (GraphValue | undefined)[];
type Simplification = (inputs: Inputs, attributes: Attributes, graph: Graph, operation: Operation) => GraphValue | undefined;

/** The operation that makes a value, if it is of that op. */
export function madeBy(value: GraphValue | undefined, op: string): Operation | undefined {
  return value?.operation?.op.name === op ? value.operation : undefined;
}

/** The number that all elements of a value are, if known. */
function constantOf(value: GraphValue | undefined): number | undefined {
  if (value?.source?.constant !== undefined) return value.source.constant;
  return madeBy(value, 'fill') ? Number(value?.operation?.attributes.value) : undefined;
}

/** `value` if it already has the shape that the operation's result must have. */
function ifShaped(value: GraphValue | undefined, operation: Operation): GraphValue | undefined {
  return value && sameShape(value.shape, operation.outputs[0].shape) ? value : undefined;
}

const neutral =
  (left: number | undefined, right: number | undefined): Simplification =>
  ([x, y], _attributes, _graph, operation) =>
    (right !== undefined && constantOf(y) === right && ifShaped(x, operation)) ||
    (left !== undefined && constantOf(x) === left && ifShaped(y, operation)) ||
    undefined;

/** A permutation that swaps the two axes of a matrix: a matmul can read it transposed. */
function transposed(value: GraphValue | undefined): GraphValue | undefined {
  const permute = madeBy(value, 'permute');
  return permute && value?.shape.length === 2 && String(permute.attributes.order) === '1,0' ? permute.inputs[0] : undefined;
}

const SIMPLIFICATIONS: Readonly<Record<string, Simplification>> = {
  add: neutral(0, 0),
  subtract: neutral(undefined, 0),
  multiply: neutral(1, 1),
  divide: neutral(undefined, 1),
  negate: ([x]) => madeBy(x, 'negate')?.inputs[0],
  reshape: ([x], { shape }, graph, operation) => {
    const inner = madeBy(x, 'reshape');
    return ifShaped(x, operation) ?? (inner && graph.apply('reshape', inner.inputs, { shape })[0]);
  },
  broadcast: ([x], { shape }, graph, operation) => {
    const value = constantOf(x);
    return ifShaped(x, operation) ?? (value === undefined ? undefined : graph.apply('fill', [], { value, shape })[0]);
  },
  permute: ([x], attributes, graph) => {
    const inner = madeBy(x, 'permute');
    const before = inner?.attributes.order as readonly number[] | undefined;
    const order = (attributes.order as readonly number[]).map((axis) => (before ? before[axis] : axis));
    const source = inner ? inner.inputs[0] : x;
    if (order.every((axis, i) => axis === i)) return source;
    return inner && graph.apply('permute', [source], { order })[0];
  },
  scale: ([x], { factor, count }, graph) => {
    if (factor === 1 && count === 1) return x;
    const inner = madeBy(x, 'scale');
    if (!inner || (inner.attributes.count !== 1 && count !== 1)) return undefined;
    const attributes = { factor: Number(factor) * Number(inner.attributes.factor), count: count === 1 ? inner.attributes.count : count };
    return graph.apply('scale', inner.inputs, attributes as Attributes)[0];
  },
  matmul: ([a, b], attributes, graph) => {
    const flippedA = transposed(a);
    const flippedB = transposed(b);
    if (!flippedA && !flippedB) return undefined;
    return graph.apply('matmul', [flippedA ?? a, flippedB ?? b], {
      transposeA: Boolean(attributes.transposeA) !== Boolean(flippedA),
      transposeB: Boolean(attributes.transposeB) !== Boolean(flippedB),
    })[0];
  },
};

/** Attributes of one op as text: the same for the same values alone. JSON would write NaN and the infinities alike, and −0 as 0. */
function exactly(attributes: Attributes): string {
  let text = '';
  // Without lists of names and values: this runs for every operation of every graph.
  for (const name in attributes) text += `${name}=${exact(attributes[name])} `;
  return text;
}

function exact(value: AttributeValue): string {
  if (typeof value === 'string') return JSON.stringify(value);
  if (typeof value === 'object') return `[${value.map(exact).join()}]`;
  return Object.is(value, -0) ? '-0' : String(value);
}

/** Without composite ops. Fills and constants of the same number serve as one another where a kernel broadcasts anyway. */
export function simplify(graph: Graph): Graph {
  return rewrite(graph, simplifyingRule(new Set([...graph.outputs.values(), ...graph.gradients.values()]), changesOf(graph)));
}

/** Whether an effect changes a source behind an operation and before the last that reads the operation's output. */
type Changes = (source: Source, operation: Operation) => boolean;

function changesOf(graph: Graph): Changes {
  const changed = new Map<Source, number[]>();
  const lastReads = new Map<GraphValue, number>();
  const lastRead = (value: GraphValue) => lastReads.get(value) ?? -1;
  const operations = liveOperations(graph);
  for (const { id, op, inputs, outputs } of operations.toReversed())
    inputs.forEach((input, i) => {
      if (!input) return;
      const { source } = memoryOf(input);
      if (source && op.operands[op.inputs[i]] === 'inout') changed.set(source, [...(changed.get(source) ?? []), id]);
      lastReads.set(input, Math.max(lastRead(input), id, op.view ? lastRead(outputs[0]) : -1));
    });
  return (source, { id, outputs: [output] }) => changed.get(source)?.some((at) => at > id && at <= lastRead(output)) ?? false;
}

/** Read after the updates: never simplified to a source, which an update may have changed. */
function simplifyingRule(read: ReadonlySet<GraphValue>, isChanged: Changes): Rule {
  const seen = new Map<string, readonly GraphValue[]>();
  const identities = new Map<GraphValue, number>();
  let next = 0;
  const identity = (value: GraphValue | undefined) => {
    if (!value) return '–';
    const known = identities.get(value) ?? next++;
    identities.set(value, known);
    return known;
  };
  return (operation, inputs, graph) => {
    const { op, attributes } = operation;
    // After an effect its operand is another value: nothing computed from it before stands for anything computed after.
    op.inputs.forEach((name, i) => {
      const changed = op.operands[name] === 'inout' && inputs[i];
      if (changed) identities.delete(changed);
    });
    if (op.outputs.length === 0 || (op.context && op.inputs.length === 0)) return undefined;
    if (op.composite) return expansionOf(operation, inputs, graph);
    const simpler = SIMPLIFICATIONS[op.name]?.(inputs, attributes, graph, operation);
    const { source } = simpler ? memoryOf(simpler) : {};
    if (simpler && !(simpler.source && read.has(operation.outputs[0])) && !(source && isChanged(source, operation))) return [simpler];
    const key = `${op.name} ${inputs.map(identity).join(' ')} ${exactly(attributes)}`;
    const outputs = seen.get(key) ?? graph.copy(operation, inputs);
    seen.set(key, outputs);
    return outputs;
  };
}
