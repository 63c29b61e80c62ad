/** The record of a fit: plain numbers, because steps and epochs may be shorter than it takes to make an object. */
import { type OutputResults, reported } from '../metrics/evaluation.ts';
import type { LossTotals } from '../metrics/loss-totals.ts';
import type { HeadTotals } from '../metrics/totals.ts';
import type { EpochReport, Measurements } from './reports.ts';

export class EpochLog {
  readonly #losses = new GrowingList();
  readonly #seconds = new GrowingList();
  readonly #rates = new GrowingList();
  readonly #heads: readonly HeadLog[];
  /** The losses of the heads, an epoch after the other, where reports tell of them. */
  readonly #headLosses = new GrowingList();
  /** For every epoch, or for none. */
  readonly #measured: Measurements[] = [];

  constructor(
    /** Epochs before the first. */
    readonly before: number,
    /** The sums of the epoch that is under way. */
    readonly epoch: { readonly losses: LossTotals; readonly heads: readonly HeadTotals[] },
    readonly told: {
      /** Whether reports tell of each head by its name. */
      readonly tellsHeads: boolean;
      /** `watchesEpochs`: whether something is measured at the ends of epochs. */
      readonly events: { readonly watchesEpochs: boolean };
    },
  ) {
    this.#heads = epoch.heads.map((head) => new HeadLog(head));
  }

  /** The epoch that is at its end. */
  add(seconds: number, learningRate: number, measured: Measurements): void {
    const { losses } = this.epoch;
    this.#losses.push(losses.loss);
    for (let i = 0; i < this.#heads.length; i++) {
      this.#heads[i].push();
      if (this.told.tellsHeads) this.#headLosses.push(losses.meanOf(i));
    }
    this.#seconds.push(seconds);
    this.#rates.push(learningRate);
    if (this.told.events.watchesEpochs) this.#measured.push(measured);
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
      ...this.#results(i),
      learningRate: this.#rates.at(i),
      validationLoss,
      validationAccuracy,
      ...others,
      seconds: this.#seconds.at(i),
    };
  }

  #results(i: number): Pick<EpochReport, 'accuracy' | 'metrics' | 'outputs'> {
    const { heads } = this.epoch;
    const results = this.#heads.map((head) => head.at(i));
    return reported(heads, results, this.told.tellsHeads ? (n) => this.#headLosses.at(i * heads.length + n) : undefined);
  }
}

/** The most numbers of a head's totals that are kept as they are; of more the results are. */
const FEW = 8;

/** A head's results, an epoch after the other. Few numbers are kept as they are, and become results when these are asked for. */
class HeadLog {
  readonly #numbers = new GrowingList();
  readonly #results: OutputResults[] = [];
  readonly #isSmall: boolean;
  /** What is read of the numbers. */
  readonly #read: HeadTotals;

  constructor(readonly head: HeadTotals) {
    this.#read = head.another();
    this.#isSmall = (head.width ?? Number.POSITIVE_INFINITY) <= FEW;
  }

  push(): void {
    if (this.#isSmall) this.head.write(this.#numbers);
    else this.#results.push(this.head.results);
  }

  at(i: number): OutputResults {
    if (!this.#isSmall) return this.#results[i];
    this.#read.read(this.#numbers, i);
    return this.#read.results;
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
