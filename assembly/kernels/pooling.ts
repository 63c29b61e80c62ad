/** The largest of each window of an image, plane by plane: the orders of operations are those of native/kernels/pooling.h. */
import { activateGradient } from '../generated/families';
import {
  MaxPool2dArguments,
  MaxPool2dDeltaArguments,
  MaxPool2dGradientArguments,
  MaxPool2dPickArguments,
  PoolSizes,
} from '../generated/arguments';
import { threadScratch } from '../scratch';
import { clearRun, copyRun } from './convolution_image';
import { gatherPlane } from './pooling_gather';
import { maxPoolRow, maxPoolRowGradient } from './pooling_halving';
import { findLargest, findMaxima, placesBytes, placesOf, prepareLargest, prepareMaxima } from './pooling_maxima';
import { isHalving, overlapsFar, planeBytes, windowBytes, windowPitch, windowsBefore } from './pooling_windows';

export { averagePool2d, averagePool2dGradient } from './pooling_average';

/** The largest elements of windows of two by two. */
function maxPoolHalving(s: PoolSizes, x: usize, out: usize): void {
  const width = <usize>s.width << 2;
  for (let y = 0; y < s.outHeight; y++, x += 2 * width, out += <usize>s.outWidth << 2) maxPoolRow(x, width, out, s.outWidth);
}

export function maxPool2d(args: MaxPool2dArguments): void {
  const s = args.sizes;
  const halves = isHalving(s);
  if (!halves) prepareLargest(s, threadScratch());
  for (let plane: usize = 0; plane < <usize>s.planes; plane++) {
    const x = args.x + plane * planeBytes(s);
    const out = args.out + plane * windowBytes(s);
    if (halves) maxPoolHalving(s, x, out);
    else findLargest(s, threadScratch(), x, out);
  }
}

/** δ of one plane of windows of two by two. */
function halvingGradient(s: PoolSizes, delta: usize, x: usize, out: usize): void {
  const width = <usize>s.width << 2;
  const covered = 2 * s.outWidth;
  for (let y = 0; y < s.outHeight; y++, delta += <usize>s.outWidth << 2, x += 2 * width, out += 2 * width) {
    maxPoolRowGradient(delta, x, width, out, s.outWidth);
    clearRun(out + (<usize>covered << 2), s.width - covered);
    clearRun(out + width + (<usize>covered << 2), s.width - covered);
  }
  clearRun(out, (s.height - 2 * s.outHeight) * s.width);
}

/** Copies δ of a plane's windows to rows of a pitch. */
function copyDelta(s: PoolSizes, delta: usize, to: usize): void {
  to += <usize>windowsBefore(s) << 2;
  for (let y = 0; y < s.outHeight; y++, delta += <usize>s.outWidth << 2, to += windowPitch(s)) {
    copyRun(delta, to, s.outWidth);
  }
}

/** δ of a plane whose elements few windows share: added in the order of the windows, as `gatherPlane` does, in fewer steps of four lanes. */
function scatterPlane(s: PoolSizes, delta: usize, places: usize, out: usize): void {
  clearRun(out, s.height * s.width);
  places += <usize>windowsBefore(s) << 2;
  for (let y = 0; y < s.outHeight; y++, places += windowPitch(s)) {
    for (const end = delta + (<usize>s.outWidth << 2), shift = places - delta; delta < end; delta += 4) {
      const to = out + <usize>load<u32>(delta + shift);
      store<f32>(to, load<f32>(to) + load<f32>(delta));
    }
  }
}

/** δ of one plane. */
function planeGradient(s: PoolSizes, delta: usize, x: usize, out: usize): void {
  if (isHalving(s)) return halvingGradient(s, delta, x, out);
  const scratch = threadScratch();
  const windows = placesOf(s, scratch) + placesBytes(s);
  findMaxima(s, scratch, x);
  if (!overlapsFar(s)) return scatterPlane(s, delta, placesOf(s, scratch), out);
  copyDelta(s, delta, windows);
  gatherPlane(s, windows, placesBytes(s), out);
}

function pickPlane(s: PoolSizes, values: usize, x: usize, out: usize): void {
  const scratch = threadScratch();
  findMaxima(s, scratch, x);
  let places = placesOf(s, scratch) + (<usize>windowsBefore(s) << 2);
  for (let y = 0; y < s.outHeight; y++, places += windowPitch(s)) {
    for (const end = out + (<usize>s.outWidth << 2), shift = places - out; out < end; out += 4) {
      store<f32>(out, load<f32>(values + <usize>load<u32>(out + shift)));
    }
  }
}

export function maxPool2dGradient(args: MaxPool2dGradientArguments): void {
  maxPoolGradient(args.sizes, args.delta, args.x, args.out);
}

function maxPoolGradient(s: PoolSizes, delta: usize, x: usize, out: usize): void {
  if (!isHalving(s)) prepareMaxima(s, threadScratch());
  for (let plane: usize = 0; plane < <usize>s.planes; plane++) {
    const offset = plane * planeBytes(s);
    planeGradient(s, delta + plane * windowBytes(s), x + offset, out + offset);
  }
}

/** out = the elements of values where x has its windows' maxima. */
export function maxPool2dPick(args: MaxPool2dPickArguments): void {
  const s = args.sizes;
  prepareMaxima(s, threadScratch());
  for (let plane: usize = 0; plane < <usize>s.planes; plane++) {
    const offset = plane * planeBytes(s);
    pickPlane(s, args.values + offset, args.x + offset, args.out + plane * windowBytes(s));
  }
}

export function maxPool2dDelta(args: MaxPool2dDeltaArguments): void {
  const s = args.sizes;
  maxPoolGradient(s, args.delta, args.x, args.out);
  activateGradient(args.activation, args.out, args.saved, args.out, s.planes * s.height * s.width, args.alpha);
}
