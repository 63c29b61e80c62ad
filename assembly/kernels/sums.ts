/**
 * Sums in the order that native/kernels/sums.h defines: sixteen steps make a block, blocks are added as a binary counter carries.
 * Along memory the 16 partial sums of a step are the lanes of four vectors.
 */
import { blockSums, LEVEL_BYTES, otherBlockSums } from '../scratch';
import { crossEntropyTerm, scaledSquare, shiftedExponential, squaredDeviation, standardized } from '../generated/vector_functions';
import { constant, difference, keep4, load4, product, sum } from './vector';

export const BLOCK_STEPS = 16;

/** What `sumOfRuns` adds: x; x − a; (x − a)²; x·y; and what functions of their names compute of x, y, a and b. */
export const enum Term {
  value,
  deviation,
  square,
  product,
  exponential,
  crossEntropy,
  scaledSquare,
}

/** Pairs of sums: x − a and (x − a)²; y·w and y·w·x̂, where without w (0) the factors are ones. */
export const enum Pair {
  deviation,
  slope,
}

@inline
function term(kind: i32, x: usize, y: usize, n: i32, a: v128, b: v128): v128 {
  if (kind == Term.value) return load4(x, n);
  if (kind == Term.deviation) return deviation4(x, n, a);
  if (kind == Term.square) return keep4(squaredDeviation(load4(x, n), a), n, constant(0));
  if (kind == Term.product) return product(load4(x, n), load4(y, n));
  if (kind == Term.exponential) return exponentialTerm(load4(x, n), n, a);
  if (kind == Term.scaledSquare) return scaledSquare(load4(x, n), a);
  return crossEntropyTerm(load4(x, n), load4(y, n), a, b);
}

/** Zeros where there are no elements. */
@inline
function deviation4(x: usize, n: i32, mean: v128): v128 {
  return keep4(difference(load4(x, n), mean), n, constant(0));
}

/** Zeros where there are no elements. */
function exponentialTerm(x: v128, n: i32, shift: v128): v128 {
  return keep4(shiftedExponential(x, shift), n, constant(0));
}

/** n factors; ones where `w` is 0. */
@inline
export function factors4(w: usize, n: i32): v128 {
  return w ? load4(w, n) : constant(1);
}

/** x̂ of n elements. */
@inline
export function hat4(x: usize, n: i32, mean: v128, scale: v128): v128 {
  return standardized(load4(x, n), mean, scale);
}

/** The first terms of a pair. */
@inline
function firstTerm(kind: i32, x: usize, y: usize, w: usize, n: i32, a: v128): v128 {
  return kind == Pair.deviation ? deviation4(x, n, a) : keep4(product(load4(y, n), factors4(w, n)), n, constant(0));
}

/** The second terms, from the first. */
@inline
function secondTerm(kind: i32, first: v128, x: usize, n: i32, a: v128, b: v128): v128 {
  if (kind == Pair.deviation) return product(first, first);
  return keep4(product(first, hat4(x, n, a, b)), n, constant(0));
}

/** Σ over `size` elements; `kind` is a constant where this is inlined. */
@inline
export function sumOf(kind: i32, x: usize, y: usize, size: i32, a: v128, b: v128): f32 {
  return sumOfRuns(kind, x, y, 1, size, 0, a, b);
}

/** Σ over `outer` runs of `inner` elements, `stride` bytes apart; `kind` is a constant. The last block stays out of the tree. */
@inline
export function sumOfRuns(kind: i32, x: usize, y: usize, outer: i32, inner: i32, stride: usize, a: v128, b: v128): f32 {
  let p0 = constant(0);
  let p1 = p0;
  let p2 = p0;
  let p3 = p0;
  let blocks: u32 = 0;
  let room = BLOCK_STEPS;
  for (let o = 0; o < outer; o++, x += stride, y += stride) {
    let at: usize = 0;
    let rest = inner;
    while (rest > 0) {
      const steps = min(rest >> 4, room);
      for (const end = at + (<usize>steps << 6); at < end; at += 64) {
        p0 = sum(p0, term(kind, x + at, y + at, 4, a, b));
        p1 = sum(p1, term(kind, x + at + 16, y + at + 16, 4, a, b));
        p2 = sum(p2, term(kind, x + at + 32, y + at + 32, 4, a, b));
        p3 = sum(p3, term(kind, x + at + 48, y + at + 48, 4, a, b));
      }
      rest -= steps << 4;
      room -= steps;
      if (room > 0 && rest > 0) {
        p0 = sum(p0, term(kind, x + at, y + at, rest, a, b));
        if (rest > 4) p1 = sum(p1, term(kind, x + at + 16, y + at + 16, rest - 4, a, b));
        if (rest > 8) p2 = sum(p2, term(kind, x + at + 32, y + at + 32, rest - 8, a, b));
        if (rest > 12) p3 = sum(p3, term(kind, x + at + 48, y + at + 48, rest - 12, a, b));
        rest = 0;
        room--;
      }
      if (room > 0 || (rest == 0 && o == outer - 1)) continue;
      addBlock(blockSums(), blocks++, p0, p1, p2, p3);
      p0 = p1 = p2 = p3 = constant(0);
      room = BLOCK_STEPS;
    }
  }
  return totalOf(blockSums(), blocks, p0, p1, p2, p3);
}

/** The 16 partial sums of `size` elements, stored at `to`: what a part of a longer row comes to. */
@inline
export function storePart(kind: i32, x: usize, y: usize, size: i32, a: v128, b: v128, to: usize): void {
  let p0 = constant(0);
  let p1 = p0;
  let p2 = p0;
  let p3 = p0;
  let blocks: u32 = 0;
  let at: usize = 0;
  let rest = size;
  while (true) {
    const steps = min(rest >> 4, BLOCK_STEPS);
    for (const end = at + (<usize>steps << 6); at < end; at += 64) {
      p0 = sum(p0, term(kind, x + at, y + at, 4, a, b));
      p1 = sum(p1, term(kind, x + at + 16, y + at + 16, 4, a, b));
      p2 = sum(p2, term(kind, x + at + 32, y + at + 32, 4, a, b));
      p3 = sum(p3, term(kind, x + at + 48, y + at + 48, 4, a, b));
    }
    rest -= steps << 4;
    if (rest == 0 || steps < BLOCK_STEPS) break;
    addBlock(blockSums(), blocks++, p0, p1, p2, p3);
    p0 = p1 = p2 = p3 = constant(0);
  }
  if (rest > 0) p0 = sum(p0, term(kind, x + at, y + at, rest, a, b));
  if (rest > 4) p1 = sum(p1, term(kind, x + at + 16, y + at + 16, rest - 4, a, b));
  if (rest > 8) p2 = sum(p2, term(kind, x + at + 32, y + at + 32, rest - 8, a, b));
  if (rest > 12) p3 = sum(p3, term(kind, x + at + 48, y + at + 48, rest - 12, a, b));
  const place = blockSums();
  v128.store(to, withBlocks(place, blocks, p0));
  v128.store(to, withBlocks(place + 16, blocks, p1), 16);
  v128.store(to, withBlocks(place + 32, blocks, p2), 32);
  v128.store(to, withBlocks(place + 48, blocks, p3), 48);
}

/**
 * Σ of a row of such parts, `stride` bytes apart, powers of two of whole blocks but the last: they enter the tree as what blocks have come to
 * at that height.
 */
export function totalOfParts(parts: usize, count: i32, stride: usize): f32 {
  for (let i = 0; i < count - 1; i++, parts += stride) {
    addBlock(blockSums(), i, v128.load(parts), v128.load(parts, 16), v128.load(parts, 32), v128.load(parts, 48));
  }
  return totalOf(blockSums(), count - 1, v128.load(parts), v128.load(parts, 16), v128.load(parts, 32), v128.load(parts, 48));
}

/** The two sums of a pair, in lanes 0 and 1, over such runs. */
@inline
export function sumsOfRuns(
  kind: i32,
  x: usize,
  y: usize,
  w: usize,
  outer: i32,
  inner: i32,
  stride: usize,
  a: v128,
  b: v128,
): v128 {
  let p0 = constant(0);
  let p1 = p0;
  let p2 = p0;
  let p3 = p0;
  let q0 = p0;
  let q1 = p0;
  let q2 = p0;
  let q3 = p0;
  let blocks: u32 = 0;
  let room = BLOCK_STEPS;
  for (let o = 0; o < outer; o++, x += stride, y += stride) {
    let at: usize = 0;
    let rest = inner;
    while (rest > 0) {
      const steps = min(rest >> 4, room);
      for (const end = at + (<usize>steps << 6); at < end; at += 64) {
        const t0 = firstTerm(kind, x + at, y + at, shifted(w, at), 4, a);
        const t1 = firstTerm(kind, x + at + 16, y + at + 16, shifted(w, at + 16), 4, a);
        const t2 = firstTerm(kind, x + at + 32, y + at + 32, shifted(w, at + 32), 4, a);
        const t3 = firstTerm(kind, x + at + 48, y + at + 48, shifted(w, at + 48), 4, a);
        p0 = sum(p0, t0);
        p1 = sum(p1, t1);
        p2 = sum(p2, t2);
        p3 = sum(p3, t3);
        q0 = sum(q0, secondTerm(kind, t0, x + at, 4, a, b));
        q1 = sum(q1, secondTerm(kind, t1, x + at + 16, 4, a, b));
        q2 = sum(q2, secondTerm(kind, t2, x + at + 32, 4, a, b));
        q3 = sum(q3, secondTerm(kind, t3, x + at + 48, 4, a, b));
      }
      rest -= steps << 4;
      room -= steps;
      if (room > 0 && rest > 0) {
        const t0 = firstTerm(kind, x + at, y + at, shifted(w, at), rest, a);
        p0 = sum(p0, t0);
        q0 = sum(q0, secondTerm(kind, t0, x + at, rest, a, b));
        if (rest > 4) {
          const t1 = firstTerm(kind, x + at + 16, y + at + 16, shifted(w, at + 16), rest - 4, a);
          p1 = sum(p1, t1);
          q1 = sum(q1, secondTerm(kind, t1, x + at + 16, rest - 4, a, b));
        }
        if (rest > 8) {
          const t2 = firstTerm(kind, x + at + 32, y + at + 32, shifted(w, at + 32), rest - 8, a);
          p2 = sum(p2, t2);
          q2 = sum(q2, secondTerm(kind, t2, x + at + 32, rest - 8, a, b));
        }
        if (rest > 12) {
          const t3 = firstTerm(kind, x + at + 48, y + at + 48, shifted(w, at + 48), rest - 12, a);
          p3 = sum(p3, t3);
          q3 = sum(q3, secondTerm(kind, t3, x + at + 48, rest - 12, a, b));
        }
        rest = 0;
        room--;
      }
      if (room > 0 || (rest == 0 && o == outer - 1)) continue;
      addBlock(blockSums(), blocks, p0, p1, p2, p3);
      addBlock(otherBlockSums(), blocks++, q0, q1, q2, q3);
      p0 = p1 = p2 = p3 = q0 = q1 = q2 = q3 = constant(0);
      room = BLOCK_STEPS;
    }
  }
  const first = totalOf(blockSums(), blocks, p0, p1, p2, p3);
  return f32x4.replace_lane(f32x4.splat(first), 1, totalOf(otherBlockSums(), blocks, q0, q1, q2, q3));
}

/** Sums down the rows, `stride` bytes apart, of up to four columns. */
export function sumColumn(x: usize, rows: i32, stride: usize, n: i32): v128 {
  const none = constant(0);
  let total = none;
  let blocks: u32 = 0;
  for (let rest = rows; ; rest -= BLOCK_STEPS) {
    for (let r = min(rest, BLOCK_STEPS); r > 0; r--, x += stride) total = sum(total, load4(x, n));
    if (rest <= BLOCK_STEPS) break;
    addBlock(blockSums(), blocks++, total, none, none, none);
    total = none;
  }
  return withBlocks(blockSums(), blocks, total);
}

/** The two sums of a pair, of such columns; returns where they lie. */
@inline
export function sumsOfColumn(kind: i32, x: usize, y: usize, rows: i32, stride: usize, n: i32, a: v128, b: v128): usize {
  const none = constant(0);
  let first = none;
  let second = none;
  let blocks: u32 = 0;
  for (let rest = rows; ; rest -= BLOCK_STEPS) {
    for (let r = min(rest, BLOCK_STEPS); r > 0; r--, x += stride, y += stride) {
      const terms = firstTerm(kind, x, y, 0, n, a);
      first = sum(first, terms);
      second = sum(second, secondTerm(kind, terms, x, n, a, b));
    }
    if (rest <= BLOCK_STEPS) break;
    addBlock(blockSums(), blocks++, first, second, none, none);
    first = second = none;
  }
  return twoSums(blocks, first, second);
}

/** Two whole sums, of which these are the last blocks, side by side. Returns where they lie until the next sum. */
export function twoSums(blocks: u32, first: v128, second: v128): usize {
  const place = blockSums();
  first = withBlocks(place, blocks, first);
  second = withBlocks(place + 16, blocks, second);
  v128.store(place, first);
  v128.store(place, second, 16);
  return place;
}

@inline
export function shifted(w: usize, bytes: usize): usize {
  return w ? w + bytes : 0;
}

/** Adds block number `index` to those whose sums stand at `place`: four vectors side by side. Every other block stands alone. */
@inline
export function addBlock(place: usize, index: u32, p0: v128, p1: v128, p2: v128, p3: v128): void {
  if (index & 1) return carry(place, index, p0, p1, p2, p3);
  v128.store(place, p0);
  v128.store(place, p1, 16);
  v128.store(place, p2, 32);
  v128.store(place, p3, 48);
}

function carry(place: usize, index: u32, p0: v128, p1: v128, p2: v128, p3: v128): void {
  for (; index & 1; index >>= 1, place += LEVEL_BYTES) {
    p0 = sum(v128.load(place), p0);
    p1 = sum(v128.load(place, 16), p1);
    p2 = sum(v128.load(place, 32), p2);
    p3 = sum(v128.load(place, 48), p3);
  }
  v128.store(place, p0);
  v128.store(place, p1, 16);
  v128.store(place, p2, 32);
  v128.store(place, p3, 48);
}

/** The whole sum: `last` is its last block, and the vectors from `place` on are the `blocks` before. */
export function withBlocks(place: usize, blocks: u32, last: v128): v128 {
  for (; blocks; blocks >>= 1, place += LEVEL_BYTES) {
    if (blocks & 1) last = sum(v128.load(place), last);
  }
  return last;
}

/** The 16 partial sums, all blocks' together, added by halves. */
export function totalOf(place: usize, blocks: u32, p0: v128, p1: v128, p2: v128, p3: v128): f32 {
  if (blocks) {
    p0 = withBlocks(place, blocks, p0);
    p1 = withBlocks(place + 16, blocks, p1);
    p2 = withBlocks(place + 32, blocks, p2);
    p3 = withBlocks(place + 48, blocks, p3);
  }
  const four = sum(sum(p0, p2), sum(p1, p3));
  const two = sum(four, v128.shuffle<f32>(four, four, 2, 3, 2, 3));
  return f32x4.extract_lane(two, 0) + f32x4.extract_lane(two, 1);
}
