/** Operations by functions of users: a row made of each, or some rows kept. */
import { OptionError } from '../errors.ts';
import { isPromise } from '../event-loop/promises.ts';
import { slices } from '../event-loop/slices.ts';
import type { GlobalAbortSignal } from '../globals.ts';
import { integer, optional, readOptions, type TableOf } from '../options/table.ts';
import { type Chunk, elementsOfRow, rowPacker, rowsOf, sliceRows, takeRows } from './chunk.ts';
import { dropRows, fromStart, throwIfAborted, untilAborted } from './reading.ts';
import { CHUNK_ROWS, rowsPerChunk, type Source } from './source.ts';

/** How a function of rows is called. */
export interface CallOptions {
  /** Calls of an async function under way at once; results keep the rows' order. Default 16. A function given it is taken for async. */
  readonly concurrency?: number;
}

const OPTIONS = { concurrency: optional(integer()) } satisfies TableOf<CallOptions>;
const CONCURRENCY = 16;
/** Rows of an async function that are waited for together, for each call under way: so many that the last ones hardly count. */
const TOGETHER = 16;
/** Calls between two looks at the clock. */
const LOOK_CALLS = 64;

type RowFunction = (row: unknown, number: number) => unknown;

/** A function of rows, and how it is called. */
interface Calling {
  readonly call: RowFunction;
  readonly concurrency: number;
  /** Whether it is declared async. */
  readonly isAsync: boolean;
}

export function callingOf(where: string, call: RowFunction, options: unknown): Calling {
  const { concurrency } = readOptions(where, OPTIONS, options);
  const isAsync = concurrency !== undefined || Object.prototype.toString.call(call) === '[object AsyncFunction]';
  return { call, concurrency: concurrency ?? CONCURRENCY, isAsync };
}

/** The rows that a function makes of those of a source. */
export function mapped(source: Source, calling: Calling): Source {
  const { take } = source;
  return {
    rows: source.rows,
    isSteady: source.isSteady,
    async *read(reading) {
      const pack = rowPacker();
      let before = reading.skip;
      for await (const chunk of source.read(reading)) {
        for await (const run of answers(chunk, before, calling, reading.signal)) {
          yield pack(run, before);
          before += run.length;
        }
      }
    },
    ...(take && !calling.isAsync && { take: (numbers) => mappedNow(take(numbers), numbers, calling.call) }),
  };
}

function mappedNow(chunk: Chunk, numbers: Int32Array, call: RowFunction): Chunk {
  const rows = rowsOf(chunk).map((row, i) => {
    const made = call(row, numbers[i]);
    if (!isPromise(made)) return made;
    made.then(undefined, () => undefined);
    throw new OptionError(
      'dataset.map: expected a row at once, since this dataset is read by row number, got a promise: an async function, or the option concurrency, says that rows are waited for',
    );
  });
  return rowPacker()(rows, numbers);
}

/** The rows for which a function gives true. */
export function filtered(source: Source, calling: Calling): Source {
  return {
    rows: undefined,
    isSteady: source.isSteady,
    read: (reading) => dropRows(keptChunks(source.read(fromStart(reading)), calling, reading.signal), reading.skip),
  };
}

async function* keptChunks(chunks: AsyncIterable<Chunk>, calling: Calling, signal: GlobalAbortSignal | undefined) {
  let before = 0;
  for await (const chunk of chunks) {
    let from = 0;
    for await (const run of answers(chunk, before + from, calling, signal)) {
      const kept = run.flatMap((isKept, i) => (isKept ? [from + i] : []));
      const to = from + run.length;
      if (kept.length === run.length) yield sliceRows(chunk, from, to);
      else if (kept.length > 0) yield takeRows(chunk, kept);
      from = to;
    }
    before += chunk.rows;
  }
}

/** What a function gives for the rows of a chunk, in their order, in runs. */
async function* answers(chunk: Chunk, before: number, calling: Calling, signal: GlobalAbortSignal | undefined) {
  const rows = rowsOf(chunk);
  const { call, concurrency } = calling;
  for (let at = 0; at < rows.length; ) {
    await slices.breathe();
    throwIfAborted(signal);
    const { run, promise } = await answersNow(rows, at, before, call);
    at += run.length;
    if (promise) {
      const count = Math.min(rows.length - at, TOGETHER * concurrency);
      const from = at;
      const one = (i: number) => (i === 0 ? promise : call(rows[from + i], before + from + i));
      run.push(...(await untilAborted(together(count, one, concurrency), signal)));
      at += count;
    }
    yield run;
  }
}

/** Up to the first promise, or as many as fit a chunk. */
async function answersNow(rows: readonly unknown[], from: number, before: number, call: RowFunction) {
  const run: unknown[] = [];
  let most = CHUNK_ROWS;
  for (let at = from; at < rows.length && run.length < most; at++) {
    const answer = call(rows[at], before + at);
    if (isPromise(answer)) return { run, promise: answer };
    if (run.push(answer) === 1) most = rowsPerChunk(elementsOfRow(answer));
    if (run.length % LOOK_CALLS === 0) await slices.breathe();
  }
  return { run, promise: undefined };
}

/** The results of calls, some of which are under way at once. After one has failed no other begins. */
async function together(count: number, call: (i: number) => unknown, concurrency: number): Promise<unknown[]> {
  const results = new Array<unknown>(count);
  let next = 0;
  const work = async () => {
    while (next < count) {
      const i = next++;
      try {
        results[i] = await call(i);
      } catch (error) {
        next = count;
        throw error;
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(concurrency, count) }, work));
  return results;
}
