/** The mean of each window of an image, plane by plane: the orders of operations are those of native/kernels/pooling.h. */
import { AveragePool2dArguments, AveragePool2dGradientArguments, PoolSizes } from '../generated/arguments';
import { blockSums, partsPlace } from '../scratch';
import { clearRun } from './convolution_image';
import { gatherPlane, overlapsFar } from './pooling_gather';
import { bottomOf, fourInside, leftOf, planeBytes, rightOf, topOf, windowBytes } from './pooling_windows';
import { addBlock, addTermBlock, BLOCK_STEPS, withBlocks, withTermBlocks } from './sums';
import { load4, loadStrided } from './vector';

/** A window's elements added row by row, then divided. */
export function averagePool2d(args: AveragePool2dArguments): void {
  const s = args.sizes;
  let x = args.x;
  let out = args.out;
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

/** windowSum of four neighbouring windows for which `fourInside` holds. */
function sumsOfFour(s: PoolSizes, plane: usize, y: i32, x: i32): v128 {
  const rowBytes = <usize>s.width << 2;
  const row = plane + <usize>topOf(s, y) * rowBytes + (<usize>leftOf(s, x) << 2);
  const rows = bottomOf(s, y) - topOf(s, y);
  return s.kernelHeight * s.kernelWidth <= BLOCK_STEPS ? blockOfFour(s, row, rows) : blocksOfFour(s, row, rows);
}

/** Four windows of no more elements than a block has. */
function blockOfFour(s: PoolSizes, row: usize, rows: i32): v128 {
  let sums = f32x4.splat(0);
  for (; rows > 0; rows--, row += <usize>s.width << 2) {
    for (let j = 0; j < s.kernelWidth; j++) sums = f32x4.add(sums, loadStrided(row + (<usize>j << 2), s.strideX));
  }
  return sums;
}

function blocksOfFour(s: PoolSizes, row: usize, rows: i32): v128 {
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

function windowSum(s: PoolSizes, plane: usize, y: i32, x: i32): f32 {
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

/** Adds each of the first `n` parts to the elements that begin at `to`, `step` elements apart, in `rows` rows. */
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
function addWindowRow(s: PoolSizes, delta: usize, plane: usize, y: i32): void {
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

export function averagePool2dGradient(args: AveragePool2dGradientArguments): void {
  const s = args.sizes;
  let delta = args.delta;
  let out = args.out;
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
