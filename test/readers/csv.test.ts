/** Files of comma-separated values: what rows they are, and what is refused by line. */
import { createReadStream } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { csv } from 'chainrule/data';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DataError, FormatError, OptionError, StateError } from '../../src/errors.ts';
import { chunks, numbers, openFiles, rows, testFolder } from './reading.ts';

const write = testFolder();
const PEOPLE = 'age,job,pay\n41,clerk,10.5\n,"nurse, day",-2e3\n7,,\n';

/** A stream of this text, which can be read once. */
async function* streamOf(text: string, size = 7) {
  for (let at = 0; at < text.length; at += size) yield text.slice(at, at + size);
}

describe('csv', () => {
  it('gives rows of x and y; gaps are NaN among numbers and null among texts', async () => {
    const dataset = csv(write('people.csv', PEOPLE), { target: 'pay' });
    const expected = [
      { x: { age: 41, job: 'clerk' }, y: 10.5 },
      { x: { age: Number.NaN, job: 'nurse, day' }, y: -2000 },
      { x: { age: 7, job: null }, y: Number.NaN },
    ];
    expect(await rows(dataset)).toEqual(expected);
    expect(await rows(dataset, 1), 'again, and the first left out').toEqual(expected.slice(1));
    expect(await rows(dataset, 5)).toEqual([]);
    expect(await dataset.describe()).toEqual([
      { name: 'age', type: 'number' },
      { name: 'job', type: 'text' },
      { name: 'pay', type: 'number' },
    ]);
  });

  it('keeps numbers as columns of float64, and with vector as one of float32', async () => {
    const path = write('numbers.csv', 'a,b,c\n1,2,3\n4,5,6\n');
    const [{ columns }] = await chunks(csv(path));
    expect(columns.map((column) => 'data' in column && column.data)).toEqual(
      [
        [1, 4],
        [2, 5],
        [3, 6],
      ].map((one) => Float64Array.from(one)),
    );
    const [vector] = await chunks(csv(path, { vector: true, target: ['c', 'a'], columns: ['b'] }));
    expect(vector.columns).toEqual([
      { path: ['x'], shape: [1], data: Float32Array.of(2, 5) },
      { path: ['y'], shape: [2], data: Float32Array.of(3, 1, 6, 4) },
    ]);
  });

  it('reads numbers of any count of digits as Number does', async () => {
    const texts = [
      '0',
      '-0',
      '7',
      '999999999',
      '4294967296',
      '-1234567890',
      '0.12345678',
      '0.123456789',
      '123456.7890123',
      '12345678901234.5',
    ];
    const random = Array.from({ length: 300 }, (_, i) => (((i * 7919) % 1e4) / 977 - 5).toPrecision(1 + (i % 17)));
    const all = [...texts, ...random];
    const [chunk] = await chunks(csv(write('digits.csv', `a\n${all.join('\n')}\n`)));
    expect(numbers(chunk)).toEqual(all.map(Number));
  });

  it.each([
    ['columns in another order', 'a,b,c\n1,2,3\n', { columns: ['c', 'a'] }, [{ x: { c: 3, a: 1 } }]],
    ['no header', '1;x\n', { header: false, delimiter: ';' }, [{ x: { column0: 1, column1: 'x' } }]],
    ['names of columns', '1\tx\n', { header: ['a', 'b'], delimiter: '\t' }, [{ x: { a: 1, b: 'x' } }]],
    ['other gaps', 'a,b\nNA,?\n1,x\n', { missing: ['NA', '?'] }, [{ x: { a: Number.NaN, b: null } }, { x: { a: 1, b: 'x' } }]],
    [
      'gaps that look like numbers, as they are spelled',
      'a,b\n-999,1\n-999.0,"0"\n7,0\n',
      { missing: ['-999', '0'] },
      [{ x: { a: Number.NaN, b: 1 } }, { x: { a: -999, b: Number.NaN } }, { x: { a: 7, b: Number.NaN } }],
    ],
    ['types given', 'a,b\n1,2\n', { types: { a: 'text' } }, [{ x: { a: '1', b: 2 } }]],
    ['several targets', 'a,b,c\n1,2,3\n', { target: ['a', 'b'] }, [{ x: { c: 3 }, y: { a: 1, b: 2 } }]],
    [
      'lines that end with \\r\\n, blank ones, and a last one without an end',
      'a,b\r\n\r\n1,x\r\n\n2,y',
      {},
      [{ x: { a: 1, b: 'x' } }, { x: { a: 2, b: 'y' } }],
    ],
    ['a mark of UTF-8, and other letters', '\ufeffä,b\nö,1\n', {}, [{ x: { ä: 'ö', b: 1 } }]],
    ['quotes, delimiters and ends of lines within quotes', 'a,b\n"x ""1"", y\r\nz",1\n', {}, [{ x: { a: 'x "1", y\r\nz', b: 1 } }]],
    [
      'names of an object’s prototype',
      '__proto__,toString\n1,2\n',
      {},
      [
        {
          x: Object.fromEntries([
            ['__proto__', 1],
            ['toString', 2],
          ]),
        },
      ],
    ],
    ['a header alone', 'a,b\n', {}, []],
  ] as const)('reads %s', async (_, text, options, expected) => {
    expect(await rows(csv(write('some.csv', text), options))).toEqual(expected);
    expect(await rows(csv(streamOf(text, 1), options)), 'as a stream, a character at a time').toEqual(expected);
  });

  it.each([
    ['0', 0],
    ['-0', -0],
    ['+5', 5],
    ['.5', 0.5],
    ['5.', 5],
    ['1e3', 1000],
    ['1E-2', 0.01],
    [' 7 ', 7],
    ['0.1', 0.1],
    ['123456789012345', 123456789012345],
    ['0.30000000000000004', 0.30000000000000004],
    ['12345678901234567890', 12345678901234567000],
    ['1e400', Infinity],
    ['-inf', -Infinity],
    ['NaN', Number.NaN],
    ['0.0000000000000000000000001', 1e-25],
  ] as const)('reads %s as the number that it is', async (text, expected) => {
    expect(await rows(csv(streamOf(`a,b\n${text},${text}\n"${text}",1\n`)))).toEqual([
      { x: { a: expected, b: expected } },
      { x: { a: expected, b: 1 } },
    ]);
  });

  it('reads numbers as Number does', () =>
    fc.assert(
      fc.asyncProperty(
        fc.array(
          fc.oneof(
            fc.double({ noNaN: true }),
            fc.integer(),
            fc.integer().map((n) => n / 1000),
          ),
          { minLength: 1 },
        ),
        async (numbers) => {
          expect(
            await rows(csv(streamOf(`a\n${numbers.map((number) => (Object.is(number, -0) ? '-0' : String(number))).join('\n')}\n`, 1000))),
          ).toEqual(numbers.map((a) => ({ x: { a } })));
        },
      ),
      { numRuns: 50 },
    ));

  it('reads the same with quotes around fields as without, however the bytes come', () =>
    fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(fc.oneof(fc.integer().map(String), fc.constant('')), fc.stringMatching(/^[a-zä ,"\n]{0,5}$/), fc.boolean()), {
          maxLength: 20,
        }),
        fc.integer({ min: 1, max: 50 }),
        async (records, size) => {
          const plain = (text: string) => !/[,"\n]/.test(text);
          const field = (text: string, isQuoted: boolean) => (isQuoted || !plain(text) ? `"${text.replaceAll('"', '""')}"` : text);
          const text = ['n,t,z', ...records.map(([n, t, q]) => [field(n, q), field(t, q), '0'].join())].join('\n');
          const expected = records.map(([n, t]) => ({ x: { n: n === '' ? Number.NaN : Number(n), t: t === '' ? null : t, z: 0 } }));
          expect(await rows(csv(streamOf(text, size), { types: { t: 'text' } }))).toEqual(expected);
        },
      ),
      { numRuns: 60 },
    ));

  it('makes chunks of 1024 rows, none changed by those after it', async () => {
    const text = `a,b\n${Array.from({ length: 2500 }, (_, i) => `${i},c${i % 7}`).join('\n')}`;
    const all = await chunks(csv(write('long.csv', text)));
    expect(all.map((chunk) => chunk.rows)).toEqual([1024, 1024, 452]);
    const read = await rows(csv(write('long.csv', text)), 1500);
    expect(read).toEqual(Array.from({ length: 1000 }, (_, i) => ({ x: { a: i + 1500, b: `c${(i + 1500) % 7}` } })));
    expect(all.flatMap(numbers)).toEqual(Array.from({ length: 2500 }, (_, i) => i));
  });

  it.each([
    ['a path', (path: string) => path],
    ['a URL', (path: string) => new URL(`file://${path}`)],
    ['a function', (path: string) => () => createReadStream(path)],
    ['a stream of Node', (path: string) => createReadStream(path)],
    ['a web stream', () => new Response(PEOPLE).body!],
    ['a list of pieces', () => [Buffer.from(PEOPLE.slice(0, 20)), PEOPLE.slice(20)]],
  ])('reads %s, gzipped too', async (_, input) => {
    const expected = await rows(csv(write('plain.csv', PEOPLE)));
    expect(expected).toHaveLength(3);
    expect(await rows(csv(input(write('plain.csv', PEOPLE))))).toEqual(expected);
    expect(await rows(csv(input(write('zipped.csv', gzipSync(PEOPLE)))))).toEqual(expected);
  });

  it('reads a stream once, and a function’s in every pass', async () => {
    const once = csv(streamOf(PEOPLE));
    expect((await once.describe()).map(({ name }) => name)).toEqual(['age', 'job', 'pay']);
    expect(await rows(once)).toHaveLength(3);
    await expect(rows(once)).rejects.toThrow(StateError);
    const often = csv(() => streamOf(PEOPLE));
    expect(await rows(often)).toEqual(await rows(often));
  });

  it('closes the file when it is left early', async () => {
    for (const content of [Buffer.from(`a\n${'1\n'.repeat(150_000)}`), gzipSync(`a\n${'1\n'.repeat(150_000)}`)]) {
      const path = write('early.csv', content);
      for await (const row of csv(path)) {
        expect(row).toEqual({ x: { a: 1 } });
        break;
      }
      await expect.poll(() => openFiles(path)).toBe(0);
    }
  });

  it('closes a stream when it is left early', async () => {
    let isClosed = false;
    const dataset = csv(
      async function* () {
        try {
          for (;;) yield 'a\n'.repeat(1000);
        } finally {
          isClosed = true;
        }
      },
      { header: ['a'] },
    );
    for await (const _ of dataset) break;
    expect(isClosed).toBe(true);
  });

  it('lets errors of a stream through', async () => {
    const mine = new Error('mine');
    const failing = async function* () {
      yield PEOPLE;
      throw mine;
    };
    await expect(rows(csv(failing))).rejects.toBe(mine);
  });
});

describe('csv refuses', () => {
  const many = 'a,b\n'.concat('1,2\n'.repeat(100_000));
  it.each<[string, string | Uint8Array, object, typeof DataError | typeof OptionError | typeof FormatError, RegExp]>([
    ['too few fields', 'a,b\n1,2\n\n3\n', {}, DataError, /line 4: expected 2 fields, as there are columns, got 1/],
    ['too many fields', 'a,b\n1,2\n3,4,5\n', {}, DataError, /line 3: expected 2 fields.* got 3/],
    ['too few with quotes', 'a,b\n"1\n",2\n"3"\n', { types: { a: 'text' } }, DataError, /line 4: expected 2 fields.* got 1/],
    [
      'text among numbers in the middle',
      `${many}x,1\n`,
      {},
      DataError,
      /line 100002: expected a number in column "a", got "x"; types: \{ "a": 'text' \}/,
    ],
    ['text among numbers, with quotes', `${many}"x",1\n`, {}, DataError, /line 100002: expected a number in column "a", got "x"/],
    ['a quote that is not closed', `${many}1,"2\n3,4\n`, {}, DataError, /line 100002: expected a record, got: Quote Not Closed/],
    ['a quote within a field', 'a,b\n1,2"\n', {}, DataError, /line 2: expected a record, got: Invalid Opening Quote/],
    ['text behind a quote', 'a,b\n"1"2,3\n', {}, DataError, /line 2: expected a record, got: Invalid Closing Quote/],
    [
      'a gap where the empty field is none',
      'a,b\n,1\n',
      { missing: [], types: { a: 'number' } },
      DataError,
      /line 2: expected a number in column "a", got ""/,
    ],
    ['nothing', '', {}, DataError, /expected records, got none/],
    ['two columns of one name', 'a,a\n1,2\n', {}, DataError, /columns of different names, got "a" twice/],
    ['UTF-16', Buffer.from('\ufeffa\n', 'utf16le'), {}, FormatError, /expected text in UTF-8, got UTF-16/],
    ['half a gzip file', gzipSync(many).subarray(0, 100), {}, FormatError, /expected gzip in .*, got: unexpected end of file/],
    ['a target that is not there', 'a,b\n1,2\n', { target: 'c' }, OptionError, /csv.target: expected names of a, b, got 'c'/],
    ['a column that is not there', 'a,b\n1,2\n', { columns: ['c'] }, OptionError, /csv.columns: expected names of a, b, got 'c'/],
    ['a column that is the target', 'a,b\n1,2\n', { columns: ['a'], target: 'a' }, OptionError, /got 'a' as both/],
    ['a type of no column', 'a,b\n1,2\n', { types: { c: 'text' } }, OptionError, /csv.types: .* got 'c'/],
    ['text in a vector', 'a,b\n1,x\n', { vector: true }, DataError, /csv.vector: expected columns of numbers, got 'b' of text/],
    ['no column but the target', 'a\n1\n', { target: 'a' }, DataError, /expected a column besides the target/],
  ])('%s', async (_, content, options, type, message) => {
    const refused = rows(csv(write('refused.csv', content), options));
    await expect(refused).rejects.toThrow(type);
    await expect(refused).rejects.toThrow(message);
  });

  it('a record without end, before all memory is taken', async () => {
    const endless = async function* () {
      yield 'a,b\n1,2\n1,"';
      for (;;) yield 'x'.repeat(2 ** 22);
    };
    await expect(rows(csv(endless))).rejects.toThrow(/line 3: expected a record, got: Quote Not Closed/);
  });

  it('a file that is not there', async () => {
    await expect(rows(csv('/no/such.csv'))).rejects.toThrow(/expected a file to read at \/no\/such.csv, got: ENOENT/);
  });

  it.each<[unknown, unknown, RegExp]>([
    ['x.csv', { delimiter: ';;' }, /csv.delimiter: expected one character/],
    ['x.csv', { delimiter: '"' }, /csv.delimiter/],
    ['x.csv', { delimiter: '.' }, /csv.delimiter: expected one character of ASCII besides quotes.*numbers/],
    ['x.csv', { delimiter: '0' }, /csv.delimiter/],
    ['x.csv', { delimiter: '-' }, /csv.delimiter/],
    ['x.csv', { header: 'a' }, /csv.header: expected true, false or a list/],
    ['x.csv', { header: ['a', 'a'] }, /csv.header: expected different names/],
    ['x.csv', { missing: 'NA' }, /csv.missing: expected a list of strings/],
    ['x.csv', { types: { a: 'date' } }, /csv.types.a: expected one of number, text/],
    ['x.csv', { columns: [] }, /csv.columns: expected a list of names/],
    ['x.csv', { quote: "'" }, /unknown option 'quote'/],
    [7, {}, /csv: expected a path, a URL, a stream or a function/],
  ])('%s with %o', (input, options, message) => {
    expect(() => csv(input as never, options as never)).toThrow(OptionError);
    expect(() => csv(input as never, options as never)).toThrow(message);
  });
});
