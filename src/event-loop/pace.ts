/** How many steps to hand to a backend at once, so that each call is long enough to be cheap and short enough to be polite. */
import { SLICE_MILLISECONDS } from './slices.ts';

/** Calls shorter than this run on the caller's thread: handing them to another would cost more. */
const INLINE_MILLISECONDS = 1;
/** Numbers that the records of one call may have. */
const LARGEST_RECORDS = 65536;

/** The most steps of one call, with records of so many numbers. */
export const mostSteps = (recordWidth: number) => Math.max(1, Math.floor(LARGEST_RECORDS / Math.max(recordWidth, 1)));

export class Pace {
  #chunk = 1;
  #millisecondsPerStep = Number.POSITIVE_INFINITY;
  readonly #most: number;

  /** @param recordWidth Numbers that each step records. */
  constructor(recordWidth: number) {
    this.#most = mostSteps(recordWidth);
  }

  /** Steps for the next call. */
  get chunk(): number {
    return this.#chunk;
  }

  /** Whether that many steps are short enough to run in place. */
  isShort(steps: number): boolean {
    return steps * this.#millisecondsPerStep < INLINE_MILLISECONDS;
  }

  /** Learns from a call. The chunk at most doubles, so that one odd measurement cannot make a very long call. */
  measured(steps: number, milliseconds: number): void {
    this.#millisecondsPerStep = Math.max(milliseconds, 1e-3) / steps;
    const wanted = Math.floor(SLICE_MILLISECONDS / this.#millisecondsPerStep);
    this.#chunk = Math.max(1, Math.min(wanted, 2 * this.#chunk, this.#most));
  }
}
