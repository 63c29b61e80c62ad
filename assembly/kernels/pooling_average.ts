/** The mean of each window of an image, plane by plane: the orders of operations are those of native/kernels/pooling.h. */
import { AveragePool2dArguments, AveragePool2dGradientArguments, PoolSizes } from '../generated/arguments';
import { blockSums, threadScratch } from '../scratch';
import { gatherPlane } from './pooling_gather';
import { fillBytes, splitRow } from './pooling_rows';
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
import { load4, store4 } from './vector';

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
  const count = f32x4.splat(<f32>(s.kernelHeight * s.kernelWidth));
  const end = kept + <usize>keptRows(s) * pitch;
  let next = 0;
  for (let y = 0; y < s.outHeight; y++, out += <usize>s.outWidth << 2) {
    const top = topOf(s, y);
    const bottom = bottomOf(s, y);
    next = max(next, top);
    while (next < bottom) {
      for (const until = min(next + <i32>ROWS_AHEAD, s.height); next < until; next++) {
        splitRow(s, x + (<usize>(next * s.width) << 2), kept + <usize>(next % keptRows(s)) * pitch);
      }
    }
    let first = kept + <usize>(top % keptRows(s)) * pitch;
    for (let rest = s.outWidth, to = out; rest > 0; rest -= 4, first += 16, to += 16) {
      store4(to, f32x4.div(sumOfWindows(s, first, bottom - top, kept, end, pitch), count), rest);
    }
  }
}

/** The sums of four windows side by side, whose rows begin at `first` in the ring from `kept` to `end`. */
@inline
function sumOfWindows(s: PoolSizes, first: usize, rows: i32, kept: usize, end: usize, pitch: usize): v128 {
  const part = partBytes(s);
  const stride = s.strideX;
  const back = <usize>stride * part - 4;
  const none = f32x4.splat(0);
  let sums = none;
  let blocks: u32 = 0;
  let room = BLOCK_STEPS;
  for (; rows > 0; rows--) {
    let from = first;
    for (let j = s.kernelWidth, p = stride; j > 0; j--, from += part) {
      sums = f32x4.add(sums, v128.load(from));
      if (--room == 0) {
        addBlock(blockSums(), blocks++, sums, none, none, none);
        sums = none;
        room = BLOCK_STEPS;
      }
      if (--p > 0) continue;
      p = stride;
      from -= back;
    }
    first += pitch;
    if (first >= end) first -= end - kept;
  }
  return blocks ? withBlocks(blockSums(), blocks, sums) : sums;
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
