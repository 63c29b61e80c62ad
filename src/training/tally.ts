/** Means over mini-batches, each weighted by what it counted. */

import type { Head } from '../model/heads.ts';
import { headRecords } from '../model/measures.ts';
import type { TallySums } from '../model/training-state.ts';
import type { Program } from '../program/format.ts';

/** Where the record of a mini-batch has what makes up its loss. The loss itself is at place 0. */
export interface RecordLayout {
  readonly width: number;
  /** The heads that ignore some targets: the weight in the whole loss, and the places of the mean loss and of the number of counted targets. */
  readonly counting: readonly { readonly weight: number; readonly loss: number; readonly targets: number }[];
}

/** @param counting The heads that ignore some targets. */
export function recordLayout({ records, recordWidth }: Program, counting: readonly Head[]): RecordLayout {
  const placeOf = (name: string) => records.get(name)?.at as number;
  return {
    width: recordWidth,
    counting: counting.map(({ name, weight }) => {
      const { loss, counted } = headRecords(name);
      return { weight, loss: placeOf(loss), targets: placeOf(counted) };
    }),
  };
}

/** The loss over several mini-batches: heads that ignore some targets are weighted by their counted targets, everything else by rows. */
export class Tally {
  readonly #losses: Float64Array;
  readonly #targets: Float64Array;
  #rest = 0;
  #rows = 0;

  constructor(readonly layout: RecordLayout) {
    this.#losses = new Float64Array(layout.counting.length);
    this.#targets = new Float64Array(layout.counting.length);
  }

  /** A mini-batch of so many rows, whose record begins at `from`. */
  add(records: Float64Array, from: number, rows: number): void {
    const { counting } = this.layout;
    let rest = records[from];
    for (let i = 0; i < counting.length; i++) {
      const loss = records[from + counting[i].loss];
      const targets = records[from + counting[i].targets];
      rest -= counting[i].weight * loss;
      this.#losses[i] += targets * loss;
      this.#targets[i] += targets;
    }
    this.#rest += rest * rows;
    this.#rows += rows;
  }

  /** Asked for at the end of every epoch, which may be as short as a step: nothing is allocated. */
  get loss(): number {
    let loss = this.#rest / this.#rows;
    const { counting } = this.layout;
    for (let i = 0; i < counting.length; i++) loss += counting[i].weight * this.#meanOf(i);
    return loss;
  }

  /** The sums, for `restore` to continue from. */
  get sums(): TallySums {
    return { rows: this.#rows, rest: this.#rest, losses: [...this.#losses], targets: [...this.#targets] };
  }

  /** Continues from the sums of a tally with the same heads. */
  restore({ rows, rest, losses, targets }: TallySums): void {
    this.#rows = rows;
    this.#rest = rest;
    this.#losses.set(losses);
    this.#targets.set(targets);
  }

  clear(): void {
    this.#losses.fill(0);
    this.#targets.fill(0);
    this.#rest = this.#rows = 0;
  }

  /** Where no target counts the loss is 0, as it is in a mini-batch. */
  #meanOf(head: number): number {
    return this.#losses[head] / Math.max(this.#targets[head], 1);
  }
}
