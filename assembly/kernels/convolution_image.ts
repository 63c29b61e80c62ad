/**
 * The copy of a part of the image that a convolution's tiles read: zeros where the windows reach beyond the image, so that the
 * elements which one tap multiplies lie side by side. It stays in the cache, and no window is spelled out.
 */
import { Axis, axisX, axisY, Convolution } from './convolution_space';
import { load4, store4 } from './vector';

/** Elements of a cache line: channels lie one more apart than they take, or all would compete for the same places of the cache. */
const CACHE_LINE: i32 = 16;

function lowest(axis: Axis): i32 {
  return axis.step < 0 ? (axis.taps - 1) * axis.step : 0;
}

/** From the lowest coordinate that a position reads to the tap's. */
function offset(axis: Axis, tap: i32): i32 {
  return tap * axis.step - lowest(axis);
}

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
  const reach = (axis.taps - 1) * abs(axis.step);
  axis.length = ((count - 1) * axis.stride + reach) / axis.stride + 1;
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

function tapOf(i: i32, j: i32): i32 {
  const y = axisY();
  const x = axisX();
  const down = offset(y, i);
  const across = offset(x, j);
  const phase = (down % y.stride) * x.stride + (across % x.stride);
  return phase * planeOf() + (down / y.stride) * x.length + across / x.stride;
}

/** Byte offsets for steps [step, step + depth) of k, which runs over (channel, i, j); `channel` is the first that was copied. */
export function placeTaps(step: i32, depth: i32, channel: i32, to: usize): void {
  const rows = axisY().taps;
  const columns = axisX().taps;
  const distance = <i32>distanceOf();
  let j = step % columns;
  let i = (step / columns) % rows;
  let c = step / (rows * columns) - channel;
  for (let p = 0; p < depth; p++, to += 4) {
    store<i32>(to, (c * distance + tapOf(i, j)) << 2);
    if (++j < columns) continue;
    j = 0;
    if (++i < rows) continue;
    i = 0;
    c++;
  }
}

/** Copies what the region reads of `channels` planes of the source. */
export function copyImage(s: Convolution, source: usize, channels: i32, to: usize): void {
  const y = axisY();
  const x = axisX();
  const rowBytes = <usize>x.source << 2;
  const between = <usize>distanceOf() << 2;
  const top = y.first + s.row * y.stride + lowest(y);
  const left = x.first + s.column * x.stride + lowest(x);
  for (let c = 0; c < channels; c++, source += <usize>y.source * rowBytes, to += between) {
    let row = to;
    for (let down = 0; down < y.stride; down++) {
      for (let across = 0; across < x.stride; across++) {
        for (let r = 0; r < y.length; r++, row += <usize>x.length << 2) {
          const element = elementAt(y, top + down + r * y.stride);
          if (element < 0) clearRun(row, x.length);
          else copyRow(x, source + <usize>element * rowBytes, left + across, row);
        }
      }
    }
  }
}

/** Coordinates start, start + stride, … of a row of the source. */
function copyRow(x: Axis, from: usize, start: i32, to: usize): void {
  if (x.spacing > 1) {
    spreadRow(x, from, start, to);
    return;
  }
  const length = x.length;
  if (x.stride == 1) {
    const before = min(max(-start, 0), length);
    const end = min(max(x.source - start, before), length);
    clearRun(to, before);
    copyRun(from + (<usize>(start + before) << 2), to + (<usize>before << 2), end - before);
    clearRun(to + (<usize>end << 2), length - end);
    return;
  }
  for (let i = 0, at = start; i < length; i++, at += x.stride, to += 4) {
    store<f32>(to, at < 0 || at >= x.source ? 0 : load<f32>(from + (<usize>at << 2)));
  }
}

/** Only a stride of 1 comes with a spacing. */
function spreadRow(x: Axis, from: usize, start: i32, to: usize): void {
  clearRun(to, x.length);
  let i = start <= 0 ? 0 : (start + x.spacing - 1) / x.spacing;
  for (; i < x.source && i * x.spacing - start < x.length; i++) {
    store<f32>(to + (<usize>(i * x.spacing - start) << 2), load<f32>(from + (<usize>i << 2)));
  }
}

export function clearRun(to: usize, size: i32): void {
  for (let rest = size; rest > 0; rest -= 4, to += 16) store4(to, f32x4.splat(0), rest);
}

function copyRun(from: usize, to: usize, size: i32): void {
  for (let rest = size; rest > 0; rest -= 4, from += 16, to += 16) store4(to, load4(from, rest), rest);
}
