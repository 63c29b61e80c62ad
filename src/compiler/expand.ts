/** Replaces every fused op by its expansion: unoptimised programs run it, and fused ops are tested against it. */

import { GraphExpressions } from '../graph/expressions.ts';
import type { Graph, GraphValue } from '../graph/graph.ts';
import { rewrite } from '../graph/rewrite.ts';
import type { Application } from '../ops/spec.ts';

export function expandFused(graph: Graph): Graph {
  return rewrite(
    graph,
    ({ op, attributes }, inputs, target) =>
      op.expand?.(new GraphExpressions(target), { inputs, attributes } as unknown as Application) as readonly GraphValue[] | undefined,
  );
}
