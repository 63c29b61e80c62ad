/** The way back through a pooling: each element of a plane gathers from the windows that have it: as in native/kernels/pooling_gather.h. */
import { PoolSizes } from '../generated/arguments';
import { blockSums, partsPlace } from '../scratch';
import { clearRun } from './convolution_image';
import { storePairs } from './pooling_halving';
import { coveredColumns, windowPitch, windowsBefore } from './pooling_windows';
import { addBlock, BLOCK_STEPS, withBlocks } from './sums';
import { storeEight } from './vector';

/** The first window that has the element so far from the edge, padding included. */
function firstOver(at: i32, kernel: i32, stride: i32): i32 {
  return at < kernel ? 0 : (at - kernel) / stride + 1;
}

/**
 * The sums of eight elements that are strideX columns apart, stored at `to`: over `rows` rows of windows, and in each the windows from `before`
 * bytes before the one at `at` to that one. Windows beyond the row's ends count, with terms of zero. With `shift`, a window has δ for the
 * element of its maximum alone, whose place lies so far before δ.
 */
function gather(s: PoolSizes, at: usize, before: usize, rows: i32, pitch: usize, shift: usize, elements: v128, to: usize): void {
  const none = f32x4.splat(0);
  const others = i32x4.add(elements, i32x4.splat(s.strideX << 4));
  let low = none;
  let high = none;
  let blocks: u32 = 0;
  let room = BLOCK_STEPS;
  for (; rows > 0; rows--, at += pitch) {
    for (let from = at - before; from <= at; from += 4) {
      let first = v128.load(from);
      let second = v128.load(from, 16);
      if (shift) {
        first = v128.and(i32x4.eq(v128.load(from - shift), elements), first);
        second = v128.and(i32x4.eq(v128.load(from - shift, 16), others), second);
      }
      low = f32x4.add(low, first);
      high = f32x4.add(high, second);
      if (--room > 0) continue;
      addBlock(blockSums(), blocks++, low, high, none, none);
      low = none;
      high = none;
      room = BLOCK_STEPS;
    }
  }
  if (blocks) {
    low = withBlocks(blockSums(), blocks, low);
    high = withBlocks(blockSums() + 16, blocks, high);
  }
  v128.store(to, low);
  v128.store(to, high, 16);
}

/** How far before the last window that has this column of a row, padding included, lies the first that has it; −4 where none has it. */
function beforeOf(s: PoolSizes, column: i32): usize {
  const part = column % s.strideX;
  return part < s.kernelWidth ? <usize>((s.kernelWidth - 1 - part) / s.strideX) << 2 : <usize>-4;
}

/** Where in a row of windows the last window is that has a column. */
function lastOf(s: PoolSizes, column: i32): usize {
  return <usize>(column / s.strideX + windowsBefore(s)) << 2;
}

/** out = what each element of a plane gathers from `windows`, δ in rows of a pitch; `shift` bytes before are their places, where it is not 0. */
export function gatherPlane(s: PoolSizes, windows: usize, shift: usize, out: usize): void {
  const rowBytes = s.width << 2;
  const columns = coveredColumns(s);
  const pitch = windowPitch(s);
  const even = lastOf(s, s.padLeft);
  const odd = lastOf(s, s.padLeft + 1);
  const beforeEven = beforeOf(s, s.padLeft);
  const beforeOdd = beforeOf(s, s.padLeft + 1);
  for (let row = 0, place = 0; row < s.height; row++, place += rowBytes, out += rowBytes) {
    const begin = firstOver(row + s.padTop, s.kernelHeight, s.strideY);
    const rows = min((row + s.padTop) / s.strideY + 1, s.outHeight) - begin;
    const at = windows + <usize>begin * pitch;
    if (s.strideX == 2) gatherPairs(s, at + even, beforeEven, at + odd, beforeOdd, rows, pitch, columns, shift, place, out);
    else gatherRow(s, at, rows, pitch, columns, shift, place, out);
    clearRun(out + (<usize>columns << 2), s.width - columns);
  }
}

/** A row's elements, whose windows begin at `at` and whose own place is `place`. */
function gatherRow(s: PoolSizes, at: usize, rows: i32, pitch: usize, columns: i32, shift: usize, place: i32, out: usize): void {
  const stride = s.strideX;
  const parts = partsPlace();
  const apart = i32x4.mul(i32x4(0, 4, 8, 12), i32x4.splat(stride));
  const step = i32x4.splat(stride << 5);
  for (let first = 0; first < min(stride, columns); first++) {
    const before = beforeOf(s, s.padLeft + first);
    let elements = i32x4.add(i32x4.splat(place + (first << 2)), apart);
    let from = at + lastOf(s, s.padLeft + first);
    for (let column = first; column < columns; from += 32) {
      gather(s, from, before, rows, pitch, shift, elements, parts);
      elements = i32x4.add(elements, step);
      const to = out + (<usize>column << 2);
      if (stride == 1) {
        storeEight(to, v128.load(parts), v128.load(parts, 16), columns - column);
        column += 8;
        continue;
      }
      for (let lane = 0; lane < 8 && column < columns; lane++, column += stride) {
        store<f32>(out + (<usize>column << 2), load<f32>(parts + (<usize>lane << 2)));
      }
    }
  }
}

/** The same where windows are two columns apart: the last windows of the first two elements are `even` and `odd`. */
function gatherPairs(
  s: PoolSizes,
  even: usize,
  beforeEven: usize,
  odd: usize,
  beforeOdd: usize,
  rows: i32,
  pitch: usize,
  columns: i32,
  shift: usize,
  place: i32,
  out: usize,
): void {
  const parts = partsPlace();
  let elements = i32x4.add(i32x4.splat(place), i32x4(0, 8, 16, 24));
  for (let rest = columns; rest > 0; rest -= 16, even += 32, odd += 32, out += 64) {
    gather(s, even, beforeEven, rows, pitch, shift, elements, parts);
    gather(s, odd, beforeOdd, rows, pitch, shift, i32x4.add(elements, i32x4.splat(4)), parts + 32);
    storePairs(out, v128.load(parts), v128.load(parts, 32), rest);
    if (rest > 8) storePairs(out + 32, v128.load(parts, 16), v128.load(parts, 48), rest - 8);
    elements = i32x4.add(elements, i32x4.splat(64));
  }
}
