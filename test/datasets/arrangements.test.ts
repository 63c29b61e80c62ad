/** Shuffles, windows, buckets and batches. */
import { DataError, OptionError } from 'chainrule';
import fc from 'fast-check';
import { describe, expect, expectTypeOf, it } from 'vitest';
import { isNumeric } from '../../src/datasets/chunk.ts';
import { Dataset } from '../../src/datasets/dataset.ts';
import type { TensorOf } from '../../src/datasets/row-types.ts';
import { SOURCE } from '../../src/datasets/source.ts';
import { type Case, expectRefused, titled } from '../support/refused.ts';
import { recut, rowsIn } from './pipelines.ts';

const upTo = (count: number) => Array.from({ length: count }, (_, i) => i);
const sizes = fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 3 });
const RUNS = { numRuns: 40 };

describe('a shuffle', () => {
  const sorted = (rows: unknown[]) => (rows as number[]).toSorted((a, b) => a - b);

  it.each([
    ['of rows in memory', Dataset.from(upTo(500))],
    ['through a buffer', Dataset.from(() => upTo(500))],
  ])('%s has every row once, in another order for each epoch, seed and shuffle', async (_, dataset) => {
    const orders = [
      await rowsIn(dataset.shuffle({ buffer: 100 })[SOURCE]),
      await rowsIn(dataset.shuffle({ buffer: 100 })[SOURCE], { epoch: 1 }),
      await rowsIn(dataset.shuffle({ buffer: 100 })[SOURCE], { seed: 1 }),
      await rowsIn(dataset.shuffle({ buffer: 100, seed: 1 })[SOURCE]),
    ];
    for (const order of orders) expect(sorted(order)).toEqual(upTo(500));
    expect(new Set(orders.map(String)).size).toBe(4);
    expect(await rowsIn(dataset.shuffle({ buffer: 100 })[SOURCE])).toEqual(orders[0]);
  });

  it('is fair: each row comes to each place as often as to any other', async () => {
    const counts = upTo(25).map(() => 0);
    for (const dataset of [Dataset.from(upTo(5)), Dataset.from(() => upTo(5))]) {
      const source = dataset.shuffle()[SOURCE];
      for (let epoch = 0; epoch < 1000; epoch++) {
        const order = (await rowsIn(source, { epoch })) as number[];
        order.forEach((row, place) => {
          counts[row * 5 + place]++;
        });
      }
    }
    // 2000 orders: 400 each, with a deviation of 18.
    for (const count of counts) expect(Math.abs(count - 400)).toBeLessThan(90);
  });

  it('holds no more rows back than its buffer has', async () => {
    const order = (await rowsIn(Dataset.from(() => upTo(9000)).shuffle({ buffer: 50 })[SOURCE])) as number[];
    order.forEach((row, place) => {
      expect(row).toBeLessThanOrEqual(place + 50);
    });
  });

  it('is another each time that rows are repeated, epoch after epoch', async () => {
    const dataset = Dataset.from(upTo(50)).shuffle().repeat();
    const times = [];
    for (const epoch of [0, 1]) {
      const rows = await rowsIn(dataset.take(100)[SOURCE], { epoch });
      times.push(rows.slice(0, 50).join(), rows.slice(50).join());
    }
    expect(new Set(times).size).toBe(4);
  });
});

describe('windows of consecutive rows', () => {
  it('are those of an array, in whatever chunks rows come', () =>
    fc.assert(
      fc.asyncProperty(
        fc.nat({ max: 60 }),
        sizes,
        fc.integer({ min: 1, max: 6 }),
        fc.integer({ min: 1, max: 9 }),
        fc.nat({ max: 9 }),
        async (count, cuts, length, stride, skip) => {
          const rows = upTo(count).map((id) => ({ id, x: [id, -id], bytes: Uint8Array.of(id), name: id % 5 ? `row ${id}` : null }));
          const expected = [];
          for (let at = 0; at + length <= count; at += stride) {
            const steps = rows.slice(at, at + length);
            expected.push({
              id: steps.map(({ id }) => id),
              x: steps.map(({ x }) => x),
              bytes: { shape: [length, 1], data: Uint8Array.from(steps, ({ bytes }) => bytes[0]) },
              name: steps.map(({ name }) => name),
            });
          }
          const memory = Dataset.from(rows).sequences({ length, stride });
          const read = recut(
            Dataset.from(() => rows),
            cuts,
          ).sequences({ length, stride });
          expect(memory.rows).toBe(expected.length);
          expect(await rowsIn(memory[SOURCE], { skip })).toEqual(expected.slice(skip));
          expect(await rowsIn(read[SOURCE], { skip })).toEqual(expected.slice(skip));
          const shuffled = (await memory.shuffle().toArray()).toSorted((a, b) => a.id[0] - b.id[0]);
          expect(shuffled).toEqual(expected);
        },
      ),
      RUNS,
    ));

  it('are typed', () => {
    const dataset = Dataset.from([{ x: Float32Array.of(1), y: 1, name: 'a' }]).sequences({ length: 1 });
    expectTypeOf(dataset).toEqualTypeOf<
      Dataset<{ readonly x: TensorOf<Float32Array<ArrayBuffer>>; readonly y: number[]; readonly name: string[] }>
    >();
  });
});

describe('buckets', () => {
  const textsOf = (lengths: readonly number[]) => lengths.map((length, id) => ({ x: upTo(length).map((i) => i + 1), y: upTo(length), id }));
  const boundaries = [2, 5, 9];
  const bucketOf = (length: number) => boundaries.findIndex((boundary) => length <= boundary);

  it('have every row once, filled up, and mini-batches of one bucket until the end', () =>
    fc.assert(
      fc.asyncProperty(
        fc.array(fc.nat({ max: 9 }), { maxLength: 60 }),
        sizes,
        fc.integer({ min: 1, max: 5 }),
        fc.nat({ max: 20 }),
        async (lengths, cuts, batchSize, skip) => {
          const dataset = recut(Dataset.from(textsOf(lengths)), cuts).buckets({
            by: 'x',
            boundaries,
            batchSize,
            others: [{ by: 'y', padding: -1 }],
            lengths: 'steps',
          });
          const rows = (await dataset.toArray()) as { x: number[]; y: number[]; id: number; steps: number }[];
          const expected = textsOf(lengths).map(({ x, y, id }) => ({
            id,
            x: [...x, ...upTo(9 - x.length).map(() => 0)],
            y: [...y, ...upTo(9 - y.length).map(() => -1)],
            steps: x.length,
          }));
          expect(rows.toSorted((a, b) => a.id - b.id)).toEqual(expected);
          expect(await rowsIn(dataset[SOURCE], { skip })).toEqual(rows.slice(skip));
          const filled = boundaries.map((_, bucket) =>
            Math.floor(lengths.filter((length) => bucketOf(length) === bucket).length / batchSize),
          );
          const whole = filled.reduce((sum, count) => sum + count, 0);
          for (let batch = 0; batch < whole; batch++) {
            const own = rows.slice(batch * batchSize, (batch + 1) * batchSize);
            expect(new Set(own.map(({ steps }) => bucketOf(steps))).size).toBe(1);
          }
        },
      ),
      RUNS,
    ));

  it('may be as wide as said, up to the longest', async () => {
    const lengths = [1, 4, 5, 6, 3, 7];
    const dataset = Dataset.from(textsOf(lengths));
    const options = { by: 'x', batchSize: 2, others: [{ by: 'y' }] };
    expect(await dataset.buckets({ ...options, width: 3, longest: 7 }).toArray()).toEqual(
      await dataset.buckets({ ...options, boundaries: [3, 6, 7] }).toArray(),
    );
  });

  it('may cut longer lists, within a record too', async () => {
    const dataset = Dataset.from([{ x: { tokens: [1, 2, 3] } }]).buckets({
      ...{ by: ['x', 'tokens'], boundaries: [2], batchSize: 1, longer: 'cut', lengths: ['x', 'length'] },
    });
    expect(await dataset.toArray()).toEqual([{ x: { tokens: [1, 2], length: 2 } }]);
  });

  const text = { x: [1, 2, 3], y: 'a', z: [1] };
  const bucketed = (options: object) => () =>
    Dataset.from([text])
      .buckets({ by: 'x', boundaries: [4], batchSize: 2, ...options })
      .toArray();
  const BAD: readonly Case<() => unknown>[] = [
    ['longer lists', bucketed({ boundaries: [2] }), DataError, 'expected lists of at most 2', 'got 3 in row 0'],
    ['what is no list', bucketed({ by: 'y' }), DataError, "expected y to be a list of numbers, got 'a' in row 0"],
    ['lists of other lengths', bucketed({ others: [{ by: 'z' }] }), DataError, 'expected z as long as x, 3, got 1 in row 0'],
    ['no such column', bucketed({ by: 'w' }), DataError, 'expected w in every row, got rows of x, y, z'],
    [
      'boundaries that fall',
      bucketed({ boundaries: [4, 2] }),
      OptionError,
      'dataset.buckets.boundaries: expected ascending integers',
      'got [4, 2]',
    ],
    ['no boundaries', bucketed({ boundaries: [] }), OptionError, 'dataset.buckets.boundaries'],
    ['others that are no list', bucketed({ others: 3 }), OptionError, 'dataset.buckets.others: expected a list, got 3'],
    [
      'boundaries in two ways',
      bucketed({ width: 3 }),
      OptionError,
      'expected either boundaries, or width and longest, got [4], 3 and undefined',
    ],
    ['a width without an end', bucketed({ boundaries: undefined, width: 3 }), OptionError, 'got undefined, 3 and undefined'],
    ['unknown options', bucketed({ size: 3 }), OptionError, "unknown option 'size'"],
  ];
  it.each(titled(BAD))('refuse %s', (_, test) => expectRefused(test[1], test));
});

describe('batches', () => {
  it('have rows by columns', async () => {
    const dataset = recut(Dataset.from(upTo(5).map((id) => ({ x: { a: [id, id], name: `row ${id}` }, y: id }))), [2, 3]);
    const sizesOf = async (options?: { dropLast: boolean }) => {
      const batches = [];
      for await (const { y } of dataset.batches(2, options)) batches.push(Array.from(y.data));
      return batches;
    };
    expect(await sizesOf()).toEqual([[0, 1], [2, 3], [4]]);
    expect(await sizesOf({ dropLast: true })).toEqual([
      [0, 1],
      [2, 3],
    ]);
    for await (const { x, y } of dataset.take(2).batches(2)) {
      expect(x).toEqual({ a: { shape: [2, 2], data: Float64Array.of(0, 0, 1, 1) }, name: ['row 0', 'row 1'] });
      expectTypeOf(y).toEqualTypeOf<TensorOf>();
    }
    for await (const batch of Dataset.from([1, 2]).batches(2)) expect(batch).toEqual({ shape: [2], data: Float64Array.of(1, 2) });
  });

  it('are those of a pass', async () => {
    const dataset = Dataset.from(upTo(100)).shuffle();
    const rows: number[] = [];
    for await (const { data } of dataset.batches(30, { epoch: 3, seed: 2 })) rows.push(...data);
    expect(rows).toEqual(await dataset.toArray({ epoch: 3, seed: 2 }));
    expect(await dataset.filter((x) => x < 50).count()).toBe(50);
  });
});

it('chunks of different kinds of numbers join as what holds them all', async () => {
  const dataset = Dataset.from({ x: Uint8Array.of(1, 2) }).concatenate(Dataset.from({ x: Float32Array.of(0.5) }));
  for await (const { columns } of recut(dataset, [3])[SOURCE].read({ seed: 0, epoch: 0, skip: 0 }))
    expect(columns.filter(isNumeric).map(({ data }) => data)).toEqual([Float64Array.of(1, 2, 0.5)]);
});

it('chunks of lists and of typed arrays join as rows that are what they were', async () => {
  const rows = [[1, 2], Float64Array.of(3, 4), [5]];
  const dataset = rows.slice(1).reduce((made, row) => made.concatenate(Dataset.from([row])), Dataset.from(rows.slice(0, 1)));
  expect(await recut(dataset, [3]).toArray()).toEqual(rows);
});
