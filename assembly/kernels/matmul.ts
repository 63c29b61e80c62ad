/**
 * Matrix products. Each output element is one plain sum in the order of k, whatever the transpositions and however the product is cut
 * into tiles; blocks of k continue the sum that lies in the output. No output overlaps an input.
 *
 * Eight columns of B at a time form a panel, contiguous where that pays: a packed panel stays in the first-level cache while all rows
 * of A pass by it. Tiles of 4×8 keep their sums in eight vector registers; A is read by strides, so its transposition costs nothing.
 */
import { activate, activateGradient } from '../generated/families';
import { PANEL_BYTES, panel, tile } from '../scratch';
import { load4, store4 } from './vector';

const TILE_ROWS: i32 = 4;
const TILE_COLUMNS: i32 = 8;
const PANEL_ROW: usize = TILE_COLUMNS << 2;
/** Rows of a panel: as many k as are summed before the sums are put back. */
const PANEL_ROWS: i32 = <i32>(PANEL_BYTES / PANEL_ROW);
/** Below so many rows of A, packing B would cost more than it saves. */
const FEW_ROWS = 16;

export function matmul(
  a: usize,
  b: usize,
  out: usize,
  batches: i32,
  m: i32,
  n: i32,
  k: i32,
  strideA: i32,
  strideB: i32,
  transposeA: i32,
  transposeB: i32,
): void {
  for (let batch = 0; batch < batches; batch++, a += <usize>strideA << 2, b += <usize>strideB << 2, out += (<usize>m * n) << 2) {
    multiply(a, b, out, m, n, k, transposeA, transposeB);
  }
}

export function affine(
  a: usize,
  b: usize,
  bias: usize,
  out: usize,
  batches: i32,
  m: i32,
  n: i32,
  k: i32,
  strideA: i32,
  strideB: i32,
  transposeA: i32,
  transposeB: i32,
  activation: i32,
  alpha: f64,
): void {
  matmul(a, b, out, batches, m, n, k, strideA, strideB, transposeA, transposeB);
  if (bias) addBias(out, bias, batches * m, n);
  activate(activation, out, out, batches * m * n, alpha);
}

export function deltaMatmul(
  a: usize,
  b: usize,
  saved: usize,
  out: usize,
  batches: i32,
  m: i32,
  n: i32,
  k: i32,
  strideA: i32,
  strideB: i32,
  transposeA: i32,
  transposeB: i32,
  activation: i32,
  alpha: f64,
): void {
  matmul(a, b, out, batches, m, n, k, strideA, strideB, transposeA, transposeB);
  activateGradient(activation, out, saved, out, batches * m * n, alpha);
}

function addBias(out: usize, bias: usize, rows: i32, columns: i32): void {
  const row = <usize>columns << 2;
  for (let r = 0; r < rows; r++, out += row) {
    for (let j = 0; j < columns; j += 4) {
      const at = <usize>j << 2;
      store4(out + at, f32x4.add(load4(out + at, columns - j), load4(bias + at, columns - j)), columns - j);
    }
  }
}

function multiply(a: usize, b: usize, out: usize, m: i32, n: i32, k: i32, transposeA: i32, transposeB: i32): void {
  const rowA: usize = transposeA ? 4 : <usize>k << 2;
  const stepA: usize = transposeA ? <usize>m << 2 : 4;
  const rowB = <usize>n << 2;
  for (let j = 0; j < n; j += TILE_COLUMNS) {
    const columns = min(TILE_COLUMNS, n - j);
    const direct = !transposeB && columns == TILE_COLUMNS && m < FEW_ROWS;
    for (let p = 0; p < k; p += PANEL_ROWS) {
      const depth = min(PANEL_ROWS, k - p);
      const from = a + <usize>p * stepA;
      const to = out + (<usize>j << 2);
      if (direct) {
        multiplyPanel(from, rowA, stepA, b + ((<usize>p * n + j) << 2), rowB, to, rowB, m, columns, depth, p > 0);
      } else {
        if (transposeB) packTransposed(b + ((<usize>j * k + p) << 2), <usize>k << 2, columns, depth);
        else pack(b + ((<usize>p * n + j) << 2), rowB, columns, depth);
        multiplyPanel(from, rowA, stepA, panel(), PANEL_ROW, to, rowB, m, columns, depth, p > 0);
      }
    }
  }
}

/** Copies `depth` rows of up to 8 columns into the panel; absent columns hold what makes no difference. */
function pack(b: usize, row: usize, columns: i32, depth: i32): void {
  let to = panel();
  for (let p = 0; p < depth; p++, b += row, to += PANEL_ROW) {
    v128.store(to, load4(b, columns));
    if (columns > 4) v128.store(to, load4(b + 16, columns - 4), 16);
  }
}

/** The same where B lies transposed: its columns are contiguous, `column` bytes apart. */
function packTransposed(b: usize, column: usize, columns: i32, depth: i32): void {
  packFour(b, column, min(columns, 4), depth, panel());
  if (columns > 4) packFour(b + 4 * column, column, columns - 4, depth, panel() + 16);
}

/** Up to four columns, transposed four by four; where there are fewer, the first is read in place of the absent ones. */
function packFour(b: usize, column: usize, columns: i32, depth: i32, to: usize): void {
  let b1 = columns > 1 ? b + column : b;
  let b2 = columns > 2 ? b + 2 * column : b;
  let b3 = columns > 3 ? b + 3 * column : b;
  let p = 0;
  for (; p + 4 <= depth; p += 4, b += 16, b1 += 16, b2 += 16, b3 += 16, to += 4 * PANEL_ROW) {
    const x0 = v128.load(b);
    const x1 = v128.load(b1);
    const x2 = v128.load(b2);
    const x3 = v128.load(b3);
    const low01 = v128.shuffle<f32>(x0, x1, 0, 4, 1, 5);
    const low23 = v128.shuffle<f32>(x2, x3, 0, 4, 1, 5);
    const high01 = v128.shuffle<f32>(x0, x1, 2, 6, 3, 7);
    const high23 = v128.shuffle<f32>(x2, x3, 2, 6, 3, 7);
    v128.store(to, v128.shuffle<f64>(low01, low23, 0, 2));
    v128.store(to, v128.shuffle<f64>(low01, low23, 1, 3), PANEL_ROW);
    v128.store(to, v128.shuffle<f64>(high01, high23, 0, 2), 2 * PANEL_ROW);
    v128.store(to, v128.shuffle<f64>(high01, high23, 1, 3), 3 * PANEL_ROW);
  }
  for (; p < depth; p++, b += 4, b1 += 4, b2 += 4, b3 += 4, to += PANEL_ROW) {
    store<f32>(to, load<f32>(b));
    store<f32>(to, load<f32>(b1), 4);
    store<f32>(to, load<f32>(b2), 8);
    store<f32>(to, load<f32>(b3), 12);
  }
}

/** All m rows of A by one panel, into up to 8 columns of the output; `accumulate`: onto what lies there. */
function multiplyPanel(
  a: usize,
  rowA: usize,
  stepA: usize,
  b: usize,
  rowB: usize,
  out: usize,
  rowOut: usize,
  m: i32,
  columns: i32,
  depth: i32,
  accumulate: bool,
): void {
  const whole = columns == TILE_COLUMNS;
  const rowTarget = whole ? rowOut : PANEL_ROW;
  for (let i = 0; i < m; i += TILE_ROWS) {
    const rows = min(TILE_ROWS, m - i);
    const target = whole ? out : tile();
    if (!whole && accumulate) copyTile(out, rowOut, target, PANEL_ROW, rows, columns);
    if (rows == TILE_ROWS) multiplyTile(a, rowA, stepA, b, rowB, target, rowTarget, depth, accumulate);
    else for (let r = 0; r < rows; r++) multiplyRow(a + <usize>r * rowA, stepA, b, rowB, target + <usize>r * rowTarget, depth, accumulate);
    if (!whole) copyTile(target, PANEL_ROW, out, rowOut, rows, columns);
    a += rowA * TILE_ROWS;
    out += rowOut * TILE_ROWS;
  }
}

function copyTile(from: usize, rowFrom: usize, to: usize, rowTo: usize, rows: i32, columns: i32): void {
  for (let r = 0; r < rows; r++, from += rowFrom, to += rowTo) {
    store4(to, load4(from, columns), columns);
    if (columns > 4) store4(to + 16, load4(from + 16, columns - 4), columns - 4);
  }
}

function multiplyTile(
  a0: usize,
  rowA: usize,
  stepA: usize,
  b: usize,
  rowB: usize,
  out0: usize,
  rowOut: usize,
  depth: i32,
  accumulate: bool,
): void {
  let a1 = a0 + rowA;
  let a2 = a1 + rowA;
  let a3 = a2 + rowA;
  const out1 = out0 + rowOut;
  const out2 = out1 + rowOut;
  const out3 = out2 + rowOut;
  let c00 = f32x4.splat(0);
  let c01 = c00;
  let c10 = c00;
  let c11 = c00;
  let c20 = c00;
  let c21 = c00;
  let c30 = c00;
  let c31 = c00;
  if (accumulate) {
    c00 = v128.load(out0);
    c01 = v128.load(out0, 16);
    c10 = v128.load(out1);
    c11 = v128.load(out1, 16);
    c20 = v128.load(out2);
    c21 = v128.load(out2, 16);
    c30 = v128.load(out3);
    c31 = v128.load(out3, 16);
  }
  for (let p = depth; p > 0; p--, b += rowB, a0 += stepA, a1 += stepA, a2 += stepA, a3 += stepA) {
    const b0 = v128.load(b);
    const b1 = v128.load(b, 16);
    let x = v128.load32_splat(a0);
    c00 = f32x4.add(c00, f32x4.mul(x, b0));
    c01 = f32x4.add(c01, f32x4.mul(x, b1));
    x = v128.load32_splat(a1);
    c10 = f32x4.add(c10, f32x4.mul(x, b0));
    c11 = f32x4.add(c11, f32x4.mul(x, b1));
    x = v128.load32_splat(a2);
    c20 = f32x4.add(c20, f32x4.mul(x, b0));
    c21 = f32x4.add(c21, f32x4.mul(x, b1));
    x = v128.load32_splat(a3);
    c30 = f32x4.add(c30, f32x4.mul(x, b0));
    c31 = f32x4.add(c31, f32x4.mul(x, b1));
  }
  v128.store(out0, c00);
  v128.store(out0, c01, 16);
  v128.store(out1, c10);
  v128.store(out1, c11, 16);
  v128.store(out2, c20);
  v128.store(out2, c21, 16);
  v128.store(out3, c30);
  v128.store(out3, c31, 16);
}

/** One row of a tile. */
function multiplyRow(a: usize, stepA: usize, b: usize, rowB: usize, out: usize, depth: i32, accumulate: bool): void {
  let c0 = f32x4.splat(0);
  let c1 = c0;
  if (accumulate) {
    c0 = v128.load(out);
    c1 = v128.load(out, 16);
  }
  for (let p = depth; p > 0; p--, a += stepA, b += rowB) {
    const x = v128.load32_splat(a);
    c0 = f32x4.add(c0, f32x4.mul(x, v128.load(b)));
    c1 = f32x4.add(c1, f32x4.mul(x, v128.load(b, 16)));
  }
  v128.store(out, c0);
  v128.store(out, c1, 16);
}
