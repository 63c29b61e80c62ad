/** The largest of each window of an image, plane by plane: the orders of operations are those of native/kernels/pooling.h. */
import { activateGradient } from '../generated/families';
import {
  MaxPool2dArguments,
  MaxPool2dDeltaArguments,
  MaxPool2dGradientArguments,
  MaxPool2dPickArguments,
  PoolSizes,
} from '../generated/arguments';
import { partsPlace, threadScratch } from '../scratch';
import { clearRun } from './convolution_image';
import { gatherPlane, overlapsFar } from './pooling_gather';
import { bottomOf, fourInside, isHalving, leftOf, planeBytes, rightOf, topOf, windowBytes } from './pooling_windows';
import { load4, loadStrided, select, store4 } from './vector';

export { averagePool2d, averagePool2dGradient } from './pooling_average';

/** Where in its plane a window has its first maximum, in bytes; the last NaN, where it has one. */
function maximumOf(s: PoolSizes, plane: usize, y: i32, x: i32): usize {
  const right = rightOf(s, x);
  let place: usize = ((<usize>topOf(s, y) * s.width) << 2) + (<usize>leftOf(s, x) << 2);
  let largest = load<f32>(plane + place);
  for (let row = topOf(s, y); row < bottomOf(s, y); row++) {
    for (let column = leftOf(s, x); column < right; column++) {
      const at = <usize>(row * s.width + column) << 2;
      const element = load<f32>(plane + at);
      if (!(element > largest) && element == element) continue;
      place = at;
      largest = element;
    }
  }
  return place;
}

/** Lanes where x takes the place of the largest element so far: the first maximum wins, and any NaN over it. */
@inline
function beats(x: v128, largest: v128): v128 {
  return v128.or(f32x4.gt(x, largest), f32x4.ne(x, x));
}

@inline
function whereBeats(x: v128, largest: v128, chosen: v128, otherwise: v128): v128 {
  return select(beats(x, largest), chosen, otherwise);
}

/** Elements 0, 2, … and 1, 3, … of the 2·n neighbours at `from`, n up to 4. */
@inline
function evenOf(low: v128, high: v128): v128 {
  return v128.shuffle<f32>(low, high, 0, 2, 4, 6);
}

@inline
function oddOf(low: v128, high: v128): v128 {
  return v128.shuffle<f32>(low, high, 1, 3, 5, 7);
}

@inline
function highPart(from: usize, n: i32): v128 {
  return 2 * n > 4 ? load4(from + 16, 2 * n - 4) : f32x4.splat(0);
}

@inline
function storePairs(to: usize, even: v128, odd: v128, n: i32): void {
  store4(to, v128.shuffle<f32>(even, odd, 0, 4, 1, 5), 2 * n);
  if (2 * n > 4) store4(to + 16, v128.shuffle<f32>(even, odd, 2, 6, 3, 7), 2 * n - 4);
}

function maxPoolRow(x: usize, width: usize, out: usize, outWidth: i32): void {
  for (let rest = outWidth; rest > 0; rest -= 4, x += 32, out += 16) {
    const n = min(rest, 4);
    const upperLow = load4(x, 2 * n);
    const upperHigh = highPart(x, n);
    const lowerLow = load4(x + width, 2 * n);
    const lowerHigh = highPart(x + width, n);
    let largest = evenOf(upperLow, upperHigh);
    let next = oddOf(upperLow, upperHigh);
    largest = whereBeats(next, largest, next, largest);
    next = evenOf(lowerLow, lowerHigh);
    largest = whereBeats(next, largest, next, largest);
    next = oddOf(lowerLow, lowerHigh);
    store4(out, whereBeats(next, largest, next, largest), rest);
  }
}

/** Each δ goes to the one of its four elements that came out largest. */
function maxPoolRowGradient(delta: usize, x: usize, width: usize, out: usize, outWidth: i32): void {
  const none = f32x4.splat(0);
  for (let rest = outWidth; rest > 0; rest -= 4, delta += 16, x += 32, out += 32) {
    const n = min(rest, 4);
    const upperLow = load4(x, 2 * n);
    const upperHigh = highPart(x, n);
    const lowerLow = load4(x + width, 2 * n);
    const lowerHigh = highPart(x + width, n);
    const b = oddOf(upperLow, upperHigh);
    const c = evenOf(lowerLow, lowerHigh);
    const d = oddOf(lowerLow, lowerHigh);
    const first = evenOf(upperLow, upperHigh);
    const second = whereBeats(b, first, b, first);
    const third = whereBeats(c, second, c, second);
    let left = load4(delta, rest);
    const toD = whereBeats(d, third, left, none);
    left = whereBeats(d, third, none, left);
    const toC = whereBeats(c, second, left, none);
    left = whereBeats(c, second, none, left);
    storePairs(out, whereBeats(b, first, none, left), whereBeats(b, first, left, none), n);
    storePairs(out + width, toC, toD, n);
  }
}

/** Columns that no window of two covers take no δ. */
function clearColumns(s: PoolSizes, out: usize): void {
  for (let j = 2 * s.outWidth; j < s.width; j++) {
    store<f32>(out + (<usize>j << 2), 0);
    store<f32>(out + (<usize>(s.width + j) << 2), 0);
  }
}

/** maximumOf of four neighbouring windows for which `fourInside` holds. */
function maximaOfFour(s: PoolSizes, plane: usize, y: i32, x: i32): v128 {
  const rowBytes = s.width << 2;
  let place = topOf(s, y) * rowBytes + (leftOf(s, x) << 2);
  const lanes = i32x4.mul(i32x4(0, 4, 8, 12), i32x4.splat(s.strideX));
  let places = i32x4.add(i32x4.splat(place), lanes);
  let largest = loadStrided(plane + place, s.strideX);
  for (let i = bottomOf(s, y) - topOf(s, y); i > 0; i--, place += rowBytes) {
    for (let at = place; at < place + (s.kernelWidth << 2); at += 4) {
      const next = loadStrided(plane + at, s.strideX);
      const better = beats(next, largest);
      largest = select(better, next, largest);
      places = select(better, i32x4.add(i32x4.splat(at), lanes), places);
    }
  }
  return places;
}

/** Writes maximumOf of window x, or of it and the three to its right, to `to`; returns of how many. */
function writeMaxima(s: PoolSizes, plane: usize, y: i32, x: i32, to: usize): i32 {
  if (fourInside(s, x)) {
    v128.store(to, maximaOfFour(s, plane, y, x));
    return 4;
  }
  store<usize>(to, maximumOf(s, plane, y, x));
  return 1;
}

/** δ of a plane whose elements few windows share: they add theirs in their order. */
function scatterMaxima(s: PoolSizes, delta: usize, x: usize, out: usize): void {
  clearRun(out, s.height * s.width);
  const places = partsPlace();
  for (let y = 0; y < s.outHeight; y++) {
    for (let column = 0; column < s.outWidth; ) {
      const count = writeMaxima(s, x, y, column, places);
      for (let i = 0; i < count; i++, column++, delta += 4) {
        const to = out + load<usize>(places + (<usize>i << 2));
        store<f32>(to, load<f32>(to) + load<f32>(delta));
      }
    }
  }
}

/**
 * δ of a plane whose elements many windows share. Where the windows have their maxima lies in the thread's scratch, as src/ops/pooling.ts
 * says.
 */
function gatherMaxima(s: PoolSizes, delta: usize, x: usize, out: usize): void {
  const places = threadScratch();
  for (let y = 0, to = places; y < s.outHeight; y++) {
    for (let column = 0; column < s.outWidth; ) {
      const count = writeMaxima(s, x, y, column, to);
      column += count;
      to += <usize>count << 2;
    }
  }
  gatherPlane(s, delta, out, 1, places);
}

/** δ of one plane. */
function planeGradient(s: PoolSizes, delta: usize, x: usize, out: usize): void {
  if (!isHalving(s)) {
    if (overlapsFar(s)) gatherMaxima(s, delta, x, out);
    else scatterMaxima(s, delta, x, out);
    return;
  }
  const width = <usize>s.width << 2;
  for (let y = 0; y < s.outHeight; y++, delta += <usize>s.outWidth << 2, x += 2 * width, out += 2 * width) {
    maxPoolRowGradient(delta, x, width, out, s.outWidth);
    clearColumns(s, out);
  }
  clearRun(out, (s.height - 2 * s.outHeight) * s.width);
}

/** The largest elements of four neighbouring windows for which `fourInside` holds. */
function largestOfFour(s: PoolSizes, plane: usize, y: i32, x: i32): v128 {
  const rowBytes = <usize>s.width << 2;
  let row = plane + <usize>topOf(s, y) * rowBytes + (<usize>leftOf(s, x) << 2);
  let largest = loadStrided(row, s.strideX);
  for (let i = bottomOf(s, y) - topOf(s, y); i > 0; i--, row += rowBytes) {
    for (let j = 0; j < s.kernelWidth; j++) {
      const next = loadStrided(row + (<usize>j << 2), s.strideX);
      largest = whereBeats(next, largest, next, largest);
    }
  }
  return largest;
}

/** Windows of any size and step. */
function maxPoolRows(s: PoolSizes, x: usize, out: usize): void {
  for (let y = 0; y < s.outHeight; y++) {
    for (let column = 0; column < s.outWidth; ) {
      if (fourInside(s, column)) {
        v128.store(out, largestOfFour(s, x, y, column));
        column += 4;
        out += 16;
      } else {
        store<f32>(out, load<f32>(x + maximumOf(s, x, y, column)));
        column++;
        out += 4;
      }
    }
  }
}

function pickPlane(s: PoolSizes, values: usize, x: usize, out: usize): void {
  const places = partsPlace();
  for (let y = 0; y < s.outHeight; y++) {
    for (let column = 0; column < s.outWidth; ) {
      const count = writeMaxima(s, x, y, column, places);
      for (let i = 0; i < count; i++, column++, out += 4) store<f32>(out, load<f32>(values + load<usize>(places + (<usize>i << 2))));
    }
  }
}

export function maxPool2d(args: MaxPool2dArguments): void {
  const s = args.sizes;
  const rowBytes = <usize>s.width << 2;
  let x = args.x;
  let out = args.out;
  for (let plane = 0; plane < s.planes; plane++, x += planeBytes(s), out += windowBytes(s)) {
    if (!isHalving(s)) {
      maxPoolRows(s, x, out);
      continue;
    }
    for (let y = 0; y < s.outHeight; y++) maxPoolRow(x + 2 * <usize>y * rowBytes, rowBytes, out + ((<usize>y * s.outWidth) << 2), s.outWidth);
  }
}

export function maxPool2dGradient(args: MaxPool2dGradientArguments): void {
  const s = args.sizes;
  for (let plane: usize = 0; plane < <usize>s.planes; plane++) {
    const offset = plane * planeBytes(s);
    planeGradient(s, args.delta + plane * windowBytes(s), args.x + offset, args.out + offset);
  }
}

export function maxPool2dPick(args: MaxPool2dPickArguments): void {
  const s = args.sizes;
  for (let plane: usize = 0; plane < <usize>s.planes; plane++) {
    const offset = plane * planeBytes(s);
    pickPlane(s, args.values + offset, args.x + offset, args.out + plane * windowBytes(s));
  }
}

export function maxPool2dDelta(args: MaxPool2dDeltaArguments): void {
  const s = args.sizes;
  for (let plane: usize = 0; plane < <usize>s.planes; plane++) {
    const offset = plane * planeBytes(s);
    const out = args.out + offset;
    planeGradient(s, args.delta + plane * windowBytes(s), args.x + offset, out);
    activateGradient(args.activation, out, args.saved + offset, out, s.height * s.width, args.alpha);
  }
}
