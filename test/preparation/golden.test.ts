/** Encodings against scikit-learn's: what they learn, and what becomes of the rows that they learnt of and of others. */
import { readFileSync } from 'node:fs';
import type { Tensor } from 'chainrule';
import {
  type ColumnOption,
  type Encoding,
  hash,
  impute,
  normalize,
  oneHot,
  ordinal,
  type Preparation,
  prepare,
  standardize,
  tokenIds,
  vocabulary,
} from 'chainrule/data';
import { describe, expect, it } from 'vitest';
import { murmur3 } from '../../src/preparation/murmur3.ts';
import type { PartConfig } from '../../src/preparation/part.ts';

/** For the rows to learn of and for further ones. */
type Both<T> = readonly [T, T];
interface Figures {
  readonly fill: number;
  readonly mean: number;
  readonly deviation: number;
  readonly standardize: Both<number[][]>;
  readonly normalize: Both<number[][]>;
  readonly normalizeTo: Both<number[][]>;
}
interface Golden {
  readonly columns: Readonly<Record<string, Both<(number | null)[]>>>;
  readonly jobs: Both<string[]>;
  readonly texts: Both<string[]>;
  readonly numeric: Readonly<Record<string, Readonly<Record<'mean' | 'median' | 'most_frequent', Figures>>>>;
  readonly oneHot: Both<number[][]>;
  readonly ordinal: Both<number[][]>;
  readonly counts: Both<number[][]>;
  readonly tokens: readonly string[];
  readonly murmur3: Readonly<Record<string, number>>;
}
const GOLDEN = JSON.parse(readFileSync(new URL('../golden/preparation.json', import.meta.url), 'utf8')) as Golden;

/** A preparation of one column, and what it makes of these rows and of others. */
async function both(option: ColumnOption, [train, further]: Both<readonly unknown[]>) {
  const preparation = (await prepare({ x: { a: train } }, { x: { a: option } })) as Preparation<{ a: unknown }>;
  const rows = [train, further].map((a) => {
    const { shape, data } = preparation.encode({ a }) as Tensor;
    return Array.from({ length: shape[0]! }, (_, row) => [...data.subarray(row * shape[1]!, (row + 1) * shape[1]!)]);
  });
  return { rows, column: preparation.toJSON().input?.[0] as PartConfig };
}

/** To the precision of float32, relative to the largest. */
function expectClose(actual: readonly number[][][], expected: Both<number[][]>): void {
  const [a, b] = [actual.flat(2), expected.flat(2)];
  expect(a.length).toBe(b.length);
  const scale = Math.max(1, ...b.map(Math.abs));
  expect(Math.max(...a.map((value, i) => Math.abs(value - b[i]!))) / scale).toBeLessThan(1e-6);
}

const STRATEGIES = [
  ['mean', 'mean'],
  ['median', 'median'],
  ['mostFrequent', 'most_frequent'],
] as const;

describe.each(Object.keys(GOLDEN.columns))('the column %s', (name) => {
  const values = GOLDEN.columns[name]!;

  it.each(STRATEGIES)('with gaps filled by %s is standardized and normalized', async (strategy, key) => {
    const figures = GOLDEN.numeric[name]![key];
    const standardized = await both([impute(strategy), standardize()], values);
    expectClose(standardized.rows, figures.standardize);
    const { impute: filled, encoding } = standardized.column;
    const { mean, deviation } = encoding.learned as { mean: number; deviation: number };
    // All but the median depends on the order of sums.
    for (const [got, expected] of [
      [filled!.value as number, figures.fill],
      [mean, figures.mean],
      [deviation, figures.deviation],
    ] as const)
      expect(Math.abs(got - expected)).toBeLessThanOrEqual(1e-12 * Math.abs(expected));
    expectClose((await both([impute(strategy), normalize()], values)).rows, figures.normalize);
    expectClose((await both([impute(strategy), normalize({ to: [-1, 1] })], values)).rows, figures.normalizeTo);
  });
});

it('categories are one-hot, and unknown ones zeros', async () => expectClose((await both(oneHot(), GOLDEN.jobs)).rows, GOLDEN.oneHot));

it('categories have places, and unknown ones the place behind the last', async () =>
  expectClose((await both(ordinal(undefined, { unknown: 'unknown' }), GOLDEN.jobs)).rows, GOLDEN.ordinal));

/** What a vocabulary of any size has learnt. */
const tokensOf = async (option: Encoding) => ((await both(option, GOLDEN.texts)).column.encoding.learned as { tokens: string[] }).tokens;

it('a vocabulary counts the most frequent words, and all others together', async () => {
  const [train, further] = GOLDEN.counts;
  const total = (token: number) => train.reduce((sum, row) => sum + row[token]!, 0);
  const order = GOLDEN.tokens.map((_, i) => i).sort((a, b) => total(b) - total(a));
  expect(await tokensOf(vocabulary('words', { size: 100 }))).toEqual(order.map((i) => GOLDEN.tokens[i]));
  const [known, unknown] = [order.slice(0, 4), order.slice(4)];
  const expected = [train, further].map((rows) =>
    rows.map((row) => [unknown.reduce((sum, i) => sum + row[i]!, 0), ...known.map((i) => row[i]!)]),
  );
  expect((await both(vocabulary('words', { size: 5 }), GOLDEN.texts)).rows).toEqual(expected);
});

it('ids of tokens count to the same words', async () => {
  const { rows } = await both(tokenIds('words', { size: 6, length: 12 }), GOLDEN.texts);
  const counted = (await both(vocabulary('words', { size: 5 }), GOLDEN.texts)).rows;
  const counts = rows.map((some) => some.map((ids) => [1, 2, 3, 4, 5].map((id) => ids.filter((one) => one === id).length)));
  expect(counts).toEqual(counted);
  for (const ids of rows.flat()) expect(ids.lastIndexOf(0) === 11 || ids.indexOf(0) === -1).toBe(true);
});

it('texts are hashed as MurmurHash3 hashes their UTF-8', async () => {
  const hashes = Object.entries(GOLDEN.murmur3);
  expect(hashes.map(([text]) => [text, murmur3(new TextEncoder().encode(text))])).toEqual(hashes);
  const texts = hashes.flatMap(([text]) => text || []);
  const { rows } = await both(hash(16), [texts, texts]);
  expect(rows[0]!.map((row) => row.indexOf(1))).toEqual(texts.map((text) => GOLDEN.murmur3[text]! % 16));
  expect(rows[0]!.every((row) => row.length === 16 && row.reduce((a, b) => a + b) === 1)).toBe(true);
  const indices = await both(hash(1000, { as: 'index' }), [texts, texts]);
  expect(indices.rows[1]).toEqual(texts.map((text) => [GOLDEN.murmur3[text]! % 1000]));
});
