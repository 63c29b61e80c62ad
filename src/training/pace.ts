/** How many steps to hand to a backend at once, so that each call is long enough to be cheap and short enough to be polite. */
import { nextTask } from '../tasks.ts';

/** A call to the backend should take about this long: progress stays smooth, and a page that trains on its own thread stays alive. */
const TARGET_MILLISECONDS = 12;
/** Calls shorter than this run on the caller's thread: handing them to another would cost more. */
const INLINE_MILLISECONDS = 1;
/** The caller's event loop gets its turn at least this often. */
const YIELD_MILLISECONDS = 12;
/** Records of one call: two float64 each. */
const LARGEST_CHUNK = 65536;

export class Pace {
  #chunk = 1;
  #millisecondsPerStep = Number.POSITIVE_INFINITY;
  #lastYield = performance.now();

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
    const wanted = Math.floor(TARGET_MILLISECONDS / this.#millisecondsPerStep);
    this.#chunk = Math.max(1, Math.min(wanted, 2 * this.#chunk, LARGEST_CHUNK));
  }

  /** Lets the event loop run if it has not for a while. */
  async breathe(): Promise<void> {
    if (performance.now() - this.#lastYield < YIELD_MILLISECONDS) return;
    await nextTask();
    this.#lastYield = performance.now();
  }
}
