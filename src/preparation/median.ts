/** The median of a stream of numbers: exact while they fit, then that of a sample. */
import { PURPOSE, RandomStream } from '../random/philox.ts';

/** Numbers that are kept: a megabyte. */
export const MOST_KEPT = 2 ** 17;

export class Median {
  #kept = new Float64Array(1024);
  #count = 0;
  readonly #random = new RandomStream(0, PURPOSE.split);

  /** Beyond what is kept each number so far is in the sample with the same probability (Vitter 1985, algorithm R). */
  add(value: number): void {
    const at = this.#count < MOST_KEPT ? this.#count : this.#random.integer(this.#count + 1);
    this.#count++;
    if (at >= MOST_KEPT) return;
    if (at >= this.#kept.length) this.#grow();
    this.#kept[at] = value;
  }

  /** Between two numbers their mean. */
  get value(): number {
    const sorted = this.#kept.slice(0, Math.min(this.#count, MOST_KEPT)).sort();
    const middle = (sorted.length - 1) / 2;
    const [low, high] = [sorted[Math.floor(middle)], sorted[Math.ceil(middle)]];
    // Half of each, since their sum may overflow.
    return low === high ? low : low / 2 + high / 2;
  }

  #grow(): void {
    const larger = new Float64Array(this.#kept.length * 2);
    larger.set(this.#kept);
    this.#kept = larger;
  }
}
