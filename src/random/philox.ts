/**
 * Philox 4×32-10, the counter-based generator of Salmon et al., "Parallel Random Numbers: As Easy as 1, 2, 3" (SC 2011).
 * The same four words come from the same counter and key in TypeScript, C++ and AssemblyScript, in any order of asking,
 * which is what makes dropout masks and shuffles reproducible on every backend and resumable at any step.
 */
const MULTIPLIER_0 = 0xd2511f53;
const MULTIPLIER_1 = 0xcd9e8d57;
const WEYL_0 = 0x9e3779b9;
const WEYL_1 = 0xbb67ae85;
const ROUNDS = 10;

/** The purpose of a stream of random numbers. It is part of the counter, so that purposes never share numbers. */
export const PURPOSE = { initialize: 0, shuffle: 1, dropout: 2, split: 3, check: 4, rounding: 5, rows: 6, augment: 7 } as const;

/** The high 32 bits of the 64-bit product of two unsigned 32-bit integers. */
export function multiplyHigh(a: number, b: number): number {
  const aHigh = a >>> 16;
  const aLow = a & 0xffff;
  const bHigh = b >>> 16;
  const bLow = b & 0xffff;
  const middle = aHigh * bLow + ((aLow * bLow) >>> 16);
  const carry = (middle & 0xffff) + aLow * bHigh;
  return (aHigh * bHigh + Math.floor(middle / 0x10000) + Math.floor(carry / 0x10000)) >>> 0;
}

/** One block of four 32-bit words. Writes into `out`, which may be `counter`. */
export function philox(counter: Uint32Array, key0: number, key1: number, out: Uint32Array): void {
  let [c0, c1, c2, c3] = counter;
  let k0 = key0 >>> 0;
  let k1 = key1 >>> 0;
  for (let round = 0; round < ROUNDS; round++) {
    const high0 = multiplyHigh(MULTIPLIER_0, c0);
    const low0 = Math.imul(MULTIPLIER_0, c0) >>> 0;
    const high1 = multiplyHigh(MULTIPLIER_1, c2);
    const low1 = Math.imul(MULTIPLIER_1, c2) >>> 0;
    c0 = (high1 ^ c1 ^ k0) >>> 0;
    c1 = low1;
    c2 = (high0 ^ c3 ^ k1) >>> 0;
    c3 = low0;
    k0 = (k0 + WEYL_0) >>> 0;
    k1 = (k1 + WEYL_1) >>> 0;
  }
  out[0] = c0;
  out[1] = c1;
  out[2] = c2;
  out[3] = c3;
}

/**
 * The words of one stream: key = (seed's low 32 bits, seed's high 21 bits + purpose · 2²⁴), counter = (block, stream,
 * step's low 32 bits, step's high 32 bits).
 */
export class RandomStream {
  readonly #block = new Uint32Array(4);
  readonly #counter = new Uint32Array(4);
  readonly #key0: number;
  readonly #key1: number;
  #next = 4;
  #blockIndex = 0;

  constructor(
    seed: number,
    purpose: number,
    private readonly stream = 0,
    private readonly step = 0,
  ) {
    this.#key0 = seed >>> 0;
    this.#key1 = (Math.floor(seed / 2 ** 32) + (purpose << 24)) >>> 0;
  }

  /** The next unsigned 32-bit word. */
  word(): number {
    if (this.#next === 4) {
      this.#counter[0] = this.#blockIndex++;
      this.#counter[1] = this.stream;
      this.#counter[2] = this.step >>> 0;
      this.#counter[3] = Math.floor(this.step / 2 ** 32);
      philox(this.#counter, this.#key0, this.#key1, this.#block);
      this.#next = 0;
    }
    return this.#block[this.#next++];
  }

  /** Uniform in the open interval (0, 1): the middle of one of 2³² equal cells. */
  uniform(): number {
    return (this.word() + 0.5) / 2 ** 32;
  }

  /** An integer in [0, limit), by multiply and shift (a bias below limit / 2³²). */
  integer(limit: number): number {
    return multiplyHigh(this.word(), limit);
  }
}

/** Fisher–Yates: fills `order` with a permutation of 0 … order.length − 1, the stream's word i deciding the swap of place n − 1 − i. */
export function permutation(order: Int32Array, stream: RandomStream): void {
  for (let i = 0; i < order.length; i++) order[i] = i;
  for (let i = order.length - 1; i > 0; i--) {
    const j = stream.integer(i + 1);
    const swap = order[i];
    order[i] = order[j];
    order[j] = swap;
  }
}
