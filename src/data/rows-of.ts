/** Some rows of a data set, in a given order. */
import { DataError } from '../errors.ts';
import { type Dense, type TensorLike, toDense } from '../nested.ts';
import type { DataSet } from './samples.ts';

/** Tensors whose first axis is the rows: one, or one for each name. */
type Rows = TensorLike | { readonly [name: string]: TensorLike };

/** A data set whose rows can be taken. */
export interface RowSource {
  readonly rows: number;
  /** Class indices, one a row. Throws DataError where targets are anything else. */
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
  const dense = Object.entries(parts).flatMap(([part, value]) =>
    value ? [...value.tensors].map(([name, one]) => [part, name, one] as const) : [],
  );
  const rows = dense[0][2].shape[0];
  for (const [part, name, { shape }] of dense) {
    const at = `${where}.${name === '' ? part : `${part}.${name}`}`;
    if (shape.length === 0) throw new DataError(`${at}: expected rows, got a single number`);
    if (shape[0] !== rows) throw new DataError(`${at}: expected as many rows as ${where}.x has, ${rows}, got ${shape[0]}`);
  }
  return {
    rows,
    classes: () => classesOf(`${where}.y`, parts.y),
    take: (chosen) => ({
      x: taken(parts.x, chosen),
      y: taken(parts.y, chosen),
      ...(parts.weight && { weight: taken(parts.weight, chosen) }),
    }),
  };
}

interface Read {
  readonly isRecord: boolean;
  /** By name; '' where there is but one. */
  readonly tensors: ReadonlyMap<string, Dense>;
}

function read(where: string, value: unknown): Read {
  const isRecord =
    typeof value === 'object' &&
    value !== null &&
    !Array.isArray(value) &&
    !ArrayBuffer.isView(value) &&
    !('shape' in value && 'data' in value);
  if (!isRecord) return { isRecord, tensors: new Map([['', toDense(where, value as TensorLike)]]) };
  const entries = Object.entries(value as Record<string, TensorLike>);
  if (entries.length === 0) throw new DataError(`${where}: expected a tensor, or one for each name, got none`);
  return { isRecord, tensors: new Map(entries.map(([name, one]) => [name, toDense(`${where}.${name}`, one)])) };
}

function classesOf(where: string, { isRecord, tensors }: Read): Int32Array {
  const [{ shape, data }] = tensors.values();
  const isOneARow = !isRecord && (shape.length === 1 || (shape.length === 2 && shape[1] === 1));
  if (!isOneARow || !data.every((index) => Number.isInteger(index) && index >= 0))
    throw new DataError(`${where}: expected class indices, one a row, to keep the classes' shares, got shape [${shape.join(', ')}]`);
  return Int32Array.from(data);
}

function taken({ isRecord, tensors }: Read, rows: Int32Array): Rows {
  const some = [...tensors].map(([name, one]) => [name, rowsOf(one, rows)] as const);
  return isRecord ? Object.fromEntries(some) : some[0][1];
}

function rowsOf({ shape, data }: Dense, rows: Int32Array): Dense {
  const width = shape.slice(1).reduce((product, size) => product * size, 1);
  const chosen = data instanceof Float32Array ? new Float32Array(rows.length * width) : new Float64Array(rows.length * width);
  rows.forEach((row, i) => {
    chosen.set(data.subarray(row * width, (row + 1) * width), i * width);
  });
  return { shape: [rows.length, ...shape.slice(1)], data: chosen, isOwn: true };
}
