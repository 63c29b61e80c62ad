/** Splits and folds: by chance, apart, whole, and the same in every epoch. */
import { DataError, OptionError } from 'chainrule';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Dataset } from '../../src/datasets/dataset.ts';
import { SOURCE } from '../../src/datasets/source.ts';
import { type Case, expectRefused, titled } from '../support/refused.ts';
import { recut, rowsIn } from './pipelines.ts';

const rowsUpTo = (count: number) => Array.from({ length: count }, (_, id) => ({ id, y: id % 10 === 0 ? 'rare' : 'common' }));
type Row = ReturnType<typeof rowsUpTo>[number];

/** In memory; read on the way; of a number of rows that nobody knows. */
const SOURCES: readonly [string, (count: number) => Dataset<Row>][] = [
  ['in memory', (count) => Dataset.from(rowsUpTo(count))],
  [
    'that is read',
    (count) =>
      recut(
        Dataset.from(() => rowsUpTo(count), { steady: true, rows: count }),
        [3, 8],
      ),
  ],
  ['of unknown length', (count) => Dataset.from(() => rowsUpTo(count), { steady: true })],
];
const ids = async (dataset: Dataset<Row>) => (await dataset.toArray()).map(({ id }) => id);
const isAscending = (list: readonly number[]) => list.every((id, i) => i === 0 || id > list[i - 1]);

describe.each(SOURCES)('a dataset %s', (what, make) => {
  const isKnown = what !== 'of unknown length';

  it('is split into parts that have each row once, in order, the same in every epoch', () =>
    fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 20, max: 80 }),
        fc.double({ min: 0.1, max: 0.9, noNaN: true }),
        fc.nat({ max: 5 }),
        fc.boolean(),
        async (count, test, seed, stratified) => {
          const parts = make(count).split({ test, seed, ...(stratified && { stratify: 'y' }) });
          const [train, tests] = [await ids(parts.train), await ids(parts.test)];
          expect([...train, ...tests].sort((a, b) => a - b)).toEqual(Array.from({ length: count }, (_, id) => id));
          expect([train, tests].every(isAscending)).toBe(true);
          if (isKnown || stratified) expect(tests.length).toBe(Math.round(count * test));
          if (isKnown) expect([parts.train.rows, parts.test.rows]).toEqual([train.length, tests.length]);
          for (const [part, all] of [
            [parts.train, train],
            [parts.test, tests],
          ] as const) {
            for (const skip of [1, 7, count]) {
              const rest = (await rowsIn(part[SOURCE], { seed: 3, epoch: 2, skip })) as Row[];
              expect(rest.map(({ id }) => id)).toEqual(all.slice(skip));
            }
          }
        },
      ),
      { numRuns: 10 },
    ));

  it('has as many of each label in every part, whichever says the label', async () => {
    for (const [seed, stratify] of (['y', ['y'], ({ y }: Row) => [y]] as const).entries()) {
      const { train, test } = make(1000).split({ test: 0.25, stratify: stratify as 'y', seed });
      const rare = async (part: Dataset<Row>) => (await part.toArray()).filter(({ y }) => y === 'rare').length;
      expect([await rare(train), await rare(test), await test.filter(() => true).count()]).toEqual([75, 25, 250]);
    }
  });

  it('is divided into folds, each row in one of them', async () => {
    for (const stratify of [undefined, 'y']) {
      const folds = make(103).kFold(4, { seed: 2, ...(stratify && { stratify }) });
      const tests = await Promise.all(folds.map(({ test }) => ids(test)));
      expect(tests.flat().sort((a, b) => a - b)).toEqual(Array.from({ length: 103 }, (_, id) => id));
      if (isKnown) expect(tests.map(({ length }) => length)).toEqual([26, 26, 26, 25]);
      for (const [i, { train }] of folds.entries()) {
        expect(await ids(train)).toEqual(Array.from({ length: 103 }, (_, id) => id).filter((id) => !tests[i].includes(id)));
        if (isKnown) expect(train.rows).toBe(103 - tests[i].length);
      }
    }
  });

  it('has its share of each label to within one row', () =>
    fc.assert(
      fc.asyncProperty(
        fc.array(fc.integer({ min: 0, max: 4 }), { minLength: 20, maxLength: 60 }),
        fc.double({ min: 0.1, max: 0.9, noNaN: true }),
        fc.nat(9),
        async (labels, test, seed) => {
          const stratify = ({ id }: Row) => labels[id];
          const ofLabel = (part: readonly number[], label: number) => part.filter((id) => labels[id] === label).length;
          const all = labels.map((_, id) => id);
          const tests = await ids(make(labels.length).split({ test, seed, stratify }).test);
          const folds = await Promise.all(
            make(labels.length)
              .kFold(3, { seed, stratify })
              .map((fold) => ids(fold.test)),
          );
          for (const label of new Set(labels)) {
            const count = ofLabel(all, label);
            expect(Math.abs(ofLabel(tests, label) - count * test)).toBeLessThan(1);
            for (const fold of folds) expect(Math.abs(ofLabel(fold, label) - count / 3)).toBeLessThan(1);
          }
        },
      ),
      { numRuns: 10 },
    ));

  it('is split by chance, and by its seed', async () => {
    const tests = await Promise.all([0, 1].map((seed) => ids(make(200).split({ test: 0.5, seed }).test)));
    expect(tests[0]).not.toEqual(tests[1]);
    expect(tests[0].filter((id) => id < 100).length).toBeGreaterThan(30);
    expect(tests[0].filter((id) => id >= 100).length).toBeGreaterThan(30);
  });
});

it('rows that nobody counts are divided in proportion, as the binomial distribution has it', async () => {
  const [count, seeds, share] = [500, 100, 0.2];
  const rows = Dataset.from(() => rowsUpTo(count), { steady: true });
  const sizes = (parts: readonly Dataset<Row>[]) => Promise.all(parts.map((part) => part.count()));
  const perSeed = Array.from({ length: seeds }, (_, seed) => seed);
  const [splits, folds] = await Promise.all([
    sizes(perSeed.map((seed) => rows.split({ test: share, seed }).test)),
    sizes(perSeed.map((seed) => rows.kFold(5, { seed })[3]!.test)),
  ]);
  const deviation = Math.sqrt(count * share * (1 - share));
  for (const found of [splits, folds]) {
    const mean = found.reduce((sum, size) => sum + size, 0) / seeds;
    const spread = Math.sqrt(found.reduce((sum, size) => sum + (size - count * share) ** 2, 0) / seeds);
    // Four standard errors.
    expect(Math.abs(mean - count * share)).toBeLessThan((4 * deviation) / Math.sqrt(seeds));
    expect(Math.abs(spread / deviation - 1)).toBeLessThan(4 / Math.sqrt(2 * seeds));
  }
});

it('a part of rows in memory gives them by number', async () => {
  const { test } = Dataset.from(rowsUpTo(50)).split({ test: 0.3, stratify: ({ y }: Row) => y });
  const chunk = test[SOURCE].take?.(Int32Array.of(3, 0));
  const rows = await test.toArray();
  expect(
    await rowsIn({
      ...test[SOURCE],
      read: async function* () {
        if (chunk) yield chunk;
      },
    }),
  ).toEqual([rows[3], rows[0]]);
});

const rows = rowsUpTo(10);
const BAD: readonly Case<() => unknown>[] = [
  [
    'a shuffled one',
    () => Dataset.from(rows).shuffle().split({ test: 0.2 }),
    DataError,
    'dataset.split: expected the same rows',
    '{ steady: true }',
  ],
  ['a stream', () => Dataset.from(rows.values()).kFold(2), DataError, 'dataset.kFold: expected the same rows'],
  ['no share', () => Dataset.from(rows).split({} as never), OptionError, 'dataset.split.test: expected a number', 'got undefined'],
  ['a share of 1', () => Dataset.from(rows).split({ test: 1 }), OptionError, 'dataset.split.test', 'got 1'],
  ['a part without rows', () => Dataset.from(rows).split({ test: 0.01 }), DataError, 'expected rows for both parts, got 0 of 10 for test'],
  ['one fold', () => Dataset.from(rows).kFold(1), OptionError, 'dataset.kFold: expected an integer of at least 2, got 1'],
  ['more folds than rows', () => Dataset.from(rows).kFold(11), DataError, 'at least as many rows as folds, 11, got 10'],
  [
    'a label that no row has',
    () => Dataset.from(rows).split({ test: 0.5, stratify: 'z' }).test.toArray(),
    DataError,
    'dataset.split.stratify: expected z in every row, got rows of id, y',
  ],
  [
    'a label that is an object',
    () =>
      Dataset.from(rows)
        .split({ test: 0.5, stratify: () => ({}) })
        .test.toArray(),
    DataError,
    'expected labels',
    'got an object',
  ],
  [
    'a label that is no name',
    () => Dataset.from(rows).split({ test: 0.5, stratify: 3 as never }),
    OptionError,
    'dataset.split.stratify: expected a name',
    'got 3',
  ],
];
it.each(titled(BAD))('refuses to divide: %s', (_, test) => expectRefused(test[1], test));
