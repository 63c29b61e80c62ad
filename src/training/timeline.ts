/** The steps of a fit and their times. A step's number counts the steps before it, over all fits that continue one another. */

import type { Clock, Progress } from '../clock.ts';
import type { EpochShape } from '../model/training-state.ts';

export class Timeline {
  readonly batchesPerEpoch: number;
  readonly stepsPerEpoch: number;
  /** The step after the fit's last. */
  readonly end: number;
  /** The step with which the first epoch begins, or began in an earlier fit. */
  readonly #origin: number;

  /** @param epochs How many the fit takes; where it begins within one, the rest of that is the first. */
  constructor(
    readonly start: Progress,
    readonly shape: EpochShape,
    epochs: number,
  ) {
    const { rows, batchSize, accumulate } = shape;
    this.batchesPerEpoch = Math.ceil(rows / batchSize);
    this.stepsPerEpoch = Math.ceil(this.batchesPerEpoch / accumulate);
    this.#origin = start.step - start.batch / accumulate;
    this.end = this.#origin + epochs * this.stepsPerEpoch;
  }

  /** The progress of training before a step of this fit. */
  at(step: number): Progress {
    const steps = step - this.#origin;
    const epochs = Math.floor(steps / this.stepsPerEpoch);
    const batch = (steps - epochs * this.stepsPerEpoch) * this.shape.accumulate;
    return { epoch: this.start.epoch + epochs, batch, step };
  }

  /** Steps of the same epoch before this one. */
  stepOfEpoch(step: number): number {
    return (step - this.#origin) % this.stepsPerEpoch;
  }

  /** Steps from this one to the end of its epoch. */
  restOfEpoch(step: number): number {
    return this.stepsPerEpoch - this.stepOfEpoch(step);
  }

  /** Mini-batches of a step that begins at a time. */
  batchesAt({ batch }: Clock): number {
    return Math.min(this.shape.accumulate, this.batchesPerEpoch - batch);
  }

  /** Rows of `batches` mini-batches from one of an epoch on. */
  rowsFrom(batch: number, batches: number): number {
    const { rows, batchSize } = this.shape;
    return Math.min(batches * batchSize, rows - batch * batchSize);
  }
}
