/** Steps that several operations read with: rows left out at the beginning, rows by number a chunk at a time, reading that an abort ends. */
import { slices } from '../event-loop/slices.ts';
import type { GlobalAbortSignal } from '../globals.ts';
import { PURPOSE, RandomStream } from '../random/philox.ts';
import { type Chunk, elementsOf, sliceRows } from './chunk.ts';
import { type Reading, rowsPerChunk, type Source } from './source.ts';

/** What is drawn for the rows of an epoch by one operation, which a number keeps apart from others of the kind. */
export const rowStream = ({ seed, epoch }: Pick<Reading, 'seed' | 'epoch'>, operation = 0): RandomStream =>
  new RandomStream(seed, PURPOSE.rows, operation, epoch);

/** The same pass from its first row. */
export const fromStart = (reading: Reading): Reading => ({ ...reading, skip: 0 });

/** The rows behind the first `count`. */
export async function* dropRows(chunks: AsyncIterable<Chunk>, count: number): AsyncGenerator<Chunk, void, undefined> {
  let left = count;
  for await (const chunk of chunks) {
    if (left < chunk.rows) yield left === 0 ? chunk : sliceRows(chunk, left, chunk.rows);
    left = Math.max(0, left - chunk.rows);
  }
}

/** Rows of the first chunk of which nothing is known yet. */
const FIRST_ROWS = 16;

/** Rows by number, in chunks that are smaller where rows are large. */
export async function* chunksByNumber(
  take: NonNullable<Source['take']>,
  numbers: Int32Array,
  signal: GlobalAbortSignal | undefined,
): AsyncGenerator<Chunk, void, undefined> {
  let most = FIRST_ROWS;
  for (let at = 0; at < numbers.length; ) {
    await slices.breathe();
    throwIfAborted(signal);
    const chunk = take(numbers.subarray(at, at + most));
    at += chunk.rows;
    most = rowsPerChunk(elementsOf(chunk) / chunk.rows);
    yield chunk;
  }
}

export function throwIfAborted(signal: GlobalAbortSignal | undefined): void {
  (signal as AbortSignal | undefined)?.throwIfAborted();
}

/** The value, once it is there. Rejects with the signal's reason as soon as that aborts, or has aborted; the value's own error is then nobody's. */
export async function untilAborted<T>(given: T | PromiseLike<T>, signal: GlobalAbortSignal | undefined): Promise<T> {
  if (!signal) return given;
  const { reject, aborted } = rejection();
  const own = signal as AbortSignal;
  const end = () => reject(own.reason);
  if (own.aborted) end();
  own.addEventListener('abort', end);
  try {
    return await Promise.race([aborted, given]);
  } finally {
    own.removeEventListener('abort', end);
  }
}

function rejection() {
  let reject: (reason: unknown) => void = () => {};
  const aborted = new Promise<never>((_, fail) => {
    reject = fail;
  });
  return { reject, aborted };
}
