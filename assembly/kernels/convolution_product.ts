/**
 * Convolutions as matrix products whose one operand is the windows of an image, never spelled out. The order of every sum is that of
 * native/kernels/convolution_product.h.
 */
import { activate, activateGradient } from '../generated/families';
import { multiplyTaps, TILE_COLUMNS, TILE_ROWS } from '../generated/convolution_tiles';
import { copyImage, distanceOf, elementAt, layOut, pitchOf, placeTaps, takeRegion } from './convolution_image';
import { BLOCK_DEPTH } from "../generated/constants";
import { IMAGE_FLOATS, OPERAND_FLOATS, SUMS_FLOATS } from './convolution_sizes';
import { axisX, axisY, Convolution, imageSpace, operandSpace, roundUp, sumsSpace, tapsSpace } from './convolution_space';
import { nextPart } from './gemm_product';
import { Epilogue } from './product';
import { load4, store4 } from './vector';

@inline
function windowOf(): i32 {
  return axisY().taps * axisX().taps;
}

@inline
function positionsOf(): i32 {
  return axisY().grid * axisX().grid;
}

@inline
function sourceBytes(s: Convolution): usize {
  return (<usize>s.channels * axisY().source * axisX().source) << 2;
}

function weightAt(s: Convolution, group: i32, row: i32, step: i32): usize {
  const window = windowOf();
  const depth = s.channels * window;
  const own = s.weights + ((<usize>group * s.rows * depth) << 2);
  const element = s.transposedWeights ? ((step / window) * s.rows + row) * window + (step % window) : row * depth + step;
  return own + (<usize>element << 2);
}

/** Finishes `count` elements of row `row`, counted over all groups, from `out` on. */
function finishRun(s: Convolution, row: i32, out: usize, count: i32): void {
  if (s.epilogue == Epilogue.activate) {
    if (s.operand) {
      const bias = v128.load32_splat(s.operand + (<usize>row << 2));
      let at = out;
      for (let rest = count; rest > 0; rest -= 4, at += 16) store4(at, f32x4.add(load4(at, rest), bias), rest);
    }
    activate(s.activation, out, out, count, s.alpha);
  } else if (s.epilogue == Epilogue.multiplyByDerivative) {
    activateGradient(s.activation, out, s.operand + (out - s.out), out, count, s.alpha);
  }
}

/** Elements of the region's sums for each row of weights. */
@inline
function sumsOf(s: Convolution): i32 {
  return roundUp((s.regionRows - 1) * pitchOf() + s.regionColumns, TILE_COLUMNS);
}

/** Takes the first of the regions into which the grid is cut, so that copies and sums fit; false where not even one position does. */
function takeFirstRegion(s: Convolution, channels: i32): bool {
  const strip = min(s.rows, TILE_ROWS);
  let columns = min(axisX().grid, BLOCK_DEPTH);
  let rows = min(axisY().grid, BLOCK_DEPTH / columns);
  takeRegion(s, 0, rows, 0, columns);
  layOut(rows, columns);
  while (distanceOf() * channels > IMAGE_FLOATS || strip * sumsOf(s) > SUMS_FLOATS) {
    if (rows > 1) rows = (rows + 1) / 2;
    else if (columns > 1) columns = (columns + 1) / 2;
    else return false;
    takeRegion(s, 0, rows, 0, columns);
    layOut(rows, columns);
  }
  return true;
}

/** Rows [row, row + rows) of a group's weights for steps [step, step + depth), row by row in operandSpace. */
function packWeights(s: Convolution, group: i32, row: i32, rows: i32, step: i32, depth: i32): void {
  const window = windowOf();
  let to = operandSpace();
  for (let i = 0; i < rows; i++) {
    for (let p = 0; p < depth; ) {
      const run = min(window - ((step + p) % window), depth - p);
      memory.copy(to, weightAt(s, group, row + i, step + p), <usize>run << 2);
      to += <usize>run << 2;
      p += run;
    }
  }
}

/** Moves the region's sums to where they belong, adds them up over the blocks of k and finishes them. */
function storeRegion(s: Convolution, group: i32, row: i32, rows: i32, step: i32, depth: i32, width: i32, out: usize): void {
  const finishes = s.epilogue != Epilogue.none && step + depth == s.channels * windowOf();
  const gridBytes = <usize>axisX().grid << 2;
  const planeBytes = <usize>positionsOf() << 2;
  const pitch = <usize>pitchOf() << 2;
  const wholeRows = s.regionColumns == axisX().grid;
  const first = out + <usize>s.row * gridBytes + (<usize>s.column << 2);
  for (let i = 0; i < rows; i++) {
    let from = sumsSpace() + ((<usize>i * width) << 2);
    let to = first + <usize>i * planeBytes;
    for (let r = 0; r < s.regionRows; r++, from += pitch, to += gridBytes) {
      moveRun(from, to, s.regionColumns, step > 0);
      if (finishes && !wholeRows) finishRun(s, group * s.rows + row + i, to, s.regionColumns);
    }
    if (finishes && wholeRows) finishRun(s, group * s.rows + row + i, first + <usize>i * planeBytes, s.regionRows * s.regionColumns);
  }
}

function moveRun(from: usize, to: usize, size: i32, accumulate: bool): void {
  for (let rest = size; rest > 0; rest -= 4, from += 16, to += 16) {
    const x = load4(from, rest);
    store4(to, accumulate ? f32x4.add(load4(to, rest), x) : x, rest);
  }
}

/**
 * The region of one sample, whose copy lies in imageSpace: the tiles' columns outside, so that the part of the image which they read stays
 * in the L1 cache.
 */
function correlateRegion(s: Convolution, weights: usize, strideWeights: usize, rows: i32, depth: i32): void {
  const widthBytes = <usize>sumsOf(s) << 2;
  for (let j: usize = 0; j < widthBytes; j += TILE_COLUMNS << 2) {
    for (let row = 0; row < rows; ) {
      const strip = nextPart(rows - row, TILE_ROWS);
      const sums = sumsSpace() + <usize>row * widthBytes + j;
      multiplyTaps(strip, weights + <usize>row * strideWeights, strideWeights, imageSpace() + j, tapsSpace(), depth, sums, widthBytes);
      row += strip;
    }
  }
}

/** All samples and regions for some rows of weights and steps of k. */
function correlateBlock(s: Convolution, group: i32, row: i32, rows: i32, step: i32, regionRows: i32, regionColumns: i32): void {
  const wholeDepth = s.channels * windowOf();
  const depth = min(BLOCK_DEPTH, wholeDepth - step);
  let weights = weightAt(s, group, row, step);
  let strideWeights = <usize>wholeDepth << 2;
  if (s.transposedWeights) {
    packWeights(s, group, row, rows, step, depth);
    weights = operandSpace();
    strideWeights = <usize>depth << 2;
  }
  const channel = step / windowOf();
  const channels = (step + depth - 1) / windowOf() + 1 - channel;
  const skipped = (<usize>channel * axisY().source * axisX().source) << 2;
  placeTaps(step, depth, channel, tapsSpace());
  for (let n = 0; n < s.samples; n++) {
    const source = s.source + <usize>(n * s.groups + group) * sourceBytes(s) + skipped;
    const out = s.out + ((<usize>((n * s.groups + group) * s.rows + row) * positionsOf()) << 2);
    for (let y = 0; y < axisY().grid; y += regionRows) {
      for (let x = 0; x < axisX().grid; x += regionColumns) {
        takeRegion(s, y, min(regionRows, axisY().grid - y), x, min(regionColumns, axisX().grid - x));
        copyImage(s, source, channels, imageSpace());
        correlateRegion(s, weights, strideWeights, rows, depth);
        storeRegion(s, group, row, rows, step, depth, sumsOf(s), out);
      }
    }
  }
}

/** The source's element that a step of k multiplies at a position of the grid. */
function windowElement(source: usize, at: i32, step: i32): f32 {
  const y = axisY();
  const x = axisX();
  const row = elementAt(y, y.first + (at / x.grid) * y.stride + ((step / x.taps) % y.taps) * y.step);
  const column = elementAt(x, x.first + (at % x.grid) * x.stride + (step % x.taps) * x.step);
  if (row < 0 || column < 0) return 0;
  return load<f32>(source + (<usize>(((step / windowOf()) * y.source + row) * x.source + column) << 2));
}

function correlateOne(s: Convolution, group: i32, row: i32, source: usize, at: i32): f32 {
  const depth = s.channels * windowOf();
  let total: f32 = 0;
  for (let step = 0; step < depth; ) {
    const first = step == 0;
    const end = min(step + BLOCK_DEPTH, depth);
    let sum: f32 = 0;
    for (; step < end; step++) sum += load<f32>(weightAt(s, group, row, step)) * windowElement(source, at, step);
    total = first ? sum : total + sum;
  }
  return total;
}

/** Element by element, for windows that reach so far that no copy would fit. */
function correlateDirectly(s: Convolution): void {
  const positions = positionsOf();
  let out = s.out;
  for (let i = 0; i < s.samples * s.groups * s.rows; i++, out += <usize>positions << 2) {
    const plane = i % (s.groups * s.rows);
    if (plane < s.firstPlane || plane >= s.firstPlane + s.planes) continue;
    const source = s.source + <usize>(i / s.rows) * sourceBytes(s);
    for (let at = 0; at < positions; at++) {
      store<f32>(out + (<usize>at << 2), correlateOne(s, (i / s.rows) % s.groups, i % s.rows, source, at));
    }
    finishRun(s, plane, out, positions);
  }
}

export function correlate(s: Convolution): void {
  const window = windowOf();
  const depth = s.channels * window;
  if (!takeFirstRegion(s, min(s.channels, (min(depth, BLOCK_DEPTH) - 1) / window + 2))) {
    correlateDirectly(s);
    return;
  }
  const regionRows = s.regionRows;
  const regionColumns = s.regionColumns;
  const mostRows = min(SUMS_FLOATS / sumsOf(s), OPERAND_FLOATS / BLOCK_DEPTH);
  for (let group = 0; group < s.groups; group++) {
    const end = min(s.firstPlane + s.planes - group * s.rows, s.rows);
    for (let row = max(s.firstPlane - group * s.rows, 0); row < end; ) {
      const rows = nextPart(end - row, mostRows);
      for (let step = 0; step < depth; step += BLOCK_DEPTH) correlateBlock(s, group, row, rows, step, regionRows, regionColumns);
      row += rows;
    }
  }
}
