/** Mean losses over mini-batches, each weighted by what it counted. */
import { type RecordPlace, startOf } from '../ops/batch.ts';

type Place = Omit<RecordPlace, 'shape'>;

/** Where the record of a mini-batch has the mean loss of a head. */
export interface LossPlace {
  readonly head: string;
  /** Its weight in the whole loss. */
  readonly weight: number;
  readonly loss: Place;
  /** The place of what the head's rows weigh together; undefined where each weighs 1. */
  readonly rows: Place | undefined;
}

/** Where the record of a mini-batch has what makes up its losses. The whole loss is at place 0. */
export interface LossPlaces {
  /** The numbers of a record. */
  readonly width: number;
  /** Of the heads whose rows weigh differently, and of those that reports tell of. */
  readonly heads: readonly LossPlace[];
}

/** The sums of losses, as JSON can hold them. */
export interface LossSums {
  readonly rows: number;
  readonly rest: number;
  /** Of the heads that have places: Σ weight · loss, and Σ weight. */
  readonly losses: readonly number[];
  readonly weights: readonly number[];
}

/**
 * The mean losses over several mini-batches: those of heads whose rows weigh differently are weighted by what these weigh, everything else
 * by rows. Adding one makes no object: steps may be shorter than that takes.
 */
export class LossTotals {
  readonly #losses: Float64Array;
  readonly #weights: Float64Array;
  /** Of the whole loss without the heads whose rows weigh differently. */
  #rest = 0;
  #rows = 0;

  constructor(readonly places: LossPlaces) {
    this.#losses = new Float64Array(places.heads.length);
    this.#weights = new Float64Array(places.heads.length);
  }

  /** A mini-batch of so many rows, whose record begins at `from`. */
  add(records: Float64Array, from: number, rows: number): void {
    const { heads } = this.places;
    let rest = records[from];
    for (let i = 0; i < heads.length; i++) {
      const { weight, loss: place, rows: rowsPlace } = heads[i];
      const loss = records[from + startOf(place, rows)];
      const own = rowsPlace === undefined ? rows : records[from + startOf(rowsPlace, rows)];
      if (rowsPlace !== undefined) rest -= weight * loss;
      this.#losses[i] += own * loss;
      this.#weights[i] += own;
    }
    this.#rest += rest * rows;
    this.#rows += rows;
  }

  /** The whole. Asked for at the end of every epoch, which may be as short as a step: nothing is allocated. */
  get loss(): number {
    let loss = this.#rest / this.#rows;
    const { heads } = this.places;
    for (let i = 0; i < heads.length; i++) if (heads[i].rows !== undefined) loss += heads[i].weight * this.meanOf(i);
    return loss;
  }

  /** The mean loss of the nth head that has a place. Where no row weighs anything it is 0, as it is in a mini-batch. */
  meanOf(n: number): number {
    return this.#weights[n] > 0 ? this.#losses[n] / this.#weights[n] : 0;
  }

  /** The sums, for `restore` to continue from. */
  get sums(): LossSums {
    return { rows: this.#rows, rest: this.#rest, losses: [...this.#losses], weights: [...this.#weights] };
  }

  /** Whether sums are those of as many heads. A file may hold any. */
  takes({ losses, weights }: LossSums): boolean {
    return losses.length === this.#losses.length && weights.length === this.#weights.length;
  }

  /** Continues from sums that it takes. */
  restore({ rows, rest, losses, weights }: LossSums): void {
    this.#rows = rows;
    this.#rest = rest;
    this.#losses.set(losses);
    this.#weights.set(weights);
  }

  clear(): void {
    this.#losses.fill(0);
    this.#weights.fill(0);
    this.#rest = this.#rows = 0;
  }
}
