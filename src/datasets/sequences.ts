/** Windows of consecutive rows, each of which is a row. */
import { integer, readOptions, required, type TableOf, withDefault } from '../options/table.ts';
import { type Chunk, type Column, elementsOf, isNumeric, joinRows, sliceRows, takeRows, valuesOf } from './chunk.ts';
import { type Reading, rowsPerChunk, type Source } from './source.ts';

export interface SequenceOptions {
  /** Rows of a window: the steps of a sequence. */
  readonly length: number;
  /** Rows from the beginning of a window to that of the next. Default 1. */
  readonly stride?: number;
}

const OPTIONS = { length: required(integer()), stride: withDefault(integer(), 1) } satisfies TableOf<SequenceOptions>;

interface Windows {
  readonly length: number;
  readonly stride: number;
}

export function sequences(source: Source, options: unknown): Source {
  const windows = readOptions('dataset.sequences', OPTIONS, options);
  const { rows, take } = source;
  return {
    rows: rows === undefined ? undefined : windowsIn(rows, windows),
    isSteady: source.isSteady,
    read: (reading) => windowsOf(source, windows, reading),
    ...(take && {
      take: (numbers) =>
        stacked(
          take(
            stepsOf(
              numbers.map((number) => number * windows.stride),
              windows.length,
            ),
          ),
          windows.length,
        ),
    }),
  };
}

const windowsIn = (rows: number, { length, stride }: Windows) => (rows < length ? 0 : Math.floor((rows - length) / stride) + 1);

async function* windowsOf(source: Source, windows: Windows, reading: Reading): AsyncGenerator<Chunk, void, undefined> {
  const { length, stride } = windows;
  let held: Chunk[] = [];
  let rows = 0;
  /** Rows before the next window that are not read yet: a stride may be longer than a window. */
  let ahead = 0;
  for await (const chunk of source.read({ ...reading, skip: reading.skip * stride })) {
    const dropped = Math.min(ahead, chunk.rows);
    ahead -= dropped;
    if (dropped === chunk.rows) continue;
    held.push(sliceRows(chunk, dropped, chunk.rows));
    rows += chunk.rows - dropped;
    if (rows < length) continue;
    const pool = joinRows(held);
    const count = windowsIn(rows, windows);
    yield* stackedWindows(pool, count, windows);
    const next = count * stride;
    ahead = Math.max(0, next - rows);
    rows = Math.max(0, rows - next);
    // Copied: a view would keep all of the rows before it.
    held = rows > 0 ? [takeRows(pool, stepsOf(Int32Array.of(next), rows))] : [];
  }
}

function* stackedWindows(pool: Chunk, count: number, { length, stride }: Windows): Generator<Chunk> {
  const most = rowsPerChunk((elementsOf(pool) / pool.rows) * length);
  for (let at = 0; at < count; at += most) {
    const starts = Int32Array.from({ length: Math.min(most, count - at) }, (_, i) => (at + i) * stride);
    yield stacked(takeRows(pool, stepsOf(starts, length)), length);
  }
}

/** The rows of windows that begin there. */
function stepsOf(starts: Int32Array, length: number): Int32Array {
  return Int32Array.from({ length: starts.length * length }, (_, i) => starts[Math.floor(i / length)] + (i % length));
}

/** Rows that follow each other as one row of `length` steps. */
function stacked({ rows, columns }: Chunk, length: number): Chunk {
  return { rows: rows / length, columns: columns.map((column) => stackedColumn(column, rows / length, length)) };
}

function stackedColumn(column: Column, rows: number, length: number): Column {
  if (isNumeric(column)) {
    const { shape, form } = column;
    // Steps that are numbers are a list of them, whether some are missing or not.
    return { ...column, shape: [length, ...shape], form: shape.length === 0 ? 'list' : form };
  }
  const values = valuesOf(column);
  return { ...column, values: Array.from({ length: rows }, (_, row) => values.slice(row * length, (row + 1) * length)) };
}
