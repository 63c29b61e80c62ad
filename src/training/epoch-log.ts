/** What a fit notes as it goes: plain numbers, because steps and epochs may be shorter than it takes to make an object. */

import type { Diagnosis } from '../inspection/diagnosis/report.ts';
import type { Evaluation } from '../metrics/evaluation.ts';
import type { EpochReport } from './reports.ts';

/** What may be found at an epoch's end besides. */
export interface EpochExtras {
  readonly validation?: Evaluation;
  readonly diagnosis?: Diagnosis;
}

export class EpochLog {
  readonly #losses = new GrowingList();
  readonly #correct = new GrowingList();
  readonly #seconds = new GrowingList();
  readonly #rates = new GrowingList();
  /** Of every epoch, or of none. */
  readonly #validations: Evaluation[] = [];
  /** Likewise. */
  readonly #diagnoses: Diagnosis[] = [];

  constructor(
    /** How many answers an epoch is asked for; undefined where right ones are not counted. */
    readonly answers: number | undefined,
  ) {}

  /** `loss` is the epoch's mean, `correct` how many answers were right. */
  add(loss: number, correct: number, seconds: number, learningRate: number, { validation, diagnosis }: EpochExtras): void {
    this.#losses.push(loss);
    this.#correct.push(correct);
    this.#seconds.push(seconds);
    this.#rates.push(learningRate);
    if (validation) this.#validations.push(validation);
    if (diagnosis) this.#diagnoses.push(diagnosis);
  }

  last(): EpochReport {
    return this.#report(this.#losses.length - 1);
  }

  reports(): EpochReport[] {
    return Array.from({ length: this.#losses.length }, (_, i) => this.#report(i));
  }

  #report(i: number): EpochReport {
    const validation = this.#validations[i] as Evaluation | undefined;
    const diagnosis = this.#diagnoses[i] as Diagnosis | undefined;
    return {
      epoch: i + 1,
      loss: this.#losses.at(i),
      accuracy: this.answers && this.#correct.at(i) / this.answers,
      learningRate: this.#rates.at(i),
      validationLoss: validation?.loss,
      validationAccuracy: validation?.accuracy,
      ...(validation?.outputs && { validationOutputs: validation.outputs }),
      ...(diagnosis && { diagnosis }),
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
