/**
 * An update of a table that moves only the rows which the mini-batch looks up takes the rows of δ as they come, and the table's gradient is
 * never made. Plain gradient descent is such an update: sgd(table, embedGradient(δ, index)) becomes embedSgd. A lazy one has looked its rows
 * up in the gradient: embedAdam(table, embed(embedGradient(δ, index), index), index) reads δ itself. A table that is looked up several times
 * has the rows of all its look-ups, one after the other. The gradient stays where something else reads it (clipping, accumulation) or where
 * the update moves every row (momentum, weight decay).
 */
import type { Graph, GraphValue, Operation } from '../graph/graph.ts';
import { joinRows } from '../graph/join-rows.ts';
import { memoryOf, rewrite, useCounts } from '../graph/rewrite.ts';
import { madeBy } from './simplify.ts';

/** The rows of δ of one look-up, and their indices. */
interface Rows {
  readonly delta: GraphValue;
  readonly index: GraphValue;
}

export function updateRows(graph: Graph): Graph {
  const uses = useCounts(graph);
  const dropped: string[] = [];
  const rewritten = rewrite(graph, (operation, inputs, target) => {
    const gradient = gradientOf(operation);
    const image = gradient && gradientOf({ ...operation, inputs });
    if (!gradient || !image) return undefined;
    const names = [...graph.gradients].filter(([, value]) => value === gradient).map(([name]) => name);
    if (names.some((name) => graph.parameters.get(name) !== operation.inputs[0])) return undefined;
    const rows = rowsOf(gradient, image, uses, 1 + names.length);
    if (!rows || !isOfAll(rows, operation, inputs)) return undefined;
    const joined = joinRows(rows.map(({ index }) => index));
    const delta = joinRows(
      rows.map(({ delta }) => delta),
      1,
    );
    if (!joined || !delta) return undefined;
    dropped.push(...names);
    const { op, attributes } = operation;
    if (op.name === 'sgd') return target.apply('embedSgd', [inputs[0], delta, joined, inputs[2]]);
    return target.apply(op, [inputs[0], delta, joined, ...inputs.slice(3)], { ...attributes, summed: true });
  });
  for (const name of dropped) rewritten.gradients.delete(name);
  return rewritten;
}

/** The table's gradient, where the update needs no more of it than the rows that are looked up. */
function gradientOf({ op, inputs, attributes }: Pick<Operation, 'op' | 'inputs' | 'attributes'>): GraphValue | undefined {
  if (op.name === 'sgd') return attributes.weightDecay === 0 ? inputs[1] : undefined;
  return attributes.summed === false ? madeBy(inputs[1], 'embed')?.inputs[0] : undefined;
}

/**
 * The rows that a gradient is the sum of; undefined where it is more than that, or something besides its one reader, or `readers`, needs it.
 * `image` is the gradient in the new graph.
 */
function rowsOf(gradient: GraphValue, image: GraphValue, uses: ReadonlyMap<GraphValue, number>, readers = 1): readonly Rows[] | undefined {
  if (uses.get(gradient) !== readers) return undefined;
  const inputs = image.operation?.inputs as readonly GraphValue[];
  if (madeBy(gradient, 'embedGradient')) return inputs.every(keepsItsValue) ? [{ delta: inputs[0], index: inputs[1] }] : undefined;
  const terms = madeBy(gradient, 'add')?.inputs as readonly GraphValue[] | undefined;
  const parts = terms?.map((term, i) => rowsOf(term, inputs[i], uses));
  return parts?.every((part) => part !== undefined) ? parts.flat() : undefined;
}

/** Whether a lazy update's index names the rows of δ and no others. */
function isOfAll(rows: readonly Rows[], { op }: Operation, inputs: readonly (GraphValue | undefined)[]): boolean {
  if (op.name === 'sgd') return true;
  const named = memoryOf(inputs[2] as GraphValue);
  const given = new Set(rows.map(({ index }) => memoryOf(index)));
  const parts = given.has(named) ? new Set([named]) : new Set(partsOf(named));
  return parts.size === given.size && [...parts].every((part) => given.has(part));
}

/** The indices that were joined. */
function partsOf(index: GraphValue): readonly GraphValue[] {
  const value = memoryOf(index);
  if (isBlank(value)) return [];
  return madeBy(value, 'insert')?.inputs.flatMap((input) => partsOf(input as GraphValue)) ?? [value];
}

/** What indices are joined in: the same number everywhere, as an index. */
function isBlank(value: GraphValue): boolean {
  const { operation } = memoryOf(value);
  if (operation?.op.name === 'toIndex') return isBlank(operation.inputs[0] as GraphValue);
  return operation?.op.name === 'fill';
}

/** Whether a value is unchanged while updates run: it is no parameter or state, nor a view of one. */
function keepsItsValue(value: GraphValue): boolean {
  const { source } = memoryOf(value);
  return !source || source.kind === 'input' || source.kind === 'constant';
}
