/** The initial values of a graph's parameters, as a network of it would have them. */
import { referenceBackend } from '../../src/backends/reference.ts';
import type { Graph } from '../../src/graph/graph.ts';
import { Weights } from '../../src/model/weights.ts';
import { layOutParameters } from '../../src/program/parameter-layout.ts';
import { initialize } from '../../src/training/initialize.ts';

export async function initialValues(graph: Graph, seed: number): Promise<[string, Float64Array][]> {
  const shapes = new Map([...graph.parameters].map(([name, { shape }]) => [name, shape]));
  const weights = new Weights(shapes, layOutParameters(shapes), referenceBackend);
  await initialize({ model: { traced: graph }, seed, weights });
  return [...weights.views()].map(([name, values]) => [name, Float64Array.from(values)]);
}
