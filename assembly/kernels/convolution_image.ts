/**
 * The copy of a part of the image that a convolution's tiles read: zeros where the windows reach beyond the image, so that the
 * elements which one tap multiplies lie side by side. It stays in the cache, and no window is spelled out.
 */
import { Axis, axisX, axisY, Convolution } from './convolution_space';
import { load4, store4 } from './vector';
import { ceilDivide } from '../sizes';

/** Elements of a cache line: channels lie one more apart than they take, or all would compete for the same places of the cache. */
const CACHE_LINE: i32 = 16;

/** The source's element at a coordinate; −1 if it has none there. */
export function elementAt(axis: Axis, coordinate: i32): i32 {
  if (coordinate < 0) return -1;
  let i = coordinate;
  if (axis.spacing > 1) {
    if (coordinate % axis.spacing != 0) return -1;
    i = coordinate / axis.spacing;
  }
  return i < axis.source ? i : -1;
}

function cover(axis: Axis, count: i32): void {
  axis.length = count + axis.span / axis.stride;
}

/** Lays out the copies of regions of up to `rows` × `columns` positions; position (r, c) of one lies r·pitch + c after (0, 0). */
export function layOut(rows: i32, columns: i32): void {
  cover(axisY(), rows);
  cover(axisX(), columns);
}

/** The region of the grid that what follows is about. */
export function takeRegion(s: Convolution, row: i32, rows: i32, column: i32, columns: i32): void {
  s.row = row;
  s.regionRows = rows;
  s.column = column;
  s.regionColumns = columns;
}

@inline
export function pitchOf(): i32 {
  return axisX().length;
}

@inline
function planeOf(): i32 {
  return axisY().length * axisX().length;
}

/** From channel to channel in the copy. */
export function distanceOf(): i64 {
  return <i64>axisY().stride * axisX().stride * axisY().length * axisX().length + CACHE_LINE;
}

/** Where the first position finds what lies at these offsets, in bytes. */
export function placeOf(down: i32, across: i32): i32 {
  const y = axisY();
  const x = axisX();
  const phase = (down % y.stride) * x.stride + (across % x.stride);
  return (phase * planeOf() + (down / y.stride) * x.length + across / x.stride) << 2;
}

/** Copies what the region reads of `channels` planes of the source. */
export function copyImage(s: Convolution, source: usize, channels: i32, to: usize): void {
  const y = axisY();
  const x = axisX();
  const rowBytes = <usize>x.source << 2;
  const between = <usize>distanceOf() << 2;
  const top = y.lowest + s.row * y.stride;
  const left = x.lowest + s.column * x.stride;
  for (let c = 0; c < channels; c++, source += <usize>y.source * rowBytes, to += between) {
    let row = to;
    for (let down = 0; down < y.stride; down++) {
      for (let across = 0; across < x.stride; across++) {
        for (let r = 0; r < y.length; r++, row += <usize>x.length << 2) {
          const element = top + down + r * y.stride;
          if (element < 0 || element >= y.source) clearRun(row, x.length);
          else copyRow(x, source + <usize>element * rowBytes, left + across, row);
        }
      }
    }
  }
}

/** Elements start, start + stride, … of a row of the source. */
function copyRow(x: Axis, from: usize, start: i32, to: usize): void {
  const length = x.length;
  const stride = x.stride;
  const before = start < 0 ? min(ceilDivide(-start, stride), length) : 0;
  const end = min(max(ceilDivide(x.source - start, stride), before), length);
  const first = from + (<usize>(start + before * stride) << 2);
  const filled = to + (<usize>before << 2);
  clearRun(to, before);
  if (stride == 1) copyRun(first, filled, end - before);
  else if (stride == 2) copyEven(first, filled, end - before);
  else for (let i = 0; i < end - before; i++) store<f32>(filled + (<usize>i << 2), load<f32>(first + (<usize>(i * stride) << 2)));
  clearRun(to + (<usize>end << 2), length - end);
}

/** Elements 0, 2, …; the one behind the last may not be there. */
function copyEven(from: usize, to: usize, size: i32): void {
  let rest = size;
  for (; rest > 4; rest -= 4, from += 32, to += 16) v128.store(to, v128.shuffle<f32>(v128.load(from), v128.load(from, 16), 0, 2, 4, 6));
  for (; rest > 0; rest--, from += 8, to += 4) store<f32>(to, load<f32>(from));
}

export function clearRun(to: usize, size: i32): void {
  for (let rest = size; rest > 0; rest -= 4, to += 16) store4(to, f32x4.splat(0), rest);
}

export function copyRun(from: usize, to: usize, size: i32): void {
  for (let rest = size; rest > 0; rest -= 4, from += 16, to += 16) store4(to, load4(from, rest), rest);
}
