/**
 * Sums, and the row-wise ops built on them. Every sum is accumulated in double precision and in the order of memory, so that it does
 * not depend on how many elements are taken at a time.
 */
import { exp } from './transcendental';
import { load4, store4 } from './vector';

/** Columns that one walk down the reduced axis sums: a cache line of them. */
const STRIP = 16;

/** x seen as [outer, reduced, inner], summed over its middle axis. */
export function sum(x: usize, out: usize, outer: i32, reduced: i32, inner: i32): void {
  const row = <usize>inner << 2;
  for (let o = 0; o < outer; o++, x += row * reduced, out += row) {
    let i = 0;
    for (; i + STRIP <= inner; i += STRIP) sumStrip(x + (<usize>i << 2), out + (<usize>i << 2), reduced, row);
    for (; i < inner; i++) store<f32>(out + (<usize>i << 2), <f32>sumColumn(x + (<usize>i << 2), reduced, row));
  }
}

function sumColumn(x: usize, reduced: i32, row: usize): f64 {
  let total: f64 = 0;
  for (let r = 0; r < reduced; r++, x += row) total += <f64>load<f32>(x);
  return total;
}

function sumStrip(x: usize, out: usize, reduced: i32, row: usize): void {
  let a = f64x2.splat(0);
  let b = a;
  let c = a;
  let d = a;
  let e = a;
  let f = a;
  let g = a;
  let h = a;
  for (let r = 0; r < reduced; r++, x += row) {
    a = f64x2.add(a, pair(x, 0));
    b = f64x2.add(b, pair(x, 8));
    c = f64x2.add(c, pair(x, 16));
    d = f64x2.add(d, pair(x, 24));
    e = f64x2.add(e, pair(x, 32));
    f = f64x2.add(f, pair(x, 40));
    g = f64x2.add(g, pair(x, 48));
    h = f64x2.add(h, pair(x, 56));
  }
  v128.store(out, narrowed(a, b));
  v128.store(out, narrowed(c, d), 16);
  v128.store(out, narrowed(e, f), 32);
  v128.store(out, narrowed(g, h), 48);
}

/** Two neighbouring elements in double precision. */
// @ts-ignore: decorator
@inline
function pair(x: usize, offset: usize): v128 {
  return f64x2.promote_low_f32x4(v128.load64_zero(x + offset));
}

// @ts-ignore: decorator
@inline
function narrowed(low: v128, high: v128): v128 {
  return v128.shuffle<f32>(f32x4.demote_f64x2_zero(low), f32x4.demote_f64x2_zero(high), 0, 1, 4, 5);
}

/** The largest of a row; NaN where one is NaN. */
export function maximumOf(x: usize, columns: i32): f32 {
  let largest: f32 = -Infinity;
  for (let j = 0; j < columns; j++) largest = max(largest, load<f32>(x + (<usize>j << 2)));
  return largest;
}

/** out = e^(x − shift), and Σ of it; `out` may be `x`. */
export function exponentials(x: usize, out: usize, columns: i32, shift: f32): f64 {
  const by = f32x4.splat(shift);
  let total: f64 = 0;
  for (let j = 0; j < columns; j += 4) {
    const at = <usize>j << 2;
    store4(out + at, exp(f32x4.sub(load4(x + at, columns - j), by)), columns - j);
    for (let k = j; k < min(j + 4, columns); k++) total += <f64>load<f32>(out + (<usize>k << 2));
  }
  return total;
}

/** Multiplies a row by a number, in place. */
export function scaleRow(x: usize, columns: i32, factor: f32): void {
  const by = f32x4.splat(factor);
  for (let rest = columns; rest > 0; rest -= 4, x += 16) store4(x, f32x4.mul(load4(x, rest), by), rest);
}

/** Σ e^(x − shift). */
function sumOfExponentials(x: usize, columns: i32, shift: f32): f64 {
  let total: f64 = 0;
  for (let j = 0; j < columns; j++) total += <f64>Mathf.exp(load<f32>(x + (<usize>j << 2)) - shift);
  return total;
}

/** `out` may be `x`. */
export function softmax(x: usize, out: usize, rows: i32, columns: i32): void {
  const row = <usize>columns << 2;
  for (let r = 0; r < rows; r++, x += row, out += row) {
    const total = exponentials(x, out, columns, maximumOf(x, columns));
    scaleRow(out, columns, <f32>(1 / total));
  }
}

/** `out` may be `delta` or `y`. */
export function softmaxGradient(delta: usize, y: usize, out: usize, rows: i32, columns: i32): void {
  const row = <usize>columns << 2;
  for (let r = 0; r < rows; r++, delta += row, y += row, out += row) {
    let dot: f64 = 0;
    for (let j: usize = 0; j < row; j += 4) dot += <f64>load<f32>(delta + j) * <f64>load<f32>(y + j);
    for (let j: usize = 0; j < row; j += 4) store<f32>(out + j, load<f32>(y + j) * <f32>(<f64>load<f32>(delta + j) - dot));
  }
}

/** `out` may be `x`. */
export function logSoftmax(x: usize, out: usize, rows: i32, columns: i32): void {
  const row = <usize>columns << 2;
  for (let r = 0; r < rows; r++, x += row, out += row) {
    const largest = maximumOf(x, columns);
    const log = Mathf.log(<f32>sumOfExponentials(x, columns, largest));
    for (let j: usize = 0; j < row; j += 4) store<f32>(out + j, load<f32>(x + j) - largest - log);
  }
}

/** `out` may be `delta` or `y`. */
export function logSoftmaxGradient(delta: usize, y: usize, out: usize, rows: i32, columns: i32): void {
  const row = <usize>columns << 2;
  for (let r = 0; r < rows; r++, delta += row, y += row, out += row) {
    const total = <f32>sumColumn(delta, columns, 4);
    for (let j: usize = 0; j < row; j += 4) store<f32>(out + j, load<f32>(delta + j) - Mathf.exp(load<f32>(y + j)) * total);
  }
}
