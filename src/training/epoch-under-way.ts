/** The sums of an epoch's steps so far. Plain numbers: steps and epochs may be shorter than it takes to make an object. */
import type { UnfinishedEpoch } from '../model/training-state.ts';
import { type RecordLayout, Tally } from './tally.ts';

export class EpochUnderWay {
  readonly #tally: Tally;
  #correct = 0;
  /** Training time before `#began`. */
  #seconds = 0;
  #began = performance.now();

  constructor(
    readonly layout: RecordLayout,
    unfinished?: UnfinishedEpoch,
  ) {
    this.#tally = new Tally(layout);
    if (!unfinished) return;
    this.#tally.restore(unfinished.sums);
    this.#correct = unfinished.correct ?? Number.NaN;
    this.#seconds = unfinished.seconds;
  }

  /** Answers that were right as they came by; NaN where they are not counted. */
  get correct(): number {
    return this.#correct;
  }

  get loss(): number {
    return this.#tally.loss;
  }

  /** A mini-batch of so many rows: the record of that number among the records of a run. */
  add(records: Float64Array, number: number, rows: number): void {
    const { width, correct } = this.layout;
    const from = number * width;
    this.#tally.add(records, from, rows);
    this.#correct += correct === undefined ? Number.NaN : records[from + correct];
  }

  /** Its training time up to `now`. */
  secondsAt(now: number): number {
    return this.#seconds + (now - this.#began) / 1000;
  }

  /** Begins the next one. */
  begin(now: number): void {
    this.#tally.clear();
    this.#correct = this.#seconds = 0;
    this.#began = now;
  }

  /** Training continues now: the time since it paused does not count. */
  resume(now: number): void {
    this.#began = now;
  }

  /** The sums, for another fit to continue from. */
  stateAt(now: number): Pick<UnfinishedEpoch, 'sums' | 'correct' | 'seconds'> {
    const correct = Number.isNaN(this.#correct) ? undefined : this.#correct;
    return { sums: this.#tally.sums, correct, seconds: this.secondsAt(now) };
  }
}
