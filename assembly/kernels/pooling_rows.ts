/** Rows of an image, split for the windows of a pooling: as in native/kernels/pooling_rows.h. */
import { PoolSizes } from '../generated/arguments';
import { copyRun } from './convolution_image';
import { coveredColumns, partBytes, splitPitch } from './pooling_windows';

export function fillBytes(to: usize, bytes: usize, x: f32): void {
  for (const end = to + bytes; to < end; to += 4) store<f32>(to, x);
}

/** Where in its parts a column of a row lies, padding included. */
function partOf(s: PoolSizes, column: i32): usize {
  return <usize>(column % s.strideX) * partBytes(s) + (<usize>(column / s.strideX) << 2);
}

/**
 * Rows [row, end) of plane x, each split into its parts: the first at `to` of the ring from `begin` to `ringEnd`, the others a pitch apart.
 * The memory for them was filled with what the padding counts as.
 */
export function splitRows(s: PoolSizes, x: usize, row: i32, end: i32, to: usize, begin: usize, ringEnd: usize): void {
  const columns = coveredColumns(s);
  const pitch = splitPitch(s);
  const rowBytes = <usize>s.width << 2;
  const first = partOf(s, s.padLeft);
  const second = partOf(s, s.padLeft + 1);
  for (let from = x + <usize>row * rowBytes; row < end; row++, from += rowBytes) {
    if (s.strideX == 1) copyRun(from, to + first, columns);
    else if (s.strideX == 2 && s.kernelWidth > 1) splitPairs(from, to + first, to + second, columns);
    else splitRow(s, from, to, columns);
    to += pitch;
    if (to == ringEnd) to = begin;
  }
}

/** Elements 0, 2, … and 1, 3, … of a row. */
function splitPairs(from: usize, even: usize, odd: usize, size: i32): void {
  let rest = size;
  for (; rest >= 8; rest -= 8, from += 32, even += 16, odd += 16) {
    const low = v128.load(from);
    const high = v128.load(from, 16);
    v128.store(even, v128.shuffle<f32>(low, high, 0, 2, 4, 6));
    v128.store(odd, v128.shuffle<f32>(low, high, 1, 3, 5, 7));
  }
  for (; rest > 0; rest -= 2, from += 8, even += 4, odd += 4) {
    store<f32>(even, load<f32>(from));
    if (rest > 1) store<f32>(odd, load<f32>(from, 4));
  }
}

function splitRow(s: PoolSizes, row: usize, parts: usize, columns: i32): void {
  for (let first = 0; first < min(s.strideX, columns); first++) {
    if ((s.padLeft + first) % s.strideX >= s.kernelWidth) continue;
    let to = parts + partOf(s, s.padLeft + first);
    for (let column = first; column < columns; column += s.strideX, to += 4) store<f32>(to, load<f32>(row + (<usize>column << 2)));
  }
}
