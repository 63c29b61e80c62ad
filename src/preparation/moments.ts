/** Mean and variance of a stream of numbers, in float64 (Welford 1962), of distances from the first: their rounding is that of the spread. */
export class Moments {
  count = 0;
  #first = 0;
  /** The mean distance. */
  #distance = 0;
  /** The sum of squared distances from the mean. */
  #squares = 0;

  add(value: number, times: number): void {
    if (times === 0) return;
    if (this.count === 0) this.#first = value;
    this.count += times;
    const own = value - this.#first;
    const change = own - this.#distance;
    this.#distance += change * (times / this.count);
    this.#squares += times * change * (own - this.#distance);
  }

  get mean(): number {
    return this.#first + this.#distance;
  }

  /** Of all values: the squares are divided by their count. */
  get variance(): number {
    return this.#squares / this.count;
  }
}
