/** How often loggers write. */

import { OptionError } from '../errors.ts';
import { describe } from '../options.ts';

/** The most steps a second that a logger writes, or all. */
export type StepRate = number | 'all';

export const DEFAULT_RATE = 10;

/** Throws OptionError for what is neither 'all' nor a number above 0. */
export function checkRate(where: string, value: unknown): StepRate {
  if (value === 'all' || (typeof value === 'number' && Number.isFinite(value) && value > 0)) return value;
  throw new OptionError(`${where}: expected a number above 0 or 'all', got ${describe(value)}`);
}

/** The epochs that are written however fast they come. */
const AT_FIRST = 1000;

/** Which epochs to write: a thousand, and from then on as many a second as steps. Epochs may be as short as a step. */
export class EpochAllowance {
  #left = AT_FIRST;
  #time = performance.now();

  constructor(readonly rate: StepRate) {}

  /** Whether an epoch that ends now is to be written. */
  take(now = performance.now()): boolean {
    if (this.rate === 'all') return true;
    this.#left = Math.min(AT_FIRST, this.#left + ((now - this.#time) * this.rate) / 1000);
    this.#time = now;
    if (this.#left < 1) return false;
    this.#left--;
    return true;
  }
}
