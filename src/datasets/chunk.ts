/**
 * Consecutive rows of a dataset, as columns. Readers make chunks of some thousand rows, and what works on datasets goes through their columns:
 * an object for each row would take longer than a step of a small network.
 */
import { DataError } from '../errors.ts';
import { isPromise } from '../event-loop/promises.ts';
import {
  type Column,
  formatPath,
  isNumberArray,
  isNumeric,
  isSamePath,
  joined,
  type Path,
  packed,
  sliced,
  taken,
  valuesOf,
} from './columns.ts';

export {
  type Column,
  formatPath,
  isNumberArray,
  isNumeric,
  isSamePath,
  likeArray,
  type NumberArray,
  type NumberColumn,
  type Path,
  packed,
  type ValueColumn,
  valuesOf,
  widthOf,
} from './columns.ts';

export interface Chunk {
  readonly rows: number;
  readonly columns: readonly Column[];
  /**
   * Lets its memory be that of later chunks: for the one who took it from its source and has copied all of it. Absent where the memory is
   * somebody else's.
   */
  readonly release?: () => void;
}

/** Rows [from, to), where they lie. */
export function sliceRows({ columns }: Chunk, from: number, to: number): Chunk {
  return { rows: to - from, columns: columns.map((column) => sliced(column, from, to)) };
}

/** Rows by number, copied. */
export function takeRows({ columns }: Chunk, numbers: ArrayLike<number>): Chunk {
  return { rows: numbers.length, columns: columns.map((column) => taken(column, numbers)) };
}

/**
 * Chunks one after the other, copied; of one, itself. A column whose numbers are of several kinds becomes float64; one that is numbers in some and
 * values in others, or has rows of several shapes, becomes values.
 *
 * @throws DataError where they differ in columns.
 */
export function joinRows(chunks: readonly Chunk[]): Chunk {
  if (chunks.length === 1) return chunks[0];
  const [{ columns }] = chunks;
  const rows = chunks.reduce((sum, chunk) => sum + chunk.rows, 0);
  return { rows, columns: columns.map(({ path }) => joined(chunks.map((chunk) => columnAt(chunk, path, columns.length)))) };
}

/** The column of a path, of a chunk that has so many. Throws DataError where it has others. */
export function columnAt({ columns }: Chunk, path: Path, count: number): Column {
  const found = columns.find((column) => isSamePath(column.path, path));
  if (found && columns.length === count) return found;
  const names = columns.map((column) => formatPath(column.path)).join(', ');
  throw new DataError(`dataset: expected rows of the same columns, ${formatPath(path)} among ${count}, got ${names || 'none'}`);
}

/** Numbers and other values of a chunk. */
export const elementsOf = ({ rows, columns }: Chunk): number =>
  columns.reduce((sum, column) => sum + (isNumeric(column) ? column.data.length : rows), 0);

type Row = Record<string, unknown>;

/** A name of rows, and the values that it has in them: of a record of values, by the inner names. */
interface Field {
  readonly name: string;
  readonly values: readonly unknown[] | readonly Field[];
  readonly isRecord: boolean;
}

/** The rows of a chunk as objects, or the values that they are. */
export function rowsOf({ rows, columns }: Chunk): unknown[] {
  const [first] = columns;
  if (first?.path.length === 0) return Array.from(valuesOf(first));
  return objectsOf(rows, fieldsOf(columns));
}

function fieldsOf(columns: readonly Column[], depth = 0): Field[] {
  const names = [...new Set(columns.map(({ path }) => path[depth]))];
  return names.map((name) => {
    const own = columns.filter(({ path }) => path[depth] === name);
    const isRecord = own[0].path.length > depth + 1;
    return { name, isRecord, values: isRecord ? fieldsOf(own, depth + 1) : valuesOf(own[0]) };
  });
}

/** Copies of one object: properties that are added one by one, by names from variables, make objects whose every use is slow. */
function objectsOf(rows: number, fields: readonly Field[]): Row[] {
  const names = fields.map(({ name }) => name);
  const columns = fields.map(({ values, isRecord }) => (isRecord ? objectsOf(rows, values as readonly Field[]) : values));
  const empty = JSON.parse(`{${names.map((name) => `${JSON.stringify(name)}:null`).join()}}`) as Row;
  const objects = new Array<Row>(rows);
  for (let row = 0; row < rows; row++) {
    const object = { ...empty };
    for (let i = 0; i < names.length; i++) object[names[i]] = columns[i][row];
    objects[row] = object;
  }
  return objects;
}

/** Whether a value is a record of named values, and not itself a tensor or a list. */
export const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' &&
  value !== null &&
  !Array.isArray(value) &&
  !ArrayBuffer.isView(value) &&
  !(value instanceof Date) &&
  !('shape' in value && 'data' in value);

/** Rows as chunks, run after run: all have the names of the first of all. */
export type Packer = (rows: readonly unknown[], before?: number | ArrayLike<number>) => Chunk;

/** A packer for the rows of one pass. */
export function rowPacker(): Packer {
  let names: Names | undefined;
  return (rows, before = 0) => {
    const numberOf = (i: number) => (typeof before === 'number' ? before + i : before[i]);
    if (rows.length === 0) return { rows: 0, columns: [] };
    names ??= namesOf(rows[0], numberOf(0));
    const columns = names.paths.map((path) => ({ path, values: new Array<unknown>(rows.length) }));
    for (let i = 0; i < rows.length; i++) {
      if (!spread(rows[i], names, columns, i)) throw unlike(rows[i], names, numberOf(i));
    }
    return { rows: rows.length, columns: columns.map(packed) };
  };
}

/**
 * A chunk of rows as users write them: objects of values, or of records of values, of the same names in each; or anything else, which is a value
 * itself. Numbers in all rows are a column of numbers, and so are lists, typed arrays and tensors of one shape.
 *
 * @param before Rows before the first, or the number of each, for messages.
 * @throws DataError for rows of different names, and for objects without any.
 */
export const chunkOf: Packer = (rows, before) => rowPacker()(rows, before);

/** The names that rows have. */
interface Names {
  /** Of the values of a row itself; undefined where a row is no record. */
  readonly outer: readonly string[] | undefined;
  /** For each, the names within it where it is a record. */
  readonly inner: readonly (readonly string[] | undefined)[];
  readonly paths: readonly Path[];
}

function namesOf(row: unknown, number: number): Names {
  if (!isRecord(row)) return { outer: undefined, inner: [], paths: [[]] };
  const outer = keysOf(row, number, []);
  const inner = outer.map((name) => {
    const value = row[name];
    return isRecord(value) ? keysOf(value, number, [name]) : undefined;
  });
  return { outer, inner, paths: outer.flatMap((name, i): Path[] => inner[i]?.map((one) => [name, one]) ?? [[name]]) };
}

/** Throws DataError for a record without names: a promise, a Map. */
function keysOf(record: object, number: number, path: Path): string[] {
  const keys = Object.keys(record);
  if (keys.length > 0) return keys;
  const got = isPromise(record) ? 'a promise: an async function or generator waits for it' : 'an object without any';
  throw new DataError(`dataset: expected row ${number} to have named values${path.length ? ` in ${formatPath(path)}` : ''}, got ${got}`);
}

interface Filling {
  readonly path: Path;
  readonly values: unknown[];
}

/** Puts the values of a row into columns; false where its names are others. */
function spread(row: unknown, { outer, inner }: Names, columns: readonly Filling[], at: number): boolean {
  if (!outer) {
    columns[0].values[at] = row;
    return !isRecord(row);
  }
  if (!isRecord(row) || !hasNames(row, outer)) return false;
  let column = 0;
  for (let i = 0; i < outer.length; i++) {
    const value = row[outer[i]];
    const within = inner[i];
    if (isRecord(value) !== (within !== undefined)) return false;
    if (!within) columns[column++].values[at] = value;
    else {
      if (!hasNames(value as Row, within)) return false;
      for (const name of within) columns[column++].values[at] = (value as Row)[name];
    }
  }
  return true;
}

/** Whether a record has these names and no others; most records have them in the same order. */
function hasNames(record: Readonly<Row>, names: readonly string[]): boolean {
  const keys = Object.keys(record);
  if (keys.length !== names.length) return false;
  for (let i = 0; i < keys.length; i++) if (keys[i] !== names[i]) return names.every((name) => Object.hasOwn(record, name));
  return true;
}

function unlike(row: unknown, names: Names, number: number): DataError {
  const own = namesOf(row, number).paths.map(formatPath);
  return new DataError(
    `dataset: expected row ${number} to have ${names.paths.map(formatPath).join(', ')} as the rows before it, got ${own.join(', ')}`,
  );
}

/** Numbers and other values of a row as users write it: an estimate, by the first of each list. */
export function elementsOfRow(row: unknown): number {
  if (isNumberArray(row)) return row.length;
  if (Array.isArray(row)) return row.length === 0 ? 1 : row.length * elementsOfRow(row[0]);
  if (typeof row !== 'object' || row === null) return 1;
  if (!isRecord(row)) return 'data' in row ? elementsOfRow(row.data) : 1;
  return Object.values(row).reduce<number>((sum, value) => sum + elementsOfRow(value), 0);
}
