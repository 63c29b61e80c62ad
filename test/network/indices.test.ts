/** Indices of rows and classes: exact beyond what float32 counts, whatever they come as and through whatever they are moved. */
import { embedding, type TensorLike } from 'chainrule';
import { describe, expect, it } from 'vitest';
import type { Backend } from '../../src/backends/backend.ts';
import { compile } from '../../src/compiler/compile.ts';
import { differentiateGraph } from '../../src/graph/autodiff.ts';
import { GraphExpressions } from '../../src/graph/expressions.ts';
import { sum } from '../../src/graph/functions.ts';
import { Graph } from '../../src/graph/graph.ts';
import { COMPARISON } from '../../src/ops/classification.ts';
import { BACKENDS } from '../support/backends.ts';
import { createOn } from '../support/networks.ts';
import { runGraph } from '../support/run-graph.ts';

/** float32 has no integer between this and the next but one. */
const EXACT = 2 ** 24;
const COUNT = EXACT + 8;
/** Each is what float32 would round to another one. */
const ROWS = [EXACT + 1, EXACT + 3, EXACT + 5, EXACT + 7];

const each = BACKENDS.map((backend) => [backend.name, backend] as const);

/** A table of one column in which the last eight rows, and the first, are their numbers from 2²⁴ on. */
function longTable(backend: Backend): Float32Array | Float64Array {
  const table = backend.allocate(COUNT);
  for (let i = EXACT; i < COUNT; i++) table[i] = i - EXACT;
  return table;
}

describe.each(each)('rows beyond 2²⁴ on %s', (_, backend) => {
  const table = longTable(backend);
  const lookup = () => {
    const graph = new Graph();
    const rows = graph.input('rows', [ROWS.length], 'index');
    const found = graph.apply('embed', [graph.parameter('table', [COUNT, 1]), rows])[0];
    return { graph, found, rows };
  };

  it('are looked up, and picked as classes', () => {
    const { graph, found, rows } = lookup();
    const m = new GraphExpressions(graph);
    const classes = m.broadcast(m.reshape(graph.parameters.get('table')!, [1, COUNT]), [1, COUNT]);
    const first = m.slice(rows, 0, 0, 1);
    graph.outputs.set('found', found);
    graph.outputs.set('picked', m.apply('pick', [classes, first]));
    graph.outputs.set('correct', m.apply('correct', [classes, m.slice(rows, 0, 3, 4)], { comparison: COMPARISON.index }));
    const results = runGraph(backend, graph, { table, rows: ROWS });
    expect([...results.get('found')!]).toEqual([1, 3, 5, 7]);
    expect([...results.get('picked')!]).toEqual([1]);
    expect([...results.get('correct')!]).toEqual([1]);
  });

  it.each([
    ['as a gradient', false],
    ['row by row', true],
  ])('are trained %s', (_name, byRows) => {
    const { graph, found } = lookup();
    const parameter = graph.parameters.get('table')!;
    const [gradient] = differentiateGraph(sum(found), [parameter]);
    if (byRows) graph.apply('sgd', [parameter, gradient, graph.constant(2)], { weightDecay: 0 });
    else graph.outputs.set('gradient', gradient);
    const results = runGraph(backend, graph, { table, rows: ROWS });
    const trained = results.get(byRows ? 'table' : 'gradient')!;
    expect([...trained.subarray(EXACT)]).toEqual(byRows ? [0, -1, 2, 1, 4, 3, 6, 5] : [0, 1, 0, 1, 0, 1, 0, 1]);
    expect(trained.subarray(0, EXACT).every((value) => value === 0)).toBe(true);
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

function gathered(backend: Backend, graph: Graph, data: Int32Array | Float32Array, shuffle: boolean): number[] {
  const session = backend.open(compile(graph, { maximumRows: data.length }), 7);
  try {
    const { program } = session;
    session.bind({ columns: [{ data, width: 1 }], rows: data.length, batchSize: data.length, shuffle, stepBase: 0, epochBase: 0 });
    session.run({ from: 0, to: program.code.length, repeats: 1, iteration: 0, rows: data.length });
    return [...session.read(program.outputs.get('values')!.offset, data.length)];
  } finally {
    session.dispose();
  }
}

const COUNTED = { initializer: { type: 'uniform', limit: 1 } } as const;

/** A network that predicts 100 times a row's number, of five rows. */
async function fiveRows(backend: Backend['name']) {
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
