/** Which predictions may be computed with the rows of other callers, and on what: a row must have the same bits alone and among others. */
import type { Backend } from '../backends/backend.ts';
import type { Graph, GraphValue } from '../graph/graph.ts';
import { liveOperations } from '../graph/rewrite.ts';
import type { Engine } from '../model/engine.ts';
import { predictionGraph } from '../model/graphs.ts';

/** Whether every row of a prediction depends on its sample alone: nothing of the samples is summed over the batch, or moved along it. */
export function rowsAreSeparate(graph: Graph): boolean {
  const ofSamples = new Set<GraphValue | undefined>(graph.inputs.values());
  for (const { inputs, outputs } of liveOperations(graph)) {
    if (!inputs.some((input) => ofSamples.has(input))) continue;
    for (const output of outputs) {
      if (!(output.shape[0] < 0)) return false;
      ofSamples.add(output);
    }
  }
  return true;
}

/**
 * The backend on which requests are computed together; undefined where each has to be computed alone: where rows depend on one another, and
 * where a fixed order of sums costs more than a batch saves.
 */
export function backendForBatches({ model, backend, products }: Engine): Backend | undefined {
  const graph = predictionGraph(model, false);
  if (!rowsAreSeparate(graph)) return undefined;
  const { steady } = backend;
  if (!steady) return backend;
  // Factors that products round themselves are summed in an order by the number of rows.
  const isCostly = products === 'bfloat16' || graph.operations.some(({ op }) => op.shortens);
  return isCostly ? undefined : steady;
}
