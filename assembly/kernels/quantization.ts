/**
 * Products of bytes, for predictions: src/ops/quantization.ts says how a weight lies. All sums are exact integers; what follows them is one
 * multiplication and one addition of floats each. The relaxed dot product of bytes is of no use here: one of its sides has seven bits.
 */
import { QuantizedAffineArguments, QuantizeWeightArguments } from '../generated/arguments';
import { BYTE_PANEL, BYTE_ROWS, MOST_ACTIVATION, MOST_WEIGHT } from '../generated/constants';
import { activate } from '../generated/families';
import { sixteens, threadScratch } from '../scratch';
import { load4, store4 } from './vector';

/** Columns and rows of a tile: half a panel, and four rows or one. */
const TILE_COLUMNS: i32 = 8;
const TILE_ROWS: i32 = 4;
/** From one step of k to the next in a panel. */
const STEP_BYTES: usize = <usize>BYTE_PANEL << 2;
/** A column whose largest magnitude is below this is 0: 2⁻¹⁰⁰. */
const LEAST: f32 = 7.888609052210118e-31;

/** Bytes of k numbers, up to a whole word. */
@inline
function bytesOf(k: i32): usize {
  return (<usize>k + 3) & ~3;
}

/** x to the nearest integers from low to high, to the even one of two; 0 where it is no number. */
@inline
function nearestIntegers(x: v128, low: v128, high: v128): v128 {
  const numbers = v128.and(x, f32x4.eq(x, x));
  return i32x4.trunc_sat_f32x4_s(f32x4.nearest(f32x4.min(f32x4.max(numbers, low), high)));
}

/** A row of activations as bytes, zeros behind them up to a whole word. */
function quantizeRow(x: usize, k: i32, inverse: f32, zero: i32, to: usize): void {
  const factor = f32x4.splat(inverse);
  const low = f32x4.splat(<f32>-zero);
  const high = f32x4.splat(<f32>(MOST_ACTIVATION - zero));
  const offset = i32x4.splat(zero);
  const end = to + <usize>k;
  const bytes = bytesOf(k);
  for (let at = to, left = k; left > 0; at += 4, x += 16, left -= 4) {
    const numbers = i32x4.add(nearestIntegers(f32x4.mul(load4(x, left), factor), low, high), offset);
    const halves = i16x8.narrow_i32x4_u(numbers, numbers);
    store<i32>(at, i32x4.extract_lane(i8x16.narrow_i16x8_u(halves, halves), 0));
  }
  memory.fill(end, 0, to + bytes - end);
}

/** A panel of the columns that begin at `weight`: steps of k are `step` bytes apart, columns `stride`. */
function quantizePanel(args: QuantizeWeightArguments, first: i32, columns: i32, weight: usize, step: usize, stride: usize): void {
  const k = args.k;
  const words = args.words + <usize>first * bytesOf(k);
  memory.fill(words, 0, <usize>BYTE_PANEL * bytesOf(k));
  const low = f32x4.splat(<f32>-MOST_WEIGHT);
  const high = f32x4.splat(<f32>MOST_WEIGHT);
  for (let j = 0; j < BYTE_PANEL; j++, weight += stride) {
    let largest: f32 = 0;
    let sum = 0;
    if (j < columns) {
      for (let p = 0, from = weight; p < k; p++, from += step) {
        const magnitude = abs(load<f32>(from));
        if (magnitude > largest) largest = magnitude;
      }
      const inverse: f32 = largest >= LEAST ? <f32>MOST_WEIGHT / largest : 0;
      for (let p = 0, from = weight; p < k; p++, from += step) {
        const number = i32x4.extract_lane(nearestIntegers(f32x4.splat(load<f32>(from) * inverse), low, high), 0);
        store<i8>(words + <usize>(p >> 2) * STEP_BYTES + (<usize>j << 2) + (p & 3), <i8>number);
        sum += number;
      }
    }
    const place = <usize>(first + j) << 2;
    store<i32>(args.starts + place, -args.zero * sum);
    store<f32>(args.scales + place, <f32>args.step * (largest / <f32>MOST_WEIGHT));
  }
}

/** Only when a weight has changed. */
export function quantizeWeight(args: QuantizeWeightArguments): void {
  const transposed = args.transposed != 0;
  const n = args.n;
  const k = args.k;
  const step: usize = transposed ? 4 : <usize>n << 2;
  const stride: usize = transposed ? <usize>k << 2 : 4;
  for (let j = 0; j < n; j += BYTE_PANEL)
    quantizePanel(args, j, min(BYTE_PANEL, n - j), args.weight + <usize>j * stride, step, stride);
}

/** Bytes 0 and 2 of each lane, signed, in 16 bits. */
@inline
function even(b: v128): v128 {
  return i16x8.shr_s(i16x8.shl(b, 8), 8);
}

/** Bytes 1 and 3. */
@inline
function odd(b: v128): v128 {
  return i16x8.shr_s(b, 8);
}

/** Adds the products of four bytes of A, without a sign, with those in each lane of B, which `even` and `odd` have taken apart. */
@inline
function dots(sums: v128, a: v128, evenB: v128, oddB: v128): v128 {
  const products = i32x4.dot_i16x8_s(v128.and(a, i16x8.splat(0xff)), evenB);
  return i32x4.add(sums, i32x4.add(products, i32x4.dot_i16x8_s(i16x8.shr_u(a, 8), oddB)));
}

/** What a tile computes with: rows of A as bytes, `steps` words each, half a panel of B, and what becomes of its sums. */
@unmanaged
class ByteTile {
  a: usize;
  steps: i32;
  b: usize;
  starts: usize;
  scales: usize;
  /** Of the tile's first column; 0 where it is absent. */
  bias: usize;
  out: usize;
  strideOut: usize;
  /** Of the tile's columns those that are wanted: [from, to). */
  from: i32;
  to: i32;
}

/** The one tile that is under way, and a vector behind it. */
@inline
function theTile(): ByteTile {
  return changetype<ByteTile>(sixteens());
}

/** Four sums as floats, of the columns from `column` on. */
@inline
function finish(tile: ByteTile, sums: v128, column: i32, out: usize): void {
  const place = <usize>column << 2;
  const left = tile.to - column;
  if (left <= 0) return;
  let x = f32x4.mul(f32x4.convert_i32x4_s(sums), v128.load(tile.scales + place));
  if (tile.bias) x = f32x4.add(x, load4(tile.bias + place, left));
  if (tile.from <= column) return store4(out + place, x, left);
  // Columns before `from` are another thread's.
  const partly = sixteens() + 256;
  v128.store(partly, x);
  for (let j = max(tile.from, column); j < min(column + 4, tile.to); j++)
    store<f32>(out + (<usize>j << 2), load<f32>(partly + (<usize>(j - column) << 2)));
}

function multiplyRow(tile: ByteTile): void {
  let c0 = v128.load(tile.starts);
  let c1 = v128.load(tile.starts, 16);
  let a = tile.a;
  let b = tile.b;
  for (let left = tile.steps; left > 0; left--, a += 4, b += STEP_BYTES) {
    const x = v128.load32_splat(a);
    const y0 = v128.load(b);
    const y1 = v128.load(b, 16);
    c0 = dots(c0, x, even(y0), odd(y0));
    c1 = dots(c1, x, even(y1), odd(y1));
  }
  finish(tile, c0, 0, tile.out);
  finish(tile, c1, 4, tile.out);
}

function multiplyRows(tile: ByteTile): void {
  let c00 = v128.load(tile.starts);
  let c01 = v128.load(tile.starts, 16);
  let c10 = c00;
  let c11 = c01;
  let c20 = c00;
  let c21 = c01;
  let c30 = c00;
  let c31 = c01;
  const stride = <usize>tile.steps << 2;
  let a = tile.a;
  let b = tile.b;
  for (let left = tile.steps; left > 0; left--, a += 4, b += STEP_BYTES) {
    const y0 = v128.load(b);
    const y1 = v128.load(b, 16);
    const even0 = even(y0);
    const odd0 = odd(y0);
    const even1 = even(y1);
    const odd1 = odd(y1);
    let x = v128.load32_splat(a);
    c00 = dots(c00, x, even0, odd0);
    c01 = dots(c01, x, even1, odd1);
    x = v128.load32_splat(a + stride);
    c10 = dots(c10, x, even0, odd0);
    c11 = dots(c11, x, even1, odd1);
    x = v128.load32_splat(a + 2 * stride);
    c20 = dots(c20, x, even0, odd0);
    c21 = dots(c21, x, even1, odd1);
    x = v128.load32_splat(a + 3 * stride);
    c30 = dots(c30, x, even0, odd0);
    c31 = dots(c31, x, even1, odd1);
  }
  let out = tile.out;
  finish(tile, c00, 0, out);
  finish(tile, c01, 4, out);
  finish(tile, c10, 0, (out += tile.strideOut));
  finish(tile, c11, 4, out);
  finish(tile, c20, 0, (out += tile.strideOut));
  finish(tile, c21, 4, out);
  finish(tile, c30, 0, (out += tile.strideOut));
  finish(tile, c31, 4, out);
}

/** Rows that lie as bytes, by half a panel. */
function multiplyHalfPanel(tile: ByteTile, rows: i32): void {
  const stride = <usize>tile.steps << 2;
  for (; rows >= TILE_ROWS; rows -= TILE_ROWS) {
    multiplyRows(tile);
    tile.a += <usize>TILE_ROWS * stride;
    tile.out += <usize>TILE_ROWS * tile.strideOut;
  }
  for (; rows > 0; rows--) {
    multiplyRow(tile);
    tile.a += stride;
    tile.out += tile.strideOut;
  }
}

/** Only `rows` rows from `row` on and `columns` columns from `column` on. */
export function quantizedAffine(row: i32, rows: i32, column: i32, columns: i32, args: QuantizedAffineArguments): void {
  const k = args.k;
  const bytes = bytesOf(k);
  const steps = <i32>(bytes >> 2);
  const tile = theTile();
  tile.steps = steps;
  tile.strideOut = <usize>args.n << 2;
  const end = column + columns;
  const scratch = threadScratch();
  for (let done = 0; done < rows; done += BYTE_ROWS) {
    const first = row + done;
    const count = min(BYTE_ROWS, rows - done);
    for (let i = 0; i < count; i++)
      quantizeRow(args.a + ((<usize>(first + i) * k) << 2), k, <f32>args.inverse, args.zero, scratch + <usize>i * bytes);
    const out = args.out + <usize>first * tile.strideOut;
    for (let j = column & ~(TILE_COLUMNS - 1); j < end; j += TILE_COLUMNS) {
      const place = <usize>j << 2;
      tile.a = scratch;
      tile.b = args.words + <usize>(j & ~(BYTE_PANEL - 1)) * bytes + (<usize>(j & (BYTE_PANEL - 1)) << 2);
      tile.starts = args.starts + place;
      tile.scales = args.scales + place;
      tile.bias = args.bias ? args.bias + place : 0;
      tile.out = out + place;
      tile.from = column - j;
      tile.to = end - j;
      multiplyHalfPanel(tile, count);
    }
    for (let i = 0; i < count; i++) {
      const from = out + <usize>i * tile.strideOut + (<usize>column << 2);
      activate(args.activation, from, from, columns, args.alpha);
    }
  }
}
