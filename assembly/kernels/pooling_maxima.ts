/**
 * The largest elements of the windows of a plane, and where they are: the orders of comparisons are those of native/kernels/pooling_maxima.h.
 * The scratch memory is of the size that src/ops/pooling.ts says. A place is in bytes from the start of the plane.
 */
import { PoolSizes } from '../generated/arguments';
import { beats, largerOf } from './pooling_halving';
import { fillBytes, splitRows } from './pooling_rows';
import {
  bottomOf,
  keptRows,
  partBytes,
  resultPitch,
  ROWS_AHEAD,
  splitPitch,
  topOf,
  windowPitch,
  windowsBefore,
} from './pooling_windows';
import { select, store4, storeEight } from './vector';

const NONE: f32 = -Infinity;

/** The rows that are kept, behind those that are split ahead. */
function keptOf(s: PoolSizes, scratch: usize): usize {
  return scratch + ROWS_AHEAD * splitPitch(s);
}

function keptBytes(s: PoolSizes): usize {
  return <usize>keptRows(s) * resultPitch(s);
}

/** The places of the windows, in rows of a pitch; behind them is as much memory for δ. */
export function placesOf(s: PoolSizes, scratch: usize): usize {
  return keptOf(s, scratch) + 2 * keptBytes(s);
}

export function placesBytes(s: PoolSizes): usize {
  return <usize>s.outHeight * windowPitch(s);
}

/** For `findLargest`: the padding is never larger. */
export function prepareLargest(s: PoolSizes, scratch: usize): void {
  fillBytes(scratch, ROWS_AHEAD * splitPitch(s), NONE);
}

/** For `findMaxima`: beside a row of windows lie places of no element, too. */
export function prepareMaxima(s: PoolSizes, scratch: usize): void {
  prepareLargest(s, scratch);
  memory.fill(placesOf(s, scratch), 0xff, 2 * placesBytes(s));
}

/** Writes the largest elements of the windows of plane x. */
export function findLargest(s: PoolSizes, scratch: usize, x: usize, out: usize): void {
  const pitch = resultPitch(s);
  const kept = keptOf(s, scratch);
  const end = kept + keptBytes(s);
  let next = 0;
  for (let y = 0; y < s.outHeight; y++, out += <usize>s.outWidth << 2) {
    next = takeRows(s, scratch, x, y, next, 0);
    let first = kept + <usize>(topOf(s, y) % keptRows(s)) * pitch;
    const rows = bottomOf(s, y) - topOf(s, y);
    for (let rest = s.outWidth, to = out; rest > 0; rest -= 8, first += 32, to += 32) {
      let from = first;
      let low = v128.load(from);
      let high = v128.load(from, 16);
      for (let r = rows - 1; r > 0; r--) {
        from += pitch;
        if (from >= end) from -= end - kept;
        low = largerOf(low, v128.load(from));
        high = largerOf(high, v128.load(from, 16));
      }
      storeEight(to, low, high, rest);
    }
  }
}

/** Writes the places of the maxima of plane x. */
export function findMaxima(s: PoolSizes, scratch: usize, x: usize): void {
  const pitch = resultPitch(s);
  const kept = keptOf(s, scratch);
  const shift = keptBytes(s);
  const end = kept + shift;
  let out = placesOf(s, scratch) + (<usize>windowsBefore(s) << 2);
  let next = 0;
  for (let y = 0; y < s.outHeight; y++, out += windowPitch(s)) {
    next = takeRows(s, scratch, x, y, next, shift);
    const first = kept + <usize>(topOf(s, y) % keptRows(s)) * pitch;
    const rows = bottomOf(s, y) - topOf(s, y);
    for (let rest = s.outWidth, at: usize = 0; rest > 0; rest -= 4, at += 16) {
      let from = first;
      let largest = v128.load(from + at);
      let places = v128.load(from + shift + at);
      for (let r = rows - 1; r > 0; r--) {
        from += pitch;
        if (from == end) from = kept;
        const row = v128.load(from + at);
        places = select(beats(row, largest), v128.load(from + shift + at), places);
        largest = largerOf(largest, row);
      }
      store4(out + at, places, rest);
    }
  }
}

/**
 * Takes the rows that windows of row y need and that are not kept yet, `next` being the first; returns the first that is not kept then. The
 * places are kept `shift` bytes behind the largest elements; where that is 0, there are none.
 */
function takeRows(s: PoolSizes, scratch: usize, x: usize, y: i32, next: i32, shift: usize): i32 {
  const kept = keptOf(s, scratch);
  const pitch = splitPitch(s);
  const part = partBytes(s);
  next = max(next, topOf(s, y));
  while (next < bottomOf(s, y)) {
    const end = min(next + <i32>ROWS_AHEAD, s.height);
    splitRows(s, x, next, end, scratch, scratch, kept);
    for (let parts = scratch; next < end; next++, parts += pitch) {
      const to = kept + <usize>(next % keptRows(s)) * resultPitch(s);
      if (shift) maximaOfRow(s, next, parts, part, to, shift);
      else largestOfRow(s, parts, part, to);
    }
  }
  return next;
}

/** The largest elements that the windows have in a row, whose parts these are. */
function largestOfRow(s: PoolSizes, parts: usize, part: usize, to: usize): void {
  const stride = s.strideX;
  const back = <usize>stride * part - 4;
  for (let rest = s.outWidth; rest > 0; rest -= 8, parts += 32, to += 32) {
    let from = parts;
    let low = v128.load(from);
    let high = v128.load(from, 16);
    for (let j = s.kernelWidth - 1, p = stride; j > 0; j--) {
      from += part;
      if (--p == 0) {
        p = stride;
        from -= back;
      }
      low = largerOf(low, v128.load(from));
      high = largerOf(high, v128.load(from, 16));
    }
    v128.store(to, low);
    v128.store(to, high, 16);
  }
}

/**
 * The largest elements that the windows have in a row, whose parts of `part` bytes these are, and their places: that of the first element where none is larger
 * than −∞.
 */
function maximaOfRow(s: PoolSizes, row: i32, parts: usize, part: usize, to: usize, shift: usize): void {
  const kernel = s.kernelWidth;
  const stride = s.strideX;
  const back = <usize>stride * part - 4;
  const rowPlace = i32x4.splat((row * s.width) << 2);
  const four = i32x4.splat(4);
  let columns = i32x4.sub(i32x4.mul(i32x4(0, 4, 8, 12), i32x4.splat(stride)), i32x4.splat(s.padLeft << 2));
  for (let rest = s.outWidth; rest > 0; rest -= 4, parts += 16, to += 16) {
    let from = parts;
    let next = i32x4.add(rowPlace, columns);
    let largest = f32x4.splat(NONE);
    let place = i32x4.add(rowPlace, i32x4.max_s(columns, i32x4.splat(0)));
    for (let j = kernel, p = stride; j > 0; j--, from += part) {
      const x = v128.load(from);
      place = select(beats(x, largest), next, place);
      largest = largerOf(largest, x);
      next = i32x4.add(next, four);
      if (--p > 0) continue;
      p = stride;
      from -= back;
    }
    v128.store(to, largest);
    v128.store(to + shift, place);
    columns = i32x4.add(columns, i32x4.splat(stride << 4));
  }
}
