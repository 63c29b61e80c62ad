/** Products so small that packing would take longer than the sums: up to four rows by four columns at a time, read where they lie. */
import { applyFunction, isLoneColumn } from './gemm_product';
import { Product, takesBias } from './product';
import { gatherPart, multiplyAdd, storePart } from './vector';

/** Rows and columns, parts of four by four, and steps of k in all parts: with more, the other paths are faster. */
const MOST_COLUMNS: i32 = 8;
const MOST_PARTS: i32 = 2;
const MOST_STEPS: i32 = 8;

@inline
export function isTiny(s: Product): bool {
  if (max(s.m, s.n) > MOST_COLUMNS || s.k > MOST_STEPS) return false;
  const parts = ((s.m + 3) >> 2) * ((s.n + 3) >> 2);
  return parts <= MOST_PARTS && parts * s.k <= MOST_STEPS;
}

/** One column is taken as a row of (A·b)ᵀ = bᵀ·Aᵀ, for its elements are neighbours too. */
export function multiplyTiny(s: Product): void {
  const rowA: usize = s.transposedA ? 4 : s.strideA;
  const stepA: usize = s.transposedA ? s.strideA : 4;
  const columnB: usize = s.transposedB ? s.strideB : 4;
  const stepB: usize = s.transposedB ? 4 : s.strideB;
  const bias = takesBias(s.epilogue) ? s.operand : 0;
  if (isLoneColumn(s)) multiplyParts(s.b, columnB, stepB, s.a, rowA, stepA, s.out, <usize>s.m << 2, 1, s.m, s.k, bias, 0);
  else multiplyParts(s.a, rowA, stepA, s.b, columnB, stepB, s.out, s.strideOut, s.m, s.n, s.k, bias, 4);
  applyFunction(s, 0, s.m, 0, s.n);
}

/** out = A·B + bias. The steps are in bytes: between A's rows, B's columns, the steps of k in either, and the bias's elements. */
@inline
function multiplyParts(
  a: usize,
  rowA: usize,
  stepA: usize,
  b: usize,
  columnB: usize,
  stepB: usize,
  out: usize,
  strideOut: usize,
  m: i32,
  n: i32,
  k: i32,
  bias: usize,
  biasBytes: usize,
): void {
  for (let i = 0; i < m; i += 4, a += 4 * rowA, out += 4 * strideOut) {
    const rows = m - i;
    for (let j = 0; j < n; j += 4) {
      const from = b + <usize>j * columnB;
      const start = bias ? gatherPart(bias + <usize>j * biasBytes, biasBytes, n - j) : f32x4.splat(0);
      multiplyPart(a, rowA, stepA, rows, from, columnB, stepB, min(4, n - j), out + (<usize>j << 2), strideOut, k, start);
    }
  }
}

/**
 * One part; absent rows and columns, of stride 0, repeat the first. A row of fewer than four columns is stored whole where the next row
 * follows it: that one is stored over the rest.
 */
function multiplyPart(
  a: usize,
  rowA: usize,
  stepA: usize,
  rows: i32,
  b: usize,
  columnB: usize,
  stepB: usize,
  columns: i32,
  out: usize,
  strideOut: usize,
  k: i32,
  bias: v128,
): void {
  const row1: usize = rows > 1 ? rowA : 0;
  const row2: usize = rows > 2 ? 2 * rowA : 0;
  const row3: usize = rows > 3 ? 3 * rowA : 0;
  const column1: usize = columns > 1 ? columnB : 0;
  const column2: usize = columns > 2 ? 2 * columnB : 0;
  const column3: usize = columns > 3 ? 3 * columnB : 0;
  let c0 = f32x4.splat(0);
  let c1 = c0;
  let c2 = c0;
  let c3 = c0;
  for (let p = k; p > 0; p--, a += stepA, b += stepB) {
    let y = v128.load32_zero(b);
    y = v128.load_lane<f32>(b + column1, y, 1);
    y = v128.load_lane<f32>(b + column2, y, 2);
    y = v128.load_lane<f32>(b + column3, y, 3);
    c0 = multiplyAdd(v128.load32_splat(a), y, c0);
    c1 = multiplyAdd(v128.load32_splat(a + row1), y, c1);
    c2 = multiplyAdd(v128.load32_splat(a + row2), y, c2);
    c3 = multiplyAdd(v128.load32_splat(a + row3), y, c3);
  }
  const whole = columns == 4 || <usize>columns << 2 == strideOut;
  storeRow(out, f32x4.add(c0, bias), columns, whole && (columns == 4 || rows > 1));
  if (rows > 1) storeRow((out += strideOut), f32x4.add(c1, bias), columns, whole && (columns == 4 || rows > 2));
  if (rows > 2) storeRow((out += strideOut), f32x4.add(c2, bias), columns, whole && (columns == 4 || rows > 3));
  if (rows > 3) storeRow((out += strideOut), f32x4.add(c3, bias), columns, whole && (columns == 4 || rows > 4));
}

@inline
function storeRow(to: usize, x: v128, columns: i32, whole: bool): void {
  if (whole) v128.store(to, x);
  else storePart(to, x, columns);
}
