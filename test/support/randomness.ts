/** Random test data that is the same on every machine: a failing case is found again by its seed. */
import { PURPOSE, RandomStream } from '../../src/random/philox.ts';

export class Chance {
  readonly #stream: RandomStream;

  constructor(seed: number) {
    this.#stream = new RandomStream(seed, PURPOSE.check);
  }

  /** Uniform between two numbers, rounded to float32 so that every backend begins with the same bits. */
  between(low: number, high: number): number {
    return Math.fround(low + (high - low) * this.#stream.uniform());
  }

  /** An integer in [0, limit). */
  below(limit: number): number {
    return this.#stream.integer(limit);
  }

  word(): number {
    return this.#stream.word();
  }

  happens(probability: number): boolean {
    return this.#stream.uniform() < probability;
  }

  pick<T>(choices: readonly T[]): T {
    return choices[this.below(choices.length)];
  }
}
