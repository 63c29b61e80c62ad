/** Which updates of a table touch single rows, and what they make of it. */
import { describe, expect, it } from 'vitest';
import { compile } from '../../src/compiler/compile.ts';
import { gradientSlot } from '../../src/compiler/encode.ts';
import { differentiateGraph } from '../../src/graph/autodiff.ts';
import { add, multiply, reshape, sum } from '../../src/graph/functions.ts';
import { Graph, type GraphValue } from '../../src/graph/graph.ts';
import { adam, dense, embedding, flatten, type Layer, sgd } from '../../src/index.ts';
import { addUpdate } from '../../src/optimizers/update.ts';
import { BACKENDS } from '../support/backends.ts';
import { createOn, FASTEST } from '../support/networks.ts';
import { runGraph } from '../support/run-graph.ts';
import { opsOf, type StepOptions, stepProgram } from './networks.ts';

const DESCENT = sgd({ learningRate: 0.5 });
const WORDS: readonly Layer[] = [embedding(9, 4), flatten(), dense(10)];
const updatesOf = (ops: readonly string[]) => ops.filter((op) => /embedSgd|embedGradient|^(sgd|momentum|adam)$/.test(op)).sort();

describe('a table is updated', () => {
  it('by rows in plain gradient descent, and its gradient has no place', () => {
    const program = stepProgram(WORDS);
    expect(updatesOf(opsOf(program))).toEqual(['embedSgd', 'sgd']);
    expect([...program.outputs.keys()]).toEqual([gradientSlot('2.weight'), gradientSlot('2.bias')]);
    expect(program.arenaSize).toBeLessThan(stepProgram(WORDS, { clip: { value: 1 } }).arenaSize);
  });

  it.each<[string, StepOptions, string]>([
    ['momentum', { optimizer: sgd({ learningRate: 0.1, momentum: 0.9 }) }, 'momentum'],
    ['weight decay', { optimizer: sgd({ learningRate: 0.1, weightDecay: 0.01 }) }, 'sgd'],
    ['Adam', { optimizer: adam() }, 'adam'],
    ['a clipped norm', { clip: { norm: 1 } }, 'sgd'],
    ['clipped elements', { clip: { value: 1 } }, 'sgd'],
  ])('as a whole with %s, together with its neighbours', (_, options, update) => {
    const program = stepProgram(WORDS, options);
    expect(updatesOf(opsOf(program))).toEqual(['embedGradient', update].sort());
    expect([...program.outputs.keys()]).toContain(gradientSlot('0.weight'));
  });

  it('as a whole where gradients accumulate, and in a program as written', () => {
    for (const options of [{ accumulates: true }, { optimize: false }])
      expect(new Set(updatesOf(opsOf(stepProgram(WORDS, options))))).toEqual(new Set(['embedGradient', 'sgd']));
  });

  it('by the rows of all look-ups that share it', () => {
    const table = embedding(9, 4);
    const twice: Layer = (x) => add(table(x), table(multiply(x, x)));
    expect(updatesOf(opsOf(stepProgram([twice, flatten(), dense(10)])))).toEqual(['embedSgd', 'sgd']);
  });

  it('as a whole where something else reads its gradient', () => {
    const ops = (isOutput: boolean) => {
      const graph = new Graph();
      const table = graph.parameter('table', [3, 2]);
      const [gradient] = graph.apply('embedGradient', [graph.input('delta', [4, 2]), graph.input('index', [4], 'index')], { count: 3 });
      if (isOutput) graph.outputs.set('gradient', gradient);
      addUpdate(graph, 'table', table, gradient, DESCENT);
      return opsOf(compile(graph));
    };
    expect([ops(false), ops(true)]).toEqual([['embedSgd'], ['embedGradient', 'sgd']]);
  });

  it('row by row, and so is the table beside it', () => {
    const both: Layer = (x) => add(embedding(9, 4)(x), embedding(9, 4)(multiply(x, x)));
    expect(updatesOf(opsOf(stepProgram([both, flatten(), dense(10)])))).toEqual(['embedSgd', 'embedSgd', 'sgd']);
  });

  it('by embedSgd in the text of explain()', async () => {
    using network = await createOn(FASTEST, { input: [3], layers: WORDS, loss: 'softmaxCrossEntropy' });
    expect(network.explain({ optimizer: DESCENT })).toMatch(/embedSgd/);
    for (const options of [{}, { optimizer: DESCENT, clip: { norm: 1 } }]) {
      expect(network.explain(options)).toMatch(/embedGradient/);
      expect(network.explain(options)).not.toMatch(/embedSgd/);
    }
  });
});

/** One step of gradient descent, 0.5 long, on all parameters, in the order in which they were made. */
function descend(graph: Graph, loss: GraphValue): Graph {
  const parameters = [...graph.parameters];
  const gradients = differentiateGraph(
    loss,
    parameters.map(([, value]) => value),
  );
  parameters.forEach(([name, parameter], i) => {
    addUpdate(graph, name, parameter, gradients[i], DESCENT);
  });
  return graph;
}

const TABLE = [1, 2, 3, 4, 5, 6];

describe.each(BACKENDS.map((backend) => [backend.name, backend] as const))('on %s', (_, backend) => {
  it.each([true, false])('rows named twice move twice, others not at all (optimised: %s)', (optimize) => {
    const graph = new Graph();
    const rows = graph.apply('embed', [graph.parameter('table', [3, 2]), graph.input('index', [4])])[0];
    descend(graph, sum(multiply(rows, graph.input('delta', [4, 2]))));
    expect(opsOf(compile(graph, { optimize })).includes('embedSgd')).toBe(optimize);
    const values = { table: TABLE, index: [2, 0, 2, 7], delta: [1, 2, 10, 20, 4, 8, 100, 100] };
    expect([...runGraph(backend, graph, values, { optimize }).get('table')!]).toEqual([-4, -8, 3, 4, 2.5, 1]);
  });

  it.each([
    ['a parameter', [2, 2]],
    ['a view of one', [4]],
  ])('a δ that is %s is taken as it was before the updates', (_, shape) => {
    const graph = new Graph();
    const [p, table] = [graph.parameter('p', shape), graph.parameter('table', [3, 2])];
    const delta = shape.length === 2 ? p : reshape(p, [2, 2]);
    const [gradient] = graph.apply('embedGradient', [delta, graph.input('index', [2])], { count: 3 });
    addUpdate(graph, 'p', p, graph.input('gradient of p', shape), DESCENT);
    addUpdate(graph, 'table', table, gradient, DESCENT);
    const results = runGraph(backend, graph, { p: [2, 4, 6, 8], 'gradient of p': [4, 4, 4, 4], table: TABLE, index: [0, 1] });
    expect([...results.get('p')!]).toEqual([0, 2, 4, 6]);
    expect([...results.get('table')!]).toEqual([0, 0, 0, 0, 5, 6]);
  });
});
