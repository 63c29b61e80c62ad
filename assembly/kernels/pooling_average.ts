/** The mean of each window of an image, plane by plane: the orders of operations are those of native/kernels/pooling.h. */
import { AveragePool2dArguments, AveragePool2dGradientArguments, PoolSizes } from '../generated/arguments';
import { blockSums, threadScratch } from '../scratch';
import { gatherPlane } from './pooling_gather';
import { fillBytes, splitRows } from './pooling_rows';
import {
  bottomOf,
  keptRows,
  partBytes,
  planeBytes,
  ROWS_AHEAD,
  splitPitch,
  topOf,
  windowBytes,
  windowPitch,
  windowsBefore,
} from './pooling_windows';
import { addBlock, BLOCK_STEPS, withBlocks } from './sums';
import { load4, store4, storeEight } from './vector';

/** A window's elements added row by row, then divided. Elements to the left and right of the plane are steps of the sum too. */
export function averagePool2d(args: AveragePool2dArguments): void {
  const s = args.sizes;
  const kept = threadScratch();
  fillBytes(kept, <usize>keptRows(s) * splitPitch(s), 0);
  for (let plane: usize = 0; plane < <usize>s.planes; plane++) {
    meansOfPlane(s, args.x + plane * planeBytes(s), kept, args.out + plane * windowBytes(s));
  }
}

function meansOfPlane(s: PoolSizes, x: usize, kept: usize, out: usize): void {
  const pitch = splitPitch(s);
  const part = partBytes(s);
  const count = f32x4.splat(<f32>(s.kernelHeight * s.kernelWidth));
  const end = kept + <usize>keptRows(s) * pitch;
  let next = 0;
  for (let y = 0; y < s.outHeight; y++, out += <usize>s.outWidth << 2) {
    const top = topOf(s, y);
    const bottom = bottomOf(s, y);
    next = max(next, top);
    while (next < bottom) {
      const until = min(next + <i32>ROWS_AHEAD, s.height);
      splitRows(s, x, next, until, kept + <usize>(next % keptRows(s)) * pitch, kept, end);
      next = until;
    }
    const first = kept + <usize>(top % keptRows(s)) * pitch;
    for (let rest = s.outWidth, at: usize = 0; rest > 0; rest -= 8, at += 32) {
      meansOfEight(s, first + at, bottom - top, kept, end, pitch, part, count, out + at, rest);
    }
  }
}

/** The means of up to eight windows side by side, whose rows begin at `first` in the ring from `kept` to `end`. */
@inline
function meansOfEight(
  s: PoolSizes,
  first: usize,
  rows: i32,
  kept: usize,
  end: usize,
  pitch: usize,
  part: usize,
  count: v128,
  out: usize,
  size: i32,
): void {
  const stride = s.strideX;
  const back = <usize>stride * part - 4;
  const none = f32x4.splat(0);
  let low = none;
  let high = none;
  let blocks: u32 = 0;
  let room = BLOCK_STEPS;
  for (; rows > 0; rows--) {
    let from = first;
    for (let j = s.kernelWidth, p = stride; j > 0; j--, from += part) {
      low = f32x4.add(low, v128.load(from));
      high = f32x4.add(high, v128.load(from, 16));
      if (--room == 0) {
        addBlock(blockSums(), blocks++, low, high, none, none);
        low = none;
        high = none;
        room = BLOCK_STEPS;
      }
      if (--p > 0) continue;
      p = stride;
      from -= back;
    }
    first += pitch;
    if (first >= end) first -= end - kept;
  }
  if (blocks) {
    low = withBlocks(blockSums(), blocks, low);
    high = withBlocks(blockSums() + 16, blocks, high);
  }
  storeEight(out, f32x4.div(low, count), f32x4.div(high, count), size);
}

export function averagePool2dGradient(args: AveragePool2dGradientArguments): void {
  const s = args.sizes;
  const count = f32x4.splat(<f32>(s.kernelHeight * s.kernelWidth));
  const parts = threadScratch();
  fillBytes(parts, <usize>s.outHeight * windowPitch(s), 0);
  let delta = args.delta;
  for (let plane: usize = 0; plane < <usize>s.planes; plane++) {
    let row = parts + (<usize>windowsBefore(s) << 2);
    for (let y = 0; y < s.outHeight; y++, row += windowPitch(s), delta += <usize>s.outWidth << 2) {
      for (let rest = s.outWidth, at: usize = 0; rest > 0; rest -= 4, at += 16) {
        store4(row + at, f32x4.div(load4(delta + at, rest), count), rest);
      }
    }
    gatherPlane(s, parts, 0, args.out + plane * planeBytes(s));
  }
}
