/** Choosing, gathering and recording mini-batches, dropout and Adam over several steps: the same on every backend, shuffles and masks to the bit. */
import { describe, expect, it } from 'vitest';
import type { DataBinding, LocalBackend, RunRequest } from '../../src/backends/backend.ts';
import { BEGINNING, type Clock, later } from '../../src/clock.ts';
import { type CompileOptions, compile } from '../../src/compiler/compile.ts';
import { GraphExpressions } from '../../src/graph/expressions.ts';
import { sum } from '../../src/graph/functions.ts';
import { Graph } from '../../src/graph/graph.ts';
import { BATCH, count, resolve } from '../../src/ops/shape.ts';
import type { Program, Slot } from '../../src/program/format.ts';
import { BACKENDS } from '../support/backends.ts';
import { expectClose } from '../support/compare.ts';
import { slotSize } from '../support/run-graph.ts';

const WIDTH = 3;
const REFERENCE = BACKENDS.find((backend) => backend.name === 'reference') as LocalBackend;

/** Gathers rows and their numbers, drops out, moves a parameter by Adam along what was gathered, and records. */
function batchProgram(options: CompileOptions): Program {
  const graph = new Graph({ training: true });
  const m = new GraphExpressions(graph);
  graph.apply('beginStep', []);
  const rows = m.apply('gather', [], { column: 0, sample: [WIDTH] });
  const numbers = m.apply('gather', [], { column: 1, sample: [] });
  const dropped = m.apply('dropout', [rows], { rate: 0.4, stream: 7 });
  graph.outputs.set('rows', rows);
  graph.outputs.set('numbers', numbers);
  graph.outputs.set('dropped', dropped);
  graph.record('sum', sum(numbers));
  graph.record('numbers', numbers);
  graph.record('sums of columns', sum(rows, [0]));
  graph.record('rows', rows);
  graph.record('correct', m.apply('correct', [rows, numbers], { comparison: 0 }));
  const parameter = graph.parameter('p', [WIDTH]);
  const state = ['mean', 'variance'].map((kind) => graph.optimizerState(kind, 'p', [WIDTH]));
  const settings = { beta1: 0.9, beta2: 0.999, epsilon: 1e-8 };
  const step = graph.optimizerState('step', undefined, []);
  graph.apply('accumulate', [step, graph.constant(1)], { weight: 1 });
  graph.apply('adam', [parameter, sum(rows, [0]), ...state, graph.constant(0.125), step], settings);
  return compile(graph, options);
}

function data(rows: number, rest: Partial<DataBinding>): DataBinding {
  const values = Float32Array.from({ length: rows * WIDTH }, (_, i) => ((i * 7) % 31) / 8);
  const columns = [
    { data: values, width: WIDTH },
    { data: Float32Array.from({ length: rows }, (_, i) => i), width: 1 },
  ];
  return { columns, rows, batchSize: 4, shuffle: true, ...rest };
}

interface Step {
  readonly rows: readonly number[];
  readonly numbers: readonly number[];
  readonly dropped: readonly number[];
  readonly parameter: readonly number[];
  readonly record: readonly number[];
}

/** What the record of a mini-batch of so many rows has; the rest is left as it was. */
function recordOf({ records }: Program, record: Float64Array, rows: number): number[] {
  return [...records.values()].flatMap(({ at, after, shape }) => {
    const start = at + resolve(after, rows);
    return [...record.subarray(start, start + resolve(count(shape), rows))];
  });
}

/** One step at a time from `begin` on, as much of each output as the mini-batch had rows. */
function stepThrough(
  backend: LocalBackend,
  program: Program,
  binding: DataBinding,
  steps: number,
  { seed = 5, begin = BEGINNING }: { seed?: number; begin?: Clock } = {},
): Step[] {
  const session = backend.openArena(program, seed);
  const { rows, batchSize } = binding;
  const stepsPerEpoch = Math.ceil(rows / batchSize);
  const read = (slot: Slot | undefined, count: number) => [...session.read((slot as Slot).offset, slotSize(slot as Slot, count))];
  try {
    session.bind(binding);
    return Array.from({ length: steps }, (_, step) => {
      const clock = later(begin, step, stepsPerEpoch);
      const request: RunRequest = { from: 0, to: program.code.length, repeats: 1, clock, rows: 1 };
      session.run(request);
      const came = Math.min(batchSize, rows - clock.batch * batchSize);
      const output = (name: string) => read(program.outputs.get(name), came);
      const parameter = read(program.parameters.get('p'), came);
      return {
        rows: output('rows'),
        numbers: output('numbers'),
        dropped: output('dropped'),
        parameter,
        record: recordOf(program, session.records(1), came),
      };
    });
  } finally {
    session.dispose();
  }
}

const BINDINGS: readonly (readonly [string, DataBinding, Clock])[] = [
  ['in order', data(11, { shuffle: false }), BEGINNING],
  ['shuffled, a partial last batch', data(11, {}), BEGINNING],
  ['shuffled, whole batches', data(12, {}), BEGINNING],
  ['all data in one batch', data(4, {}), BEGINNING],
  ['online', data(5, { batchSize: 1 }), BEGINNING],
  ['fewer rows than the batch has', data(3, {}), BEGINNING],
  ['resumed', data(11, {}), { epoch: 2 ** 32 + 3, batch: 1 }],
];

describe.each(BACKENDS.map((backend) => [backend.name, backend] as const))('%s draws as the definition says', (_, backend) => {
  it.each(BINDINGS)('%s', (_name, binding, begin) => {
    const program = batchProgram({ maximumRows: 4 });
    const expected = stepThrough(REFERENCE, program, binding, 8, { begin });
    stepThrough(backend, program, binding, 8, { begin }).forEach((step, i) => {
      expect(step.rows).toEqual(expected[i].rows);
      expect(step.numbers).toEqual(expected[i].numbers);
      expect(step.record).toEqual(expected[i].record);
      expect(step.record.slice(1, 1 + step.numbers.length), 'numbers lie behind their sum').toEqual(step.numbers);
      expect(step.dropped.map(Boolean)).toEqual(expected[i].dropped.map(Boolean));
      expectClose(step.dropped, expected[i].dropped, 1e-6, `dropout at step ${i}`);
      expectClose(step.parameter, expected[i].parameter, 1e-5, `Adam after step ${i}`);
    });
  });

  it('many repeats of one run record each of them', () => {
    const program = batchProgram({ maximumRows: 4 });
    const binding = data(11, {});
    const session = backend.openArena(program, 5);
    session.bind(binding);
    session.run({ from: 0, to: program.code.length, repeats: 8, rows: 1 });
    const { recordWidth } = program;
    expect(recordWidth).toBe(1 + 4 + WIDTH + 4 * WIDTH + 1);
    const records = session.records(8);
    expect(records).toHaveLength(8 * recordWidth);
    stepThrough(REFERENCE, program, binding, 8).forEach(({ record, numbers }, i) => {
      const found = recordOf(program, records.subarray(i * recordWidth, (i + 1) * recordWidth), numbers.length);
      expect(found, `repeat ${i}`).toEqual(record);
    });
    session.dispose();
  });

  it('other seeds shuffle and drop otherwise', () => {
    const program = batchProgram({ maximumRows: 4 });
    const [one, other] = [5, 5 + 2 ** 32].map((seed) => stepThrough(backend, program, data(64, {}), 16, { seed }));
    expect(one.map((step) => step.numbers)).not.toEqual(other.map((step) => step.numbers));
    const masks = (steps: readonly Step[]) => steps.map(({ dropped }) => dropped.map((x) => x === 0));
    expect(masks(one)).not.toEqual(masks(other));
  });
});

describe('an epoch', () => {
  it('has every row once, in another order than the epoch before', () => {
    const steps = stepThrough(REFERENCE, batchProgram({ maximumRows: 4 }), data(11, {}), 6);
    const [first, second] = [steps.slice(0, 3), steps.slice(3)].map((epoch) => epoch.flatMap(({ numbers }) => numbers));
    const sorted = (numbers: readonly number[]) => [...numbers].sort((a, b) => a - b);
    expect(sorted(first)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
    expect(sorted(second)).toEqual(sorted(first));
    expect(second).not.toEqual(first);
  });

  it('continues where a resumed run began', () => {
    const program = batchProgram({ maximumRows: 4 });
    const whole = stepThrough(REFERENCE, program, data(11, {}), 6).slice(3);
    const resumed = stepThrough(REFERENCE, program, data(11, {}), 3, { begin: { epoch: 1, batch: 0 } });
    expect(resumed.map(({ numbers, dropped }) => ({ numbers, dropped }))).toEqual(
      whole.map(({ numbers, dropped }) => ({ numbers, dropped })),
    );
  });
});

describe('dropout', () => {
  it.each([0.1, 0.5, 0.9])('keeps about 1 − %s of the elements and their sum', (rate) => {
    const graph = new Graph({ training: true });
    const x = graph.input('x', [BATCH]);
    graph.outputs.set('y', new GraphExpressions(graph).apply('dropout', [x], { rate, stream: 0 }));
    const size = 10_000;
    const program = compile(graph, { maximumRows: size });
    const session = REFERENCE.openArena(program, 1);
    session.write((program.inputs.get('x') as Slot).offset, new Float64Array(size).fill(1));
    session.run({ from: 0, to: program.code.length, repeats: 1, rows: size });
    const y: readonly number[] = [...session.read((program.outputs.get('y') as Slot).offset, size)];
    const mean = y.reduce((total, value) => total + value, 0) / size;
    // Five standard deviations of the mean of that many independent masks.
    expect(Math.abs(mean - 1)).toBeLessThan(5 * Math.sqrt(rate / (1 - rate) / size));
  });
});
