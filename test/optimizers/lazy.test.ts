/** Lazy updates: of a table only the rows that a mini-batch names move. */
import { readFileSync } from 'node:fs';
import {
  adam,
  adamw,
  add,
  dense,
  embedding,
  flatten,
  type GraphValue,
  type Layer,
  multiply,
  optimizerFromConfig,
  sgd,
  sum,
} from 'chainrule';
import { describe, expect, it } from 'vitest';
import { atOnce } from '../../src/backends/at-once.ts';
import { compile } from '../../src/compiler/compile.ts';
import { differentiateGraph } from '../../src/graph/autodiff.ts';
import { divide } from '../../src/graph/functions.ts';
import { Graph } from '../../src/graph/graph.ts';
import type { Optimizer } from '../../src/optimizers/optimizer.ts';
import { addUpdate } from '../../src/optimizers/update.ts';
import type { Slot } from '../../src/program/format.ts';
import { opsOf, stepProgram } from '../compiler/networks.ts';
import { BACKENDS, tolerance } from '../support/backends.ts';
import { expectClose } from '../support/compare.ts';
import { createOn, FASTEST } from '../support/networks.ts';
import { runGraph, slotSize } from '../support/run-graph.ts';

const { shape, initial, indices, deltas, cases } = JSON.parse(readFileSync(new URL('../golden/lazy.json', import.meta.url), 'utf8')) as {
  shape: [number, number];
  initial: number[];
  indices: number[][];
  deltas: number[][];
  cases: { name: string; optimizer: { type: string }; values: number[][] }[];
};
const places = indices[0].length;
const columns = shape[1];

/** Rows of the table `table` at `indices`, in so many look-ups, each times its rows of `deltas`: these are the look-ups' δ's. */
function lookUps(graph: Graph, sizes: readonly number[], optimizer: Optimizer): Graph {
  const table = graph.parameter('table', shape);
  const losses = sizes.map((size, i) => {
    const [rows] = graph.apply('embed', [table, graph.input(`index${i}`, [size], 'index')]);
    return sum(multiply(rows, graph.input(`delta${i}`, [size, columns])));
  });
  const loss = losses.reduce((a, b) => add(a, b));
  addUpdate(graph, 'table', table, differentiateGraph(loss, [table])[0], optimizer);
  return graph;
}

describe.each(BACKENDS.map((backend) => [backend.name, backend] as const))('on %s', (_, backend) => {
  /** The table after each step. */
  function steps(optimizer: Optimizer, sizes: readonly number[], optimize: boolean): number[][] {
    const program = compile(lookUps(new Graph(), sizes, optimizer), { optimize });
    const session = backend.open(program, 0);
    const now = atOnce(session, 'a test', 'there is none');
    const write = (name: string, values: ArrayLike<number>) => session.write(program.inputs.get(name) as Slot, values);
    const table = program.parameters.get('table') as Slot;
    session.write(table, initial);
    const results = indices.map((index, step) => {
      let at = 0;
      sizes.forEach((size, i) => {
        write(`index${i}`, Int32Array.from(index.slice(at, at + size)));
        write(`delta${i}`, deltas[step].slice(at * columns, (at + size) * columns));
        at += size;
      });
      now.run({ rows: 1 });
      return [...now.read(table, slotSize(table, 1))];
    });
    session.dispose();
    return results;
  }

  it.each(cases.map((test) => [test.name, test] as const))("%s takes PyTorch's steps, in one look-up and in three", (_name, test) => {
    const optimizer = optimizerFromConfig(test.optimizer);
    for (const sizes of [[places], [2, 1, places - 3]])
      for (const optimize of [true, false])
        steps(optimizer, sizes, optimize).forEach((actual, step) => {
          expectClose(actual, test.values[step], tolerance(backend), `step ${step} of ${sizes}, ${optimize ? 'optimised' : 'as written'}`);
        });
  });

  it.each<[string, Optimizer]>([
    ['adamw', adamw({ learningRate: 0.1, weightDecay: 0.3, lazy: true })],
    ['momentum', sgd({ learningRate: 0.1, momentum: 0.9, weightDecay: 0.3, lazy: true })],
  ])('a step of %s that names every row is the step of all', (_name, { lazy: _lazy, ...optimizer }) => {
    const step = (rule: Optimizer) => {
      const graph = new Graph();
      const table = graph.parameter('table', [3, 2]);
      const [gradient] = graph.apply('embedGradient', [graph.input('delta', [4, 2]), graph.input('index', [4], 'index')], { count: 3 });
      graph.apply('embed', [table, graph.input('read', [3], 'index')]);
      addUpdate(graph, 'table', table, gradient, rule);
      const values = { table: [1, 2, 3, 4, 5, 6], index: [2, 0, 1, 2], read: [0, 1, 2], delta: [1, -2, 3, 4, -5, 6, 7, 8] };
      return [...runGraph(backend, graph, values).get('table')!];
    };
    expectClose(
      step({ ...optimizer, lazy: true } as Optimizer),
      step({ ...optimizer, lazy: false } as Optimizer),
      tolerance(backend),
      'table',
    );
  });

  it('a gradient that is scaled first is scaled in the rows that are named', () => {
    const graph = new Graph();
    const table = graph.parameter('table', [3, 1]);
    const [rows] = graph.apply('embed', [table, graph.input('index', [3], 'index')]);
    const [gradient] = differentiateGraph(sum(multiply(rows, graph.input('delta', [3, 1]))), [table]);
    addUpdate(graph, 'table', table, divide(gradient, 2), sgd({ learningRate: 1, weightDecay: 0.5, lazy: true }));
    const values = { table: [8, 8, 8], index: [2, 0, 2], delta: [2, 4, 6] };
    // 8 − (4 / 2 + 4), untouched, 8 − ((2 + 6) / 2 + 4).
    expect([...runGraph(backend, graph, values).get('table')!]).toEqual([2, 8, 0]);
  });
});

const LAZY = adam({ lazy: true });
const updatesOf = (layers: readonly Layer[], options = {}) =>
  opsOf(stepProgram(layers, { optimizer: LAZY, ...options })).filter((op) => /^(embedAdam|embedGradient|adam)$/.test(op));
const table = embedding(9, 4);

describe('a lazy optimiser', () => {
  it.each<[string, Layer]>([
    ['once', table],
    ['twice', (x) => add(table(x), table(multiply(x, x)))],
    ['twice with the same indices', (x) => add(table(x), multiply(table(x), 2))],
    ['three times', (x) => add(add(table(x), table(multiply(x, x))), table(multiply(x, 0)))],
  ])('makes no gradient of a table that is looked up %s', (_, lookUp) => {
    expect(updatesOf([lookUp, flatten(), dense(10)])).toEqual(['embedAdam', 'adam']);
  });

  it('makes the gradient that clipping reads, and updates rows all the same', () => {
    expect(updatesOf([table, flatten(), dense(10)], { clip: { norm: 1 } })).toEqual(['embedGradient', 'embedAdam', 'adam']);
  });

  it('updates a table as a whole that something besides look-ups reads', () => {
    const weighed: Layer = (x) => {
      const rows = table(x);
      const [weight] = rows.graph.parameters.values();
      return add(rows, sum(weight as GraphValue));
    };
    expect(updatesOf([weighed, flatten(), dense(10)])).not.toContain('embedAdam');
  });

  it('is refused with accumulation, and with amsgrad', async () => {
    using network = await createOn(FASTEST, { input: [3], layers: [table, flatten(), dense(10)], loss: 'softmaxCrossEntropy' });
    const x = [0, 1, 2, 3].map((row) => [row, row + 1, 8]);
    const y = [0, 1, 2, 3];
    await expect(network.fit({ x, y }, { optimizer: LAZY, batchSize: 2, accumulate: 2 })).rejects.toThrow(
      'lazy: expected no accumulation, since only the rows of 0.weight that the last mini-batch names are known, got gradients of several',
    );
    await expect(network.fit({ x, y }, { optimizer: LAZY, batchSize: 2 })).resolves.toBeDefined();
    expect(() => adam({ lazy: true, amsgrad: true })).toThrow('adam.lazy: expected false with amsgrad, got true');
    expect(() => adamw({ lazy: true, amsgrad: true })).toThrow('adamw.lazy: expected false with amsgrad, got true');
  });

  it('refuses look-ups of which only some have a batch', () => {
    const mixed: Layer = (x) => add(table(x), sum(x.graph.apply('embed', [x.graph.parameters.get('0.0.weight'), x.graph.list([1, 2])])[0]));
    expect(() => updatesOf([mixed, flatten(), dense(10)])).toThrow(/lazy: expected look-ups of .* that all have a batch, or none/);
  });
});
