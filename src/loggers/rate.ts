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

/** The epochs that are written however fast they come, and how many a second from then on. */
export interface EpochRate {
  readonly atFirst: number;
  readonly rate: StepRate;
}

/** Which epochs to write: epochs may be as short as a step. */
export class EpochAllowance {
  #left: number;
  #time = performance.now();

  constructor(readonly most: EpochRate) {
    this.#left = most.atFirst;
  }

  /** Whether an epoch that ends now is to be written. */
  take(now = performance.now()): boolean {
    const { atFirst, rate } = this.most;
    if (rate === 'all') return true;
    this.#left = Math.min(atFirst, this.#left + ((now - this.#time) * rate) / 1000);
    this.#time = now;
    if (this.#left < 1) return false;
    this.#left--;
    return true;
  }
}
