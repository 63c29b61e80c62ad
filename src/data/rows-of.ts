/** Some rows of a data set, in a given order. */
import { DataError } from '../errors.ts';
import { type Dense, type TensorLike, toDense } from '../nested.ts';
import type { DataSet } from './samples.ts';

/** A tensor whose first axis is the rows, or a list of raw values or raw rows. */
type Column = TensorLike | readonly unknown[];

/** One, or one for each name. */
type Rows = Column | { readonly [name: string]: Column };

/** A data set whose rows can be taken. */
export interface RowSource {
  readonly rows: number;
  /** Class indices, one a row: those given, or of labels their order of first appearance. Throws DataError where targets are anything else. */
  classes(): Int32Array;
  /** These rows, copied. */
  take(rows: Int32Array): DataSet<Rows, Rows>;
}

/** Reads a data set. Throws DataError or ShapeError where it is none, or its parts differ in rows. */
export function rowSource(where: string, data: DataSet<unknown, unknown>): RowSource {
  const parts = {
    x: read(`${where}.x`, data?.x),
    y: read(`${where}.y`, data?.y),
    weight: data?.weight && read(`${where}.weight`, data.weight),
  };
  const columns = Object.entries(parts).flatMap(([part, value]) =>
    value ? [...value.columns].map(([name, one]) => [part, name, one] as const) : [],
  );
  const rows = rowsIn(columns[0][2]) ?? 0;
  for (const [part, name, column] of columns) {
    const at = `${where}.${name === '' ? part : `${part}.${name}`}`;
    const own = rowsIn(column);
    if (own === undefined) throw new DataError(`${at}: expected rows, got a single number`);
    if (own !== rows) throw new DataError(`${at}: expected as many rows as ${where}.x has, ${rows}, got ${own}`);
  }
  return {
    rows,
    classes: () => classesOf(`${where}.y`, parts.y),
    take: (chosen) => ({
      x: taken(parts.x, chosen),
      y: taken(parts.y, chosen),
      ...(parts.weight && { weight: taken(parts.weight, chosen) as DataSet['weight'] & {} }),
    }),
  };
}

interface Read {
  readonly isRecord: boolean;
  /** By name; '' where there is but one. */
  readonly columns: ReadonlyMap<string, ReadColumn>;
}

type ReadColumn = Dense | readonly unknown[];

const isList = (column: ReadColumn): column is readonly unknown[] => Array.isArray(column);

/** Undefined of a single number. */
const rowsIn = (column: ReadColumn): number | undefined => (isList(column) ? column.length : column.shape[0]);

function read(where: string, value: unknown): Read {
  const isRecord =
    typeof value === 'object' &&
    value !== null &&
    !Array.isArray(value) &&
    !ArrayBuffer.isView(value) &&
    !('shape' in value && 'data' in value);
  if (!isRecord) return { isRecord, columns: new Map([['', readColumn(where, value)]]) };
  const entries = Object.entries(value);
  if (entries.length === 0) throw new DataError(`${where}: expected a tensor, or one for each name, got none`);
  return { isRecord, columns: new Map(entries.map(([name, one]) => [name, readColumn(`${where}.${name}`, one)])) };
}

/** Numbers as a tensor. A list that has anything else among them, such as records, labels and gaps, is one of raw values. */
function readColumn(where: string, value: unknown): ReadColumn {
  const isOfNumbers = (one: unknown) => typeof one === 'number' || Array.isArray(one) || ArrayBuffer.isView(one);
  return Array.isArray(value) && !value.every(isOfNumbers) ? value : toDense(where, value as TensorLike);
}

function classesOf(where: string, { isRecord, columns }: Read): Int32Array {
  const [column] = columns.values();
  const got = isRecord ? 'several by name' : isList(column) ? 'a list of other values' : `shape [${column.shape.join(', ')}]`;
  const refused = new DataError(`${where}: expected class indices or labels, one a row, to keep the classes' shares, got ${got}`);
  if (isRecord) throw refused;
  if (isList(column)) {
    if (column.every(isLabel)) return placesOf(column);
    throw refused;
  }
  const { shape, data } = column;
  const isOneARow = shape.length === 1 || (shape.length === 2 && shape[1] === 1);
  if (!isOneARow || !data.every((index) => Number.isInteger(index) && index >= 0)) throw refused;
  return Int32Array.from(data);
}

const isLabel = (value: unknown) => ['string', 'boolean', 'number'].includes(typeof value);

function placesOf(labels: readonly unknown[]): Int32Array {
  const places = new Map<unknown, number>();
  return Int32Array.from(labels, (label) => {
    const place = places.get(label) ?? places.size;
    places.set(label, place);
    return place;
  });
}

function taken({ isRecord, columns }: Read, rows: Int32Array): Rows {
  const some = [...columns].map(([name, one]) => [name, rowsOf(one, rows)] as const);
  return isRecord ? Object.fromEntries(some) : some[0][1];
}

function rowsOf(column: ReadColumn, rows: Int32Array): Column {
  if (isList(column)) return Array.from(rows, (row) => column[row]);
  const { shape, data } = column;
  const width = shape.slice(1).reduce((product, size) => product * size, 1);
  const chosen = data instanceof Float32Array ? new Float32Array(rows.length * width) : new Float64Array(rows.length * width);
  rows.forEach((row, i) => {
    chosen.set(data.subarray(row * width, (row + 1) * width), i * width);
  });
  const some: Dense = { shape: [rows.length, ...shape.slice(1)], data: chosen, isOwn: true };
  return some;
}
