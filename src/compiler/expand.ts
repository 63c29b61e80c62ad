/** Replaces every fused op by its expansion: unoptimised programs run it, and fused ops are tested against it. */

import { GraphExpressions } from '../graph/expressions.ts';
import type { Graph, GraphValue } from '../graph/graph.ts';
import { type Rule, rewrite } from '../graph/rewrite.ts';
import type { Application } from '../ops/spec.ts';

export function expandFused(graph: Graph): Graph {
  return rewrite(graph, expansionOf);
}

/** An operation in simpler ones; undefined where it has no expansion. */
export const expansionOf: Rule = ({ op, attributes }, inputs, graph) =>
  op.expand?.(new GraphExpressions(graph), { inputs, attributes } as unknown as Application) as readonly GraphValue[] | undefined;
