/**
 * Depthwise convolutions with vectors along the planes: four lie side by side, with zeros around them, so that all lanes are used however narrow
 * rows are. The order of every sum is that of native/kernels/convolution_product.h.
 */
import { BLOCK_DEPTH } from '../generated/constants';
import { clearRun } from './convolution_image';
import { gridOf, isReached, MOST_PHASES, offsetOf, phasesOf } from './convolution_phases';
import { finishRun, positionsOf, weightAt, windowOf } from './convolution_product';
import { IMAGE_FLOATS, SUMS_FLOATS } from './convolution_sizes';
import { Axis, axisX, axisY, Convolution, imageSpace, operandSpace, sumsSpace, tapsSpace } from './convolution_space';
import { transposeFour } from './gemm_pack';
import { Epilogue } from './product';
import { multiplyAdd, store4 } from './vector';

/** Taps of a window at most. */
const MOST_WINDOW: i32 = 128;
/** Elements of an image and of results that are under way together, unless one row takes more: they share an L1 cache. */
const FRAME_FLOATS: i32 = 6144;
const PLACES_FLOATS: i32 = 4096;
const VECTOR: usize = 16;

/** The first element of a frame's rows: where they begin, or zeros before. */
@inline
function leftOf(): i32 {
  return min(axisX().lowest, 0);
}

function frameColumns(): i32 {
  const x = axisX();
  return max(x.lowest + (gridOf(x, 0) - 1) * x.stride + x.span + 1, x.source) - leftOf();
}

/** Rows of the source that `rows` positions read. */
@inline
function linesOf(rows: i32): i32 {
  return (rows - 1) * axisY().stride + axisY().span + 1;
}

/** Whether a convolution is computed so: groups of one plane on either side, one row of which fits. */
export function isByPlanes(s: Convolution): bool {
  if (s.channels != 1 || s.rows != 1 || windowOf() > MOST_WINDOW || phasesOf(axisY()) * phasesOf(axisX()) > MOST_PHASES) return false;
  const room = <i64>linesOf(1) * frameColumns();
  return room <= IMAGE_FLOATS / 4 && <i64>axisY().spacing * axisX().grid <= SUMS_FLOATS / 4;
}

/** Rows of the grid that are computed together: of `most`, as many as fit. Each takes `places` vectors of the results. */
function stripOf(most: i32, places: i32): i32 {
  let rows = most;
  while (rows > 1 && (4 * linesOf(rows) * frameColumns() > FRAME_FLOATS || 4 * rows * places > PLACES_FLOATS)) rows = (rows + 1) / 2;
  return rows;
}

/** Rows [top, top + lines) of up to four planes, which begin at elements `left`: a vector for each place. */
function fillFrame(axis: Axis, rows: i32, top: i32, lines: i32, left: i32, columns: i32, from: usize, planes: i32, to: usize): void {
  const rowBytes = <usize>axis.source << 2;
  const end = axis.source - left;
  for (let line = 0; line < lines; line++, to += <usize>columns * VECTOR) {
    const row = top + line;
    if (row < 0 || row >= rows) {
      clearRun(to, columns << 2);
      continue;
    }
    clearRun(to, -left << 2);
    transposeFour(from + <usize>row * rowBytes, <usize>rows * rowBytes, axis.source, planes, to + <usize>-left * VECTOR, VECTOR);
    clearRun(to + <usize>end * VECTOR, (columns - end) << 2);
  }
}

function fillImage(row: i32, rows: i32, from: usize, planes: i32): void {
  const top = axisY().lowest + row * axisY().stride;
  fillFrame(axisX(), axisY().source, top, linesOf(rows), leftOf(), frameColumns(), from, planes, imageSpace());
}

/** Where each tap's weights lie among a plane's, in bytes of vectors; and where the taps of each phase begin. */
@inline
function numbersSpace(): usize {
  return tapsSpace() + (MOST_WINDOW << 2);
}

@inline
function startsSpace(): usize {
  return tapsSpace() + (MOST_WINDOW << 3);
}

function placePhases(): void {
  const y = axisY();
  const x = axisX();
  const columns = frameColumns();
  let places = tapsSpace();
  let starts = startsSpace();
  for (let down = 0; down < phasesOf(y); down++) {
    for (let across = 0; across < phasesOf(x); across++, starts += 4) {
      store<i32>(starts, <i32>(places - tapsSpace()));
      for (let i = 0; i < y.taps; i++) {
        for (let j = 0; j < x.taps; j++) {
          if (!isReached(y, down, i) || !isReached(x, across, j)) continue;
          const place = offsetOf(y, down, i) * columns + x.lowest - leftOf() + offsetOf(x, across, j);
          store<i32>(places, place << 4);
          store<i32>(places, (i * x.taps + j) << 4, MOST_WINDOW << 2);
          places += 4;
        }
      }
    }
  }
  store<i32>(starts, <i32>(places - tapsSpace()));
}

/** out = window · image for four neighbouring positions, `step` bytes apart, as the results are `stepOut`. */
function multiplyFour(taps: usize, end: usize, image: usize, step: usize, out: usize, stepOut: usize): void {
  let a = f32x4.splat(0);
  let b = f32x4.splat(0);
  let c = f32x4.splat(0);
  let d = f32x4.splat(0);
  for (; taps < end; taps += 4) {
    const weight = v128.load(operandSpace() + <usize>load<i32>(taps, MOST_WINDOW << 2));
    let from = image + <usize>load<i32>(taps);
    a = multiplyAdd(weight, v128.load(from), a);
    from += step;
    b = multiplyAdd(weight, v128.load(from), b);
    from += step;
    c = multiplyAdd(weight, v128.load(from), c);
    d = multiplyAdd(weight, v128.load(from + step), d);
  }
  v128.store(out, a);
  v128.store(out + stepOut, b);
  v128.store(out + 2 * stepOut, c);
  v128.store(out + 3 * stepOut, d);
}

function multiplyOne(taps: usize, end: usize, image: usize, out: usize): void {
  let sum = f32x4.splat(0);
  for (; taps < end; taps += 4) {
    const weight = v128.load(operandSpace() + <usize>load<i32>(taps, MOST_WINDOW << 2));
    sum = multiplyAdd(weight, v128.load(image + <usize>load<i32>(taps)), sum);
  }
  v128.store(out, sum);
}

/** One phase of the rows from `row` on, whose frame lies in imageSpace, to the places of the whole grid's rows in sumsSpace. */
function multiplyPhase(down: i32, across: i32, row: i32, rows: i32): void {
  const y = axisY();
  const x = axisX();
  const starts = startsSpace() + (<usize>(down * phasesOf(x) + across) << 2);
  const taps = tapsSpace() + <usize>load<i32>(starts);
  const end = tapsSpace() + <usize>load<i32>(starts, 4);
  const step = <usize>x.stride * VECTOR;
  const stepOut = <usize>x.spacing * VECTOR;
  const line = <usize>(y.stride * frameColumns()) * VECTOR;
  const lines = min(rows, gridOf(y, down) - row);
  let first = imageSpace();
  let to = sumsSpace() + <usize>(down * x.grid + across) * VECTOR;
  for (let r = 0; r < lines; r++, first += line, to += <usize>(y.spacing * x.grid) * VECTOR) {
    let image = first;
    let out = to;
    let rest = gridOf(x, across);
    for (; rest >= 4; rest -= 4, image += 4 * step, out += 4 * stepOut) multiplyFour(taps, end, image, step, out, stepOut);
    for (; rest > 0; rest--, image += step, out += stepOut) multiplyOne(taps, end, image, out);
  }
}

/** Moves `count` vectors of sumsSpace to the planes that they are of. */
function spread(count: i32, planes: i32, out: usize, planeBytes: usize): void {
  let from = sumsSpace();
  for (let rest = count; rest > 0; rest -= 4, from += 4 * VECTOR, out += VECTOR) {
    const low01 = v128.shuffle<f32>(v128.load(from), v128.load(from, 16), 0, 4, 1, 5);
    const low23 = v128.shuffle<f32>(v128.load(from, 32), v128.load(from, 48), 0, 4, 1, 5);
    const high01 = v128.shuffle<f32>(v128.load(from), v128.load(from, 16), 2, 6, 3, 7);
    const high23 = v128.shuffle<f32>(v128.load(from, 32), v128.load(from, 48), 2, 6, 3, 7);
    store4(out, v128.shuffle<f64>(low01, low23, 0, 2), rest);
    if (planes > 1) store4(out + planeBytes, v128.shuffle<f64>(low01, low23, 1, 3), rest);
    if (planes > 2) store4(out + 2 * planeBytes, v128.shuffle<f64>(high01, high23, 0, 2), rest);
    if (planes > 3) store4(out + 3 * planeBytes, v128.shuffle<f64>(high01, high23, 1, 3), rest);
  }
}

/** Planes [plane, plane + planes) of all samples; four at most. */
function correlatePlanes(s: Convolution, plane: i32, planes: i32): void {
  const y = axisY();
  const x = axisX();
  const height = gridOf(y, 0);
  const rows = stripOf(height, y.spacing * x.grid);
  const planeBytes = <usize>positionsOf() << 2;
  const sourceBytes = <usize>(y.source * x.source) << 2;
  transposeFour(weightAt(s, plane, 0, 0), <usize>windowOf() << 2, windowOf(), planes, operandSpace(), VECTOR);
  for (let n = 0; n < s.samples; n++) {
    const source = s.source + <usize>(n * s.groups + plane) * sourceBytes;
    const out = s.out + <usize>(n * s.groups + plane) * planeBytes;
    for (let row = 0; row < height; row += rows) {
      const count = min(rows, height - row);
      fillImage(row, count, source, planes);
      for (let down = 0; down < phasesOf(y); down++) {
        for (let across = 0; across < phasesOf(x); across++) multiplyPhase(down, across, row, count);
      }
      const places = min(count * y.spacing, y.grid - row * y.spacing) * x.grid;
      const first = out + (<usize>(row * y.spacing * x.grid) << 2);
      spread(places, planes, first, planeBytes);
      if (s.epilogue == Epilogue.none) continue;
      for (let p = 0; p < planes; p++) finishRun(s, plane + p, first + <usize>p * planeBytes, places);
    }
  }
}

export function correlateByPlanes(s: Convolution): void {
  placePhases();
  const end = s.firstPlane + s.planes;
  for (let plane = s.firstPlane; plane < end; plane += 4) correlatePlanes(s, plane, min(4, end - plane));
}

/** Whether a weight's gradient is computed so: a block of positions is made of whole rows. */
export function weightIsByPlanes(s: Convolution): bool {
  return isByPlanes(s) && axisX().grid <= BLOCK_DEPTH;
}

/** sums += windowsᵀ · δ for three taps, or one, over some rows whose frames lie in imageSpace and sumsSpace. */
function addThree(places: usize, rows: i32, line: usize, step: usize, sums: usize): void {
  let a = v128.load(sums);
  let b = v128.load(sums, 16);
  let c = v128.load(sums, 32);
  let imageA = imageSpace() + <usize>load<i32>(places);
  let imageB = imageSpace() + <usize>load<i32>(places, 4);
  let imageC = imageSpace() + <usize>load<i32>(places, 8);
  let delta = sumsSpace();
  for (let r = 0; r < rows; r++, imageA += line, imageB += line, imageC += line) {
    const end = <usize>axisX().grid * step;
    for (let at: usize = 0; at < end; at += step, delta += VECTOR) {
      const factor = v128.load(delta);
      a = multiplyAdd(v128.load(imageA + at), factor, a);
      b = multiplyAdd(v128.load(imageB + at), factor, b);
      c = multiplyAdd(v128.load(imageC + at), factor, c);
    }
  }
  v128.store(sums, a);
  v128.store(sums, b, 16);
  v128.store(sums, c, 32);
}

function addOne(places: usize, rows: i32, line: usize, step: usize, sums: usize): void {
  let sum = v128.load(sums);
  let image = imageSpace() + <usize>load<i32>(places);
  let delta = sumsSpace();
  for (let r = 0; r < rows; r++, image += line) {
    const end = <usize>axisX().grid * step;
    for (let at: usize = 0; at < end; at += step, delta += VECTOR) sum = multiplyAdd(v128.load(image + at), v128.load(delta), sum);
  }
  v128.store(sums, sum);
}

/** Adds rows [row, row + rows) of some planes of a sample to the block's sums, a vector for each tap. */
function addRows(row: i32, rows: i32, image: usize, delta: usize, planes: i32, sums: usize): void {
  const y = axisY();
  const x = axisX();
  const line = <usize>(y.stride * frameColumns()) * VECTOR;
  const step = <usize>x.stride * VECTOR;
  fillImage(row, rows, image, planes);
  const rowBytes = <usize>x.grid << 2;
  let to = sumsSpace();
  for (let r = row; r < row + rows; r++, to += <usize>x.grid * VECTOR) {
    transposeFour(delta + <usize>r * rowBytes, <usize>y.grid * rowBytes, x.grid, planes, to, VECTOR);
  }
  let places = tapsSpace();
  let rest = windowOf();
  for (; rest >= 3; rest -= 3, places += 12, sums += 3 * VECTOR) addThree(places, rows, line, step, sums);
  for (; rest > 0; rest--, places += 4, sums += VECTOR) addOne(places, rows, line, step, sums);
}

function weightOfPlanes(s: Convolution, plane: i32, planes: i32): void {
  const y = axisY();
  const x = axisX();
  const window = windowOf();
  const totals = operandSpace();
  const sums = totals + <usize>window * VECTOR;
  const blockRows = min(y.grid, BLOCK_DEPTH / x.grid);
  const strip = stripOf(blockRows, x.grid);
  clearRun(totals, window << 2);
  for (let n = 0; n < s.samples; n++) {
    const image = s.source + ((<usize>(n * s.groups + plane) * y.source * x.source) << 2);
    const delta = s.weights + ((<usize>(n * s.groups + plane) * positionsOf()) << 2);
    for (let block = 0; block < y.grid; block += blockRows) {
      const end = min(block + blockRows, y.grid);
      clearRun(sums, window << 2);
      for (let row = block; row < end; row += strip) addRows(row, min(strip, end - row), image, delta, planes, sums);
      for (let i: usize = 0; i < <usize>window * VECTOR; i += VECTOR) {
        v128.store(totals + i, f32x4.add(v128.load(totals + i), v128.load(sums + i)));
      }
    }
  }
  for (let p = 0; p < planes; p++) {
    const out = s.out + (<usize>((plane + p) * window) << 2);
    for (let t = 0; t < window; t++) store<f32>(out + (<usize>t << 2), load<f32>(totals + <usize>t * VECTOR + (<usize>p << 2)));
  }
}

/** The filters from `first` on, `count` of them; `weights` of the convolution is δ. */
export function weightByPlanes(s: Convolution, first: i32, count: i32): void {
  placePhases();
  for (let plane = first; plane < first + count; plane += 4) weightOfPlanes(s, plane, min(4, first + count - plane));
}
