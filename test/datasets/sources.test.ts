/** Where the rows of a dataset come from: arrays, tensors, functions, iterables, streams. */
import { DataError, OptionError, ShapeError, StateError, tensor } from 'chainrule';
import { describe, expect, expectTypeOf, it } from 'vitest';
import { isNumeric, type NumberColumn } from '../../src/datasets/chunk.ts';
import { Dataset } from '../../src/datasets/dataset.ts';
import type { Pass } from '../../src/datasets/iterables.ts';
import { FIRST, SOURCE, type Source } from '../../src/datasets/source.ts';
import { rowsOfWindow } from '../../src/datasets/windows.ts';
import { type Case, expectRefused, refusal, titled } from '../support/refused.ts';
import { rowsIn } from './pipelines.ts';

/** The rows of one chunk at most, so that reading ends early. */
async function firstChunk(source: Source): Promise<number> {
  for await (const chunk of source.read({ seed: 0, epoch: 0, skip: 0 })) return chunk.rows;
  return 0;
}

const streamOf = (rows: readonly unknown[]) =>
  new ReadableStream({
    start(controller) {
      for (const row of rows) controller.enqueue(row);
      controller.close();
    },
  });

async function columnsOf(dataset: Dataset): Promise<NumberColumn[]> {
  for await (const { columns } of dataset[SOURCE].read({ seed: 0, epoch: 0, skip: 0 })) return columns.filter(isNumeric);
  return [];
}

describe('rows of an array', () => {
  it('come back as they were written', async () => {
    const rows = [
      {
        x: [1, 2],
        y: 0,
        who: { age: 41, job: 'clerk' },
        image: [[[1], [2]]],
        bytes: Uint8Array.of(1, 2),
        lengths: [1],
        gap: null,
        t: tensor([1], [1]),
      },
      {
        x: [3, 4],
        y: 1,
        who: { age: 33, job: null },
        image: [[[3], [4]]],
        bytes: Uint8Array.of(3, 4),
        lengths: [1, 2],
        gap: 5,
        t: tensor([2], [1]),
      },
    ];
    const dataset = Dataset.from(rows);
    const expected = rows.map(({ t, ...row }) => ({ ...row, t: { shape: t.shape, data: t.data } }));
    expect(await dataset.toArray()).toEqual(expected);
    expect(await dataset.toArray()).toEqual(expected);
    expectTypeOf(dataset.map(({ x }) => x)).toEqualTypeOf<Dataset<number[]>>();
    const shapes = (await columnsOf(dataset)).map(({ path, shape, data }) => [path.join('.'), shape, data.constructor.name]);
    expect(shapes).toEqual([
      ['x', [2], 'Float64Array'],
      ['y', [], 'Float64Array'],
      ['who.age', [], 'Float64Array'],
      ['image', [1, 2, 1], 'Float64Array'],
      ['bytes', [2], 'Uint8Array'],
      ['t', [1], 'Float32Array'],
    ]);
  });

  it('may be values, and may be none', async () => {
    expect(await Dataset.from(['a', null, 3]).toArray()).toEqual(['a', null, 3]);
    expect(await Dataset.from([[1, 2], [3]]).toArray()).toEqual([[1, 2], [3]]);
    expect(await Dataset.from([[], []]).toArray()).toEqual([[], []]);
    expect(await Dataset.from([]).toArray()).toEqual([]);
  });

  it('may have names of an object’s prototype', async () => {
    const row = JSON.parse('{"__proto__": 1, "constructor": 2, "x": {"toString": 3}}');
    const [read] = await Dataset.from([row]).toArray();
    expect(Object.entries(read)).toEqual(Object.entries(row));
  });

  it('are chunks of few rows where these are large', async () =>
    expect(await firstChunk(Dataset.from(Array.from({ length: 40 }, () => new Float32Array(2 ** 17)))[SOURCE])).toBe(8));
});

describe('rows of tensors', () => {
  it('keep their arrays, bytes as bytes and where they lie', async () => {
    const pixels = Buffer.from([1, 2, 3, 4, 5, 6]);
    const dataset = Dataset.from({ x: { shape: [2, 3], data: pixels }, y: Int32Array.of(7, 8), weight: undefined });
    const [x, y] = await columnsOf(dataset);
    expect([x.data.buffer, x.data.constructor, x.shape]).toEqual([pixels.buffer, Uint8Array, [3]]);
    expect(y.data).toEqual(Int32Array.of(7, 8));
    expect(await dataset.toArray()).toEqual([
      { x: Uint8Array.of(1, 2, 3), y: 7 },
      { x: Uint8Array.of(4, 5, 6), y: 8 },
    ]);
  });

  it('may have names within names, lists of anything, nested lists, plain data', async () => {
    const dataset = Dataset.from({ x: { age: [41, 33], job: ['clerk', null] }, y: [[1], [2]], z: { shape: [2, 1, 1], data: [5, 6] } });
    expect(await dataset.toArray()).toEqual([
      { x: { age: 41, job: 'clerk' }, y: [1], z: { shape: [1, 1], data: Float64Array.of(5) } },
      { x: { age: 33, job: null }, y: [2], z: { shape: [1, 1], data: Float64Array.of(6) } },
    ]);
  });

  it('are typed by their shapes', () => {
    const dataset = Dataset.from({ x: tensor([1, 2], [1, 2]), y: ['a'], image: { shape: [1, 1, 1] as const, data: Uint8Array.of(1) } });
    type Row = typeof dataset extends Dataset<infer R> ? R : never;
    expectTypeOf<Row['x']>().toEqualTypeOf<Float32Array | Float64Array>();
    expectTypeOf<Row['y']>().toEqualTypeOf<string>();
    expectTypeOf<Row['image']['data']>().toEqualTypeOf<Uint8Array<ArrayBuffer>>();
  });

  it('may be one tensor, or numbers', async () => {
    expect(await Dataset.from(tensor([1, 2, 3, 4], [2, 2])).toArray()).toEqual([Float32Array.of(1, 2), Float32Array.of(3, 4)]);
    expect(await Dataset.from(Uint8Array.of(1, 2)).toArray()).toEqual([1, 2]);
  });
});

describe('rows of a function', () => {
  it('are made for every pass, which it is told of', async () => {
    const passes: Pass[] = [];
    const dataset = Dataset.from(function* (pass) {
      passes.push(pass);
      yield { x: pass.epoch };
    });
    expect(await rowsIn(dataset[SOURCE], { epoch: 2, seed: 5 })).toEqual([{ x: 2 }]);
    expect(await dataset.toArray()).toEqual([{ x: 0 }]);
    expect(passes).toMatchObject([
      { epoch: 2, seed: 5 },
      { epoch: 0, seed: 0 },
    ]);
    expect([dataset.rows, dataset[SOURCE].isSteady]).toEqual([undefined, false]);
  });

  const rows = [{ x: 1 }, { x: 2 }];
  it.each<[string, () => Iterable<unknown> | AsyncIterable<unknown> | ReadableStream | Promise<unknown[]>]>([
    ['an array', () => rows],
    ['a promise of an array', async () => rows],
    ['an iterable', () => new Set(rows)],
    [
      'an async generator',
      async function* () {
        yield* rows;
      },
    ],
    ['a stream', () => streamOf(rows)],
    ['a dataset', () => Dataset.from(rows)],
  ])('may be %s', async (_, open) => {
    const dataset = Dataset.from(open as () => Iterable<unknown>, { rows: 2, steady: true });
    for (let pass = 0; pass < 2; pass++) expect(await dataset.toArray()).toEqual(rows);
    expect([dataset.rows, dataset[SOURCE].isSteady, await dataset.count()]).toEqual([2, true, 2]);
  });

  it('pass the errors of the function on as they are, and close its iterator', async () => {
    const failure = new TypeError('no such file');
    const fail = () => {
      throw failure;
    };
    expect(await refusal(() => Dataset.from(fail).toArray())).toBe(failure);
    let closed = 0;
    const dataset = Dataset.from(function* () {
      try {
        for (let x = 0; ; x++) yield { x };
      } finally {
        closed++;
      }
    });
    expect(await refusal(() => dataset.map(({ x }) => (x === 1500 ? fail() : x)).toArray())).toBe(failure);
    expect(await dataset.take(3).toArray()).toHaveLength(3);
    expect(closed).toBe(2);
  });

  it('are left where reading is aborted, without waiting for the next row', async () => {
    const { signal, abort } = aborter();
    let closed = false;
    const never: AsyncIterable<unknown> = {
      [Symbol.asyncIterator]: () => ({
        next: () => new Promise(() => setImmediate(abort)),
        return: async () => {
          closed = true;
          return { done: true, value: undefined };
        },
      }),
    };
    expect(await refusal(() => Dataset.from(() => never).toArray({ signal }))).toBe('enough');
    expect(closed).toBe(true);
  });
});

function aborter() {
  const controller = new AbortController();
  return { signal: controller.signal, abort: () => controller.abort('enough') };
}

describe('rows of an iterable or a stream', () => {
  it.each<[string, () => Iterable<unknown> | AsyncIterable<unknown> | ReadableStream]>([
    ['a generator', () => [1, 2].values()],
    [
      'an async generator',
      () =>
        (async function* () {
          yield* [1, 2];
        })(),
    ],
    ['a stream', () => streamOf([1, 2])],
  ])('of %s are read once: a second pass says what to give', async (_, make) => {
    const dataset = Dataset.from(make() as Iterable<unknown>);
    expect(await dataset.toArray()).toEqual([1, 2]);
    await expectRefused(() => dataset.toArray(), ['', 0, StateError, 'Dataset.from takes a function, () => iterable']);
  });

  it('whose next row fails once the pass is aborted leave no rejection to nobody', async () => {
    const nobodys: unknown[] = [];
    const note = (reason: unknown) => nobodys.push(reason);
    process.on('unhandledRejection', note);
    const abort = new AbortController();
    const rows = {
      count: 0,
      async next() {
        if (this.count++ > 0) throw new Error('lost');
        return { done: false, value: new Float32Array(2 ** 20) };
      },
      [Symbol.asyncIterator]() {
        return this;
      },
    };
    const chunks = Dataset.from(rows)
      [SOURCE].read({ ...FIRST, signal: abort.signal })
      [Symbol.asyncIterator]();
    expect((await chunks.next()).value.rows).toBe(1);
    abort.abort('enough');
    expect(await refusal(() => chunks.next())).toBe('enough');
    await new Promise((resolve) => setTimeout(resolve, 10));
    process.off('unhandledRejection', note);
    expect(nobodys).toEqual([]);
  });

  it('cancel a stream that is left early', async () => {
    let cancelled = false;
    const stream = new ReadableStream({
      pull: (controller) => controller.enqueue({ x: 1 }),
      cancel: () => {
        cancelled = true;
      },
    });
    expect(await Dataset.from(stream).take(1).toArray()).toEqual([{ x: 1 }]);
    expect(cancelled).toBe(true);
  });

  it('pass an error of the stream on', async () => {
    const failure = new Error('lost');
    const stream = new ReadableStream({ start: (controller) => controller.error(failure) });
    expect(await refusal(() => Dataset.from(stream).toArray())).toBe(failure);
  });
});

describe('a dataset', () => {
  const BAD: readonly Case<() => unknown>[] = [
    ['of nothing', () => Dataset.from(undefined as never), DataError, 'expected an array of rows', 'got undefined'],
    ['of text', () => Dataset.from('rows' as never), DataError, "got 'rows'"],
    ['of no names', () => Dataset.from({}), DataError, 'expected tensors by name, got none'],
    ['of a number', () => Dataset.from({ x: 3 } as never), DataError, 'Dataset.from.x: expected a tensor or an array, got 3'],
    ['of 64-bit integers', () => Dataset.from({ x: BigInt64Array.of(1n) } as never), DataError, 'got a BigInt64Array'],
    ['of uneven rows', () => Dataset.from({ x: [1, 2], y: [1] }), DataError, 'Dataset.from.y: expected as many rows as x has, 2, got 1'],
    [
      'of elements too few',
      () => Dataset.from({ x: { shape: [2, 2], data: Uint8Array.of(1) } }),
      ShapeError,
      'expected 4 elements for shape [2, 2], got 1',
    ],
    ['of a scalar', () => Dataset.from({ x: { shape: [], data: Uint8Array.of(1) } }), ShapeError, 'expected a shape [rows'],
    ['of rows without elements', () => Dataset.from({ x: { shape: [2, 0], data: new Uint8Array(0) } }), ShapeError, 'expected a shape'],
    ['of promises', () => Dataset.from([Promise.resolve(1)]), DataError, 'row 0', 'got a promise'],
    ['of maps', () => Dataset.from([{ x: new Map() }]), DataError, 'row 0', 'named values in x', 'got an object without any'],
    [
      'of rows of other names',
      () => Dataset.from([{ x: 1 }, { z: 1 }]).toArray(),
      DataError,
      'expected row 1 to have x as the rows before it, got z',
    ],
    ['of rows of more names', () => Dataset.from([{ x: { a: 1 } }, { x: { a: 1, b: 2 } }]).toArray(), DataError, 'row 1', 'got x.a, x.b'],
    ['of records and values', () => Dataset.from([{ x: 1 }, { x: { a: 1 } }]).toArray(), DataError, 'row 1', 'got x.a'],
    ['with options of no function', () => Dataset.from([1] as never, { rows: 1 }), OptionError, 'expected no options but for a function'],
    [
      'read until no signal',
      () => Dataset.from([1]).toArray({ signal: 'now' as never }),
      OptionError,
      'toArray.signal: expected an AbortSignal',
    ],
    ['shuffled by more than 32 bits', () => Dataset.from([1]).shuffle({ seed: 2 ** 32 }), OptionError, 'shuffle.seed', 'got 4294967296'],
    ['with unknown options', () => Dataset.from(() => [], { size: 1 } as never), OptionError, "unknown option 'size'"],
    [
      'of a function that gives nothing',
      () => Dataset.from((() => 7) as never).toArray(),
      DataError,
      'expected the function to give',
      'got 7',
    ],
    ['of fewer rows than said', () => Dataset.from(() => [1], { rows: 2 }).toArray(), DataError, 'expected 2 rows', 'got 1'],
    ['of more rows than said', () => Dataset.from(() => [1, 2], { rows: 1 }).toArray(), DataError, 'expected 1 rows', 'got more'],
  ];
  it.each(titled(BAD))('is refused: %s', (_, test) => expectRefused(test[1], test));
});

describe('a window', () => {
  it('has fewer rows where a network takes more numbers of a row than it is read as', () => {
    const row = { rows: 1, columns: [{ path: ['x'], values: ['text'] }] };
    expect(rowsOfWindow(row, 1)).toBe(2 ** 16);
    expect(rowsOfWindow(row, 1, 2 ** 12)).toBe(2 ** 12);
    expect(rowsOfWindow(row, 100, 2 ** 12)).toBe(4000);
    expect(rowsOfWindow(row, 100, 2 ** 30)).toBe(100);
  });
});
