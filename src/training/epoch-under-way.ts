/** The sums of an epoch's steps so far. Plain numbers: steps and epochs may be shorter than it takes to make an object. */
import type { HeadTotals } from '../metrics/totals.ts';
import type { UnfinishedEpoch } from '../model/training-state.ts';
import { type RecordLayout, Tally } from './tally.ts';

export class EpochUnderWay {
  readonly #tally: Tally;
  /** Training time before `#began`. */
  #seconds = 0;
  #began = performance.now();

  constructor(
    readonly layout: RecordLayout,
    readonly heads: readonly HeadTotals[],
    unfinished?: UnfinishedEpoch,
  ) {
    this.#tally = new Tally(layout);
    if (!unfinished) return;
    this.#tally.restore(unfinished.sums);
    heads.forEach((head, i) => {
      head.restore(unfinished.heads[i]);
    });
    this.#seconds = unfinished.seconds;
  }

  get loss(): number {
    return this.#tally.loss;
  }

  /** A mini-batch of so many rows: the record of that number among the records of a run. */
  add(records: Float64Array, number: number, rows: number): void {
    const from = number * this.layout.width;
    this.#tally.add(records, from, rows);
    for (let i = 0; i < this.heads.length; i++) this.heads[i].add(records, from, rows);
  }

  /** Its training time up to `now`. */
  secondsAt(now: number): number {
    return this.#seconds + (now - this.#began) / 1000;
  }

  /** Begins the next one. */
  begin(now: number): void {
    this.#tally.clear();
    for (let i = 0; i < this.heads.length; i++) this.heads[i].clear();
    this.#seconds = 0;
    this.#began = now;
  }

  /** Training continues now: the time since it paused does not count. */
  resume(now: number): void {
    this.#began = now;
  }

  /** The sums, for another fit to continue from. */
  stateAt(now: number): Pick<UnfinishedEpoch, 'sums' | 'heads' | 'seconds'> {
    return { sums: this.#tally.sums, heads: this.heads.map(({ state }) => state), seconds: this.secondsAt(now) };
  }
}
