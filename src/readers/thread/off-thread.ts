/** Sources whose passes another thread reads, where that pays. */
import { existsSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import type { Chunk } from '../../datasets/chunk.ts';
import { throwIfAborted, untilAborted } from '../../datasets/reading.ts';
import type { Reading, Source } from '../../datasets/source.ts';
import { BackendError, OptionError } from '../../errors.ts';
import { abortable } from '../abortable.ts';
import type { ReaderPlan } from './messages.ts';
import { ParcelOpener } from './parcels.ts';
import { ReaderThread } from './reader-thread.ts';

/** A worker starts in some 50 milliseconds, in which such a file is read. */
const LEAST_BYTES = 16 * 2 ** 20;

/** Milliseconds for which a worker waits for the next pass. */
const IDLE_MILLISECONDS = 1000;

let script = new URL('./reading-worker.js', import.meta.url);

/** Says where the worker's script lies: for tests, in which no bundle is beside this file. Gives where it lay. */
export function setReadingScript(url: URL): URL {
  const before = script;
  script = url;
  return before;
}

/** What a reader says of its passes. */
export interface Threading {
  /** Undefined for what only this thread has, such as a stream. */
  readonly plan: ReaderPlan | undefined;
  /** The file whose length decides where nobody does; undefined where this thread reads then. */
  readonly file: string | undefined;
  /** Whether another thread reads; undefined where the length decides. */
  readonly wish: boolean | undefined;
}

/**
 * The rows of a source, read by another thread where that is wished for, or where nobody says and the file is large. An AbortSignal ends passes in
 * either case.
 *
 * @throws OptionError where a thread is wished for, and there is no plan for it.
 */
export function offThread(where: string, own: Source, { plan, file, wish }: Threading): Source {
  if (wish && !plan)
    throw new OptionError(
      `${where}.worker: expected a path, whose file another thread can read, got a stream or a function with worker: true`,
    );
  const threads = plan && new Threads(plan);
  const isOff = async () => {
    if (wish && !existsSync(script))
      throw new BackendError(`${where}: expected the script of the thread that reads at ${script.href}; worker: false does without`);
    return wish ?? (file !== undefined && availableParallelism() > 1 && existsSync(script) && (await lengthOf(file)) >= LEAST_BYTES);
  };
  return {
    ...own,
    async *read(reading) {
      throwIfAborted(reading.signal);
      if (threads && (await isOff())) yield* threads.read(reading);
      else yield* abortable(own.read(reading), reading.signal);
    },
  };
}

/** Of what cannot be looked at 0: its reader says what is wrong. */
const lengthOf = async (file: string): Promise<number> =>
  stat(file).then(
    ({ size }) => size,
    () => 0,
  );

/** The workers of a plan: one for each pass under way. The last one waits a while for the next pass. */
class Threads {
  readonly #plan: ReaderPlan;
  #idle: { readonly thread: ReaderThread; readonly timer: ReturnType<typeof setTimeout> } | undefined;

  constructor(plan: ReaderPlan) {
    this.#plan = plan;
  }

  async *read({ seed, epoch, skip, signal }: Reading): AsyncGenerator<Chunk, void, undefined> {
    const thread = this.#take();
    const opener = new ParcelOpener();
    let isWhole = false;
    try {
      thread.begin({ seed, epoch, skip });
      for (;;) {
        const parcel = await untilAborted(thread.next(), signal);
        if (!parcel) break;
        for (const chunk of parcel) {
          throwIfAborted(signal);
          yield opener.open(chunk, (buffers) => thread.giveBack(buffers));
        }
      }
      isWhole = true;
    } finally {
      if (isWhole && !this.#idle) this.#keep(thread);
      else if (signal?.aborted) void thread.end();
      else await thread.end();
    }
  }

  #take(): ReaderThread {
    const idle = this.#idle;
    this.#idle = undefined;
    clearTimeout(idle?.timer);
    return idle && !idle.thread.hasEnded ? idle.thread : new ReaderThread(this.#plan, script);
  }

  #keep(thread: ReaderThread): void {
    const timer = setTimeout(() => {
      this.#idle = undefined;
      void thread.end();
    }, IDLE_MILLISECONDS);
    timer.unref();
    this.#idle = { thread, timer };
  }
}
