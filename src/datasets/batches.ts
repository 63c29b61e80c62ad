/** Rows by columns, so many at a time. */
import { flag, integer, optional, readOptions, type TableOf, withDefault } from '../options/table.ts';
import { checkSignal } from '../options.ts';
import { type Chunk, isNumeric, joinRows, sliceRows, valuesOf } from './chunk.ts';
import { FIRST, type Reading, type Source } from './source.ts';

/** Which pass over the rows of a dataset. */
export interface PassOptions {
  /** Passes before it. Default 0. */
  readonly epoch?: number;
  /** Decides all that is random, with the epoch. Default 0. */
  readonly seed?: number;
  /** Ends the pass early: it rejects with the signal's reason. */
  readonly signal?: AbortSignal;
}

export interface BatchOptions extends PassOptions {
  /** Whether the last rows are left out where they are fewer. Default false. */
  readonly dropLast?: boolean;
}

const PASS = {
  epoch: withDefault(integer(0), 0),
  seed: withDefault(integer(0), 0),
  signal: optional(checkSignal),
} satisfies TableOf<PassOptions>;
const OPTIONS = { ...PASS, dropLast: withDefault(flag, false) } satisfies TableOf<BatchOptions>;

export const readingOf = (where: string, options: unknown): Reading => ({ ...FIRST, ...readOptions(where, PASS, options) });

export async function* batches(source: Source, size: number, options: unknown): AsyncGenerator<unknown, void, undefined> {
  const { dropLast, ...pass } = readOptions('dataset.batches', OPTIONS, options);
  let held: Chunk[] = [];
  let rows = 0;
  for await (const chunk of source.read({ ...FIRST, ...pass })) {
    held.push(chunk);
    rows += chunk.rows;
    if (rows < size) continue;
    const pool = joinRows(held);
    let at = 0;
    for (; rows - at >= size; at += size) yield batchOf(sliceRows(pool, at, at + size));
    held = at < rows ? [sliceRows(pool, at, rows)] : [];
    rows -= at;
  }
  if (rows > 0 && !dropLast) yield batchOf(joinRows(held));
}

/** The columns of a chunk by name; that of rows which are values by itself. */
function batchOf({ rows, columns }: Chunk): unknown {
  const batch: Record<string, unknown> = {};
  for (const column of columns) {
    const value = isNumeric(column) ? { shape: [rows, ...column.shape], data: column.data } : valuesOf(column);
    if (column.path.length === 0) return value;
    place(batch, column.path, value);
  }
  return batch;
}

function place(record: Record<string, unknown>, [name, ...inner]: readonly string[], value: unknown): void {
  if (inner.length > 0 && !Object.hasOwn(record, name)) define(record, name, {});
  if (inner.length > 0) place(record[name] as Record<string, unknown>, inner, value);
  else define(record, name, value);
}

/** Whatever the name is, also that of an object's prototype. */
const define = (record: object, name: string, value: unknown) =>
  Object.defineProperty(record, name, { value, enumerable: true, configurable: true, writable: true });
