/** The steps of a fit and their times. A step's number counts the steps before it, over all fits that continue one another. */

import type { Clock, Progress } from '../clock.ts';
import type { EpochShape } from '../model/training-state.ts';

export interface Timeline {
  readonly start: Progress;
  readonly shape: EpochShape;
  /** The step after the fit's last; infinity until it is known. */
  readonly end: number;
  /** The progress of training before a step of this fit. */
  at(step: number): Progress;
  /** Steps of the same epoch before this one. */
  stepOfEpoch(step: number): number;
  /** Steps from this one to the end of its epoch, as far as it is bound. */
  restOfEpoch(step: number): number;
  /** Steps from this one on whose rows are bound. */
  restOfData(step: number): number;
  /** The time of one of its epoch's mini-batches by the clock of the bound rows. */
  clockOf(progress: Clock): Clock;
  /** Mini-batches of a step that begins at a time. */
  batchesAt(clock: Clock): number;
  /** Rows of a mini-batch of the epoch under way. */
  rowsOf(batch: number): number;
}

/** Of a fit whose data is bound as a whole: every epoch has the same steps. */
export class EvenTimeline implements Timeline {
  readonly end: number;
  readonly #batchesPerEpoch: number;
  readonly #stepsPerEpoch: number;
  /** The step with which the first epoch begins, or began in an earlier fit. */
  readonly #origin: number;

  /** @param epochs How many the fit takes; where it begins within one, the rest of that is the first. */
  constructor(
    readonly start: Progress,
    readonly shape: EpochShape & { readonly rows: number },
    epochs: number,
  ) {
    const { rows, batchSize, accumulate } = shape;
    this.#batchesPerEpoch = Math.ceil(rows / batchSize);
    this.#stepsPerEpoch = Math.ceil(this.#batchesPerEpoch / accumulate);
    this.#origin = start.step - start.batch / accumulate;
    this.end = this.#origin + epochs * this.#stepsPerEpoch;
  }

  at(step: number): Progress {
    const steps = step - this.#origin;
    const epochs = Math.floor(steps / this.#stepsPerEpoch);
    const batch = (steps - epochs * this.#stepsPerEpoch) * this.shape.accumulate;
    return { epoch: this.start.epoch + epochs, batch, step };
  }

  stepOfEpoch(step: number): number {
    return (step - this.#origin) % this.#stepsPerEpoch;
  }

  restOfEpoch(step: number): number {
    return this.#stepsPerEpoch - this.stepOfEpoch(step);
  }

  restOfData(step: number): number {
    return this.end - step;
  }

  clockOf(progress: Clock): Clock {
    return progress;
  }

  batchesAt({ batch }: Clock): number {
    return Math.min(this.shape.accumulate, this.#batchesPerEpoch - batch);
  }

  rowsOf(batch: number): number {
    const { rows, batchSize } = this.shape;
    return Math.min(batchSize, rows - batch * batchSize);
  }
}
