/**
 * Consecutive rows of a dataset, as columns. Readers make chunks of some thousand rows, and what works on datasets goes through their columns:
 * an object for each row would take longer than a step of a small network.
 */
import { DataError } from '../errors.ts';
import { describe } from '../options.ts';

/** The names under which a row has a value: none where the row itself is the value, `['y']`, or `['x', 'age']` within a record. */
export type Path = readonly string[];

export type NumberArray =
  | Float32Array
  | Float64Array
  | Int8Array
  | Int16Array
  | Int32Array
  | Uint8Array
  | Uint8ClampedArray
  | Uint16Array
  | Uint32Array;

/** Numbers of one shape, row after row: integers stay integers, and bytes bytes. */
export interface NumberColumn {
  readonly path: Path;
  /** Of one row. */
  readonly shape: readonly number[];
  readonly data: NumberArray;
}

/** One value a row of any kind: text, null where it is missing, a list of any length. */
export interface ValueColumn {
  readonly path: Path;
  readonly values: readonly unknown[];
}

export type Column = NumberColumn | ValueColumn;

export interface Chunk {
  readonly rows: number;
  readonly columns: readonly Column[];
}

export const isNumeric = (column: Column): column is NumberColumn => 'data' in column;

/** Numbers of one row. */
export const widthOf = ({ shape }: NumberColumn): number => shape.reduce((product, size) => product * size, 1);

export const isSamePath = (a: Path, b: Path): boolean => a.length === b.length && a.every((name, i) => name === b[i]);

/** A path in messages. */
export const formatPath = (path: Path): string => (path.length ? path.join('.') : 'the row');

/** An empty array of the same kind. */
export function likeArray<T extends NumberArray>(data: T, length: number): T {
  return new (data.constructor as new (length: number) => T)(length);
}

/** Rows [from, to), where they lie. */
export function sliceRows({ columns }: Chunk, from: number, to: number): Chunk {
  return {
    rows: to - from,
    columns: columns.map((column) => {
      if (!isNumeric(column)) return { ...column, values: column.values.slice(from, to) };
      const width = widthOf(column);
      return { ...column, data: column.data.subarray(from * width, to * width) };
    }),
  };
}

/** Rows by number, copied. */
export function takeRows({ columns }: Chunk, numbers: ArrayLike<number>): Chunk {
  return { rows: numbers.length, columns: columns.map((column) => taken(column, numbers)) };
}

function taken(column: Column, numbers: ArrayLike<number>): Column {
  if (!isNumeric(column)) return { ...column, values: Array.from(numbers, (row) => column.values[row]) };
  const { data } = column;
  const width = widthOf(column);
  const some = likeArray(data, numbers.length * width);
  if (width === 1) for (let i = 0; i < numbers.length; i++) some[i] = data[numbers[i]];
  else for (let i = 0; i < numbers.length; i++) some.set(data.subarray(numbers[i] * width, (numbers[i] + 1) * width), i * width);
  return { ...column, data: some };
}

/**
 * Chunks one after the other, copied; of one, itself. A column that is numbers in some and values in others becomes values, one whose numbers are
 * of several kinds float64.
 *
 * @throws DataError where they differ in columns, or in the shape of a column.
 */
export function joinRows(chunks: readonly Chunk[]): Chunk {
  if (chunks.length === 1) return chunks[0];
  const [{ columns }] = chunks;
  const rows = chunks.reduce((sum, chunk) => sum + chunk.rows, 0);
  return { rows, columns: columns.map(({ path }) => joined(chunks.map((chunk) => columnAt(chunk, path, columns.length)))) };
}

function columnAt({ columns }: Chunk, path: Path, count: number): Column {
  const found = columns.find((column) => isSamePath(column.path, path));
  if (found && columns.length === count) return found;
  const names = columns.map((column) => formatPath(column.path)).join(', ');
  throw new DataError(`dataset: expected rows of the same columns, ${formatPath(path)} among ${count}, got ${names || 'none'}`);
}

function joined(parts: readonly Column[]): Column {
  const [{ path }] = parts;
  const numeric = parts.filter(isNumeric);
  if (numeric.length < parts.length) return { path, values: parts.flatMap(valuesOf) };
  const [{ shape, data: first }] = numeric;
  const other = numeric.find((part) => part.shape.join() !== shape.join());
  if (other)
    throw new DataError(
      `dataset: expected ${formatPath(path)} of shape [${shape.join(', ')}] in every row, got [${other.shape.join(', ')}]`,
    );
  const length = numeric.reduce((sum, { data }) => sum + data.length, 0);
  const isOneKind = numeric.every(({ data }) => data.constructor === first.constructor);
  const data = isOneKind ? likeArray(first, length) : new Float64Array(length);
  let at = 0;
  for (const part of numeric) {
    data.set(part.data, at);
    at += part.data.length;
  }
  return { path, shape, data };
}

/** The values of a column, one a row: a number, an array of numbers, or a tensor where a row has several axes. */
export function valuesOf(column: Column): readonly unknown[] {
  if (!isNumeric(column)) return column.values;
  const { shape, data } = column;
  if (shape.length === 0) return Array.from(data);
  const width = widthOf(column);
  const rows = width === 0 ? 0 : data.length / width;
  return Array.from({ length: rows }, (_, row) => {
    const own = data.slice(row * width, (row + 1) * width);
    return shape.length === 1 ? own : { shape, data: own };
  });
}

/** The rows of a chunk as objects, or the values that they are. */
export function rowsOf({ rows, columns }: Chunk): unknown[] {
  const values = columns.map((column) => [column.path, valuesOf(column)] as const);
  return Array.from({ length: rows }, (_, row) => {
    let whole: unknown = {};
    for (const [path, some] of values) {
      if (path.length === 0) whole = some[row];
      else put(whole as Record<string, unknown>, path, some[row]);
    }
    return whole;
  });
}

function put(row: Record<string, unknown>, [name, inner]: Path, value: unknown): void {
  // A column may have any name, that of an object's prototype too.
  const own = (object: Record<string, unknown>, key: string, given: unknown) =>
    Object.defineProperty(object, key, { value: given, enumerable: true, configurable: true, writable: true });
  if (inner === undefined) {
    own(row, name, value);
    return;
  }
  if (!Object.hasOwn(row, name)) own(row, name, {});
  own(row[name] as Record<string, unknown>, inner, value);
}

/** Whether a value is a record of named values, and not itself a tensor or a list. */
export const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' &&
  value !== null &&
  !Array.isArray(value) &&
  !ArrayBuffer.isView(value) &&
  !(value instanceof Date) &&
  !('shape' in value && 'data' in value);

/**
 * A chunk of rows as users write them: objects of values, or of records of values, of the same names in each; or anything else, which is a value
 * itself. Numbers in all rows are a column of numbers.
 *
 * @param before Rows before the first, for messages.
 * @throws DataError for rows of different names.
 */
export function chunkOf(rows: readonly unknown[], before = 0): Chunk {
  const paths = rows.length ? pathsOf(rows[0]) : [];
  const columns = paths.map((path) => ({ path, values: new Array<unknown>(rows.length) }));
  rows.forEach((row, i) => {
    const count = pathsOf(row).length;
    for (const { path, values } of columns) values[i] = valueAt(row, path, before + i);
    if (count !== paths.length)
      throw new DataError(
        `dataset: expected row ${before + i} to have ${paths.map(formatPath).join(', ')} as the rows before it, got ${describe(row)}`,
      );
  });
  return { rows: rows.length, columns: columns.map(packed) };
}

function pathsOf(row: unknown): Path[] {
  if (!isRecord(row)) return [[]];
  return Object.entries(row).flatMap(([name, value]) =>
    isRecord(value) ? Object.keys(value).map((inner): Path => [name, inner]) : [[name]],
  );
}

function valueAt(row: unknown, path: Path, number: number): unknown {
  let value = row;
  for (const name of path) {
    if (!isRecord(value) || !Object.hasOwn(value, name))
      throw new DataError(`dataset: expected row ${number} to have ${formatPath(path)} as the rows before it, got ${describe(row)}`);
    value = value[name];
  }
  return value;
}

/** Numbers, and arrays of numbers of one length and kind, as a column of numbers. */
export function packed(column: ValueColumn): Column {
  const { path, values } = column;
  if (values.length === 0) return column;
  if (values.every((value) => typeof value === 'number')) return { path, shape: [], data: Float64Array.from(values as number[]) };
  const parts = values.map(flatNumbers);
  const [first] = parts;
  if (!first || !parts.every((part) => part !== undefined && isLike(part, first))) return column;
  const data = likeArray(first.data, values.length * first.data.length);
  parts.forEach((part, i) => {
    data.set((part as Flat).data, i * first.data.length);
  });
  return { path, shape: first.shape, data };
}

interface Flat {
  readonly shape: readonly number[];
  readonly data: NumberArray;
}

const isLike = (a: Flat, b: Flat) => a.shape.join() === b.shape.join() && a.data.constructor === b.data.constructor;

const isNumberArray = (value: unknown): value is NumberArray =>
  ArrayBuffer.isView(value) && !(value instanceof DataView || value instanceof BigInt64Array || value instanceof BigUint64Array);

/** A typed array, a tensor over one, or a list of numbers; undefined for anything else. */
function flatNumbers(value: unknown): Flat | undefined {
  if (isNumberArray(value)) return { shape: [value.length], data: value };
  if (Array.isArray(value)) {
    return value.every((one) => typeof one === 'number') ? { shape: [value.length], data: Float64Array.from(value) } : undefined;
  }
  if (typeof value !== 'object' || value === null || !('shape' in value && 'data' in value)) return undefined;
  const { shape, data } = value as { readonly shape: unknown; readonly data: unknown };
  const isWhole = Array.isArray(shape) && isNumberArray(data) && data.length === shape.reduce((product, size) => product * size, 1);
  return isWhole ? { shape, data } : undefined;
}
