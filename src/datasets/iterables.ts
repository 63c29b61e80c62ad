/** Rows of users' functions, iterables and streams. */
import { DataError, StateError } from '../errors.ts';
import { slices } from '../event-loop/slices.ts';
import type { GlobalAbortSignal } from '../globals.ts';
import { describe } from '../options.ts';
import { type Chunk, elementsOfRow, rowPacker } from './chunk.ts';
import { throwIfAborted, untilAborted } from './reading.ts';
import { isDataset, type Reading, rowsPerChunk, SOURCE, type Source } from './source.ts';

/** Which pass over the rows a function opens. */
export interface Pass {
  /** Passes before it. */
  readonly epoch: number;
  /** The network's: what is drawn by it and by the epoch is the same in a run that resumes. */
  readonly seed: number;
  /** Aborted where reading is, such as by the signal of `fit`. */
  readonly signal?: AbortSignal | undefined;
}

/** A stream of the web: a `ReadableStream`. */
export interface WebStream<Row> {
  getReader(): {
    read(): Promise<{ readonly done: boolean; readonly value?: Row | undefined }>;
    cancel(reason?: unknown): Promise<unknown>;
  };
}

export type RowIterable<Row> = Iterable<Row> | AsyncIterable<Row> | WebStream<Row>;

/** What is known of a function's rows. */
export interface PassFacts {
  readonly rows: number | undefined;
  readonly isSteady: boolean;
}

/** Rows of a function that is called for each pass. */
export function openedSource(open: (pass: Pass) => unknown, { rows, isSteady }: PassFacts): Source {
  return {
    rows,
    isSteady,
    async *read(reading) {
      const { seed, epoch, signal } = reading;
      const opened = await untilAborted(open({ seed, epoch, signal: signal as AbortSignal | undefined }), signal);
      if (!isRowIterable(opened))
        throw new DataError(`Dataset.from: expected the function to give an iterable or a stream of rows, got ${describe(opened)}`);
      const chunks = isDataset(opened) ? opened[SOURCE].read(reading) : chunksOf(opened, reading);
      yield* rows === undefined ? chunks : counted(chunks, rows, reading.skip);
    },
  };
}

/** The chunks, which have as many rows as was said. Throws DataError. */
async function* counted(chunks: AsyncIterable<Chunk>, rows: number, skip: number): AsyncGenerator<Chunk, void, undefined> {
  const refuse = (got: string) => new DataError(`Dataset.from: expected ${rows} rows, as the option rows says, got ${got}`);
  let seen = skip;
  for await (const chunk of chunks) {
    seen += chunk.rows;
    if (seen > rows) throw refuse('more');
    yield chunk;
  }
  if (seen < rows && skip < rows) throw refuse(`${seen}`);
}

/** Rows of what can be gone through once. */
export function onceSource(given: RowIterable<unknown>): Source {
  let isRead = false;
  return {
    rows: undefined,
    isSteady: false,
    async *read(reading) {
      if (isRead)
        throw new StateError(
          'dataset: expected rows that can be read again, got an iterable or stream that has been read, which is possible once: ' +
            'Dataset.from takes a function, () => iterable, and calls it for every pass',
        );
      isRead = true;
      yield* chunksOf(given, reading);
    },
  };
}

export const isRowIterable = (value: unknown): value is RowIterable<unknown> =>
  typeof value === 'object' && value !== null && (Symbol.asyncIterator in value || Symbol.iterator in value || isWebStream(value));

const isWebStream = (value: object): value is WebStream<unknown> => typeof (value as { getReader?: unknown }).getReader === 'function';

async function* chunksOf(rows: RowIterable<unknown>, { skip, signal }: Reading): AsyncGenerator<Chunk, void, undefined> {
  const pack = rowPacker();
  let number = 0;
  for await (const run of isWebStream(rows) || Symbol.asyncIterator in rows ? laterRuns(rows, signal) : runsOf(rows, signal)) {
    const before = Math.max(number, skip);
    const left = run.slice(before - number);
    number += run.length;
    if (left.length > 0) yield pack(left, before);
  }
}

/** Rows of a chunk that begins with this one. */
const mostOf = (row: unknown) => rowsPerChunk(elementsOfRow(row));

/** Rows that a function of users makes between two looks at the clock. */
const LOOK_ROWS = 64;

/** Rows in runs, each of a chunk. */
async function* runsOf(rows: Iterable<unknown>, signal: GlobalAbortSignal | undefined): AsyncGenerator<unknown[], void, undefined> {
  let run: unknown[] = [];
  let most = 1;
  for (const row of rows) {
    if (run.length === 0) most = mostOf(row);
    run.push(row);
    if (run.length % LOOK_ROWS === 0) await slices.breathe();
    if (run.length < most) continue;
    throwIfAborted(signal);
    yield run;
    run = [];
  }
  if (run.length > 0) yield run;
}

/** The same of what is waited for. An abort does not wait for a row that is on its way. */
async function* laterRuns(
  rows: AsyncIterable<unknown> | WebStream<unknown>,
  signal: GlobalAbortSignal | undefined,
): AsyncGenerator<unknown[], void, undefined> {
  const cursor = cursorOf(rows);
  /** Whether the cursor waits for the next row to be asked for. Where it has ended or thrown, it must not be closed. */
  let isWaiting = true;
  let run: unknown[] = [];
  let most = 1;
  try {
    for (;;) {
      isWaiting = false;
      const { done, value } = await untilAborted(cursor.next(), signal).catch((error) => {
        if (signal?.aborted) close(cursor).catch(() => undefined);
        throw error;
      });
      if (done) break;
      isWaiting = true;
      if (run.length === 0) most = mostOf(value);
      run.push(value);
      if (run.length < most) continue;
      yield run;
      run = [];
    }
    if (run.length > 0) yield run;
  } finally {
    if (isWaiting) await close(cursor);
  }
}

interface Cursor {
  next(): Promise<{ readonly done?: boolean | undefined; readonly value?: unknown }>;
  return?(): Promise<unknown>;
}

const close = async (cursor: Cursor) => cursor.return?.();

function cursorOf(rows: AsyncIterable<unknown> | WebStream<unknown>): Cursor {
  if (!isWebStream(rows)) return rows[Symbol.asyncIterator]() as Cursor;
  // Not by an iterator, which some browsers' streams lack.
  const reader = rows.getReader();
  return { next: () => reader.read(), return: () => reader.cancel() };
}
