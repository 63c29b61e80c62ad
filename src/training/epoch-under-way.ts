/** The sums of an epoch's steps so far. Plain numbers: steps and epochs may be shorter than it takes to make an object. */
import { type LossPlaces, LossTotals } from '../metrics/loss-totals.ts';
import type { HeadTotals } from '../metrics/totals.ts';
import type { UnfinishedEpoch } from '../model/training-state.ts';

export class EpochUnderWay {
  readonly losses: LossTotals;
  /** Training time before `#began`. */
  #seconds = 0;
  #began = 0;

  constructor(
    readonly places: LossPlaces,
    readonly heads: readonly HeadTotals[],
  ) {
    this.losses = new LossTotals(places);
  }

  /** Whether it can go on where another epoch was left: whether that one has the same sums. A file may hold any. */
  takes({ sums, heads }: UnfinishedEpoch): boolean {
    return this.losses.takes(sums) && heads.length === this.heads.length && this.heads.every((head, i) => head.takes(heads[i]));
  }

  /** Its training begins now, or goes on where an epoch that it takes was left. */
  start(unfinished?: UnfinishedEpoch): void {
    this.#began = performance.now();
    if (!unfinished) return;
    this.losses.restore(unfinished.sums);
    this.heads.forEach((head, i) => {
      head.restore(unfinished.heads[i]);
    });
    this.#seconds = unfinished.seconds;
  }

  /** A mini-batch of so many rows: the record of that number among the records of a run. */
  add(records: Float64Array, number: number, rows: number): void {
    const from = number * this.places.width;
    this.losses.add(records, from, rows);
    for (let i = 0; i < this.heads.length; i++) this.heads[i].add(records, from, rows);
  }

  /** Its training time up to `now`. */
  secondsAt(now: number): number {
    return this.#seconds + (now - this.#began) / 1000;
  }

  /** Begins the next one. */
  begin(now: number): void {
    this.losses.clear();
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
    return { sums: this.losses.sums, heads: this.heads.map(({ state }) => state), seconds: this.secondsAt(now) };
  }
}
