/** Runs on a thread that others wait for, cut up: whole repeats while those are short, else instruction by instruction, and long ones in parts. */

import { SLICE_MILLISECONDS, type Work } from '../event-loop/slices.ts';
import { type Instruction, resolveScalars } from '../program/format.ts';
import type { RunRequest } from './backend.ts';

/** Milliseconds of work between two looks at the clock. */
const BIT_MILLISECONDS = SLICE_MILLISECONDS / 2;
/** Repeats that take longer are run instruction by instruction. */
const LONG_MILLISECONDS = SLICE_MILLISECONDS / 2;
/** Engines run code slowly at first. */
const FIRST_RUNS = 4;
/** The least time of an instruction, as estimated. */
const LEAST_MILLISECONDS = 1e-5;
/** Bounds the number of parts, so that the work which each of them repeats stays small. */
const MOST_PARTS = 32;
/** The largest factor by which a measurement shortens an estimate: clocks stand still in some runtimes while code runs. */
const LARGEST_GROWTH = 8;

/** Some repeats of a run, or instructions of one. */
export interface Slice extends RunRequest {
  /** Repeats of the run before these. */
  readonly first: number;
}

/** Runs a session's code on this thread, at once. */
export interface Runner {
  /** Executes code words [from, to) `repeats` times. */
  run(slice: Slice): void;
  /** Executes one of `parts` parts of the instruction at `slice.from`. */
  runPart(slice: Slice, part: number, parts: number): void;
  /** Whether an instruction can be run in parts. */
  isDivided(at: number): boolean;
  /** Rows of the batch, as the last instruction left them. */
  readonly rows: number;
  /** Whether to begin no further repeat. */
  readonly isCancelled: boolean;
  /** Whether the session's memory may no longer be touched. */
  readonly isDisposed: boolean;
}

/** Estimates of the time that a program's instructions take. */
export class Tempo {
  /** First code words of the instructions, and the end. */
  readonly #starts: readonly number[];
  readonly #indices: ReadonlyMap<number, number>;
  /** Milliseconds of each instruction. */
  readonly #times: Float64Array;
  #isMeasured = false;

  /** `element`: nanoseconds that an element of plain arithmetic takes, the unit of an op's `work`. */
  constructor(all: readonly Instruction[], codeLength: number, maximumRows: number, element: number) {
    this.#starts = [...all.map(({ at }) => at), codeLength];
    this.#indices = new Map(this.#starts.map((at, index) => [at, index]));
    const cost = (one: Instruction) => one.op.work(resolveScalars(one, maximumRows)) * element * 1e-6 * FIRST_RUNS;
    this.#times = Float64Array.from(all, (one) => Math.max(LEAST_MILLISECONDS, cost(one)));
  }

  /** Runs all repeats, unless cancelled or disposed of in between; returns how many were done. */
  *run(request: RunRequest, runner: Runner): Work<number> {
    const [first, last] = [this.#indices.get(request.from) as number, this.#indices.get(request.to) as number];
    let done = 0;
    while (done < request.repeats) {
      const isLong = this.#time(first, last) > LONG_MILLISECONDS;
      const repeats = isLong ? 1 : Math.min(request.repeats - done, this.#repeatsOfBit(first, last));
      yield isLong ? this.#bitTime(first, last) : repeats * this.#time(first, last);
      if (runner.isCancelled || runner.isDisposed) break;
      const slice = { ...request, first: done, repeats };
      if (isLong) yield* this.#step(first, last, slice, runner);
      else this.#measure(first, last, repeats, () => runner.run(slice));
      done += repeats;
    }
    return done;
  }

  /** One repeat, by runs of short instructions and by parts of long ones. */
  *#step(first: number, last: number, repeat: Slice, runner: Runner): Work<void> {
    for (let i = first, end = first; i < last && !runner.isDisposed; i = end) {
      end = this.#endOfBit(i, last);
      const rows = i === first ? repeat.rows : runner.rows;
      const slice = { ...repeat, from: this.#starts[i], to: this.#starts[end], rows };
      if (this.#partsOf(i) > 1 && runner.isDivided(slice.from)) yield* this.#runParts(i, slice, runner);
      else this.#measure(i, end, 1, () => runner.run(slice));
      if (end < last) yield this.#bitTime(end, last);
    }
  }

  /** An instruction that takes longer than a slice. */
  *#runParts(index: number, slice: Slice, runner: Runner): Work<void> {
    const parts = this.#partsOf(index);
    const expected = this.#times[index] / parts;
    let milliseconds = 0;
    for (let part = 0; part < parts && !runner.isDisposed; part++) {
      if (part > 0) yield expected;
      const began = performance.now();
      runner.runPart(slice, part, parts);
      milliseconds += performance.now() - began;
    }
    this.#learn(index, index + 1, milliseconds);
  }

  #partsOf(index: number): number {
    return Math.min(MOST_PARTS, Math.ceil(this.#times[index] / SLICE_MILLISECONDS));
  }

  /** The time of the instructions that run together from one on, or of a part of one. */
  #bitTime(first: number, last: number): number {
    return this.#time(first, this.#endOfBit(first, last)) / this.#partsOf(first);
  }

  /** Where the instructions end that are run together from one on. */
  #endOfBit(first: number, last: number): number {
    let end = first + 1;
    for (let time = this.#times[first]; end < last; end++) {
      time += this.#times[end];
      if (time > BIT_MILLISECONDS) break;
    }
    return end;
  }

  #repeatsOfBit(first: number, last: number): number {
    return this.#isMeasured ? Math.max(1, Math.floor(BIT_MILLISECONDS / this.#time(first, last))) : 1;
  }

  #time(first: number, last: number): number {
    let time = 0;
    for (let i = first; i < last; i++) time += this.#times[i];
    return time;
  }

  #measure(first: number, last: number, repeats: number, run: () => void): void {
    const began = performance.now();
    run();
    this.#learn(first, last, (performance.now() - began) / repeats);
    this.#isMeasured = true;
  }

  /** Instructions that ran together share the measured time in the proportions of their estimates. */
  #learn(first: number, last: number, milliseconds: number): void {
    const factor = Math.max(1 / LARGEST_GROWTH, milliseconds / this.#time(first, last));
    for (let i = first; i < last; i++) this.#times[i] = Math.max(LEAST_MILLISECONDS, factor * this.#times[i]);
  }
}
