/** Queries and Parquet files by DuckDB: types, gaps, order, and what is refused. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { parquet, sql } from 'chainrule/data';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { joinRows, type NumberColumn, type ValueColumn } from '../../src/datasets/chunk.ts';
import { DataError, OptionError } from '../../src/errors.ts';
import { chunks, rows } from './reading.ts';

let folder: string;
const at = (name: string) => join(folder, name);

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "chainrule-sql'-"));
  const instance = await DuckDBInstance.create(at('some.db'));
  const connection = await instance.connect();
  await connection.run(`CREATE TABLE people AS SELECT i AS age, 'job' || (i % 3) AS job, i / 2 AS pay FROM range(3000) t(i)`);
  await connection.run(`COPY people TO '${at('people.parquet').replaceAll("'", "''")}' (ROW_GROUP_SIZE 2048)`);
  connection.closeSync();
  instance.closeSync();
});
afterAll(() => rmSync(folder, { recursive: true }));

const TYPES = `SELECT true AS flag, 7::UTINYINT AS byte, 9::BIGINT AS big, 1.25::DECIMAL(5, 2) AS price, 0.5::FLOAT AS single,
  'a long text beyond twelve' AS words, DATE '2026-11-28' AS day, [1, 2]::FLOAT[2] AS vector, [1, 2, 3]::INTEGER[] AS list, 'ab'::BLOB AS bytes,
  'b'::ENUM('a', 'b') AS kind
  UNION ALL SELECT NULL, NULL, NULL, NULL, NULL, NULL, NULL, [3, 4]::FLOAT[2], NULL, NULL, NULL;`;

describe('sql', () => {
  it('gives numbers as float64, arrays as vectors, all else as text; gaps are NaN or null', async () => {
    const dataset = sql(TYPES);
    const { columns } = joinRows(await chunks(dataset));
    const column = (name: string) => columns.find(({ path }) => path[1] === name) as NumberColumn & ValueColumn;
    expect(column('vector')).toEqual({ path: ['x', 'vector'], shape: [2], data: Float64Array.of(1, 2, 3, 4) });
    expect(column('price').data).toEqual(Float64Array.of(1.25, Number.NaN));
    expect(column('words').values).toEqual(['a long text beyond twelve', null]);
    expect(column('day').values).toEqual(['2026-11-28', null]);
    expect(column('list').values).toEqual([Float64Array.of(1, 2, 3), null]);
    expect([...(column('bytes').values[0] as Uint8Array)]).toEqual([97, 98]);
    expect(column('kind').values).toEqual(['b', null]);
    expect((await dataset.describe()).map(({ type }) => type).join()).toBe(
      'number,number,number,number,number,text,text,values,values,values,text',
    );
  });

  it('reads a database, in several passes at once', async () => {
    const dataset = sql('SELECT * FROM people WHERE age < 2000 ORDER BY age DESC', { database: at('some.db'), target: 'job' });
    const [all, rest] = await Promise.all([rows(dataset), rows(dataset, 1990)]);
    expect(all).toHaveLength(2000);
    expect(all[0]).toEqual({ x: { age: 1999, pay: 999.5 }, y: 'job1' });
    expect(rest).toEqual(all.slice(1990));
  });

  it('makes one vector of numbers', async () => {
    const dataset = sql('SELECT 0.1::DOUBLE AS a, 0.1::DOUBLE AS b, 3 AS c UNION ALL SELECT NULL, NULL, NULL -- gaps', {
      target: 'b',
      vector: true,
    });
    expect((await chunks(dataset)).map(({ columns }) => columns)).toEqual(
      [
        [0.1, 0.1, 3],
        [Number.NaN, Number.NaN, Number.NaN],
      ].map(([a, b, c]) => [
        { path: ['x'], shape: [2], data: Float32Array.of(a, c) },
        { path: ['y'], shape: [], data: Float64Array.of(b) },
      ]),
    );
  });

  it.each<[string, object, typeof DataError | typeof OptionError, RegExp]>([
    ['SELECT nothing FROM nowhere', {}, DataError, /sql: expected a query that DuckDB answers, got: .*nowhere/],
    ['SELECT 1 AS a; SELECT 2 AS b', {}, DataError, /expected a query/],
    ["SELECT error('mine') AS a FROM range(3)", {}, DataError, /mine/],
    ['SELECT 1 AS a', { target: 'b' }, OptionError, /sql.target: expected names of a, got 'b'/],
    ['SELECT NULL::FLOAT[2] AS a', {}, DataError, /expected vectors of numbers without gaps in column 'a'/],
    ['SELECT 1e300 AS a', { vector: true }, DataError, /1e\+300 can't be cast because the value is out of range/],
    ['SELECT 1', { database: '/no/such.db' }, DataError, /sql: expected a database of DuckDB, got: /],
  ])('refuses %s with %o', async (query, options, type, message) => {
    const refused = rows(sql(query, options));
    await expect(refused).rejects.toThrow(type);
    await expect(refused).rejects.toThrow(message);
  });

  it.each([
    ['' as never, {}],
    [7 as never, {}],
    ['SELECT 1', { data: 1 }],
    ['SELECT 1', { database: 7 }],
  ])('refuses %o with %o', (query, options) => {
    expect(() => sql(query, options as never)).toThrow(OptionError);
  });
});

describe('parquet', () => {
  it('refuses what is no path', () => {
    expect(() => parquet(7 as never)).toThrow(/^parquet: expected a path or a URL, got 7$/);
  });

  it('gives the rows in their order, from any on', async () => {
    const dataset = parquet(at('people.parquet'), { target: 'pay', columns: ['age', 'job'] });
    const all = await rows(dataset);
    expect(all).toEqual(Array.from({ length: 3000 }, (_, i) => ({ x: { age: i, job: `job${i % 3}` }, y: i / 2 })));
    expect(await rows(dataset, 2999)).toEqual(all.slice(2999));
    expect(await rows(parquet(at('*.parquet')), 2999)).toHaveLength(1);
  });

  it('ends a query that is left early', async () => {
    for await (const row of parquet(at('people.parquet'))) {
      expect(row.x.age).toBe(0);
      break;
    }
  });

  it('refuses a file that is not there, or none of Parquet', async () => {
    await expect(rows(parquet('/no/such.parquet'))).rejects.toThrow(/expected a query that DuckDB answers, got: .*such.parquet/);
    await expect(rows(parquet(at('some.db')))).rejects.toThrow(DataError);
    expect(() => parquet('https://example.org/x.parquet')).toThrow(DataError);
  });
});
