/** The common part of the recurrent cells: the order of their steps, the products of a step, and sums with terms that may be absent (0). */
import { SequenceSizes } from '../generated/arguments';
import { packedBlock, recurrencePlace } from '../scratch';
import { gemm } from './gemm';
import { fitsBlock, multiplyBlocked, multiplyRepeated } from './gemm_blocked';
import { theProduct } from './gemm_product';
import { isTiny } from './gemm_tiny';
import { Epilogue, Product } from './product';
import { Recurrence } from './recurrence';
import { load4, store4, sum } from './vector';

/** The one recurrence that is under way. The weight of its products is packed with the first of them. */
export function begin(first: i32, count: i32, sizes: SequenceSizes, mask: usize, truncate: i32): Recurrence {
  const s = changetype<Recurrence>(recurrencePlace());
  s.first = first;
  s.count = count;
  s.rows = sizes.rows;
  s.steps = sizes.steps;
  s.units = sizes.units;
  s.reverse = sizes.reverse;
  s.mask = mask;
  s.truncate = truncate;
  theProduct().isPacked = false;
  return s;
}

/** This thread's columns of A·weight, in each of `groups` groups of `units`; every other size is given. */
function multiplyGroups(s: Recurrence, p: Product, weight: usize, groups: i32, out: usize): void {
  const isWhole = s.count == s.units;
  const products = isWhole ? 1 : groups;
  const groupBytes = (<usize>p.k * s.count) << 2;
  p.n = isWhole ? groups * s.units : s.count;
  if (p.n == 0) return;
  const keeps = p.m > 1 && p.n > 1 && s.count % 8 == 0 && fitsBlock(groups * s.count, p.k) && !isTiny(p);
  for (let group = 0; group < products; group++) {
    const column = <usize>group * s.units + s.first;
    p.b = weight + column * (p.transposedB ? p.strideB : 4);
    p.out = out + (column << 2);
    // A single column may lie apart, which only the blocked product allows for.
    if (p.n == 1) multiplyBlocked(p);
    else if (keeps) multiplyRepeated(p, packedBlock() + <usize>group * groupBytes);
    else gemm(p);
  }
  p.isPacked = true;
}

function theStep(s: Recurrence, a: usize, strideA: i32, k: i32, transposed: bool, strideOut: i32): Product {
  const p = theProduct();
  p.a = a;
  p.strideA = <usize>strideA << 2;
  p.transposedA = false;
  p.strideB = <usize>s.units << 2;
  p.transposedB = transposed;
  p.strideOut = <usize>strideOut << 2;
  p.m = s.rows;
  p.k = k;
  p.epilogue = Epilogue.none;
  return p;
}

/** states · Wᵀ into the rows' gates, which lie `width` gates apart from step to step; nothing where there are no states. */
export function sumStates(s: Recurrence, i: i32, states: usize, initial: usize, weight: usize, gates: i32, sums: usize, width: i32): void {
  const a = i > 0 ? states + s.gatesAt(0, i - 1, 1) : initial;
  if (!a) return;
  const p = theStep(s, a, i > 0 ? s.steps * s.units : s.units, s.units, true, s.steps * width * s.units);
  multiplyGroups(s, p, weight, gates, sums + s.gatesAt(0, i, width));
}

/** carried = δgates · W, the δ of the states that the step began with. */
export function sumDeltas(s: Recurrence, i: i32, deltas: usize, weight: usize, gates: i32, carried: usize): void {
  const width = gates * s.units;
  const p = theStep(s, deltas + s.gatesAt(0, i, gates), s.steps * width, width, false, s.units);
  multiplyGroups(s, p, weight, 1, carried);
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

/** This thread's units of `gates` gates. */
export function clearGates(s: Recurrence, x: usize, gates: i32): void {
  for (let gate = 0; gate < gates; gate++, x += <usize>s.units << 2) clear(x, s.count);
}

/** This thread's units of all rows' states. */
export function clearStates(s: Recurrence, states: usize): void {
  for (let b = 0; b < s.rows; b++) clear(states + s.stateAt(b), s.count);
}

@inline
export function loadOrZero(from: usize, at: usize, n: i32): v128 {
  return from ? load4(from + at, n) : f32x4.splat(0);
}

/** x + y; y may be absent. */
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

/**
 * What a step hands to the step before, where its masked rows keep what they received at the start of their `deltas`, until all threads
 * have multiplied by them.
 */
export function carryOn(s: Recurrence, i: i32, deltas: usize, weight: usize, gates: i32, carried: usize): void {
  if (s.cuts(i)) return clearStates(s, carried);
  sumDeltas(s, i, deltas, weight, gates, carried);
  for (let b = 0; s.mask && b < s.rows; b++) {
    if (s.isMasked(b, i)) copy(deltas + s.at(b, i, gates), carried + s.stateAt(b), s.count);
  }
}

/** The rows masked at the i-th step have δ's of zero. */
export function clearMasked(s: Recurrence, i: i32, deltas: usize, gates: i32): void {
  for (let b = 0; s.mask && b < s.rows; b++) {
    if (s.isMasked(b, i)) clear(deltas + s.at(b, i, gates), s.count);
  }
}
