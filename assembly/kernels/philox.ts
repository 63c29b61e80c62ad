/** Philox 4×32-10, bit-equal to src/random/philox.ts. */
import { Purpose } from '../generated/constants';

const MULTIPLIER_0: u64 = 0xd2511f53;
const MULTIPLIER_1: u64 = 0xcd9e8d57;
const WEYL_0: u32 = 0x9e3779b9;
const WEYL_1: u32 = 0xbb67ae85;
const ROUNDS = 10;

/** The key's words: the seed's low 32 bits; its high 21 bits + purpose · 2²⁴. Seeds are exact integers. */
export function keyLow(seed: f64): u32 {
  return <u32>(<u64>seed);
}

export function keyHigh(seed: f64, purpose: i32): u32 {
  return <u32>(<u64>seed >> 32) + (<u32>purpose << 24);
}

/** One block: the four words of the counter (block, stream, step's low and high halves), as the lanes of a vector. */
export function philox(block: u32, stream: u32, step: u64, key0: u32, key1: u32): v128 {
  let c0 = block;
  let c1 = stream;
  let c2 = <u32>step;
  let c3 = <u32>(step >> 32);
  for (let round = 0; round < ROUNDS; round++) {
    const product0 = MULTIPLIER_0 * c0;
    const product1 = MULTIPLIER_1 * c2;
    c0 = <u32>(product1 >> 32) ^ c1 ^ key0;
    c1 = <u32>product1;
    c2 = <u32>(product0 >> 32) ^ c3 ^ key1;
    c3 = <u32>product0;
    key0 += WEYL_0;
    key1 += WEYL_1;
  }
  return i32x4.replace_lane(i32x4.replace_lane(i32x4.replace_lane(i32x4.splat(c0), 1, c1), 2, c2), 3, c3);
}

/** Fisher–Yates: fills `order` with a permutation of 0 … n − 1, the stream's word i deciding the swap of place n − 1 − i. */
export function permutation(order: usize, n: i32, seed: f64, epoch: u64): void {
  const key0 = keyLow(seed);
  const key1 = keyHigh(seed, Purpose.shuffle);
  for (let i = 0; i < n; i++) store<i32>(order + (<usize>i << 2), i);
  let place = n - 1;
  for (let block: u32 = 0; place > 0; block++, place -= 4) {
    const words = philox(block, 0, epoch, key0, key1);
    swap(order, place, i32x4.extract_lane(words, 0));
    swap(order, place - 1, i32x4.extract_lane(words, 1));
    swap(order, place - 2, i32x4.extract_lane(words, 2));
    swap(order, place - 3, i32x4.extract_lane(words, 3));
  }
}

/** Swaps `place` (where above 0) with the place in [0, place] that `word` chooses by multiply and shift. */
function swap(order: usize, place: i32, word: u32): void {
  if (place <= 0) return;
  const chosen = <usize>((<u64>word * <u64>(place + 1)) >> 32);
  const a = order + (<usize>place << 2);
  const b = order + (chosen << 2);
  const value = load<i32>(a);
  store<i32>(a, load<i32>(b));
  store<i32>(b, value);
}
