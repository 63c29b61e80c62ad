/** δ of a pooling's elements where many windows share one: each element gathers its own. */
import { PoolSizes } from '../generated/arguments';
import { addTermBlock, BLOCK_STEPS, withTermBlocks } from './sums';

/** The most windows of a row, or of a column, that share an element. */
@inline
function windowsOver(kernel: i32, stride: i32): i32 {
  return (kernel + stride - 1) / stride;
}

/** Whether more windows may share an element than a block of a sum has steps. */
export function overlapsFar(s: PoolSizes): bool {
  return windowsOver(s.kernelHeight, s.strideY) * windowsOver(s.kernelWidth, s.strideX) > BLOCK_STEPS;
}

/** The first window that has the element so far from the edge, padding included. */
@inline
function firstOver(at: i32, kernel: i32, stride: i32): i32 {
  return at < kernel ? 0 : (at - kernel) / stride + 1;
}

/** δ of a plane's elements. Each gathers the δ's of the windows that have their maximum there, divided by `count`. */
export function gatherPlane(s: PoolSizes, delta: usize, out: usize, count: f32, places: usize): void {
  let place = 0;
  for (let y = 0; y < s.height; y++) {
    for (let x = 0; x < s.width; x++, place += 4) {
      store<f32>(out + <usize>place, gatherWindows(s, delta, y + s.padTop, x + s.padLeft, count, places, place));
    }
  }
}

/** δ of an element: its windows' in their order. With `places` (0: without), of those only that have their maximum at this `place`. */
function gatherWindows(s: PoolSizes, delta: usize, y: i32, x: i32, count: f32, places: usize, place: i32): f32 {
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
