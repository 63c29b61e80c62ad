/** Columns of lists: each element is what a column of it alone is, or all of them are one column. */
import { DataError, dense, FormatError, Network, OptionError, sgd, type Tensor, tensor } from 'chainrule';
import {
  type ColumnOption,
  classes,
  Dataset,
  hash,
  impute,
  normalize,
  numbers,
  type Preparation,
  preparationFrom,
  prepare,
  standardize,
} from 'chainrule/data';
import { describe, expect, it } from 'vitest';
import { type Case, expectRefused, titled } from '../support/refused.ts';

const LISTS = [
  [1, 50, -3],
  [2, 50, 7],
  [5, 50, 0.5],
  [4, 50, 2],
];
const GAPPED = [null, [1, null, -3], [2, 8, Number.NaN], [null, 4, 7]];

const rowsOf = (tensorOf: Tensor | Readonly<Record<string, Tensor>>) => {
  const { shape, data } = tensorOf as Tensor;
  return Array.from({ length: shape[0]! }, (_, i) => [...data.subarray(i * shape[1]!, (i + 1) * shape[1]!)]);
};
const encoded = async (a: readonly unknown[], option: ColumnOption) => {
  const preparation = (await prepare({ x: { a } }, { x: { a: option } })) as Preparation<{ a: unknown }>;
  return rowsOf(preparation.encode({ a }));
};

const ENCODINGS: readonly (readonly [string, ColumnOption])[] = [
  ['numbers', numbers()],
  ['standardize', standardize()],
  ['normalize', normalize({ to: [-1, 1] })],
  ['impute, standardize', [impute('median', { indicator: true }), standardize()]],
];

describe.each(ENCODINGS)('a column of lists: %s', (_, option) => {
  it('encodes each element as a column of it alone', async () => {
    const lists = Array.isArray(option) ? GAPPED : LISTS;
    const alone = await Promise.all(
      [0, 1, 2].map((i) =>
        encoded(
          lists.map((list) => list?.[i] ?? null),
          option,
        ),
      ),
    );
    expect(await encoded(lists, option)).toEqual(lists.map((__, row) => alone.flatMap((rows) => rows[row]!)));
  });
});

describe('over lists', () => {
  it.each([
    ['standardize', standardize({ over: 'lists' }), standardize(), LISTS],
    ['normalize', normalize({ over: 'lists' }), normalize(), LISTS],
    ['impute', [impute('mean'), standardize({ over: 'lists' })] as const, [impute('mean'), standardize()] as const, GAPPED],
  ])('%s encodes all elements as one column', async (_, over, one, lists) => {
    const flat = await encoded(
      lists.flatMap((list) => list ?? [null, null, null]),
      one,
    );
    const expected = lists.map((__, row) => [0, 1, 2].map((i) => flat[3 * row + i]![0]!));
    expect(await encoded(lists, over)).toEqual(expected);
  });
});

it('lists may be arrays, typed arrays, rows of a tensor and of a dataset', async () => {
  const option = { x: { a: standardize() } } as const;
  const expected = await encoded(LISTS, standardize());
  const typed = LISTS.map((list) => Float32Array.from(list));
  const whole = tensor(Float32Array.from(LISTS.flat()), [4, 3]);
  for (const a of [LISTS, typed, whole]) {
    const preparation = await prepare({ x: { a } }, option);
    expect(rowsOf(preparation.encode({ a } as never))).toEqual(expected);
  }
  const ofRows = await prepare(Dataset.from(LISTS.map((a) => ({ x: { a } }))), option);
  expect(rowsOf(ofRows.encode(LISTS.map((a) => ({ a }))))).toEqual(expected);
});

it('a list of one number is that number', async () => {
  const preparation = await prepare({ x: { a: [[1], [3]] } }, { x: { a: normalize() } });
  expect(rowsOf(preparation.encode([{ a: 2 }, { a: [3] }]))).toEqual([[0.5], [1]]);
  expect(preparation.toJSON()).toEqual({
    input: [{ name: 'a', encoding: { type: 'normalize', learned: { least: 1, most: 3 } } }],
  });
});

it('targets that are lists are left as they are', async () => {
  const data = Dataset.from([0, 1, 2, 3].map((a) => ({ x: { a }, y: [a, 3 - a] })));
  const preparation = await prepare(data, { x: { a: standardize() } });
  const network = await Network.create({ input: preparation, layers: [dense(2)], loss: 'meanSquaredError', seed: 1 });
  const { losses } = await network.fit(data, { epochs: 100, batchSize: 4, optimizer: sgd({ learningRate: 0.3 }) });
  expect(losses[losses.length - 1]).toBeLessThan(0.01 * losses[0]!);
  expect(network.predict([{ a: 1 }]).shape).toEqual([1, 2]);
});

it('a network takes rows with lists, and its file has what was learnt', async () => {
  const x = LISTS.map((spectrum, i) => ({ spectrum, age: i }));
  const y = ['a', 'b', 'a', 'b'];
  for (const over of ['elements', 'lists'] as const) {
    const preparation = await prepare({ x, y }, { x: { spectrum: standardize({ over }), age: numbers() }, y: classes() });
    using network = await Network.create({ input: preparation, layers: [dense(2)], loss: 'softmaxCrossEntropy', backend: 'reference' });
    await network.fit(Dataset.from(x.map((row, i) => ({ x: row, y: y[i]! }))), { epochs: 1, batchSize: 2 });
    using read = await Network.fromBytes(network.toBytes(), { backend: 'reference' });
    expect(read.predict(x as never)).toEqual(network.predict(x));
    expect(read.preparation?.toJSON()).toEqual(preparation.toJSON());
  }
});

const prepareOne = (a: readonly unknown[], option: ColumnOption, then: readonly unknown[] = []) => {
  return async () => ((await prepare({ x: { a } }, { x: { a: option } })) as Preparation<{ a: unknown }>).encode({ a: then });
};
const ELEMENT = { encoding: { type: 'numbers' } };
const file = (config: object) => async () => preparationFrom({ input: [{ name: 'a', ...config }] });

const REFUSED: readonly Case<() => Promise<unknown>>[] = [
  ['a list of another length', prepareOne([[1, 2], [3]], numbers()), DataError, 'prepare: a, row 1: expected a list of 2 numbers, got 1'],
  ['a number among lists', prepareOne([[1, 2], 3], numbers()), DataError, 'row 1: expected a list of 2 numbers, got 3'],
  ['a list among numbers', prepareOne([1, [3, 4]], numbers()), DataError, 'row 1: expected a finite number, got [3, 4]'],
  ['an empty list', prepareOne([[]], numbers()), DataError, 'row 0: expected a list of numbers, got an empty one'],
  ['a text in a list', prepareOne([[1, 'b']], numbers()), DataError, "prepare: a, row 0: element 1: expected a finite number, got 'b'"],
  ['a gap in a list', prepareOne([[1, 2]], numbers(), [[1, null]]), DataError, 'encode: a, row 0: element 1: expected a value, got null'],
  ['a gap in place of a list', prepareOne([[1, 2]], numbers(), [null]), DataError, 'encode: a, row 0: expected a value, got null'],
  [
    'a list for an encoding of categories',
    prepareOne([[1, 2]], hash(4)),
    DataError,
    'row 0: expected a text, a finite number, true or false',
  ],
  [
    'lists as targets',
    () => prepare({ x: { a: [1] }, y: [[1, 2]] }, { x: { a: numbers() }, y: standardize() }),
    OptionError,
    'prepare.y: expected a single value a row, got lists of 2 numbers',
    'leave y out',
  ],
  ['an option of another name', async () => standardize({ over: 'rows' as never }), OptionError, 'standardize.over'],
  ['too many elements', prepareOne([new Float32Array(2 ** 16 + 1)], standardize()), DataError, 'at most 65536 elements'],
  [
    'a file with other elements',
    file({ length: 3, elements: [ELEMENT, ELEMENT] }),
    FormatError,
    'expected a list of one encoding, or of 3',
  ],
  ['a file with a list of none', file({ length: 0, elements: [] }), FormatError, 'length'],
  [
    'a file with elements of categories',
    file({ length: 2, elements: [{ encoding: { type: 'hash', buckets: 4 } }] }),
    FormatError,
    'expected an encoding of numbers, got one of categories',
  ],
];

it.each(titled(REFUSED))('%s is refused', (_, refused) => expectRefused(refused[1], refused));
