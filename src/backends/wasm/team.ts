/** The threads that run programs on one shared WebAssembly memory: the caller's, which leads, and helpers that all sessions share. */
import { BackendError } from '../../errors.ts';
import type { Slice } from '../tempo.ts';
import type { Helper, StartHelper } from './helper.ts';
import type { ThreadedKernels, WasmMemory } from './memory.ts';

/** Helpers are kept this long after the last session that needed them: the next fit will want them again. */
const LINGER_MILLISECONDS = 2000;
const MOST_RUNS_ALONE = 64;
/** More helpers than any step is worth. Each takes some megabytes of its runtime. */
export const MOST_THREADS = 64;
const WORD_BYTES = 4;

export class WasmTeam {
  readonly #memory: WasmMemory;
  readonly #kernels: ThreadedKernels;
  readonly #start: StartHelper;
  readonly #cores: number;
  /** By index; the leader's place is empty. */
  #helpers: (Helper | undefined)[] = [undefined];
  /** By helper: kept when the helper has ended, for the next one. */
  readonly #workspaces: number[] = [];
  /** Two, used in turn: a helper that is slow to end may still read the last one. */
  readonly #blocks: number[] = [];
  #generation = 0;
  #holders = 0;
  #ending: ReturnType<typeof setTimeout> | undefined;
  #failure: string | undefined;
  /** Runs to go alone, and how many to go alone when helpers next turn out to have no core. */
  #runsAlone = 0;
  #nextRunsAlone = 1;

  /** `cores`: how many threads can run at the same time. */
  constructor(memory: WasmMemory, kernels: ThreadedKernels, start: StartHelper, cores: number) {
    this.#memory = memory;
    this.#kernels = kernels;
    this.#start = start;
    this.#cores = cores;
  }

  /** Why there are no helpers any more. */
  get failure(): string | undefined {
    return this.#failure;
  }

  /** Helpers at present, ready or about to be. */
  get helpers(): number {
    return this.#helpers.length - 1;
  }

  /**
   * Starts the helpers that runs of `threads` threads need. Each call needs one call of `release`. Throws BackendError where memory is
   * short.
   */
  hold(threads: number): void {
    while (this.#blocks.length < 2) this.#blocks.push(this.#memory.allocateForBackend(this.#blockBytes, 'threads'));
    while (this.#workspaces.length < threads) this.#workspaces.push(this.#memory.allocateWorkspace());
    clearTimeout(this.#ending);
    this.#holders++;
    if (this.helpers === 0) this.#memory.integers(this.#block, this.#blockBytes / WORD_BYTES).fill(0);
    for (let index = this.#helpers.length; index < threads && !this.#failure; index++) this.#startHelper(index);
  }

  release(): void {
    if (--this.#holders > 0) return;
    this.#ending = setTimeout(() => this.#end(), LINGER_MILLISECONDS);
    // A number in browsers, where nothing has to be kept from waiting for it.
    (this.#ending as { unref?: () => void }).unref?.();
  }

  /**
   * Runs repeats of code words of a session's program as long as the helpers are of use, and returns how many: 0 while helpers are not
   * ready. A single instruction may be run in parts.
   *
   * @throws BackendError where a helper has failed. The session's arena is then undefined, and may still be written to.
   */
  run(context: number, threads: number, slice: Slice, part = 0, parts = 1): number {
    if (!this.isReady(threads)) return 0;
    if (this.#runsAlone > 0) {
      this.#runsAlone--;
      return 0;
    }
    const done = this.#runTogether(context, threads, slice, part, parts);
    if (done === slice.repeats) {
      this.#nextRunsAlone = 1;
    } else {
      this.#runsAlone = this.#nextRunsAlone;
      this.#nextRunsAlone = Math.min(2 * this.#nextRunsAlone, MOST_RUNS_ALONE);
    }
    return done;
  }

  #runTogether(context: number, threads: number, slice: Slice, part: number, parts: number): number {
    const { runTogether, failure } = this.#kernels;
    const { from, to, first, repeats, rows } = slice;
    const mayWait = mayWaitHere(this.#words()) ? 1 : 0;
    const crowded = threads > this.#cores ? 1 : 0;
    let cause: unknown;
    try {
      const done = runTogether(context, this.#block, threads, mayWait, crowded, from, to, part, parts, first, repeats, rows);
      if (done !== failure) return done;
    } catch (error) {
      cause = error;
    }
    this.#fail(cause ? String(cause) : 'one of them stopped in the middle of a run');
    throw new BackendError(`wasm: expected ${threads} threads to run the program, but ${this.#failure}`, { cause });
  }

  /** Whether the helpers that runs of `threads` threads need are waiting. */
  isReady(threads: number): boolean {
    if (this.#helpers.length < threads) return false;
    const words = this.#words();
    for (let index = 1; index < threads; index++) {
      if (!Atomics.load(words, (this.#line(index) + this.#kernels.offsetOfReady) / WORD_BYTES)) return false;
    }
    return true;
  }

  #startHelper(index: number): void {
    const { module, memory, offsetOfFailed } = this.#kernels;
    const team = this.#block;
    const task = { module, memory, team, workspace: this.#workspaces[index], index, failed: team + offsetOfFailed };
    try {
      const helper = this.#start(task, (reason) => this.#helpers[index] === helper && this.#fail(reason));
      this.#helpers[index] = helper;
    } catch (error) {
      this.#fail(String(error));
    }
  }

  /** Ends all helpers for good: after one failure the next would fail too. */
  #fail(reason: string): void {
    this.#failure = `a helper failed: ${reason}`;
    this.#end();
  }

  #end(): void {
    for (const helper of this.#helpers) helper?.terminate();
    this.#helpers = [undefined];
    this.#generation++;
  }

  get #block(): number {
    return this.#blocks[this.#generation % 2];
  }

  get #blockBytes(): number {
    return this.#kernels.teamBytes + this.#kernels.helperBytes * (MOST_THREADS - 1);
  }

  #line(index: number): number {
    const { teamBytes, helperBytes } = this.#kernels;
    return this.#block + teamBytes + (index - 1) * helperBytes;
  }

  #words(): Int32Array {
    return new Int32Array(this.#kernels.memory.buffer);
  }
}

/** Whether this thread may sleep. A browser's main thread may not. */
function mayWaitHere(words: Int32Array): boolean {
  try {
    Atomics.wait(words, 0, ~words[0], 0);
    return true;
  } catch {
    return false;
  }
}
