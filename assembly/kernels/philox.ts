/** Philox 4×32-10, bit-equal to src/random/philox.ts. */
import { Purpose } from '../generated/constants';
import { sixteens } from '../scratch';

const MULTIPLIER_0: u32 = 0xd2511f53;
const MULTIPLIER_1: u32 = 0xcd9e8d57;
const WEYL_0: u32 = 0x9e3779b9;
const WEYL_1: u32 = 0xbb67ae85;
const ROUNDS = 10;

/** What `philox` makes at a time: blocks, words, bytes. */
export const BLOCKS: u32 = 8;
export const BLOCKS_WORDS: i32 = 32;
export const BLOCKS_BYTES: usize = 128;

/** The key's words: the seed's low 32 bits; its high 21 bits + purpose · 2²⁴. Seeds are exact integers. */
export function keyLow(seed: f64): u32 {
  return <u32>(<u64>seed);
}

export function keyHigh(seed: f64, purpose: i32): u32 {
  return <u32>(<u64>seed >> 32) + (<u32>purpose << 24);
}

/**
 * Eight blocks from number `block` on, in the workspace until the next eight: returns where. A block is the four words of the counter
 * (block, stream, step's low and high halves). Two times four go through the rounds together, since each product waits for the one before.
 */
export function philox(block: u32, stream: u32, step: u64, key0: u32, key1: u32): usize {
  let a0 = i32x4.add(i32x4.splat(block), i32x4(0, 1, 2, 3));
  let a1 = i32x4.splat(stream);
  let a2 = i32x4.splat(<u32>step);
  let a3 = i32x4.splat(<u32>(step >> 32));
  let b0 = i32x4.add(a0, i32x4.splat(4));
  let b1 = a1;
  let b2 = a2;
  let b3 = a3;
  let k0 = i32x4.splat(key0);
  let k1 = i32x4.splat(key1);
  let rounds = ROUNDS;
  do {
    const aLow0 = lowProducts(a0, MULTIPLIER_0);
    const aHigh0 = highProducts(a0, MULTIPLIER_0);
    const aLow1 = lowProducts(a2, MULTIPLIER_1);
    const aHigh1 = highProducts(a2, MULTIPLIER_1);
    const bLow0 = lowProducts(b0, MULTIPLIER_0);
    const bHigh0 = highProducts(b0, MULTIPLIER_0);
    const bLow1 = lowProducts(b2, MULTIPLIER_1);
    const bHigh1 = highProducts(b2, MULTIPLIER_1);
    a0 = v128.xor(v128.xor(highWords(aLow1, aHigh1), a1), k0);
    b0 = v128.xor(v128.xor(highWords(bLow1, bHigh1), b1), k0);
    a1 = lowWords(aLow1, aHigh1);
    b1 = lowWords(bLow1, bHigh1);
    a2 = v128.xor(v128.xor(highWords(aLow0, aHigh0), a3), k1);
    b2 = v128.xor(v128.xor(highWords(bLow0, bHigh0), b3), k1);
    a3 = lowWords(aLow0, aHigh0);
    b3 = lowWords(bLow0, bHigh0);
    k0 = i32x4.add(k0, i32x4.splat(WEYL_0));
    k1 = i32x4.add(k1, i32x4.splat(WEYL_1));
  } while (--rounds > 0);
  const to = sixteens();
  storeBlocks(to, a0, a1, a2, a3);
  storeBlocks(to + BLOCKS_BYTES / 2, b0, b1, b2, b3);
  return to;
}

/** Four blocks, of each vector a word. */
@inline
function storeBlocks(to: usize, c0: v128, c1: v128, c2: v128, c3: v128): void {
  const low01 = v128.shuffle<i32>(c0, c1, 0, 4, 1, 5);
  const low23 = v128.shuffle<i32>(c2, c3, 0, 4, 1, 5);
  const high01 = v128.shuffle<i32>(c0, c1, 2, 6, 3, 7);
  const high23 = v128.shuffle<i32>(c2, c3, 2, 6, 3, 7);
  v128.store(to, v128.shuffle<i64>(low01, low23, 0, 2));
  v128.store(to, v128.shuffle<i64>(low01, low23, 1, 3), 16);
  v128.store(to, v128.shuffle<i64>(high01, high23, 0, 2), 32);
  v128.store(to, v128.shuffle<i64>(high01, high23, 1, 3), 48);
}

/** Two products of 64 bits. */
@inline
function lowProducts(x: v128, factor: u32): v128 {
  return i64x2.extmul_low_i32x4_u(x, i32x4.splat(factor));
}

@inline
function highProducts(x: v128, factor: u32): v128 {
  return i64x2.extmul_high_i32x4_u(x, i32x4.splat(factor));
}

/** The low halves of four products, of which `low` holds two and `high` two. */
@inline
function lowWords(low: v128, high: v128): v128 {
  return v128.shuffle<i32>(low, high, 0, 2, 4, 6);
}

@inline
function highWords(low: v128, high: v128): v128 {
  return v128.shuffle<i32>(low, high, 1, 3, 5, 7);
}

/** Fisher–Yates: fills `order` with a permutation of 0 … n − 1, the stream's word i deciding the swap of place n − 1 − i. */
export function permutation(order: usize, n: i32, seed: f64, epoch: u64): void {
  const key0 = keyLow(seed);
  const key1 = keyHigh(seed, Purpose.shuffle);
  for (let i = 0; i < n; i++) store<i32>(order + (<usize>i << 2), i);
  let place = n - 1;
  for (let block: u32 = 0; place > 0; block += BLOCKS) {
    const words = philox(block, 0, epoch, key0, key1);
    for (let at: usize = 0; at < BLOCKS_BYTES; at += 4, place--) swap(order, place, load<u32>(words + at));
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
