/** Preparations: what rows they learn of and take, what is refused, and what JSON holds of them. */
import { DataError, FormatError, OptionError, type Tensor } from 'chainrule';
import {
  classes,
  defineEncoding,
  hash,
  impute,
  normalize,
  numbers,
  oneHot,
  ordinal,
  type Preparable,
  type Preparation,
  preparationFrom,
  prepare,
  standardize,
  tokenIds,
  vocabulary,
} from 'chainrule/data';
import { describe, expect, it } from 'vitest';
import { type Chunk, chunkOf, type NumberColumn, sliceRows, valuesOf } from '../../src/datasets/chunk.ts';
import { Dataset } from '../../src/datasets/dataset.ts';
import type { Encoder } from '../../src/preparation/encoding.ts';
import { Median, MOST_KEPT } from '../../src/preparation/median.ts';
import { RandomStream } from '../../src/random/philox.ts';
import { type Case, expectRefused, titled } from '../support/refused.ts';

const ROWS = [
  { x: { age: 20, job: 'clerk', grade: 'low', ok: true, note: 'a b' }, y: 'no' },
  { x: { age: 40, job: '', grade: 'high', ok: false, note: '' }, y: 'yes' },
  { x: { age: null, job: 'nurse', grade: 'mid', ok: true, note: 'b b c' }, y: 'no' },
];
const OPTIONS = {
  x: {
    age: [impute('mean', { indicator: true }), normalize()],
    job: [impute({ constant: 'none' }), oneHot()],
    grade: ordinal(['low', 'mid', 'high']),
    ok: numbers(),
    note: vocabulary('words', { size: 3 }),
  },
  y: classes(),
} as const;
const ENCODED = [
  [0, 0, 1, 0, 0, 0, 1, 0, 1, 1],
  [1, 0, 0, 1, 0, 2, 0, 0, 0, 0],
  [0.5, 1, 0, 0, 1, 1, 1, 1, 2, 0],
];

const rowsOf = ({ shape, data }: Tensor) =>
  Array.from({ length: shape[0]! }, (_, i) => [...data.subarray(i * shape[1]!, (i + 1) * shape[1]!)]);
const columnsOf = (rows: typeof ROWS) =>
  Object.fromEntries(['age', 'job', 'grade', 'ok', 'note'].map((name) => [name, rows.map(({ x }) => x[name as 'age'])]));

const FORMS: readonly (readonly [string, Preparable])[] = [
  ['rows', ROWS],
  ['rows and targets', { x: ROWS.map(({ x }) => x), y: ROWS.map(({ y }) => y) }],
  ['columns and targets', { x: columnsOf(ROWS), y: ROWS.map(({ y }) => y) }],
  ['a dataset', Dataset.from(ROWS)],
];

describe.each(FORMS)('of %s', (_, data) => {
  it('learns what it needs, and encodes rows, columns and chunks', async () => {
    const preparation = await prepare(data, OPTIONS);
    expect(rowsOf(preparation.encode(ROWS.map(({ x }) => x)) as Tensor)).toEqual(ENCODED);
    expect(rowsOf(preparation.encode(columnsOf(ROWS) as never) as Tensor)).toEqual(ENCODED);
    expect(preparation.classes).toEqual(['no', 'yes']);
    expect([...preparation.shapes]).toEqual([['x', [10]]]);
    const { columns, rows } = preparation.apply(chunkOf(ROWS));
    expect([rows, ...columns.map(({ path }) => path.join('.'))]).toEqual([3, 'x', 'y']);
    expect(valuesOf(columns[0]!).map((row) => [...(row as Float32Array)])).toEqual(ENCODED);
    expect(columns[1]).toEqual({ path: ['y'], shape: [], data: Int32Array.of(0, 1, 0) });
    expect(preparation.apply(chunkOf(ROWS.map(({ x }) => x))).columns).toEqual([columns[0]]);
  });
});

it('a row lacks what is a gap, and has what nothing takes', async () => {
  const preparation = await prepare(ROWS, { x: { age: OPTIONS.x.age, ok: numbers() } });
  expect(rowsOf(preparation.encode([{ ok: false }]) as Tensor)).toEqual([[0.5, 1, 0]]);
  expect(() => preparation.encode([{ ok: false, aeg: 3 } as never])).toThrow(
    "encode: expected age in row 0, got a record without it, but with 'aeg'",
  );
  expect(rowsOf(preparation.encode([{ ok: false, age: 30, id: 3 } as never]) as Tensor)).toEqual([[0.5, 0, 0]]);
});

it('what a pass learns does not depend on how it is cut into chunks', async () => {
  const random = new RandomStream(4, 0);
  const rows = Array.from({ length: 3000 }, () => ({ a: random.integer(9) ? random.uniform() : null, b: `c${random.integer(30)}` }));
  const whole = chunkOf(rows.map((x) => ({ x })));
  const options = { x: { a: [impute('median'), standardize()], b: oneHot() } } as const;
  const learnt = await prepare({ x: rows }, options);
  for (const size of [1, 7, 1000, 3000]) {
    const source = new Dataset({
      rows: 3000,
      isSteady: true,
      async *read() {
        for (let at = 0; at < 3000; at += size) yield sliceRows(whole, at, Math.min(3000, at + size));
      },
    });
    expect((await prepare(source, options)).toJSON()).toEqual(learnt.toJSON());
  }
});

it('inputs and outputs by name take columns of the same rows', async () => {
  const rows = ROWS.map(({ x, y }, i) => ({ x, y: { kind: y, price: i * 10 }, weight: i }));
  const options = {
    inputs: {
      tail: { age: [impute('mean'), numbers()], ok: numbers() },
      text: { note: tokenIds('words', { size: 4, length: 2 }), age: impute('mean') },
    },
    y: { kind: classes(['yes', 'no']), price: standardize() },
  } as const;
  for (const data of [
    rows,
    { x: rows.map(({ x }) => x), y: { kind: rows.map(({ y }) => y.kind), price: [0, 10, 20] } },
    Dataset.from(rows),
  ]) {
    const preparation = await prepare(data, options);
    expect(Object.fromEntries(preparation.shapes)).toEqual({ tail: [2], text: [3] });
    const { columns } = preparation.apply(chunkOf(rows));
    expect(Object.fromEntries(columns.map((column) => [column.path.join('.'), [...(column as NumberColumn).data]]))).toEqual({
      'x.tail': [20, 1, 40, 0, 30, 1],
      'x.text': [3, 2, 20, 0, 0, 40, 2, 2, 30],
      'y.kind': [1, 0, 1],
      'y.price': [Math.fround(-Math.sqrt(1.5)), 0, Math.fround(Math.sqrt(1.5))],
      weight: [0, 1, 2],
    });
    expect(preparation.labels('kind')).toEqual(['yes', 'no']);
  }
});

describe('many rows of many numbers', () => {
  it('become what each becomes alone', async () => {
    const rows = Array.from({ length: 400 }, (_, i) => ({ job: `job ${i}`, age: i % 7 ? i : null }));
    const preparation = await prepare({ x: rows }, { x: { job: oneHot(), age: [impute('mean'), standardize()] } });
    const { shape, data } = preparation.encode(rows) as Tensor;
    expect(shape).toEqual([400, 401]);
    expect(data).toEqual(Float32Array.from(rows.flatMap((row) => [...(preparation.encode([row]) as Tensor).data])));
    expect(() => preparation.encode([...rows, { job: 'job 1', age: 'x' as never }])).toThrow('row 400');
  });
});

describe('the median', () => {
  it('is exact up to what is kept, and near it beyond', () => {
    const [exact, sampled, random] = [new Median(), new Median(), new RandomStream(7, 1)];
    const values = Float64Array.from({ length: 4 * MOST_KEPT }, () => random.uniform() ** 2);
    for (const value of values.subarray(0, MOST_KEPT)) exact.add(value);
    for (const value of values) sampled.add(value);
    const first = values.slice(0, MOST_KEPT).sort();
    expect(exact.value).toBe(first[MOST_KEPT / 2 - 1]! / 2 + first[MOST_KEPT / 2]! / 2);
    const { value: median } = sampled;
    const rank = values.filter((value) => value < median).length / values.length;
    expect(Math.abs(rank - 0.5)).toBeLessThan(0.005);
  });
});

const one =
  (option: unknown, a: readonly unknown[], then: readonly unknown[] = []) =>
  async () => {
    const preparation = await prepare({ x: { a } }, { x: { a: option as never } });
    return preparation.encode({ a: then } as never);
  };

const REFUSED: readonly Case<() => Promise<unknown>>[] = [
  ['a gap to learn of', one(standardize(), [1, null, 3]), DataError, 'prepare: a, row 1: expected a value, got null', 'impute()'],
  ['a gap in later rows', one(standardize(), [1, 2], [1, Number.NaN]), DataError, 'encode: a, row 1: expected a value, got NaN'],
  ['an empty text among categories', one(oneHot(), ['b', ''], []), DataError, 'row 1', "got ''"],
  ['a text among numbers', one(normalize(), [1, '2']), DataError, "a, row 1: expected a finite number, got '2'"],
  ['infinity', one(normalize(), [1, Number.POSITIVE_INFINITY]), DataError, 'expected a finite number, got Infinity'],
  ['a number among texts', one(tokenIds('words', { size: 9, length: 2 }), [3]), DataError, 'expected a text, got 3'],
  ['an object among categories', one(hash(4), [{}]), DataError, 'expected a text, a finite number, true or false, got an object'],
  ['a category that is unknown', one(ordinal(), ['b', 'c'], ['b', 'd']), DataError, "encode: a, row 1: expected one of 'b', 'c', got 'd'"],
  ['an unknown category where it says so', one(oneHot({ unknown: 'error' }), [1, 2], [3]), DataError, 'expected one of 1, 2, got 3'],
  ['gaps alone', one([impute('median'), numbers()], [null, null]), DataError, 'prepare: a: expected values to fill gaps by'],
  ['a range that is not finite', one(normalize(), [-1.7e308, 1.7e308]), DataError, 'expected numbers of a finite range'],
  ['no rows', one(numbers(), []), DataError, 'expected at least one row'],
  ['a mean of categories', one([impute('mean'), oneHot()], ['a']), OptionError, "expected impute('mostFrequent') or a constant"],
  ['a text that fills numbers', one([impute({ constant: 'a' }), numbers()], [1]), OptionError, "expected a finite number, got 'a'"],
  ['two encodings', one([numbers(), numbers()], [1]), OptionError, 'prepare.x.a: expected an encoding such as standardize()'],
  ['a name', one('standardize', [1]), OptionError, "got 'standardize'"],
  ['an unknown option', async () => oneHot({ unknwon: 'error' } as never), OptionError, "oneHot: unknown option 'unknwon'"],
  ['an option that files need', async () => oneHot({ type: 'x' } as never), OptionError, "unknown option 'type'"],
  ['categories twice', async () => ordinal(['a', 'a']), OptionError, 'expected each category once'],
  ['a bucket', async () => hash(1), OptionError, 'hash.buckets: expected an integer of at least 2'],
  ['ends that are none', async () => normalize({ to: [1, 1] }), OptionError, 'normalize.to: expected [least, most]'],
  ['a way to fill', async () => impute('mode' as never), OptionError, "impute: expected 'mean', 'median', 'mostFrequent' or { constant }"],
  ['neither x nor inputs', () => prepare(ROWS, {} as never), OptionError, 'expected x or inputs'],
  [
    'one-hot targets',
    () => prepare(ROWS, { x: { age: impute('mean') }, y: oneHot() }),
    OptionError,
    'expected classes(), or an encoding of numbers',
  ],
  [
    'targets of another length',
    () => prepare({ x: { a: [1] }, y: [1, 2] }, { x: { a: numbers() } }),
    DataError,
    'expected as many rows as x has, 1, got 2',
  ],
  [
    'columns of other lengths',
    () => prepare({ x: { a: [1], b: [] } }, { x: { a: numbers() } }),
    DataError,
    'prepare: x.b: expected as many rows',
  ],
  ['a column that is not there', () => prepare({ x: { b: [1] } }, { x: { a: numbers() } }), DataError, 'expected a column a, got b'],
  [
    'a dataset without it',
    () => prepare(Dataset.from([{ x: { b: 1 } }]), { x: { a: numbers() } }),
    DataError,
    'expected a column x.a, got x.b',
  ],
  ['rows that are none', () => prepare([1] as never, { x: { a: numbers() } }), DataError, 'expected { x, y } as row 0, got 1'],
];

it.each(titled(REFUSED))('%s is refused', (_, refused) => expectRefused(refused[1], refused));

/** An encoding of a user's own. */
const scaled = defineEncoding({
  type: 'scaled',
  takes: 'numbers',
  learner: () => {
    let largest = 0;
    return {
      add: (value) => {
        largest = Math.max(largest, value);
      },
      learned: () => ({ largest }),
    };
  },
  encoder: (_, { largest }) => ({
    width: 1,
    encode: (value, to, at) => {
      to[at] = value / largest;
    },
  }),
});

/** One that knows gaps, and takes options. */
const logarithm = defineEncoding({
  type: 'logarithm',
  takes: 'numbers',
  gaps: 'taken',
  learner: ({ floor = 0 }: { floor?: number }) => {
    let largest = floor;
    return {
      add: (value: number | null) => {
        largest = Math.max(largest, value ?? 0);
      },
      learned: () => ({ largest }),
    };
  },
  encoder: (_, { largest }: { largest: number }): Encoder<number | null> => ({
    width: 1,
    encode: (value, to, at) => {
      to[at] = value === null ? -1 : Math.log1p(value) / Math.log1p(largest);
    },
  }),
});

describe('an encoding of a user’s own', () => {
  it('learns and encodes', async () => {
    const preparation = await prepare({ x: { a: [2, 4] } }, { x: { a: scaled() } });
    expect(rowsOf(preparation.encode({ a: [1, 2] }) as Tensor)).toEqual([[0.25], [0.5]]);
  });

  it('learns, takes gaps, and is read back with its maker', async () => {
    const preparation = await prepare({ x: { a: [3, null, 7] } }, { x: { a: logarithm({ floor: 1 }) } });
    const expected = [[Math.fround(2 / 3)], [-1], [1]];
    expect(rowsOf(preparation.encode({ a: [3, null, 7] } as never) as Tensor)).toEqual(expected);
    const json = JSON.parse(JSON.stringify(preparation));
    expect(json).toEqual({ input: [{ name: 'a', encoding: { type: 'logarithm', floor: 1, learned: { largest: 7 } } }] });
    const read = preparationFrom(json, { logarithm }) as Preparation<{ a: unknown }>;
    expect(rowsOf(read.encode({ a: [3, null, 7] }) as Tensor)).toEqual(expected);
    expect(() => preparationFrom(json)).toThrow(FormatError);
  });

  it.each([
    ['a type of chainrule’s', { type: 'hash', takes: 'texts', encoder: Object }, "type other than chainrule's own"],
    ['no kind of values', { type: 'a', encoder: Object }, "expected takes to be 'numbers', 'categories' or 'texts'"],
    ['no encoder', { type: 'a', takes: 'texts' }, 'expected a function encoder'],
  ])('of %s is refused', (_, definition, message) => {
    expect(() => defineEncoding(definition as never)).toThrow(OptionError);
    expect(() => defineEncoding(definition as never)).toThrow(message);
  });
});

describe('as JSON', () => {
  it('is read back to the bit', async () => {
    const preparation = await prepare(ROWS, OPTIONS);
    const read = preparationFrom(JSON.parse(JSON.stringify(preparation)));
    expect(read.apply(chunkOf(ROWS))).toEqual(preparation.apply(chunkOf(ROWS)));
    expect(read.toJSON()).toEqual(preparation.toJSON());
  });

  it.each([
    ['no columns', { input: [] }, 'preparation.input: expected a list of columns'],
    ['neither input nor inputs', { output: { name: 'y', encoding: { type: 'numbers' } } }, 'expected input or inputs, got neither'],
    ['both', { input: [{ name: 'a', encoding: { type: 'numbers' } }], inputs: {} }, 'expected input or inputs, got both'],
    ['an unknown encoding', { input: [{ name: 'a', encoding: { type: 'own' } }] }, "expected the type of an encoding, got 'own'"],
    ['nothing learnt', { input: [{ name: 'a', encoding: { type: 'oneHot' } }] }, 'expected what the encoding has learnt, got undefined'],
    [
      'a deviation of 0',
      { input: [{ name: 'a', encoding: { type: 'standardize', learned: { mean: 0, deviation: 0 } } }] },
      'deviation: expected a number above 0',
    ],
  ])('of %s is refused', (_, config, message) => {
    expect(() => preparationFrom(config)).toThrow(FormatError);
    expect(() => preparationFrom(config)).toThrow(message);
  });

  it('changed by chance 3000 times is read or refused, and what is read encodes or refuses rows', async () => {
    const chunk = chunkOf(ROWS);
    const others = {
      note: tokenIds('words', { size: 5, length: 3 }),
      job: [impute('mostFrequent'), hash(4)],
      grade: oneHot({ unknown: 'error' }),
      age: [impute('median'), standardize()],
    } as const;
    const preparation = await prepare(ROWS, { inputs: { first: OPTIONS.x, second: others }, y: classes() });
    const text = JSON.stringify(preparation);
    const random = new RandomStream(15, 0);
    let read = 0;
    for (let i = 0; i < 3000; i++) if (survives(mutated(JSON.parse(text), random), chunk)) read++;
    expect(read).toBeGreaterThan(50);
    expect(read).toBeLessThan(2000);
  });
});

/** Whether it was read; anything but the errors that say so is thrown on. */
function survives(config: unknown, chunk: Chunk): boolean {
  try {
    const preparation = preparationFrom(config);
    try {
      preparation.apply(chunk);
    } catch (error) {
      if (!(error instanceof DataError)) throw error;
    }
    return true;
  } catch (error) {
    if (error instanceof FormatError) return false;
    throw error;
  }
}

const VALUES = [
  null,
  -1,
  0,
  0.5,
  3,
  1e300,
  '',
  'type',
  'hash',
  'mean',
  true,
  [],
  {},
  [1, 1],
  ['a', 'b'],
  { type: 'numbers' },
  { value: 1 },
];

/** The JSON with one to three of its values replaced, taken away, or put elsewhere. */
function mutated(json: unknown, random: RandomStream): unknown {
  const holder = { json };
  for (let changes = 1 + random.integer(3); changes > 0; changes--) {
    const places = placesOf(holder);
    const [parent, key] = places[random.integer(places.length)]!;
    const kind = random.integer(3);
    if (kind === 0) parent[key] = VALUES[random.integer(VALUES.length)];
    else if (kind === 1 && parent !== holder) delete parent[key];
    else {
      const [from, name] = places[random.integer(places.length)]!;
      parent[key] = structuredClone(from[name]);
    }
  }
  return holder.json;
}

function placesOf(value: object): [Record<string, unknown>, string][] {
  return Object.entries(value).flatMap(([key, inner]) => [
    [value as Record<string, unknown>, key] as [Record<string, unknown>, string],
    ...(typeof inner === 'object' && inner !== null ? placesOf(inner) : []),
  ]);
}
