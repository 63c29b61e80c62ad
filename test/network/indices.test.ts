/** Indices of rows and classes: exact beyond what float32 counts, whatever they come as and through whatever they are moved. */
import { embedding, type TensorLike } from 'chainrule';
import { describe, expect, it } from 'vitest';
import type { LocalBackend } from '../../src/backends/backend.ts';
import { compile } from '../../src/compiler/compile.ts';
import { differentiateGraph } from '../../src/graph/autodiff.ts';
import { GraphExpressions } from '../../src/graph/expressions.ts';
import { sum } from '../../src/graph/functions.ts';
import { Graph } from '../../src/graph/graph.ts';
import { COMPARISON } from '../../src/ops/classification.ts';
import type { Slot } from '../../src/program/format.ts';
import { BACKENDS } from '../support/backends.ts';
import { createOn } from '../support/networks.ts';
import { runGraph, slotSize } from '../support/run-graph.ts';

/** float32 has no integer between this and the next but one. */
const EXACT = 2 ** 24;
const COUNT = EXACT + 8;
/** Each is what float32 would round to another one. */
const ROWS = [EXACT + 1, EXACT + 3, EXACT + 5, EXACT + 7];

const each = BACKENDS.map((backend) => [backend.name, backend] as const);

/** The numbers of the last eight rows of a table of one column whose other rows are 0. */
const LAST = Float64Array.from({ length: COUNT - EXACT }, (_, i) => i);

/** Runs a graph that has such a table for a parameter; what it makes of some results, and of the last eight rows of others. */
function runOnTable(backend: LocalBackend, graph: Graph, whole: readonly string[], tables: readonly string[]): number[][] {
  const session = backend.openArena(compile(graph), 0);
  try {
    const { program } = session;
    const slot = (name: string) => (program.outputs.get(name) ?? program.parameters.get(name)) as Slot;
    session.write(slot('table').offset + EXACT, LAST);
    session.write(program.inputs.get('rows')!.offset, Int32Array.from(ROWS));
    session.run({ from: 0, to: program.code.length, repeats: 1, rows: 1 });
    return [
      ...whole.map((name) => [...session.read(slot(name).offset, slotSize(slot(name), 1))]),
      ...tables.map((name) => [...session.read(slot(name).offset + EXACT, COUNT - EXACT)]),
    ];
  } finally {
    session.dispose();
  }
}

describe.each(each)('rows beyond 2²⁴ on %s', (_, backend) => {
  const lookup = () => {
    const graph = new Graph();
    const rows = graph.input('rows', [ROWS.length], 'index');
    const table = graph.parameter('table', [COUNT, 1]);
    return { graph, rows, table, found: graph.apply('embed', [table, rows])[0] };
  };

  it('are looked up, picked as classes, and compared with them', () => {
    const { graph, found, rows, table } = lookup();
    const m = new GraphExpressions(graph);
    const classes = m.reshape(table, [1, COUNT]);
    graph.outputs.set('found', found);
    graph.outputs.set('picked', m.apply('pick', [classes, m.slice(rows, 0, 0, 1)]));
    graph.outputs.set('right', m.apply('correct', [classes, m.slice(rows, 0, 3, 4)], { comparison: COMPARISON.index }));
    expect(runOnTable(backend, graph, ['found', 'picked', 'right'], [])).toEqual([[1, 3, 5, 7], [1], [1]]);
  });

  it.each([
    ['by a gradient', 1],
    ['row by row', 0],
  ])('are trained %s', (_name, weightDecay) => {
    const { graph, found, table } = lookup();
    const [gradient] = differentiateGraph(sum(found), [table]);
    graph.apply('sgd', [table, gradient, graph.constant(2)], { weightDecay });
    // With weight decay the table's old values are taken away twice.
    const decayed = [...LAST].map((value) => value - 2 * weightDecay * value);
    expect(runOnTable(backend, graph, [], ['table'])).toEqual([decayed.map((value, i) => value - (i % 2 ? 2 : 0))]);
  });
});

/** Integers whose bits, read as a float32, are subnormal, infinite, NaN that signal or do not, and −0. */
const BITS = [0, 1, -1, EXACT + 1, 0x7f800000, 0x7f800001, 0x7fc00001, 2 ** 31 - 1, -(2 ** 31), -(2 ** 31) + 5, 0x7f812345, -8388607];

describe.each(each)('what moves elements moves indices on %s', (_, backend) => {
  const moved = (how: (m: GraphExpressions, x: ReturnType<Graph['input']>) => ReturnType<Graph['input']>) => {
    const graph = new Graph();
    const x = graph.input('x', [3, 4], 'index');
    const y = how(new GraphExpressions(graph), x);
    expect(y.elements).toBe('index');
    graph.outputs.set('values', graph.numbers(y));
    const results = runGraph(backend, graph, { x: BITS });
    return [...results.get('values')!];
  };
  const float = (values: readonly number[]) => values.map((value) => (backend.elementBytes === 4 ? Math.fround(value) : value));
  const grid = [BITS.slice(0, 4), BITS.slice(4, 8), BITS.slice(8)];

  it.each([
    ['reshape', (m, x) => m.reshape(x, [12]), BITS],
    ['permute', (m, x) => m.permute(x, [1, 0]), [0, 1, 2, 3].flatMap((j) => grid.map((row) => row[j]))],
    ['broadcast', (m, x) => m.broadcast(m.reshape(x, [3, 4, 1]), [3, 4, 5]), BITS.flatMap((value) => new Array(5).fill(value))],
    ['slice', (m, x) => m.slice(x, 1, 1, 3), grid.flatMap((row) => row.slice(1, 3))],
    ['insert', (m, x) => m.insert(x, m.slice(x, 1, 3, 4), 1, 0), grid.flatMap((row) => [row[3], ...row.slice(1)])],
  ] as [string, Parameters<typeof moved>[0], number[]][])('%s', (_name, how, expected) => {
    expect(moved(how)).toEqual(float(expected));
  });

  it('gather, shuffled and as they lie', () => {
    const graph = new Graph();
    const m = new GraphExpressions(graph);
    graph.apply('beginStep', []);
    const rows = m.apply('gather', [], { column: 0, sample: [], indices: true });
    graph.outputs.set('values', graph.numbers(rows));
    for (const shuffle of [false, true]) {
      const values = gathered(backend, graph, Int32Array.from(BITS), shuffle);
      expect(shuffle ? values.sort((a, b) => a - b) : values).toEqual(float(shuffle ? [...BITS].sort((a, b) => a - b) : BITS));
    }
  });

  it('gather refuses numbers for indices, and indices for numbers', () => {
    for (const indices of [true, false]) {
      const graph = new Graph();
      graph.apply('beginStep', []);
      const rows = new GraphExpressions(graph).apply('gather', [], { column: 0, sample: [], indices });
      graph.outputs.set('values', graph.numbers(rows));
      const data = indices ? Float32Array.of(1) : Int32Array.of(1);
      expect(() => gathered(backend, graph, data, false)).toThrow(/column 0: expected (indices|numbers), as the program gathers, got/);
    }
  });
});

function gathered(backend: LocalBackend, graph: Graph, data: Int32Array | Float32Array, shuffle: boolean): number[] {
  const session = backend.openArena(compile(graph, { maximumRows: data.length }), 7);
  try {
    const { program } = session;
    session.bind({ columns: [{ data, width: 1 }], rows: data.length, batchSize: data.length, shuffle });
    session.run({ from: 0, to: program.code.length, repeats: 1, rows: data.length });
    return [...session.read(program.outputs.get('values')!.offset, data.length)];
  } finally {
    session.dispose();
  }
}

const COUNTED = { initializer: { type: 'uniform', limit: 1 } } as const;

/** A network that predicts 100 times a row's number, of five rows. */
async function fiveRows(backend: LocalBackend['name']) {
  const network = await createOn(backend, { input: [3], layers: [embedding(5, 1, COUNTED)], loss: 'meanSquaredError' });
  network.setParameters(new Map([['0.weight', [[0], [100], [200], [300], [400]]]]));
  return network;
}

describe.each(each)('indices on %s come as', (_, { name }) => {
  const shape = [2, 3];
  it.each<[string, TensorLike]>([
    [
      'nested arrays',
      [
        [0, 4, 2],
        [1, 1, 3],
      ],
    ],
    ['Int32Array', { shape, data: Int32Array.of(0, 4, 2, 1, 1, 3) }],
    ['Uint32Array', { shape, data: Uint32Array.of(0, 4, 2, 1, 1, 3) }],
    ['Uint8Array', { shape, data: Uint8Array.of(0, 4, 2, 1, 1, 3) }],
    ['Float32Array', { shape, data: Float32Array.of(0, 4, 2, 1, 1, 3) }],
    ['Float64Array', { shape, data: Float64Array.of(0, 4, 2, 1, 1, 3) }],
    ['rows of Int32Array', [Int32Array.of(0, 4, 2), Int32Array.of(1, 1, 3)]],
  ])('%s', async (_name, x) => {
    using network = await fiveRows(name);
    expect([...network.predict(x as never).data]).toEqual([0, 400, 200, 100, 100, 300]);
    expect([...(await network.predictAsync(x as never)).data]).toEqual([0, 400, 200, 100, 100, 300]);
  });
});
