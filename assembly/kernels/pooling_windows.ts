/** What the windows of a pooling cover, and how its rows are split: as in native/kernels/pooling_windows.h, sizes in bytes. */
import { PoolSizes } from '../generated/arguments';
import { BLOCK_STEPS } from './sums';

/** Floats that are read past the end of a row, and rows that are split ahead: src/ops/pooling.ts counts with them. */
export const LANES_AT_MOST = 16;
export const ROWS_AHEAD: usize = 8;

/** From plane to plane. */
export function planeBytes(s: PoolSizes): usize {
  return (<usize>s.height * s.width) << 2;
}

/** From plane to plane of the windows' results. */
export function windowBytes(s: PoolSizes): usize {
  return (<usize>s.outHeight * s.outWidth) << 2;
}

/** Windows of two by two elements, side by side. */
export function isHalving(s: PoolSizes): bool {
  const two = s.kernelHeight == 2 && s.kernelWidth == 2 && s.strideY == 2 && s.strideX == 2;
  return two && s.padTop == 0 && s.padLeft == 0 && 2 * s.outHeight <= s.height && 2 * s.outWidth <= s.width;
}

/** The rows of the plane in the windows of row y, from the first to that behind the last. */
export function topOf(s: PoolSizes, y: i32): i32 {
  return max(y * s.strideY - s.padTop, 0);
}

export function bottomOf(s: PoolSizes, y: i32): i32 {
  return min(y * s.strideY - s.padTop + s.kernelHeight, s.height);
}

/** Columns of the plane before the last window's end. */
export function coveredColumns(s: PoolSizes): i32 {
  return min((s.outWidth - 1) * s.strideX - s.padLeft + s.kernelWidth, s.width);
}

/** The most windows to the left of an element's last one that have it too. */
export function windowsBefore(s: PoolSizes): i32 {
  return (s.kernelWidth - 1) / s.strideX;
}

/** Of a part of a row. */
export function partBytes(s: PoolSizes): usize {
  return <usize>(s.outWidth + windowsBefore(s)) << 2;
}

/** Whether more windows may share an element than a block of a sum has steps. */
export function overlapsFar(s: PoolSizes): bool {
  return ((s.kernelHeight - 1) / s.strideY + 1) * ((s.kernelWidth - 1) / s.strideX + 1) > BLOCK_STEPS;
}

/** From row to row that is split, of results of a row, and of windows with as many before and behind them as may share an element with one. */
export function splitPitch(s: PoolSizes): usize {
  return <usize>min(s.strideX, s.kernelWidth) * partBytes(s) + (LANES_AT_MOST << 2);
}

export function resultPitch(s: PoolSizes): usize {
  return <usize>(s.outWidth + LANES_AT_MOST) << 2;
}

export function windowPitch(s: PoolSizes): usize {
  return <usize>(s.outWidth + 2 * windowsBefore(s) + LANES_AT_MOST) << 2;
}

/** Rows of the plane that are kept at a time. */
export function keptRows(s: PoolSizes): i32 {
  return min(s.kernelHeight, s.height) + <i32>ROWS_AHEAD;
}
