/** The record of a fit: plain numbers, because steps and epochs may be shorter than it takes to make an object. */
import type { EpochReport, Measurements } from './reports.ts';

export class EpochLog {
  readonly #losses = new GrowingList();
  readonly #correct = new GrowingList();
  readonly #seconds = new GrowingList();
  readonly #rates = new GrowingList();
  /** For every epoch, or for none. */
  readonly #measured: Measurements[] = [];

  constructor(
    /** Epochs before the first. */
    readonly before: number,
    /** Answers asked for in an epoch; undefined where right ones are not counted. */
    readonly answers: number | undefined,
    /** Whether something is measured at the ends of epochs. */
    readonly measures: boolean,
  ) {}

  /** `loss` is the epoch's mean, `correct` how many answers were right. */
  add(loss: number, correct: number, seconds: number, learningRate: number, measured: Measurements): void {
    this.#losses.push(loss);
    this.#correct.push(correct);
    this.#seconds.push(seconds);
    this.#rates.push(learningRate);
    if (this.measures) this.#measured.push(measured);
  }

  last(): EpochReport {
    return this.#report(this.#losses.length - 1);
  }

  reports(): EpochReport[] {
    return Array.from({ length: this.#losses.length }, (_, i) => this.#report(i));
  }

  #report(i: number): EpochReport {
    const { validationLoss, validationAccuracy, ...others }: Measurements = this.#measured[i] ?? {};
    return {
      epoch: this.before + i + 1,
      loss: this.#losses.at(i),
      accuracy: this.answers && this.#correct.at(i) / this.answers,
      learningRate: this.#rates.at(i),
      validationLoss,
      validationAccuracy,
      ...others,
      seconds: this.#seconds.at(i),
    };
  }
}

/** Float64 values in a buffer that doubles. */
export class GrowingList {
  #buffer = new Float64Array(64);
  #length = 0;

  get length(): number {
    return this.#length;
  }

  push(value: number): void {
    if (this.#length === this.#buffer.length) {
      const larger = new Float64Array(2 * this.#length);
      larger.set(this.#buffer);
      this.#buffer = larger;
    }
    this.#buffer[this.#length++] = value;
  }

  /** The value at an index from 0 to length − 1. */
  at(index: number): number {
    return this.#buffer[index];
  }

  last(): number {
    return this.#length ? this.#buffer[this.#length - 1] : Number.NaN;
  }

  toArray(): Float64Array {
    return this.#buffer.slice(0, this.#length);
  }
}
