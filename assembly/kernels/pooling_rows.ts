/** Rows of an image, split for the windows of a pooling: as in native/kernels/pooling_rows.h. */
import { PoolSizes } from '../generated/arguments';
import { copyEven, copyRun } from './convolution_image';
import { coveredColumns, partBytes } from './pooling_windows';

export function fillBytes(to: usize, bytes: usize, x: f32): void {
  for (const end = to + bytes; to < end; to += 4) store<f32>(to, x);
}

/** Where in its parts a column of a row lies, padding included. */
function partOf(s: PoolSizes, column: i32): usize {
  return <usize>(column % s.strideX) * partBytes(s) + (<usize>(column / s.strideX) << 2);
}

/** A row of a plane, split into its parts. The memory for it was filled with what the padding counts as. */
export function splitRow(s: PoolSizes, row: usize, parts: usize): void {
  const columns = coveredColumns(s);
  if (s.strideX == 1) {
    copyRun(row, parts + partOf(s, s.padLeft), columns);
  } else if (s.strideX == 2 && s.kernelWidth > 1) {
    copyEven(row, parts + partOf(s, s.padLeft), (columns + 1) >> 1);
    copyEven(row + 4, parts + partOf(s, s.padLeft + 1), columns >> 1);
  } else {
    for (let first = 0; first < min(s.strideX, columns); first++) {
      if ((s.padLeft + first) % s.strideX >= s.kernelWidth) continue;
      let to = parts + partOf(s, s.padLeft + first);
      for (let column = first; column < columns; column += s.strideX, to += 4) store<f32>(to, load<f32>(row + (<usize>column << 2)));
    }
  }
}
