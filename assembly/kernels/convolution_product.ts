/**
 * Convolutions as matrix products whose one operand is the windows of an image, never spelled out. The order of every sum is that of
 * native/kernels/convolution_product.h.
 */
import { activate, activateGradient } from '../generated/families';
import { multiplyTaps, TILE_COLUMNS, TILE_ROWS } from '../generated/convolution_tiles';
import { copyImage, distanceOf, elementAt, layOut, pitchOf, placeOf, takeRegion } from './convolution_image';
import { gridOf, isReached, MOST_PHASES, offsetOf, phasesOf } from './convolution_phases';
import { BLOCK_DEPTH } from "../generated/constants";
import { IMAGE_FLOATS, OPERAND_FLOATS, SUMS_FLOATS } from './convolution_sizes';
import { axisX, axisY, Convolution, imageSpace, operandSpace, sumsSpace, tapsSpace } from './convolution_space';
import { nextPart } from './gemm_product';
import { Epilogue } from './product';
import { addProduct, load4, store4 } from './vector';
import { blockDepth, roundUp } from '../sizes';

@inline
export function windowOf(): i32 {
  return axisY().taps * axisX().taps;
}

@inline
export function positionsOf(): i32 {
  return axisY().grid * axisX().grid;
}

@inline
function sourceBytes(s: Convolution): usize {
  return (<usize>s.channels * axisY().source * axisX().source) << 2;
}

export function weightAt(s: Convolution, group: i32, row: i32, step: i32): usize {
  const window = windowOf();
  const depth = s.channels * window;
  const own = s.weights + ((<usize>group * s.rows * depth) << 2);
  const element = s.transposedWeights ? ((step / window) * s.rows + row) * window + (step % window) : row * depth + step;
  return own + (<usize>element << 2);
}

/** Finishes `count` elements of row `row`, counted over all groups, from `out` on. */
export function finishRun(s: Convolution, row: i32, out: usize, count: i32): void {
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
  const strip = min(s.rows, TILE_ROWS) * phasesOf(axisX());
  let columns = min(gridOf(axisX(), 0), BLOCK_DEPTH);
  let rows = min(gridOf(axisY(), 0), BLOCK_DEPTH / columns);
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

/** Where the taps of each phase begin among those of a block, and behind the last where they end. */
@inline
function startsSpace(): usize {
  return tapsSpace() + (BLOCK_DEPTH << 2);
}

/**
 * The taps of steps [step, step + depth) of k, phase by phase; `channel` is the first that was copied. Where weights do not lie side by side in
 * memory, they are copied in that order into operandSpace, row by row.
 */
function placePhases(s: Convolution, group: i32, row: i32, rows: i32, step: i32, depth: i32, channel: i32, channels: i32): void {
  const y = axisY();
  const x = axisX();
  const distance = <i32>distanceOf() << 2;
  let filled = 0;
  let starts = startsSpace();
  for (let down = 0; down < phasesOf(y); down++) {
    for (let across = 0; across < phasesOf(x); across++, starts += 4) {
      store<i32>(starts, filled);
      for (let c = 0; c < channels; c++) {
        for (let i = 0; i < y.taps; i++) {
          if (!isReached(y, down, i)) continue;
          for (let j = 0; j < x.taps; j++) {
            const at = ((channel + c) * y.taps + i) * x.taps + j;
            if (!isReached(x, across, j) || at < step || at >= step + depth) continue;
            store<i32>(tapsSpace() + (<usize>filled << 2), c * distance + placeOf(offsetOf(y, down, i), offsetOf(x, across, j)));
            if (s.transposedWeights) packStep(s, group, row, rows, at, depth, operandSpace() + (<usize>filled << 2));
            filled++;
          }
        }
      }
    }
  }
  store<i32>(starts, filled);
}

function packStep(s: Convolution, group: i32, row: i32, rows: i32, step: i32, depth: i32, to: usize): void {
  let from = weightAt(s, group, row, step);
  const distance = <usize>windowOf() << 2;
  for (let i = 0; i < rows; i++, from += distance, to += <usize>depth << 2) store<f32>(to, load<f32>(from));
}

/**
 * Moves the sums of the region's phases `down` to where they belong, adds them up over the blocks of k and finishes them. The sums of the next
 * phase across lie rows · width after those of one.
 */
function storeRegion(s: Convolution, group: i32, row: i32, rows: i32, step: i32, depth: i32, down: i32, width: i32, out: usize): void {
  const finishes = s.epilogue != Epilogue.none && step + depth == s.channels * windowOf();
  const y = axisY();
  const x = axisX();
  const across = phasesOf(x);
  const column = s.column * x.spacing;
  const size = min(s.regionColumns * across, x.grid - column);
  const distance = <usize>(rows * width) << 2;
  const lines = min(s.regionRows, gridOf(y, down) - s.row);
  const wholeRows = y.spacing == 1 && size == x.grid;
  const first = out + (<usize>((s.row * y.spacing + down) * x.grid + column) << 2);
  for (let i = 0; i < rows; i++) {
    let from = sumsSpace() + ((<usize>i * width) << 2);
    const plane = first + ((<usize>i * positionsOf()) << 2);
    let to = plane;
    for (let r = 0; r < lines; r++, from += <usize>pitchOf() << 2, to += (<usize>y.spacing * x.grid) << 2) {
      moveLine(from, across, distance, to, size, step > 0);
      if (finishes && !wholeRows) finishRun(s, group * s.rows + row + i, to, size);
    }
    if (finishes && wholeRows) finishRun(s, group * s.rows + row + i, plane, lines * size);
  }
}

/** A row of the output, or added to it: its elements by turns from `count` lines that are `distance` apart. */
function moveLine(from: usize, count: i32, distance: usize, to: usize, size: i32, accumulate: bool): void {
  if (count == 1) {
    moveRun(from, to, size, accumulate);
    return;
  }
  let i = 0;
  if (count == 2 && !accumulate) {
    for (; i + 8 <= size; i += 8, from += 16, to += 32) {
      const even = v128.load(from);
      const odd = v128.load(from + distance);
      v128.store(to, v128.shuffle<f32>(even, odd, 0, 4, 1, 5));
      v128.store(to, v128.shuffle<f32>(even, odd, 2, 6, 3, 7), 16);
    }
  }
  for (; i < size; from += 4) {
    for (let p = 0; p < count && i < size; p++, i++, to += 4) {
      const sum = load<f32>(from + <usize>p * distance);
      store<f32>(to, accumulate ? load<f32>(to) + sum : sum);
    }
  }
}

export function moveRun(from: usize, to: usize, size: i32, accumulate: bool): void {
  for (let rest = size; rest > 0; rest -= 4, from += 16, to += 16) {
    const x = load4(from, rest);
    store4(to, accumulate ? f32x4.add(load4(to, rest), x) : x, rest);
  }
}

/**
 * One phase of the region of one sample, whose copy lies in imageSpace: the tiles' columns outside, so that the part of the image which they
 * read stays in the L1 cache.
 */
function correlateRegion(s: Convolution, phase: i32, weights: usize, strideWeights: usize, rows: i32, sums: usize): void {
  const widthBytes = <usize>sumsOf(s) << 2;
  const start = load<i32>(startsSpace() + (<usize>phase << 2));
  const depth = load<i32>(startsSpace() + (<usize>phase << 2), 4) - start;
  const taps = tapsSpace() + (<usize>start << 2);
  const own = weights + (<usize>start << 2);
  for (let j: usize = 0; j < widthBytes; j += TILE_COLUMNS << 2) {
    for (let row = 0; row < rows; ) {
      const strip = nextPart(rows - row, TILE_ROWS);
      const to = sums + <usize>row * widthBytes + j;
      multiplyTaps(strip, own + <usize>row * strideWeights, strideWeights, imageSpace() + j, taps, depth, to, widthBytes);
      row += strip;
    }
  }
}

/** All samples and regions for some rows of weights and steps of k. */
function correlateBlock(s: Convolution, group: i32, row: i32, rows: i32, step: i32, regionRows: i32, regionColumns: i32): void {
  const wholeDepth = s.channels * windowOf();
  const depth = blockDepth(wholeDepth, step);
  const weights = s.transposedWeights ? operandSpace() : weightAt(s, group, row, step);
  const strideWeights = <usize>(s.transposedWeights ? depth : wholeDepth) << 2;
  const channel = step / windowOf();
  const channels = (step + depth - 1) / windowOf() + 1 - channel;
  const skipped = (<usize>channel * axisY().source * axisX().source) << 2;
  placePhases(s, group, row, rows, step, depth, channel, channels);
  const height = gridOf(axisY(), 0);
  const width = gridOf(axisX(), 0);
  const across = phasesOf(axisX());
  for (let n = 0; n < s.samples; n++) {
    const source = s.source + <usize>(n * s.groups + group) * sourceBytes(s) + skipped;
    const out = s.out + ((<usize>((n * s.groups + group) * s.rows + row) * positionsOf()) << 2);
    for (let y = 0; y < height; y += regionRows) {
      for (let x = 0; x < width; x += regionColumns) {
        takeRegion(s, y, min(regionRows, height - y), x, min(regionColumns, width - x));
        copyImage(s, source, channels, imageSpace());
        const distance = <usize>(rows * sumsOf(s)) << 2;
        for (let down = 0; down < phasesOf(axisY()); down++) {
          for (let p = 0; p < across; p++) {
            correlateRegion(s, down * across + p, weights, strideWeights, rows, sumsSpace() + <usize>p * distance);
          }
          storeRegion(s, group, row, rows, step, depth, down, sumsOf(s), out);
        }
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
    for (; step < end; step++) sum = addProduct(load<f32>(weightAt(s, group, row, step)), windowElement(source, at, step), sum);
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
  if (phasesOf(axisY()) * phasesOf(axisX()) > MOST_PHASES || !takeFirstRegion(s, min(s.channels, (min(depth, BLOCK_DEPTH) - 1) / window + 2))) {
    correlateDirectly(s);
    return;
  }
  const regionRows = s.regionRows;
  const regionColumns = s.regionColumns;
  const mostRows = min(SUMS_FLOATS / (sumsOf(s) * phasesOf(axisX())), OPERAND_FLOATS / BLOCK_DEPTH);
  for (let group = 0; group < s.groups; group++) {
    const end = min(s.firstPlane + s.planes - group * s.rows, s.rows);
    for (let row = max(s.firstPlane - group * s.rows, 0); row < end; ) {
      const rows = nextPart(end - row, mostRows);
      for (let step = 0; step < depth; step += BLOCK_DEPTH) correlateBlock(s, group, row, rows, step, regionRows, regionColumns);
      row += rows;
    }
  }
}
