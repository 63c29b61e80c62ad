/** Every other element of a row; and the largest of windows of two by two elements: as in native/kernels/pooling_halving.h. */
import { atLeast, load4, select, store4 } from './vector';

/** The larger of the two: the first of equal ones, and any NaN over what came before it. */
@inline
export function largerOf(largest: v128, x: v128): v128 {
  return select(f32x4.eq(x, x), atLeast(largest, x), x);
}

/** Lanes where x takes the place of the largest element so far. */
@inline
export function beats(x: v128, largest: v128): v128 {
  return v128.or(f32x4.gt(x, largest), f32x4.ne(x, x));
}

@inline
function whereBeats(x: v128, largest: v128, chosen: v128, otherwise: v128): v128 {
  return select(beats(x, largest), chosen, otherwise);
}

/** Elements 0, 2, … and 1, 3, … of up to eight neighbours. */
@inline
function evenOf(low: v128, high: v128): v128 {
  return v128.shuffle<f32>(low, high, 0, 2, 4, 6);
}

@inline
function oddOf(low: v128, high: v128): v128 {
  return v128.shuffle<f32>(low, high, 1, 3, 5, 7);
}

/** The last four of up to eight neighbours, `size` of which are there. */
@inline
function highPart(from: usize, size: i32): v128 {
  return size > 4 ? load4(from + 16, size - 4) : f32x4.splat(0);
}

@inline
export function storePairs(to: usize, even: v128, odd: v128, size: i32): void {
  store4(to, v128.shuffle<f32>(even, odd, 0, 4, 1, 5), size);
  if (size > 4) store4(to + 16, v128.shuffle<f32>(even, odd, 2, 6, 3, 7), size - 4);
}

export function maxPoolRow(x: usize, width: usize, out: usize, outWidth: i32): void {
  for (let rest = outWidth; rest > 0; rest -= 4, x += 32, out += 16) {
    const size = 2 * rest;
    const upperLow = load4(x, size);
    const upperHigh = highPart(x, size);
    const lowerLow = load4(x + width, size);
    const lowerHigh = highPart(x + width, size);
    const first = largerOf(evenOf(upperLow, upperHigh), oddOf(upperLow, upperHigh));
    store4(out, largerOf(largerOf(first, evenOf(lowerLow, lowerHigh)), oddOf(lowerLow, lowerHigh)), rest);
  }
}

/** Each δ goes to the one of its four elements that came out largest. */
export function maxPoolRowGradient(delta: usize, x: usize, width: usize, out: usize, outWidth: i32): void {
  const none = f32x4.splat(0);
  for (let rest = outWidth; rest > 0; rest -= 4, delta += 16, x += 32, out += 32) {
    const size = 2 * rest;
    const upperLow = load4(x, size);
    const upperHigh = highPart(x, size);
    const lowerLow = load4(x + width, size);
    const lowerHigh = highPart(x + width, size);
    const b = oddOf(upperLow, upperHigh);
    const c = evenOf(lowerLow, lowerHigh);
    const d = oddOf(lowerLow, lowerHigh);
    const first = evenOf(upperLow, upperHigh);
    const second = largerOf(first, b);
    const third = largerOf(second, c);
    let left = load4(delta, rest);
    const toD = whereBeats(d, third, left, none);
    left = whereBeats(d, third, none, left);
    const toC = whereBeats(c, second, left, none);
    left = whereBeats(c, second, none, left);
    storePairs(out, whereBeats(b, first, none, left), whereBeats(b, first, left, none), size);
    storePairs(out + width, toC, toD, size);
  }
}
