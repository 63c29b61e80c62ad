/** The gradient of a convolution's weight: windowsᵀ · δ, summed over samples and positions as native/kernels/convolution_product.h says. */
import { multiplyPositions, TILE_COLUMNS, TILE_ROWS } from '../generated/convolution_tiles';
import { clearRun, copyImage, distanceOf, elementAt, layOut, pitchOf, placeOf, takeRegion } from './convolution_image';
import { offsetOf } from './convolution_phases';
import { BLOCK_DEPTH } from "../generated/constants";
import { IMAGE_FLOATS, MOST_TAPS, SUMS_FLOATS } from './convolution_sizes';
import { axisX, axisY, Convolution, imageSpace, operandSpace, sumsSpace, tapsSpace } from './convolution_space';
import { transposeFour } from './gemm_pack';
import { nextPart } from './gemm_product';
import { addProduct } from './vector';
import { roundUp } from '../sizes';

/** Filters that are taken together. */
const FILTERS: i32 = 64;

/** The regions that the order of summation prescribes. */
function blockColumns(): i32 {
  return min(axisX().grid, BLOCK_DEPTH);
}

function blockRows(): i32 {
  return min(axisY().grid, BLOCK_DEPTH / blockColumns());
}

/** Bytes of one plane of the image, and of δ. */
@inline
function planeBytes(): usize {
  return (<usize>axisY().source * axisX().source) << 2;
}

@inline
function positionBytes(): usize {
  return (<usize>axisY().grid * axisX().grid) << 2;
}

/** A panel of up to eight filters: for each position of the region a row of theirs. */
function packDelta(s: Convolution, delta: usize, filters: i32): void {
  const gridBytes = <usize>axisX().grid << 2;
  const stride = positionBytes();
  const from = delta + <usize>s.row * gridBytes + (<usize>s.column << 2);
  if (s.regionColumns == axisX().grid) {
    packRun(from, stride, s.regionRows * s.regionColumns, filters, operandSpace());
    return;
  }
  const rowBytes = (<usize>s.regionColumns * TILE_COLUMNS) << 2;
  for (let r = 0; r < s.regionRows; r++) {
    packRun(from + <usize>r * gridBytes, stride, s.regionColumns, filters, operandSpace() + <usize>r * rowBytes);
  }
}

/** Where there are no filters for a panel's second vector, the first stand in it once more. */
function packRun(from: usize, stride: usize, depth: i32, filters: i32, to: usize): void {
  const more = filters > 4;
  transposeFour(from, stride, depth, min(filters, 4), to, TILE_COLUMNS << 2);
  transposeFour(more ? from + 4 * stride : from, stride, depth, more ? filters - 4 : filters, to + 16, TILE_COLUMNS << 2);
}

/** Adds the region of one sample to the sums, which are [channels · window][filters, in full tiles]. */
function addRegion(s: Convolution, image: usize, channels: i32, delta: usize, filters: i32): void {
  const taps = channels * axisY().taps * axisX().taps;
  const width = <usize>roundUp(filters, TILE_COLUMNS) << 2;
  copyImage(s, image, channels, imageSpace());
  for (let j = 0; j < filters; j += TILE_COLUMNS) {
    packDelta(s, delta + <usize>j * positionBytes(), min(TILE_COLUMNS, filters - j));
    for (let tap = 0; tap < taps; ) {
      const rows = nextPart(taps - tap, TILE_ROWS);
      const sums = sumsSpace() + <usize>tap * width + (<usize>j << 2);
      const columnBytes = <usize>s.regionColumns << 2;
      const places = tapsSpace() + (<usize>tap << 2);
      multiplyPositions(rows, imageSpace(), places, s.regionRows, columnBytes, <usize>pitchOf() << 2, operandSpace(), sums, width);
      tap += rows;
    }
  }
}

/** Where the taps of the channels' windows find what the first position of a region multiplies with them. */
function placeTaps(channels: i32): void {
  const y = axisY();
  const x = axisX();
  const distance = <i32>distanceOf() << 2;
  let to = tapsSpace();
  for (let c = 0; c < channels; c++) {
    for (let i = 0; i < y.taps; i++) {
      for (let j = 0; j < x.taps; j++, to += 4) store<i32>(to, c * distance + placeOf(offsetOf(y, 0, i), offsetOf(x, 0, j)));
    }
  }
}

/** Channels [channel, channel + channels) of the group for filters [filter, filter + filters), counted over all groups. */
function weightPart(s: Convolution, group: i32, filter: i32, filters: i32, channel: i32, channels: i32): void {
  const window = axisY().taps * axisX().taps;
  const width = roundUp(filters, TILE_COLUMNS);
  clearRun(sumsSpace(), channels * window * width);
  placeTaps(channels);
  for (let n = 0; n < s.samples; n++) {
    const image = s.source + <usize>((n * s.groups + group) * s.channels + channel) * planeBytes();
    const delta = s.weights + <usize>(n * s.groups * s.rows + filter) * positionBytes();
    for (let row = 0; row < axisY().grid; row += blockRows()) {
      for (let column = 0; column < axisX().grid; column += blockColumns()) {
        takeRegion(s, row, min(blockRows(), axisY().grid - row), column, min(blockColumns(), axisX().grid - column));
        addRegion(s, image, channels, delta, filters);
      }
    }
  }
  for (let f = 0; f < filters; f++) {
    let to = s.out + (<usize>(((filter + f) * s.channels + channel) * window) << 2);
    let from = sumsSpace() + (<usize>f << 2);
    for (let tap = 0; tap < channels * window; tap++, to += 4, from += <usize>width << 2) store<f32>(to, load<f32>(from));
  }
}

/** The sum over the block of positions from (row, column) on. */
function blockSum(image: usize, delta: usize, row: i32, column: i32, i: i32, j: i32): f32 {
  const y = axisY();
  const x = axisX();
  let sum: f32 = 0;
  for (let q = row; q < min(row + blockRows(), y.grid); q++) {
    const line = elementAt(y, y.first + q * y.stride + i * y.step);
    for (let r = column; r < min(column + blockColumns(), x.grid); r++) {
      const at = elementAt(x, x.first + r * x.stride + j * x.step);
      const element: f32 = line < 0 || at < 0 ? 0 : load<f32>(image + (<usize>(line * x.source + at) << 2));
      sum = addProduct(element, load<f32>(delta + (<usize>(q * x.grid + r) << 2)), sum);
    }
  }
  return sum;
}

/** Element by element, for windows too large for a copy. */
function weightDirectly(s: Convolution, group: i32, filter: i32): void {
  const columns = axisX().taps;
  const window = axisY().taps * columns;
  let out = s.out + (<usize>(filter * s.channels * window) << 2);
  for (let i = 0; i < s.channels * window; i++, out += 4) {
    let total: f32 = 0;
    for (let n = 0; n < s.samples; n++) {
      const image = s.source + <usize>((n * s.groups + group) * s.channels + i / window) * planeBytes();
      const delta = s.weights + <usize>(n * s.groups * s.rows + filter) * positionBytes();
      for (let row = 0; row < axisY().grid; row += blockRows()) {
        for (let column = 0; column < axisX().grid; column += blockColumns()) {
          total += blockSum(image, delta, row, column, (i % window) / columns, i % columns);
        }
      }
    }
    store<f32>(out, total);
  }
}

/** The filters from `first` on, `count` of them; `weights` of the convolution is δ. */
export function weightGradient(s: Convolution, first: i32, count: i32): void {
  const window = axisY().taps * axisX().taps;
  layOut(blockRows(), blockColumns());
  const fitting = min(MOST_TAPS, SUMS_FLOATS / roundUp(min(FILTERS, count), TILE_COLUMNS)) / window;
  const channels = <i32>min<i64>(IMAGE_FLOATS / distanceOf(), fitting);
  for (let filter = first; filter < first + count; ) {
    const group = filter / s.rows;
    const filters = min(min(first + count, (group + 1) * s.rows) - filter, FILTERS);
    if (channels == 0) {
      for (let f = 0; f < filters; f++) weightDirectly(s, group, filter + f);
    } else {
      for (let c = 0; c < s.channels; c += channels) weightPart(s, group, filter, filters, c, min(channels, s.channels - c));
    }
    filter += filters;
  }
}
