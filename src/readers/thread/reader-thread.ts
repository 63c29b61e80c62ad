/** The side of the thread that wants rows: a worker that reads them, asked for a parcel at a time. */
import { Worker } from 'node:worker_threads';
import { BackendError } from '../../errors.ts';
import { receivedError } from '../../sent-errors.ts';
import type { FromReader, Pass, ReaderPlan, SentChunk, ToReader } from './messages.ts';

/** Milliseconds for which a worker may close what it reads before it is ended. */
const CLOSING_MILLISECONDS = 1000;

/** Buffers that may wait to be sent back; more are let go of. */
const MOST_SPARE = 256;

/** What has been told and not been asked for, or who has asked for what is not told. */
type Waiting = { resolve(message: FromReader): void; reject(error: Error): void };

/** A worker that reads one plan. It keeps the process alive only while it is awaited. */
export class ReaderThread {
  readonly #worker: Worker;
  readonly #where: string;
  readonly #ended: Promise<void>;
  readonly #told: FromReader[] = [];
  #waiting: Waiting | undefined;
  #failure: Error | undefined;
  /** To be sent back. */
  #spare: ArrayBuffer[] = [];

  constructor(plan: ReaderPlan, script: URL) {
    this.#where = plan.reader;
    // Without the process's own arguments: a loader of TypeScript, for example, would run in every thread.
    this.#worker = new Worker(script, { execArgv: [], workerData: plan, name: 'chainrule reader' });
    this.#worker.unref();
    this.#worker.on('message', (message: FromReader) => this.#hear(message));
    this.#worker.on('messageerror', (error) => this.#fail(String(error)));
    this.#worker.on('error', (error) => this.#fail(String(error)));
    this.#ended = new Promise((resolve) => {
      this.#worker.on('exit', (code) => {
        this.#fail(`it ended with exit code ${code}`);
        resolve();
      });
    });
  }

  get hasEnded(): boolean {
    return this.#failure !== undefined;
  }

  begin(pass: Omit<Pass, 'type'>): void {
    this.#post({ type: 'read', ...pass });
  }

  /** The next rows; undefined at the end of the pass. Rejects with the error of the reader, BackendError where the worker has failed. */
  async next(): Promise<readonly SentChunk[] | undefined> {
    const message = await this.#next();
    if (message.type === 'error') throw receivedError(message.error);
    if (message.type === 'end') return undefined;
    const spare = this.#spare;
    this.#spare = [];
    this.#post({ type: 'more', spare }, spare);
    return message.chunks;
  }

  /** Takes back buffers of a chunk that nobody reads any more, for further ones. */
  giveBack(buffers: Iterable<ArrayBuffer>): void {
    for (const buffer of buffers) if (this.#spare.length < MOST_SPARE) this.#spare.push(buffer);
  }

  /** Lets the worker close what it reads, and ends it. */
  async end(): Promise<void> {
    if (this.#failure) return;
    this.#worker.ref();
    this.#post({ type: 'stop' });
    const timer = setTimeout(() => void this.#worker.terminate(), CLOSING_MILLISECONDS);
    await this.#ended;
    clearTimeout(timer);
  }

  async #next(): Promise<FromReader> {
    const told = this.#told.shift();
    if (told) return told;
    if (this.#failure) throw this.#failure;
    this.#worker.ref();
    try {
      return await new Promise((resolve, reject) => {
        this.#waiting = { resolve, reject };
      });
    } finally {
      this.#waiting = undefined;
      this.#worker.unref();
    }
  }

  #hear(message: FromReader): void {
    if (this.#waiting) this.#waiting.resolve(message);
    else this.#told.push(message);
    this.#waiting = undefined;
  }

  #fail(reason: string): void {
    this.#failure ??= new BackendError(`${this.#where}: the thread that reads has failed: ${reason}`);
    this.#waiting?.reject(this.#failure);
  }

  #post(message: ToReader, transfer: readonly ArrayBuffer[] = []): void {
    this.#worker.postMessage(message, transfer);
  }
}
