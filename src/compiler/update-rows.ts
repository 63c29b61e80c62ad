/**
 * Plain gradient descent changes only the rows of a table that the mini-batch names: sgd(table, embedGradient(δ, index)) becomes embedSgd,
 * and the gradient needs no memory. It stays dense where something else reads the gradient (clipping, accumulation, a sum with another one)
 * or the update moves every row (momentum, weight decay).
 */
import type { Graph, GraphValue, Operation } from '../graph/graph.ts';
import { rewrite, useCounts } from '../graph/rewrite.ts';
import { madeBy } from './simplify.ts';

export function updateRows(graph: Graph): Graph {
  const uses = useCounts(graph);
  const dropped: string[] = [];
  const rewritten = rewrite(graph, (operation, [table, gradient, learningRate], target) => {
    const rows = isPlainDescent(operation) ? madeBy(gradient, 'embedGradient')?.inputs : undefined;
    if (!rows?.every(keepsItsValue)) return undefined;
    const [parameter, original] = operation.inputs;
    const names = [...graph.gradients].filter(([, value]) => value === original).map(([name]) => name);
    const isItsOwn = names.every((name) => graph.parameters.get(name) === parameter);
    if (!isItsOwn || uses.get(original as GraphValue) !== 1 + names.length) return undefined;
    dropped.push(...names);
    return target.apply('embedSgd', [table, ...rows, learningRate]);
  });
  for (const name of dropped) rewritten.gradients.delete(name);
  return rewritten;
}

function isPlainDescent({ op, attributes }: Operation): boolean {
  return op.name === 'sgd' && attributes.weightDecay === 0;
}

/** Whether a value is unchanged while updates run: it is no parameter or state, nor a view of one. */
function keepsItsValue(value: GraphValue | undefined): boolean {
  if (value?.operation?.op.view) return keepsItsValue(value.operation.inputs[0]);
  return !value?.source || value.source.kind === 'input' || value.source.kind === 'constant';
}
