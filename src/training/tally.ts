/** Means over mini-batches, each weighted by what it counted. */

import type { TallySums } from '../model/training-state.ts';

/** The result of a head that ignores some targets: its mean loss, and the number of counted targets. */
export interface Counted {
  readonly loss: number;
  readonly targets: number;
}

/** The loss over several mini-batches: heads that ignore some targets are weighted by their counted targets, everything else by rows. */
export class Tally {
  readonly #losses: Float64Array;
  readonly #targets: Float64Array;
  #rest = 0;
  #rows = 0;

  /** @param weights Of the heads that ignore some targets, in the whole loss. */
  constructor(readonly weights: readonly number[]) {
    this.#losses = new Float64Array(weights.length);
    this.#targets = new Float64Array(weights.length);
  }

  /** A mini-batch, or a step of several: its whole loss, its rows, and its part of the heads that ignore some targets. */
  add(loss: number, rows: number, counted: readonly Counted[]): void {
    let rest = loss;
    for (let i = 0; i < counted.length; i++) {
      rest -= this.weights[i] * counted[i].loss;
      this.#losses[i] += counted[i].targets * counted[i].loss;
      this.#targets[i] += counted[i].targets;
    }
    this.#rest += rest * rows;
    this.#rows += rows;
  }

  /** Asked for at the end of every epoch, which may be as short as a step: nothing is allocated. */
  get loss(): number {
    let loss = this.#rest / this.#rows;
    for (let i = 0; i < this.weights.length; i++) loss += this.weights[i] * this.#meanOf(i);
    return loss;
  }

  get counted(): readonly Counted[] {
    return this.weights.map((_, i) => ({ loss: this.#meanOf(i), targets: this.#targets[i] }));
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
    for (let i = 0; i < this.weights.length; i++) this.#losses[i] = this.#targets[i] = 0;
    this.#rest = this.#rows = 0;
  }

  /** Where no target counts the loss is 0, as it is in a mini-batch. */
  #meanOf(head: number): number {
    return this.#losses[head] / Math.max(this.#targets[head], 1);
  }
}
