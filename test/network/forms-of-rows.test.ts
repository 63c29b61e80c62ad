/** Rows of samples in any form that callers have: the same numbers give the same bits, and what is wrong is refused before a step is taken. */
import { DataError, dense, Network, type NetworkOptions, ShapeError, type TensorLike, type Trainer } from 'chainrule';
import { describe, expect, it } from 'vitest';
import { BACKEND_NAMES, createOn, spreadTensor } from '../support/networks.ts';

const OPTIONS: Omit<NetworkOptions, 'backend'> = {
  ...{ seed: 3, reproducible: true, input: [20], loss: 'softmaxCrossEntropy' },
  layers: [dense(5, { activation: 'tanh' }), dense(3)],
};
const ROWS = 4;
// Eighths: all of these forms hold them exactly.
const flat = Float32Array.from(spreadTensor([ROWS, 20]).data, (value) => Math.round(8 * value) / 8);
const row = (i: number) => flat.subarray(20 * i, 20 * i + 20);
const rows = <T>(form: (row: Float32Array, i: number) => T): T[] => Array.from({ length: ROWS }, (_, i) => form(row(i), i));
const shared = (values: Float32Array) => {
  const copy = new Float32Array(new SharedArrayBuffer(4 * values.length));
  copy.set(values);
  return copy;
};

const FORMS: Readonly<Record<string, TensorLike>> = {
  'a tensor of float32': { shape: [ROWS, 20], data: flat },
  'a tensor of float64': { shape: [ROWS, 20], data: Float64Array.from(flat) },
  'a tensor of a list': { shape: [ROWS, 20], data: [...flat] },
  'float32 rows': rows((one) => one.slice()),
  'float64 rows': rows((one) => Float64Array.from(one)),
  'shared rows': rows(shared),
  'lists in a list': rows((one) => [...one]),
  'rows of several forms': rows((one, i) => (i % 2 ? [...one] : one.slice())),
  'rows of several forms, a list first': rows((one, i) => (i % 2 ? one.slice() : [...one])),
};

const targets: Readonly<Record<string, TensorLike>> = {
  integers: Int32Array.of(0, 2, 1, 0),
  bytes: Uint8Array.of(0, 2, 1, 0),
  floats: Float32Array.of(0, 2, 1, 0),
  'a list': [0, 2, 1, 0],
  'a column': [[0], [2], [1], [0]],
};

async function lossesOf(backend: (typeof BACKEND_NAMES)[number], x: TensorLike, y: TensorLike): Promise<number[]> {
  using network = await createOn(backend, OPTIONS);
  using trainer = await network.trainer({ batchSize: ROWS });
  return [1, 2, 3].map(() => trainer.step({ x, y }).loss);
}

describe.each(BACKEND_NAMES)('on %s, steps', (backend) => {
  it.each(Object.entries(FORMS))('on %s have the bits of those on a tensor', async (_, x) => {
    const expected = await lossesOf(backend, FORMS['a tensor of float32'], targets.integers);
    expect(await lossesOf(backend, x, targets.integers)).toStrictEqual(expected);
  });

  it.each(Object.entries(targets))('with %s as targets have the bits of those with integers', async (_, y) => {
    const expected = await lossesOf(backend, FORMS['a tensor of float32'], targets.integers);
    expect(await lossesOf(backend, FORMS['a tensor of float32'], y)).toStrictEqual(expected);
  });
});

/** Lists with one row changed. */
const changed = (at: number, change: (row: unknown[]) => unknown) => rows((one, i) => (i === at ? change([...one]) : [...one]));

const WRONG: readonly [string, unknown, new (message: string) => Error, string][] = [
  ['a short row', changed(2, (one) => one.slice(1)), DataError, 'expected row 2 to have shape [20] as row 0 has, got [19]'],
  ['a row that is a number', changed(1, () => 5), DataError, 'expected row 1 to have shape [20] as row 0 has, got []'],
  ['a text', changed(3, (one) => one.with(7, '1')), DataError, "expected numbers in nested arrays, got '1'"],
  [
    'a hole',
    changed(0, (one) => Object.assign(new Array(20), one.slice(0, 19))),
    DataError,
    'expected numbers in nested arrays, got undefined',
  ],
  ['NaN', changed(1, (one) => one.with(2, Number.NaN)), DataError, 'got NaN in row 1, element 2'],
  ['a number too large for float32', changed(1, (one) => one.with(2, 1e39)), DataError, 'got 1e+39 in row 1, element 2'],
  [
    'infinity in a float32 row',
    rows((one, i) => (i === 3 ? one.slice().fill(Number.POSITIVE_INFINITY, 5, 6) : one.slice())),
    DataError,
    'got Infinity in row 3, element 5',
  ],
  [
    'float64 rows beyond float32',
    rows((one, i) => (i ? Float64Array.from(one).fill(-1e300, 1, 2) : one.slice())),
    DataError,
    'got -1e+300 in row 1, element 1',
  ],
  ['too narrow rows', rows((one) => one.slice(1)), ShapeError, 'expected shape [rows, 20], got [4, 19]'],
  ['no rows', [], DataError, 'expected at least one row, got none'],
  ['rows nested deeper', rows((one) => [[...one]]), ShapeError, 'expected shape [rows, 20], got [4, 1, 20]'],
];

describe('a step refuses', () => {
  const attempt = (trainer: Trainer, x: unknown) => () => trainer.step({ x: x as TensorLike, y: targets.integers });

  it.each(WRONG)('%s, and is not taken', async (_, x, type, message) => {
    using network = await Network.create(OPTIONS);
    using trainer = await network.trainer({ batchSize: ROWS });
    expect(attempt(trainer, x)).toThrow(type);
    expect(attempt(trainer, x)).toThrow(message);
    expect(trainer.progress.step).toBe(0);
    const [expected] = await lossesOf('native', FORMS['a tensor of float32'], targets.integers);
    expect(trainer.step({ x: FORMS['lists in a list'], y: targets.integers }).loss).toBe(expected);
  });
});
