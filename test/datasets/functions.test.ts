/** map, filter and prefetch: how functions of rows are called, and what is read ahead. */
import { DataError, OptionError } from 'chainrule';
import { describe, expect, expectTypeOf, it } from 'vitest';
import { type Chunk, chunkOf, isNumeric } from '../../src/datasets/chunk.ts';
import { Dataset } from '../../src/datasets/dataset.ts';
import { SOURCE } from '../../src/datasets/source.ts';
import { type Case, expectRefused, refusal, titled } from '../support/refused.ts';
import { recut, rowsIn } from './pipelines.ts';

const numbers = (count: number) => Array.from({ length: count }, (_, x) => ({ x }));
const turn = () => new Promise((resolve) => setImmediate(resolve));

describe('a function of rows', () => {
  it('is told a row and its number in the epoch, from wherever reading begins', async () => {
    const source = recut(Dataset.from(numbers(10)), [3]).map(({ x }, number) => x - number)[SOURCE];
    expect(await rowsIn(source, { skip: 4 })).toEqual([0, 0, 0, 0, 0, 0]);
    const later = recut(Dataset.from(numbers(10)), [3]).map(async ({ x }, number) => x - number)[SOURCE];
    expect(await rowsIn(later, { skip: 4 })).toEqual([0, 0, 0, 0, 0, 0]);
    // Several runs of each chunk are waited for one after the other.
    const runs = Dataset.from(numbers(50)).map(async ({ x }, number) => x - number, { concurrency: 1 });
    expect(await runs.toArray()).toEqual(numbers(50).map(() => 0));
    const odd = recut(Dataset.from(numbers(10)), [3]).filter((_, number) => number % 2 === 1)[SOURCE];
    expect(await rowsIn(odd, { skip: 1 })).toEqual([{ x: 3 }, { x: 5 }, { x: 7 }, { x: 9 }]);
  });

  it('may be async: some calls are under way at once, and rows keep their order', async () => {
    let [running, most] = [0, 0];
    const slow = async ({ x }: { x: number }) => {
      most = Math.max(most, ++running);
      for (let turns = x % 3; turns >= 0; turns--) await turn();
      running--;
      return { x: -x };
    };
    const dataset = Dataset.from(numbers(300));
    expectTypeOf(dataset.map(slow)).toEqualTypeOf<Dataset<{ x: number }>>();
    expect(await dataset.map(slow, { concurrency: 5 }).toArray()).toEqual(numbers(300).map(({ x }) => ({ x: -x })));
    expect(most).toBe(5);
    expect(await dataset.filter(async (row) => (await slow(row)).x % 2 === 0).count()).toBe(150);
    expect(most).toBe(16);
  });

  it('may give a promise for some rows alone', async () => {
    const dataset = Dataset.from(() => numbers(50)).map(({ x }) => (x % 7 === 3 ? Promise.resolve(x) : x));
    expect(await dataset.toArray()).toEqual(numbers(50).map(({ x }) => x));
  });

  it('that is async is not called for many more rows than are asked for', async () => {
    let calls = 0;
    const dataset = Dataset.from(numbers(1000)).map(
      async (row) => {
        calls++;
        return row;
      },
      { concurrency: 2 },
    );
    await dataset.take(3).toArray();
    expect(calls).toBeLessThan(40);
  });

  it('throws its own errors, and is not called after one', async () => {
    const failure = new Error('row 7 is bad');
    let calls = 0;
    const fail = async ({ x }: { x: number }) => {
      calls++;
      if (x === 7) throw failure;
      await turn();
      return x;
    };
    expect(await refusal(() => Dataset.from(numbers(200)).map(fail, { concurrency: 2 }).toArray())).toBe(failure);
    await turn();
    expect(calls).toBeLessThan(12);
  });

  it('that filters leaves columns as they are: bytes stay bytes', async () => {
    const dataset = Dataset.from({ x: { shape: [3, 2], data: Uint8Array.of(1, 2, 3, 4, 5, 6) } }).filter(({ x }) => x[0] > 1);
    for await (const { columns } of dataset[SOURCE].read({ seed: 0, epoch: 0, skip: 0 }))
      expect(columns.filter(isNumeric).map(({ data }) => data)).toEqual([Uint8Array.of(3, 4, 5, 6)]);
  });

  it('narrows the type of rows', () => {
    const dataset = Dataset.from<string | null>(['a', null]).filter((row): row is string => row !== null);
    expectTypeOf(dataset).toEqualTypeOf<Dataset<string>>();
  });

  it('ends where reading is aborted', async () => {
    const controller = new AbortController();
    const dataset = Dataset.from(numbers(10)).map(() => new Promise(() => controller.abort('enough')), { concurrency: 1 });
    expect(await refusal(() => dataset.toArray({ signal: controller.signal }))).toBe('enough');
  });
});

describe('chunks read ahead', () => {
  /** Chunks of one row, with what becomes of them. */
  function observed(count: number) {
    const seen = { read: 0, isClosed: false };
    const dataset = new Dataset<{ x: number }>({
      rows: count,
      isSteady: true,
      async *read() {
        try {
          for (; seen.read < count; ) {
            await turn();
            const chunk: Chunk = chunkOf([{ x: seen.read++ }]);
            yield chunk;
          }
        } finally {
          seen.isClosed = true;
        }
      },
    });
    return { seen, dataset };
  }

  it('are as many as were asked for, and none once reading ends', async () => {
    const { seen, dataset } = observed(100);
    for await (const { x } of dataset.prefetch(3)) {
      for (let turns = 0; turns < 10; turns++) await turn();
      expect(seen.read).toBe(x + 4);
      if (x === 5) break;
    }
    expect(seen).toEqual({ read: 9, isClosed: true });
    await turn();
    expect(seen.read).toBe(9);
  });

  it('are asked for no more where reading ends while one is on its way', async () => {
    const { seen, dataset } = observed(100);
    for await (const _ of dataset.prefetch(8)) break;
    expect(seen.isClosed).toBe(true);
    expect(seen.read).toBeLessThan(4);
  });

  it('come before an error that reading ends with', async () => {
    const failure = new Error('lost');
    const dataset = Dataset.from(function* () {
      yield* numbers(1024);
      throw failure;
    }).prefetch(4);
    const rows: unknown[] = [];
    expect(
      await refusal(async () => {
        for await (const row of dataset) rows.push(row);
      }),
    ).toBe(failure);
    expect(rows).toHaveLength(1024);
  });
});

const one = Dataset.from(numbers(2));
const BAD: readonly Case<() => unknown>[] = [
  ['no function', () => one.map(3 as never), OptionError, 'dataset.map: expected a function, got 3'],
  [
    'no calls at once',
    () => one.filter(() => true, { concurrency: 0 }),
    OptionError,
    'dataset.filter.concurrency: expected an integer of at least 1',
  ],
  [
    'a promise where rows are read by number',
    () =>
      one
        .map((row) => Promise.resolve(row))
        .shuffle()
        .toArray(),
    OptionError,
    'expected a row at once',
    'concurrency',
  ],
  ['rows of other names', () => one.map(({ x }) => (x ? { a: 1 } : { b: 1 })).toArray(), DataError, 'expected row 1 to have b', 'got a'],
  ['no chunk ahead', () => one.prefetch(0), OptionError, 'dataset.prefetch: expected an integer of at least 1, got 0'],
];
it.each(titled(BAD))('refuses %s', (_, test) => expectRefused(test[1], test));
