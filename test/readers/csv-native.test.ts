/** The addon's parser of comma-separated values: the same chunks, and the same errors, as TypeScript's of the same bytes. */
import { isDeepStrictEqual } from 'node:util';
import { type CsvOptions, csv } from 'chainrule/data';
import fc from 'fast-check';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import type { Chunk } from '../../src/datasets/chunk.ts';
import { loadAddon } from '../../src/node/addon.ts';
import { CSV_KIND, nativeCsvLines } from '../../src/node/csv-addon.ts';
import { chunks } from './reading.ts';

/** Files of each kind. */
const RUNS = 250;

const before = process.env.CHAINRULE_BACKEND;
const setBackend = (name: string | undefined) => {
  if (name === undefined) delete process.env.CHAINRULE_BACKEND;
  else process.env.CHAINRULE_BACKEND = name;
};
afterEach(() => setBackend(before));
afterAll(() => setBackend(before));

interface Read {
  readonly chunks: readonly Chunk[];
  readonly error: string;
}

/** What is read of bytes in pieces of one size, and the error that ends it. */
async function readBy(backend: 'native' | 'wasm', bytes: Uint8Array, size: number, options: CsvOptions, skip: number): Promise<Read> {
  setBackend(backend);
  expect(nativeCsvLines() !== undefined).toBe(backend === 'native');
  const pieces = () => Array.from({ length: Math.ceil(bytes.length / size) }, (_, i) => bytes.subarray(i * size, (i + 1) * size));
  const read: Chunk[] = [];
  try {
    read.push(...(await chunks(csv(pieces, options), skip)).map(({ rows, columns }) => ({ rows, columns })));
    return { chunks: read, error: '' };
  } catch (error) {
    return { chunks: read, error: String(error) };
  }
}

async function expectSame(bytes: Uint8Array, size: number, options: CsvOptions = {}, skip = 0): Promise<Read> {
  const native = await readBy('native', bytes, size, options, skip);
  const portable = await readBy('wasm', bytes, size, options, skip);
  if (!isDeepStrictEqual(native, portable)) expect(native, Buffer.from(bytes).toString('latin1')).toEqual(portable);
  expect(isDeepStrictEqual(native, portable)).toBe(true);
  return native;
}

/** Numbers as programs and people spell them, gaps, and what is none. */
const numberText = fc.oneof(
  { weight: 6, arbitrary: fc.double({ noNaN: true }).map(String) },
  { weight: 6, arbitrary: fc.integer().map((n) => String(n / 1000)) },
  { weight: 4, arbitrary: fc.stringMatching(/^-?[0-9]{0,25}\.?[0-9]{0,25}$/) },
  {
    weight: 2,
    arbitrary: fc.constantFrom('', 'NA', '-999', ' 7 ', '+5', '1e5', '-2E-3', '1e400', '1e-400', 'NaN', '-inf', '00', '5.', '.5'),
  },
  { weight: 1, arbitrary: fc.constantFrom('-', '.', '1e', '0x10', 'nan(1)', '1 2', '٣', 'e5', '-+1', '1,5', '1_000', '\r', '\0') },
);
const text = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.constantFrom(
      '',
      'NA',
      'clerk',
      'nurse',
      'ü',
      'x'.repeat(56),
      'x'.repeat(57),
      '\u{1f600}',
      'a b ',
      '?',
      'a,b',
      'a\nb',
      '\r\n',
      '"',
      'say "no"',
      ',',
    ),
  },
  { weight: 2, arbitrary: fc.stringMatching(/^[a-z]{0,3}$/) },
);
const quoted = (field: string) => `"${field.replaceAll('"', '""')}"`;
/** In quotes or not, and sometimes with a quote too many. */
const field = (one: fc.Arbitrary<string>) =>
  fc.tuple(one, fc.integer({ min: 0, max: 160 })).map(([value, how]) => {
    if (how < 40) return quoted(value);
    if (how === 40) return `${value}"`;
    return how === 41 ? `"${value}" ` : how === 42 ? `"${value}` : value;
  });
const line = fc
  .tuple(field(numberText), field(text), field(numberText), field(text), fc.constantFrom(...Array(20).fill(''), ',', '\n', '\r\n\n'))
  .map(([a, b, c, d, end]) => [a, b, c, d].join() + end);
/** Errors among the first lines hide what comes later: half of the files have numbers and texts alone. */
const table = fc.record({
  lines: fc.array(line, { maxLength: 12 }),
  end: fc.constantFrom('\n', '\r\n'),
  isEnded: fc.boolean(),
  mark: fc.boolean(),
});
const bytesOf = ({ lines, end, isEnded, mark }: { lines: string[]; end: string; isEnded: boolean; mark: boolean }) =>
  Buffer.from(`${mark ? '\ufeff' : ''}a,b,c,d${end}${lines.join(end)}${isEnded ? end : ''}`);

const OPTIONS: readonly CsvOptions[] = [
  { types: { a: 'number', c: 'number', b: 'text', d: 'text' } },
  {
    types: { a: 'number', c: 'number', b: 'text', d: 'text' },
    missing: ['NA', '-999', '?', '\ufffd', 'a\nb', '\ud800', '7.'],
    target: 'd',
  },
  { types: { a: 'number', c: 'number' }, columns: ['c', 'a'], vector: true, missing: ['', '-999'] },
  { types: { a: 'text' }, columns: ['a', 'd'], target: ['b'] },
];

describe('both parsers', () => {
  it('read the same of tables, in pieces of any size', async () => {
    let refused = 0;
    await fc.assert(
      fc.asyncProperty(
        table,
        fc.integer({ min: 1, max: 40 }),
        fc.constantFrom(...OPTIONS),
        fc.integer({ min: 0, max: 3 }),
        async (...given) => {
          const [one, size, options, skip] = given;
          const { error } = await expectSame(bytesOf(one), size, options, skip);
          if (error) refused++;
        },
      ),
      { numRuns: RUNS },
    );
    expect(refused).toBeGreaterThan(RUNS / 10);
    expect(refused).toBeLessThan(0.9 * RUNS);
  });

  it('read the same of bytes', () =>
    fc.assert(
      fc.asyncProperty(
        fc.array(fc.oneof(fc.constantFrom(...Buffer.from('0123456789,,,,\n\n\r.-+e"a ')), fc.integer({ min: 0, max: 255 })), {
          maxLength: 80,
        }),
        fc.integer({ min: 1, max: 80 }),
        fc.constantFrom<CsvOptions>(
          { header: ['a', 'b'], types: { a: 'number' } },
          { header: ['a'], missing: ['1', ''] },
          { header: false },
        ),
        (bytes, size, options) => expectSame(Uint8Array.from(bytes), size, options).then(() => undefined),
      ),
      { numRuns: RUNS },
    ));

  it('read the same of many rows: chunks, texts of which there are more than are numbered, gaps spelled as numbers', async () => {
    const rows = Array.from({ length: 9000 }, (_, i) => `${i / 7},name ${i},${i % 3 ? -999 : i},c${i % 5},+${i}`);
    const bytes = Buffer.from(`a,b,c,d,e\n${rows.join('\n')}`);
    const { chunks: read } = await expectSame(bytes, 10_000, { missing: ['-999', 'c3'] });
    expect(read.map((chunk) => chunk.rows)).toEqual([...Array(8).fill(1024), 808]);
    const [, names, numbers, categories] = read[8].columns;
    expect('values' in names && names.values.at(-1)).toBe('name 8999');
    expect('data' in numbers && numbers.data.at(-1)).toBeNaN();
    expect('values' in categories && categories.values.at(-2)).toBeNull();
  });

  it('say the same of a line in the middle', async () => {
    const many = `a,b\n${'1,x\n\n'.repeat(5000)}`;
    for (const [last, message] of [
      ['1,x,2\n', /line 10002: expected 2 fields, as there are columns, got 3/],
      ['1\n', /line 10002: expected 2 fields, as there are columns, got 1/],
      ['y,x\n', /line 10002: expected a number in column "a", got "y"/],
    ] as const)
      expect((await expectSame(Buffer.from(many + last), 4096, { types: { a: 'number' } })).error).toMatch(message);
  });
});

describe('the addon refuses', () => {
  const { CsvLines } = loadAddon();
  const columns = Int32Array.of(CSV_KIND.float64, 0, 0, 1, CSV_KIND.text, 1, 0, 1);
  const memories = () => [new Float64Array(4), new Int32Array(4)];
  const bytes = Buffer.from('1,x\n');

  it.each<[string, unknown[], RegExp]>([
    ['bytes that do not end a line', [Buffer.from('1,x'), 0, 4, memories(), new Int32Array(18)], /bytes: expected/],
    ['no bytes', [Buffer.alloc(0), 0, 4, memories(), new Int32Array(18)], /bytes: expected/],
    ['rows beyond its memories', [bytes, 0, 5, memories(), new Int32Array(18)], /memories: expected/],
    ['memories of another type', [bytes, 0, 4, memories().reverse(), new Int32Array(18)], /memories: expected/],
    ['fewer memories', [bytes, 0, 4, [new Float64Array(4)], new Int32Array(18)], /memories: expected/],
    ['no room for notes', [bytes, 0, 4, memories(), new Int32Array(17)], /out: expected/],
    ['a row behind the last', [bytes, 5, 4, memories(), new Int32Array(18)], /row: expected/],
  ])('%s', (_, given, message) => {
    const lines = new CsvLines(44, columns, Buffer.from('\n'));
    expect(() => lines.read(...(given as Parameters<typeof lines.read>))).toThrow(message);
  });

  it.each([
    [Int32Array.of(4, 0, 0, 1)],
    [Int32Array.of(1, -1, 0, 1)],
    [Int32Array.of(1, 0, 0, 0)],
    [Int32Array.of(1, 0, 0)],
    [new Int32Array(0)],
  ])('columns that are none: %s', (words) => {
    expect(() => new CsvLines(44, words, Buffer.alloc(0))).toThrow(/columns: expected/);
  });
});
