/**
 * Sums and largest elements of a row that one thread takes alone, or several together, each a range of whole parts of it: see
 * native/kernels/row_parts.h.
 */
import { ROW_PART } from '../generated/constants';
import { meetOthers, sharedScratch } from '../meeting';
import { LEVEL_BYTES } from '../scratch';
import { storePart, sumOf, totalOfParts } from './sums';
import { atLeast, keep4, load4 } from './vector';
import { ceilDivide } from '../sizes';

/** The largest of a row; NaN is passed over unless it comes first (sums over such a row are NaN anyway). */
@inline
export function largestOf(x: usize, columns: i32): f32 {
  return largestFrom(load<f32>(x), x, columns);
}

/** The largest of `first` and of the elements; NaN is passed over, unless `first` is it. */
export function largestFrom(first: f32, x: usize, size: i32): f32 {
  const start = f32x4.splat(first);
  let m0 = start;
  let m1 = start;
  let m2 = start;
  let m3 = start;
  let rest = size;
  if (rest >= 16) {
    do {
      m0 = atLeast(m0, v128.load(x));
      m1 = atLeast(m1, v128.load(x, 16));
      m2 = atLeast(m2, v128.load(x, 32));
      m3 = atLeast(m3, v128.load(x, 48));
      rest -= 16;
      x += 64;
    } while (rest >= 16);
  }
  for (; rest > 0; rest -= 4, x += 16) m0 = atLeast(m0, keep4(load4(x, rest), rest, start));
  return largestLane(atLeast(atLeast(m0, m1), atLeast(m2, m3)));
}

export function largestLane(x: v128): f32 {
  const two = atLeast(x, v128.shuffle<f32>(x, x, 2, 3, 2, 3));
  return f32x4.extract_lane(atLeast(two, v128.shuffle<f32>(two, two, 1, 1, 1, 1)), 0);
}

/** Which of the two places in the shared memory comes next. */
let turn: usize = 0;

/** Before the first row of an instruction. */
export function beginParts(): void {
  turn = 0;
}

@inline
function partsOf(size: i32): i32 {
  return ceilDivide(size, ROW_PART);
}

/** Where what the parts of this row come to is shared. */
@inline
function shared(size: i32): usize {
  return sharedScratch() + turn * <usize>partsOf(size) * LEVEL_BYTES;
}

/** Where a helper has failed the run ends as soon as the leader is back from the kernel. */
@inline
function meet(): void {
  meetOthers();
  turn = 1 - turn;
}

/** Σ over a row of `size` elements, in the order of `sumOf`; `count` from `first` on are this thread's. */
@inline
export function sumOfParts(kind: i32, x: usize, y: usize, first: i32, count: i32, size: i32, a: v128, b: v128): f32 {
  if (count == size) return sumOf(kind, x, y, size, a, b);
  const place = shared(size);
  for (let at = first; at < first + count; at += ROW_PART) {
    const bytes = <usize>at << 2;
    storePart(kind, x + bytes, y + bytes, min(ROW_PART, size - at), a, b, place + <usize>(at / ROW_PART) * LEVEL_BYTES);
  }
  meet();
  return totalOfParts(place, partsOf(size), LEVEL_BYTES);
}

/** The largest of such a row. */
export function largestOfParts(x: usize, first: i32, count: i32, size: i32): f32 {
  if (count == size) return largestOf(x, size);
  // Another thread may write over it once all have met.
  const start = load<f32>(x);
  const place = shared(size);
  for (let at = first; at < first + count; at += ROW_PART) {
    store<f32>(place + (<usize>(at / ROW_PART) << 2), largestFrom(start, x + (<usize>at << 2), min(ROW_PART, size - at)));
  }
  meet();
  return largestFrom(start, place, partsOf(size));
}
