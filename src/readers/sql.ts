/** Results of DuckDB's queries, and Parquet files, as datasets. */

import { resolve } from 'node:path';
import type { Chunk } from '../datasets/chunk.ts';
import type { Reading, Source } from '../datasets/source.ts';
import { OptionError } from '../errors.ts';
import { pathOf } from '../node/files.ts';
import { asGiven, optional, readOptions, type TableOf } from '../options/table.ts';
import { checkLocation, describe, type FileLocation } from '../options.ts';
import { DuckQuery } from './duckdb.ts';
import { remembered } from './remembered.ts';
import { type ColumnOfResult, ResultChunks } from './sql-chunks.ts';
import { TableDataset } from './table-dataset.ts';
import { layoutOf, TABLE_READER_OPTIONS, type TableReaderOptions, type TableRow, type TableSettings } from './table-options.ts';
import type { ReaderPlan } from './thread/messages.ts';
import { offThread } from './thread/off-thread.ts';

export type ParquetOptions = TableReaderOptions;

export interface SqlOptions extends TableReaderOptions {
  /** The file of a database, which is opened to be read alone. Default: a database in memory, from which a query reads files. */
  readonly database?: FileLocation;
}

const SQL_OPTIONS = { ...TABLE_READER_OPTIONS, database: optional(asGiven<FileLocation>()) } satisfies TableOf<SqlOptions>;

/** A value of a result: what is neither number nor text comes as DuckDB's client has it. */
type SqlValue = number | string | null | object;

/**
 * The rows of a query's result, by DuckDB (the package @duckdb/node-api), which reads Parquet, CSV, JSON and databases: rows `{ x, y }` with a target,
 * `{ x }` without one. The query runs again in every pass, and its result comes in chunks of columns: it may be larger than memory.
 *
 * Numbers and booleans are float64 (a gap is NaN; integers beyond 2⁵³ are rounded), arrays of numbers vectors, lists values; all other types are text
 * (a gap is null): times as DuckDB writes them. Rows of joins and groups have an order only by ORDER BY, without which fits of the same seed differ.
 *
 * A query can do whatever SQL can, reading and writing files included: never make one of what strangers say.
 *
 * @throws OptionError for anything unknown. Reading throws OptionError where the package is not installed or the result lacks a column, DataError for
 *   what DuckDB refuses, BackendError where the worker fails.
 */
export function sql<const O extends SqlOptions = Record<never, never>>(query: string, options?: O): TableDataset<TableRow<O, SqlValue>> {
  if (typeof query !== 'string' || query.trim() === '') throw new OptionError(`sql: expected a query, got ${describe(query)}`);
  const { database, worker, ...settings } = readOptions('sql', SQL_OPTIONS, options ?? {});
  const path = database === undefined ? undefined : pathOf(checkLocation('sql.database', database));
  const plan: ReaderPlan = { reader: 'sql', input: query, options: { ...options, database: path } };
  return queried({ query: query.replace(/[\s;]+$/, ''), database: path, settings, plan, worker });
}

/**
 * The rows of a Parquet file, read by DuckDB as by `sql`. A path may have `*` and `**` for several files, which are read in the order of their names.
 *
 * @throws as `sql`.
 */
export function parquet<const O extends ParquetOptions = Record<never, never>>(
  path: FileLocation,
  options?: O,
): TableDataset<TableRow<O, SqlValue>> {
  const { worker, ...settings } = readOptions('parquet', TABLE_READER_OPTIONS, options ?? {});
  const file = resolve(pathOf(checkLocation('parquet', path)));
  const plan: ReaderPlan = { reader: 'parquet', input: file, options: { ...options } };
  return queried({ query: `FROM read_parquet(${quoted(file, "'")})`, database: undefined, settings, plan, worker });
}

interface Query {
  readonly query: string;
  readonly database: string | undefined;
  readonly settings: TableSettings;
  readonly plan: ReaderPlan;
  readonly worker: boolean | undefined;
}

function queried<Row>(query: Query): TableDataset<Row> {
  const columns = remembered(() => columnsOf(query));
  const source: Source = {
    rows: undefined,
    isSteady: true,
    async *read({ skip, memory }): AsyncGenerator<Chunk, void, undefined> {
      yield* readResult(query, await columns(), { skip, memory });
    },
  };
  const { plan, worker } = query;
  const threaded = offThread(plan.reader, source, { plan, file: undefined, wish: worker });
  return new TableDataset(threaded, async () => (await columns()).map(({ name, type }) => ({ name, type })));
}

const NUMBERS = /^(?:BOOLEAN|U?(?:TINY|SMALL|BIG|HUGE)?INT(?:EGER)?|FLOAT|DOUBLE|DECIMAL\(.*\)|BIGNUM|VARINT)$/;

async function columnsOf({ plan, query, database }: Query): Promise<readonly ColumnOfResult[]> {
  const opened = await DuckQuery.open(plan.reader, database);
  try {
    const columns: ColumnOfResult[] = [];
    for await (const chunk of opened.chunks(`SELECT column_name, column_type FROM (DESCRIBE ${within(query)})`))
      for (let row = 0; row < chunk.rowCount; row++) {
        const [name, type] = [0, 1].map((column) => String(chunk.getColumnVector(column).getItem(row)));
        columns.push(columnOf(name, type));
      }
    return columns;
  } finally {
    opened.close();
  }
}

/** Gaps in numbers become NaN within DuckDB: whole columns are then copied as they lie. */
function columnOf(name: string, type: string): ColumnOfResult {
  const column = quoted(name, '"');
  if (NUMBERS.test(type)) return { name, type: 'number', expression: `coalesce(CAST(${column} AS DOUBLE), CAST('NaN' AS DOUBLE))` };
  const [, element, sizes] = /^(.*?)((?:\[\d*\])*)$/.exec(type) ?? [];
  if (sizes === '' || !NUMBERS.test(element)) {
    const isBytes = type === 'BLOB';
    return { name, type: isBytes ? 'values' : 'text', expression: isBytes ? column : `CAST(${column} AS VARCHAR)` };
  }
  return { name, type: 'values', expression: `CAST(${column} AS DOUBLE${sizes})`, isVector: /^\[\d+\]$/.test(sizes) };
}

/** A name or a text of SQL. */
const quoted = (text: string, mark: '"' | "'") => `${mark}${text.replaceAll(mark, mark + mark)}${mark}`;

/** A query that stands in another's parentheses: it may end with a comment, which the line's end ends. */
const within = (query: string) => `${query}\n`;

async function* readResult(
  query: Query,
  columns: readonly ColumnOfResult[],
  { skip, memory }: Pick<Reading, 'skip' | 'memory'>,
): AsyncGenerator<Chunk, void, undefined> {
  const { reader } = query.plan;
  const results = new ResultChunks(reader, layoutOf(reader, query.settings, columns), columns, memory);
  const opened = await DuckQuery.open(reader, query.database);
  try {
    const passing = skip > 0 ? ` OFFSET ${skip}` : '';
    for await (const chunk of opened.chunks(`SELECT ${results.expressions.join(', ')} FROM (${within(query.query)})${passing}`))
      yield results.chunk(chunk);
  } finally {
    opened.close();
  }
}
