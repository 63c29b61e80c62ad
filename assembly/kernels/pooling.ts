/** The largest and the mean of each window of an image, plane by plane: the orders of operations are those of native/kernels/pooling.h. */
import { activateGradient } from '../generated/families';
import { PoolScalars } from '../generated/scalars';
import { blockSums, partsPlace, threadScratch } from '../scratch';
import { clearRun } from './convolution_image';
import { bottomOf, fourInside, isHalving, leftOf, planeBytes, rightOf, topOf, windowBytes } from './pooling_windows';
import { addBlock, addTermBlock, BLOCK_STEPS, withBlocks, withTermBlocks } from './sums';
import { load4, loadStrided, select, store4 } from './vector';

/** Where in its plane a window has its first maximum, in bytes; the last NaN, where it has one. */
function maximumOf(s: PoolScalars, plane: usize, y: i32, x: i32): usize {
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
function clearColumns(s: PoolScalars, out: usize): void {
  for (let j = 2 * s.outWidth; j < s.width; j++) {
    store<f32>(out + (<usize>j << 2), 0);
    store<f32>(out + (<usize>(s.width + j) << 2), 0);
  }
}

/** maximumOf of four neighbouring windows, of which `fourInside`. */
function maximaOfFour(s: PoolScalars, plane: usize, y: i32, x: i32): v128 {
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
function writeMaxima(s: PoolScalars, plane: usize, y: i32, x: i32, to: usize): i32 {
  if (fourInside(s, x)) {
    v128.store(to, maximaOfFour(s, plane, y, x));
    return 4;
  }
  store<usize>(to, maximumOf(s, plane, y, x));
  return 1;
}

/** δ of a plane whose elements few windows share: they add theirs in their order. */
function scatterMaxima(s: PoolScalars, delta: usize, x: usize, out: usize): void {
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
function gatherMaxima(s: PoolScalars, delta: usize, x: usize, out: usize): void {
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
function planeGradient(s: PoolScalars, delta: usize, x: usize, out: usize): void {
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

/** The largest elements of four neighbouring windows, of which `fourInside`. */
function largestOfFour(s: PoolScalars, plane: usize, y: i32, x: i32): v128 {
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
function maxPoolRows(s: PoolScalars, x: usize, out: usize): void {
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

function pickPlane(s: PoolScalars, values: usize, x: usize, out: usize): void {
  const places = partsPlace();
  for (let y = 0; y < s.outHeight; y++) {
    for (let column = 0; column < s.outWidth; ) {
      const count = writeMaxima(s, x, y, column, places);
      for (let i = 0; i < count; i++, column++, out += 4) store<f32>(out, load<f32>(values + load<usize>(places + (<usize>i << 2))));
    }
  }
}

export function maxPool2d(x: usize, out: usize, s: PoolScalars): void {
  const rowBytes = <usize>s.width << 2;
  for (let plane = 0; plane < s.planes; plane++, x += planeBytes(s), out += windowBytes(s)) {
    if (!isHalving(s)) {
      maxPoolRows(s, x, out);
      continue;
    }
    for (let y = 0; y < s.outHeight; y++) maxPoolRow(x + 2 * <usize>y * rowBytes, rowBytes, out + ((<usize>y * s.outWidth) << 2), s.outWidth);
  }
}

export function maxPool2dGradient(delta: usize, x: usize, out: usize, s: PoolScalars): void {
  for (let plane = 0; plane < s.planes; plane++, x += planeBytes(s), out += planeBytes(s), delta += windowBytes(s)) {
    planeGradient(s, delta, x, out);
  }
}

export function maxPool2dPick(values: usize, x: usize, out: usize, s: PoolScalars): void {
  for (let plane = 0; plane < s.planes; plane++, values += planeBytes(s), x += planeBytes(s), out += windowBytes(s)) {
    pickPlane(s, values, x, out);
  }
}

export function maxPool2dDelta(delta: usize, x: usize, saved: usize, out: usize, s: PoolScalars, activation: i32, alpha: f64): void {
  for (let plane = 0; plane < s.planes; plane++, x += planeBytes(s), out += planeBytes(s), delta += windowBytes(s)) {
    planeGradient(s, delta, x, out);
    activateGradient(activation, out, saved, out, s.height * s.width, alpha);
    saved += planeBytes(s);
  }
}

/** A window's elements added row by row, then divided. */
export function averagePool2d(x: usize, out: usize, s: PoolScalars): void {
  const count = <f32>(s.kernelHeight * s.kernelWidth);
  for (let plane = 0; plane < s.planes; plane++, x += planeBytes(s)) {
    for (let y = 0; y < s.outHeight; y++) {
      for (let column = 0; column < s.outWidth; ) {
        if (fourInside(s, column)) {
          v128.store(out, f32x4.div(sumsOfFour(s, x, y, column), f32x4.splat(count)));
          column += 4;
          out += 16;
        } else {
          store<f32>(out, windowSum(s, x, y, column) / count);
          column++;
          out += 4;
        }
      }
    }
  }
}

/** windowSum of four neighbouring windows, of which `fourInside`. */
function sumsOfFour(s: PoolScalars, plane: usize, y: i32, x: i32): v128 {
  const rowBytes = <usize>s.width << 2;
  const row = plane + <usize>topOf(s, y) * rowBytes + (<usize>leftOf(s, x) << 2);
  const rows = bottomOf(s, y) - topOf(s, y);
  return s.kernelHeight * s.kernelWidth <= BLOCK_STEPS ? blockOfFour(s, row, rows) : blocksOfFour(s, row, rows);
}

/** Four windows of no more elements than a block has. */
function blockOfFour(s: PoolScalars, row: usize, rows: i32): v128 {
  let sums = f32x4.splat(0);
  for (; rows > 0; rows--, row += <usize>s.width << 2) {
    for (let j = 0; j < s.kernelWidth; j++) sums = f32x4.add(sums, loadStrided(row + (<usize>j << 2), s.strideX));
  }
  return sums;
}

function blocksOfFour(s: PoolScalars, row: usize, rows: i32): v128 {
  const none = f32x4.splat(0);
  let sums = none;
  let blocks: u32 = 0;
  let room = BLOCK_STEPS;
  for (; rows > 0; rows--, row += <usize>s.width << 2) {
    let at = row;
    for (let rest = s.kernelWidth; rest > 0; ) {
      const steps = min(rest, room);
      rest -= steps;
      room -= steps;
      for (const end = at + (<usize>steps << 2); at < end; at += 4) sums = f32x4.add(sums, loadStrided(at, s.strideX));
      if (room > 0) continue;
      addBlock(blockSums(), blocks++, sums, none, none, none);
      sums = none;
      room = BLOCK_STEPS;
    }
  }
  return withBlocks(blockSums(), blocks, sums);
}

function windowSum(s: PoolScalars, plane: usize, y: i32, x: i32): f32 {
  const left = leftOf(s, x);
  const right = rightOf(s, x);
  let sum: f32 = 0;
  let blocks: u32 = 0;
  let room = BLOCK_STEPS;
  for (let row = topOf(s, y); row < bottomOf(s, y); row++) {
    let at = plane + (<usize>(row * s.width + left) << 2);
    for (let rest = right - left; rest > 0; ) {
      const steps = min(rest, room);
      rest -= steps;
      room -= steps;
      for (const end = at + (<usize>steps << 2); at < end; at += 4) sum += load<f32>(at);
      if (room > 0) continue;
      addTermBlock(blocks++, sum);
      sum = 0;
      room = BLOCK_STEPS;
    }
  }
  return blocks ? withTermBlocks(blocks, sum) : sum;
}

/** Adds each of the first `n` parts to the elements that begin at `to`, `step` elements apart, of so many rows. */
function addParts(to: usize, step: i32, rowBytes: usize, rows: i32, parts: v128, n: i32): void {
  if (n == 4 && step == 1) {
    for (; rows > 0; rows--, to += rowBytes) v128.store(to, f32x4.add(v128.load(to), parts));
    return;
  }
  let from = partsPlace();
  v128.store(from, parts);
  for (; n > 0; n--, from += 4, to += <usize>step << 2) {
    const part = load<f32>(from);
    let at = to;
    for (let r = rows; r > 0; r--, at += rowBytes) store<f32>(at, load<f32>(at) + part);
  }
}

/**
 * Adds δ of a row of windows to their elements of one plane. Of the windows that share an element, those further right have it further
 * left: going through the columns of the windows from the last to the first adds in the order of the windows.
 */
function addWindowRow(s: PoolScalars, delta: usize, plane: usize, y: i32): void {
  const count = f32x4.splat(<f32>(s.kernelHeight * s.kernelWidth));
  const rowBytes = <usize>s.width << 2;
  const row = plane + <usize>topOf(s, y) * rowBytes;
  const rows = bottomOf(s, y) - topOf(s, y);
  for (let j = s.kernelWidth - 1; j >= 0; j--) {
    const before = s.padLeft - j;
    let x = max(before + s.strideX - 1, 0) / s.strideX;
    const end = min((s.width + before + s.strideX - 1) / s.strideX, s.outWidth);
    for (; x < end; x += 4) {
      const n = min(end - x, 4);
      const parts = f32x4.div(load4(delta + (<usize>x << 2), n), count);
      addParts(row + (<usize>(x * s.strideX - before) << 2), s.strideX, rowBytes, rows, parts, n);
    }
  }
}

/** The most windows of a row, or of a column, that share an element. */
@inline
function windowsOver(kernel: i32, stride: i32): i32 {
  return (kernel + stride - 1) / stride;
}

/** Whether more windows may share an element than a block of a sum has steps. */
function overlapsFar(s: PoolScalars): bool {
  return windowsOver(s.kernelHeight, s.strideY) * windowsOver(s.kernelWidth, s.strideX) > BLOCK_STEPS;
}

/** The first window that has the element so far from the edge, padding included. */
@inline
function firstOver(at: i32, kernel: i32, stride: i32): i32 {
  return at < kernel ? 0 : (at - kernel) / stride + 1;
}

/** δ of a plane's elements, of which each gathers its windows', divided by `count`: of those only that have their maximum there. */
function gatherPlane(s: PoolScalars, delta: usize, out: usize, count: f32, places: usize): void {
  let place = 0;
  for (let y = 0; y < s.height; y++) {
    for (let x = 0; x < s.width; x++, place += 4) {
      store<f32>(out + <usize>place, gatherWindows(s, delta, y + s.padTop, x + s.padLeft, count, places, place));
    }
  }
}

/** δ of an element: its windows' in their order. With `places` (0: without), of those only that have their maximum at this `place`. */
function gatherWindows(s: PoolScalars, delta: usize, y: i32, x: i32, count: f32, places: usize, place: i32): f32 {
  const end = min(y / s.strideY + 1, s.outHeight);
  const endColumn = min(x / s.strideX + 1, s.outWidth);
  let sum: f32 = 0;
  let blocks: u32 = 0;
  let room = BLOCK_STEPS;
  for (let row = firstOver(y, s.kernelHeight, s.strideY); row < end; row++) {
    for (let column = firstOver(x, s.kernelWidth, s.strideX); column < endColumn; column++) {
      const window = <usize>(row * s.outWidth + column) << 2;
      if (places && load<i32>(places + window) != place) continue;
      sum += load<f32>(delta + window) / count;
      if (--room > 0) continue;
      addTermBlock(blocks++, sum);
      sum = 0;
      room = BLOCK_STEPS;
    }
  }
  return blocks ? withTermBlocks(blocks, sum) : sum;
}

export function averagePool2dGradient(delta: usize, out: usize, s: PoolScalars): void {
  if (overlapsFar(s)) {
    const count = <f32>(s.kernelHeight * s.kernelWidth);
    for (let plane = 0; plane < s.planes; plane++, delta += windowBytes(s), out += planeBytes(s)) gatherPlane(s, delta, out, count, 0);
    return;
  }
  clearRun(out, s.planes * s.height * s.width);
  for (let plane = 0; plane < s.planes; plane++, out += planeBytes(s)) {
    for (let y = 0; y < s.outHeight; y++, delta += <usize>s.outWidth << 2) addWindowRow(s, delta, out, y);
  }
}
