/** Raw rows in the forms that callers and readers have them, column by column. */
import { type Chunk, type Column, formatPath, isNumeric, isRecord, isSamePath, type Path } from '../datasets/chunk.ts';
import { DataError } from '../errors.ts';
import { describe } from '../options.ts';
import { isList } from './cells.ts';

/** The values of a column, one a row: single ones, or lists. */
export type RawValues = ArrayLike<unknown>;

/** Rows whose columns can be had by name. */
export interface RawRows {
  readonly rows: number;
  /** Throws DataError where there is no such column. */
  column(name: string): RawValues;
}

const missing = (where: string, name: string, got: readonly string[]) =>
  new DataError(`${where}: expected a column ${name}, got ${got.join(', ') || 'none'}`);

/**
 * Rows as callers give them: an array of records, or a record of columns.
 *
 * @param names Those of all columns that will be asked for. A name that a record lacks is a gap, unless it has another name in its place.
 * @param before Rows before the first, for messages.
 * @throws DataError for anything else.
 */
export function rowsFrom(where: string, x: unknown, names: ReadonlySet<string>, before = 0): RawRows {
  if (isList(x)) return fromRecords(where, x, names, before);
  if (!isRecord(x)) throw new DataError(`${where}: expected rows, an array of records or a record of columns, got ${describe(x)}`);
  const columns = new Map(Object.entries(x).map(([name, values]) => [name, listOf(`${where}.${name}`, values)]));
  const [first] = columns;
  const uneven = [...columns].find(([, values]) => values.length !== first[1].length);
  if (uneven)
    throw new DataError(
      `${where}.${uneven[0]}: expected as many rows as ${where}.${first[0]} has, ${first[1].length}, got ${uneven[1].length}`,
    );
  return {
    rows: first?.[1].length ?? 0,
    column(name) {
      const values = columns.get(name);
      if (!values) throw missing(where, name, [...columns.keys()]);
      return values;
    },
  };
}

function fromRecords(where: string, x: RawValues, names: ReadonlySet<string>, before: number): RawRows {
  for (let row = 0; row < x.length; row++) checkRecord(where, before + row, x[row], names);
  const records = x as ArrayLike<Readonly<Record<string, unknown>>>;
  return {
    rows: x.length,
    column: (name) => Array.from(records, (record) => (Object.hasOwn(record, name) ? record[name] : undefined)),
  };
}

/** A misspelt name would be a gap that is filled. */
function checkRecord(where: string, row: number, record: unknown, names: ReadonlySet<string>): void {
  if (!isRecord(record)) throw new DataError(`${where}: expected a record as row ${row}, got ${describe(record)}`);
  let known = 0;
  let other: string | undefined;
  for (const name in record) {
    if (names.has(name)) known++;
    else other = name;
  }
  if (known === names.size || other === undefined) return;
  const lacking = [...names].find((name) => !Object.hasOwn(record, name));
  if (lacking !== undefined)
    throw new DataError(`${where}: expected ${lacking} in row ${row}, got a record without it, but with ${describe(other)}`);
}

/** A list, or a tensor of one number a row or of a list of numbers a row. Throws DataError. */
export function listOf(where: string, value: unknown): RawValues {
  if (isList(value)) return value;
  if (typeof value === 'object' && value !== null && 'shape' in value && 'data' in value) {
    const { shape, data } = value as { readonly shape: unknown; readonly data: unknown };
    if (isList(data) && Array.isArray(shape) && (shape.length === 1 || shape.length === 2)) {
      const [rows, width = 1] = shape;
      if (rows * width === data.length) return rowsOver(data, rows, width);
    }
  }
  throw new DataError(`${where}: expected a list of values, one a row, got ${describe(value)}`);
}

/** Rows of `width` numbers, where they lie. */
function rowsOver(data: RawValues, rows: number, width: number): RawValues {
  if (width === 1) return data;
  const cut = (Array.isArray(data) ? data.slice : (data as Float64Array).subarray) as (from: number, to: number) => RawValues;
  return Array.from({ length: rows }, (_, row) => cut.call(data, row * width, (row + 1) * width));
}

/** The rows of a chunk: under `x`, or where nothing is, the rows themselves. */
export function rowsOfChunk(where: string, { rows, columns }: Chunk): RawRows {
  const before: Path = columns.some(({ path }) => path[0] === 'x' && path.length > 1) ? ['x'] : [];
  return {
    rows,
    column(name) {
      const found = columns.find(({ path }) => isSamePath(path, [...before, name]));
      if (found) return valuesOf(where, found);
      throw missing(
        where,
        formatPath([...before, name]),
        columns.map(({ path }) => formatPath(path)),
      );
    },
  };
}

/** A value a row, or a list of numbers. Throws DataError for numbers in more dimensions. */
export function valuesOf(where: string, column: Column): RawValues {
  if (!isNumeric(column)) return column.values;
  const { path, shape, data } = column;
  if (shape.length <= 1) return rowsOver(data, data.length / (shape[0] ?? 1), shape[0] ?? 1);
  throw new DataError(
    `${where}: expected a value or a list of numbers a row in ${formatPath(path)}, got numbers of shape [${shape.join(', ')}]`,
  );
}
