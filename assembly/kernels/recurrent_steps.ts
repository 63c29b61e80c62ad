/** What the recurrent cells share: the order of their steps, the products of a step, and sums of which a part may be absent (0). */
import { gemm } from './gemm';
import { fitsBlock, multiplyBlocked, multiplyRepeated } from './gemm_blocked';
import { Epilogue, theProduct } from './gemm_product';
import { isTiny } from './gemm_tiny';
import { constant, difference, load4, product, store4, sum } from './vector';

/** Which step of the sequence comes i-th. */
@inline
export function stepOf(i: i32, steps: i32, reverse: i32): i32 {
  return reverse ? steps - 1 - i : i;
}

/** Bytes from a sequence's start to row b's i-th step. */
@inline
export function placeOf(b: i32, i: i32, steps: i32, reverse: i32, width: i32): usize {
  return ((<usize>b * steps + stepOf(i, steps, reverse)) * width) << 2;
}

@inline
export function isMasked(mask: usize, b: i32, i: i32, steps: i32, reverse: i32): bool {
  return mask != 0 && load<f32>(mask + placeOf(b, i, steps, reverse, 1)) == 0;
}

@inline
export function cuts(i: i32, truncate: i32): bool {
  return truncate > 0 && i > 0 && i % truncate == 0;
}

/** What row b's i-th step begins with; 0: zeros. */
@inline
export function stateBefore(b: i32, i: i32, steps: i32, reverse: i32, units: i32, states: usize, initial: usize): usize {
  if (i > 0) return states + placeOf(b, i - 1, steps, reverse, units);
  return initial ? initial + ((<usize>b * units) << 2) : 0;
}

/** Every stride is given: a single column may lie apart, which only the blocked product allows for. */
function multiply(
  a: usize,
  strideA: usize,
  weight: usize,
  units: i32,
  transposed: bool,
  out: usize,
  strideOut: usize,
  m: i32,
  n: i32,
  k: i32,
): void {
  const s = theProduct();
  s.a = a;
  s.strideA = strideA;
  s.transposedA = false;
  s.b = weight;
  s.strideB = <usize>units << 2;
  s.transposedB = transposed;
  s.out = out;
  s.strideOut = strideOut;
  s.m = m;
  s.n = n;
  s.k = k;
  s.epilogue = Epilogue.none;
  if (n == 1) multiplyBlocked(s);
  else if (m > 1 && fitsBlock(s) && !isTiny(s)) multiplyRepeated(s);
  else gemm(s);
}

/** The weight of the products that follow is packed with the first of them. */
export function beginSteps(): void {
  theProduct().isPacked = false;
}

/** sums = states · Wᵀ for the rows' gates, which lie `width` apart from step to step; nothing where there are no states. */
export function sumStates(
  i: i32,
  states: usize,
  initial: usize,
  weight: usize,
  gates: i32,
  sums: usize,
  width: i32,
  rows: i32,
  steps: i32,
  units: i32,
  reverse: i32,
): void {
  const a = stateBefore(0, i, steps, reverse, units, states, initial);
  if (!a) return;
  const strideA = <usize>(i > 0 ? steps * units : units) << 2;
  multiply(a, strideA, weight, units, true, sums + placeOf(0, i, steps, reverse, width), <usize>(steps * width) << 2, rows, gates, units);
}

/** carried = δgates · W, the δ of the states that the step began with. */
export function sumDeltas(
  i: i32,
  deltas: usize,
  weight: usize,
  gates: i32,
  carried: usize,
  rows: i32,
  steps: i32,
  units: i32,
  reverse: i32,
): void {
  const a = deltas + placeOf(0, i, steps, reverse, gates);
  multiply(a, <usize>(steps * gates) << 2, weight, units, false, carried, <usize>units << 2, rows, units, gates);
}

@inline
export function clear(x: usize, size: i32): void {
  memory.fill(x, 0, <usize>size << 2);
}

@inline
export function copy(from: usize, to: usize, size: i32): void {
  memory.copy(to, from, <usize>size << 2);
}

export function copyOrClear(from: usize, to: usize, size: i32): void {
  if (from) copy(from, to, size);
  else clear(to, size);
}

@inline
export function loadOrZero(from: usize, at: usize, n: i32): v128 {
  return from ? load4(from + at, n) : f32x4.splat(0);
}

/** x + y, of which y may be absent. */
@inline
export function loadSum(x: usize, y: usize, at: usize, n: i32): v128 {
  return y ? sum(load4(x + at, n), load4(y + at, n)) : load4(x + at, n);
}

/** out = x + y; x may be absent. */
export function addTo(x: usize, y: usize, out: usize, size: i32): void {
  if (!x) {
    copy(y, out, size);
    return;
  }
  let rest = size;
  for (; rest >= 4; rest -= 4, x += 16, y += 16, out += 16) v128.store(out, sum(v128.load(y), v128.load(x)));
  if (rest > 0) store4(out, sum(load4(y, rest), load4(x, rest)), rest);
}

/** y·(1 − y). */
@inline
export function sigmoidSlope(y: v128): v128 {
  return product(y, difference(constant(1), y));
}

/** 1 − y². */
@inline
export function tanhSlope(y: v128): v128 {
  return difference(constant(1), product(y, y));
}

/** What a step hands to the step before, where its masked rows keep what they received at the start of their `deltas`, until here. */
export function carryOn(
  i: i32,
  deltas: usize,
  weight: usize,
  mask: usize,
  gates: i32,
  carried: usize,
  rows: i32,
  steps: i32,
  units: i32,
  reverse: i32,
  truncate: i32,
): void {
  if (cuts(i, truncate)) clear(carried, rows * units);
  else sumDeltas(i, deltas, weight, gates, carried, rows, steps, units, reverse);
  if (!mask) return;
  for (let b = 0; b < rows; b++) {
    if (!isMasked(mask, b, i, steps, reverse)) continue;
    const kept = deltas + placeOf(b, i, steps, reverse, gates);
    if (!cuts(i, truncate)) copy(kept, carried + ((<usize>b * units) << 2), units);
    clear(kept, units);
  }
}
