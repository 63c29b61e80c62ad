/** The steps of a fit that is fed windows: where an epoch ends is known once its last window has come. */
import type { Clock, Progress } from '../clock.ts';
import { DataError } from '../errors.ts';
import type { EpochShape } from '../model/training-state.ts';
import type { Timeline } from './timeline.ts';

/** Rows of an epoch that are bound together. */
export interface WindowPlace {
  /** Mini-batches of the epoch before its first. */
  readonly first: number;
  readonly rows: number;
  /** Whether the epoch ends with it. */
  readonly isLast: boolean;
  /** What shuffles its rows, the epoch of its clock; undefined where they are taken in their order. */
  readonly key: number | undefined;
}

const NONE: WindowPlace = { first: 0, rows: 0, isLast: false, key: undefined };

export class WindowTimeline implements Timeline {
  /** The step with which each epoch of the fit begins; the first may have begun in an earlier fit. */
  readonly #begins: number[];
  #window = NONE;
  /** The step after the bound window's last. */
  #windowEnd: number;

  /** @param epochs How many the fit takes; where it begins within one, the rest of that is the first. */
  constructor(
    readonly start: Progress,
    readonly shape: EpochShape,
    readonly epochs: number,
  ) {
    this.#begins = [start.step - start.batch / shape.accumulate];
    this.#windowEnd = start.step;
  }

  /** The next window is bound. */
  open(window: WindowPlace): void {
    const { batchSize, accumulate } = this.shape;
    this.#window = window;
    this.#windowEnd = this.#begin + window.first / accumulate + Math.ceil(window.rows / (batchSize * accumulate));
    if (this.#windowEnd <= this.start.step)
      throw new DataError(`fit: expected more rows in the epoch that is gone on with after ${this.start.batch} mini-batches, got no more`);
    if (window.isLast) this.#begins.push(this.#windowEnd);
  }

  get end(): number {
    if (this.epochs === 0) return this.start.step;
    return this.#begins[this.epochs] ?? Number.POSITIVE_INFINITY;
  }

  at(step: number): Progress {
    let epoch = this.#begins.length - 1;
    while (epoch > 0 && step < this.#begins[epoch]) epoch--;
    const batch = (step - this.#begins[epoch]) * this.shape.accumulate;
    return { epoch: this.start.epoch + epoch, batch, step };
  }

  stepOfEpoch(step: number): number {
    return this.at(step).batch / this.shape.accumulate;
  }

  restOfEpoch(step: number): number {
    return this.restOfData(step);
  }

  restOfData(step: number): number {
    return this.#windowEnd - step;
  }

  /** Each window has a clock of its own. */
  clockOf({ batch }: Clock): Clock {
    const { first, key = 0 } = this.#window;
    return { epoch: key, batch: batch - first };
  }

  batchesAt({ batch }: Clock): number {
    const { first, rows } = this.#window;
    return Math.min(this.shape.accumulate, Math.ceil(rows / this.shape.batchSize) - (batch - first));
  }

  rowsOf(batch: number): number {
    const { first, rows } = this.#window;
    const { batchSize } = this.shape;
    return Math.min(batchSize, rows - (batch - first) * batchSize);
  }

  /** The step with which the epoch of the window that comes begins. */
  get #begin(): number {
    return this.#begins[this.#begins.length - 1];
  }
}
