/** Files of a JSON value a line: rows as they stand, tables, and what is refused by line. */
import { gzipSync } from 'node:zlib';
import { jsonLines } from 'chainrule/data';
import { describe, expect, it } from 'vitest';
import { DataError, OptionError } from '../../src/errors.ts';
import { chunks, rows, testFolder } from './reading.ts';

const write = testFolder();
const ROWS = '{"x":[1,2],"y":0}\n\n{"x":[3,4],"y":1}\r\n{"y":2,"x":[5,6]}';
const TABLE = '{"age":41,"job":"clerk"}\n{"job":"nurse","more":1}\n';

describe('jsonLines', () => {
  it('gives the values as they stand, lists of numbers as columns of vectors', async () => {
    const dataset = jsonLines(write('rows.jsonl', ROWS));
    const [{ columns }] = await chunks(dataset);
    expect(columns).toEqual([
      { path: ['x'], shape: [2], form: 'list', data: Float64Array.of(1, 2, 3, 4, 5, 6) },
      { path: ['y'], shape: [], data: Float64Array.of(0, 1, 2) },
    ]);
    expect(await rows(dataset, 2)).toEqual([{ x: [5, 6], y: 2 }]);
    expect(await rows(jsonLines(write('zipped.jsonl', gzipSync(ROWS))))).toHaveLength(3);
    expect(await rows(jsonLines([Buffer.from('"ä"').subarray(0, 2), Buffer.from('"ä"').subarray(2)]))).toEqual(['ä']);
  });

  it('gives rows of x and y with a target; a name that is missing is null', async () => {
    const path = write('table.jsonl', TABLE);
    expect(await rows(jsonLines(path, { target: 'job', columns: ['age'] }))).toEqual([
      { x: { age: 41 }, y: 'clerk' },
      { x: { age: null }, y: 'nurse' },
    ]);
    expect(await rows(jsonLines(path, { columns: ['job', 'toString'] }))).toEqual([
      { x: { job: 'clerk', toString: null } },
      { x: { job: 'nurse', toString: null } },
    ]);
  });

  it('makes chunks, and counts lines over them', async () => {
    const many = '{"a":1}\n'.repeat(3000);
    expect((await chunks(jsonLines([many]))).map((chunk) => chunk.rows)).toEqual([1024, 1024, 952]);
    await expect(rows(jsonLines([many, '{"a":']))).rejects.toThrow(/line 3001: expected JSON, got Unexpected end/);
  });

  it.each([
    ['no JSON', '{"a":1}\n\nnull null\n', undefined, /line 3: expected JSON/],
    ['other names', '{"a":1}\n{"b":1}\n', undefined, /line 2: expected names as in the first row, a, got b/],
    [
      'a name that the first row has not',
      TABLE,
      { target: 'age' },
      /line 2: expected names as in the first row, or the option columns, got 'more'/,
    ],
    ['a target alone', '{"a":1}\n', { target: 'a' }, /line 1: expected a name besides the target, got none/],
    ['no object where there is a target', '[1]\n', { target: 'a' }, /line 1: expected an object, got \[1\]/],
  ])('refuses %s', async (_, text, options, message) => {
    const refused = rows(jsonLines(write('refused.jsonl', text), options as never));
    await expect(refused).rejects.toThrow(DataError);
    await expect(refused).rejects.toThrow(message);
  });

  it('refuses unknown options, and a line without end', async () => {
    expect(() => jsonLines('a', { vector: true } as never)).toThrow(OptionError);
    expect(() => jsonLines('a', { target: ['b', 'y'], columns: ['a', 'y'] })).toThrow(
      /expected other columns than the target, got 'y' as both/,
    );
    const endless = function* () {
      for (;;) yield ' '.repeat(2 ** 22);
    };
    await expect(rows(jsonLines(endless))).rejects.toThrow(/expected lines of at most/);
  });
});
