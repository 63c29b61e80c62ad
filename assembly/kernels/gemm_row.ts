/** One row times a matrix: B is read once, where it lies. */
import { packedBlock } from '../scratch';
import { BLOCK_DEPTH } from '../generated/constants';
import { addressA, addressB, addressOut, finish } from './gemm_product';
import { Product } from './product';
import { load4, multiplyAdd, store4 } from './vector';
import { blockDepth } from '../sizes';

/** Columns taken together: their sums of one block of k stay in the first-level cache, in the place of a packed block. */
const MOST_COLUMNS: i32 = 4096;

/** m is 1. */
export function multiplyRow(s: Product): void {
  const stepA: usize = s.transposedA ? s.strideA : 4;
  for (let j = 0; j < s.n; j += MOST_COLUMNS) {
    const columns = min(MOST_COLUMNS, s.n - j);
    const out = addressOut(s, 0, j);
    for (let step = 0; step < s.k; step += BLOCK_DEPTH) {
      const depth = blockDepth(s.k, step);
      const sums = step > 0 ? packedBlock() : out;
      if (s.transposedB) rowTimesColumns(addressA(s, 0, step), stepA, addressB(s, step, j), s.strideB, columns, depth, sums);
      else rowTimesRows(addressA(s, 0, step), stepA, addressB(s, step, j), s.strideB, columns, depth, sums);
      if (step > 0) addTo(out, sums, columns);
    }
    finish(s, 0, 1, j, columns);
  }
}

function addTo(out: usize, sums: usize, size: i32): void {
  let rest = size;
  for (; rest >= 4; rest -= 4, out += 16, sums += 16) v128.store(out, f32x4.add(v128.load(out), v128.load(sums)));
  if (rest > 0) store4(out, f32x4.add(load4(out, rest), load4(sums, rest)), rest);
}

/** sums = a·B for the columns and the steps of k that B has here, where B lies by rows: eight of them side by side. */
function rowTimesRows(a: usize, stepA: usize, b: usize, strideB: usize, n: i32, depth: i32, sums: usize): void {
  let p = 0;
  for (; p + 8 <= depth; p += 8, a += 8 * stepA, b += 8 * strideB) addEightSteps(a, stepA, b, strideB, n, p == 0, sums);
  for (; p < depth; p++, a += stepA, b += strideB) addStep(a, b, n, p == 0, sums);
}

/** sums[j] += Σ a[p]·b[p][j] over eight steps of k, or = where they are the first. */
function addEightSteps(a: usize, stepA: usize, b: usize, strideB: usize, n: i32, first: bool, sums: usize): void {
  const x0 = v128.load32_splat(a);
  const x1 = v128.load32_splat(a + stepA);
  const x2 = v128.load32_splat(a + 2 * stepA);
  const x3 = v128.load32_splat(a + 3 * stepA);
  const x4 = v128.load32_splat(a + 4 * stepA);
  const x5 = v128.load32_splat(a + 5 * stepA);
  const x6 = v128.load32_splat(a + 6 * stepA);
  const x7 = v128.load32_splat(a + 7 * stepA);
  const stride2: usize = strideB << 1;
  const stride3: usize = stride2 + strideB;
  const to4: usize = strideB << 2;
  let rest = n;
  for (; rest >= 4; rest -= 4, b += 16, sums += 16) {
    let sum = first ? f32x4.splat(0) : v128.load(sums);
    sum = addFourSteps(sum, x0, x1, x2, x3, b, strideB, stride2, stride3, 4);
    v128.store(sums, addFourSteps(sum, x4, x5, x6, x7, b + to4, strideB, stride2, stride3, 4));
  }
  if (rest > 0) {
    let sum = first ? f32x4.splat(0) : load4(sums, rest);
    sum = addFourSteps(sum, x0, x1, x2, x3, b, strideB, stride2, stride3, rest);
    store4(sums, addFourSteps(sum, x4, x5, x6, x7, b + to4, strideB, stride2, stride3, rest), rest);
  }
}

/** sum + Σ a[p]·b[p][j] over four steps of k, for `n` columns at `b`; where n is a constant 4 no test of it is left. */
@inline
function addFourSteps(
  sum: v128,
  x0: v128,
  x1: v128,
  x2: v128,
  x3: v128,
  b: usize,
  stride: usize,
  stride2: usize,
  stride3: usize,
  n: i32,
): v128 {
  sum = multiplyAdd(x0, load4(b, n), sum);
  sum = multiplyAdd(x1, load4(b + stride, n), sum);
  sum = multiplyAdd(x2, load4(b + stride2, n), sum);
  return multiplyAdd(x3, load4(b + stride3, n), sum);
}

function addStep(a: usize, b: usize, n: i32, first: bool, sums: usize): void {
  const x = v128.load32_splat(a);
  for (let rest = n; rest > 0; rest -= 4, b += 16, sums += 16) {
    store4(sums, multiplyAdd(x, load4(b, rest), first ? f32x4.splat(0) : load4(sums, rest)), rest);
  }
}

/** The same where B is transposed: sixteen columns at a time, then four. */
function rowTimesColumns(a: usize, stepA: usize, b: usize, strideB: usize, n: i32, depth: i32, sums: usize): void {
  let rest = n;
  for (; rest >= 16; rest -= 16, b += 16 * strideB, sums += 64) sixteenColumns(a, stepA, b, strideB, depth, sums);
  for (; rest > 0; rest -= 4, b += 4 * strideB, sums += 16) fourColumns(a, stepA, b, strideB, depth, min(rest, 4), sums);
}

/** sum + Σ a[p]·b[j][p] over four steps of k, for the four columns at `b`. */
@inline
function addSquare(sum: v128, x0: v128, x1: v128, x2: v128, x3: v128, b: usize, stride: usize, stride2: usize, stride3: usize): v128 {
  const b0 = v128.load(b);
  const b1 = v128.load(b + stride);
  const b2 = v128.load(b + stride2);
  const b3 = v128.load(b + stride3);
  const low01 = v128.shuffle<f32>(b0, b1, 0, 4, 1, 5);
  const low23 = v128.shuffle<f32>(b2, b3, 0, 4, 1, 5);
  const high01 = v128.shuffle<f32>(b0, b1, 2, 6, 3, 7);
  const high23 = v128.shuffle<f32>(b2, b3, 2, 6, 3, 7);
  sum = multiplyAdd(x0, v128.shuffle<f64>(low01, low23, 0, 2), sum);
  sum = multiplyAdd(x1, v128.shuffle<f64>(low01, low23, 1, 3), sum);
  sum = multiplyAdd(x2, v128.shuffle<f64>(high01, high23, 0, 2), sum);
  return multiplyAdd(x3, v128.shuffle<f64>(high01, high23, 1, 3), sum);
}

/** sum + a·b for one step of k of the four columns at `b`; absent ones, of stride 0, repeat the first. */
@inline
function addColumnsStep(sum: v128, x: v128, b: usize, stride: usize, stride2: usize, stride3: usize): v128 {
  let column = v128.load32_zero(b);
  column = v128.load_lane<f32>(b + stride, column, 1);
  column = v128.load_lane<f32>(b + stride2, column, 2);
  return multiplyAdd(x, v128.load_lane<f32>(b + stride3, column, 3), sum);
}

function sixteenColumns(a: usize, stepA: usize, b0: usize, stride: usize, depth: i32, sums: usize): void {
  const stride2: usize = stride << 1;
  const stride3: usize = stride2 + stride;
  let b1 = b0 + 4 * stride;
  let b2 = b1 + 4 * stride;
  let b3 = b2 + 4 * stride;
  let sum0 = f32x4.splat(0);
  let sum1 = sum0;
  let sum2 = sum0;
  let sum3 = sum0;
  let p = depth;
  for (; p >= 4; p -= 4, a += 4 * stepA, b0 += 16, b1 += 16, b2 += 16, b3 += 16) {
    const x0 = v128.load32_splat(a);
    const x1 = v128.load32_splat(a + stepA);
    const x2 = v128.load32_splat(a + 2 * stepA);
    const x3 = v128.load32_splat(a + 3 * stepA);
    sum0 = addSquare(sum0, x0, x1, x2, x3, b0, stride, stride2, stride3);
    sum1 = addSquare(sum1, x0, x1, x2, x3, b1, stride, stride2, stride3);
    sum2 = addSquare(sum2, x0, x1, x2, x3, b2, stride, stride2, stride3);
    sum3 = addSquare(sum3, x0, x1, x2, x3, b3, stride, stride2, stride3);
  }
  for (; p > 0; p--, a += stepA, b0 += 4, b1 += 4, b2 += 4, b3 += 4) {
    const x = v128.load32_splat(a);
    sum0 = addColumnsStep(sum0, x, b0, stride, stride2, stride3);
    sum1 = addColumnsStep(sum1, x, b1, stride, stride2, stride3);
    sum2 = addColumnsStep(sum2, x, b2, stride, stride2, stride3);
    sum3 = addColumnsStep(sum3, x, b3, stride, stride2, stride3);
  }
  v128.store(sums, sum0);
  v128.store(sums, sum1, 16);
  v128.store(sums, sum2, 32);
  v128.store(sums, sum3, 48);
}

/** Up to four columns. */
function fourColumns(a: usize, stepA: usize, b: usize, strideB: usize, depth: i32, columns: i32, sums: usize): void {
  const stride: usize = columns > 1 ? strideB : 0;
  const stride2: usize = columns > 2 ? strideB << 1 : 0;
  const stride3: usize = columns > 3 ? stride2 + strideB : 0;
  let sum = f32x4.splat(0);
  let p = depth;
  for (; p >= 4; p -= 4, a += 4 * stepA, b += 16) {
    const x0 = v128.load32_splat(a);
    const x1 = v128.load32_splat(a + stepA);
    const x2 = v128.load32_splat(a + 2 * stepA);
    const x3 = v128.load32_splat(a + 3 * stepA);
    sum = addSquare(sum, x0, x1, x2, x3, b, stride, stride2, stride3);
  }
  for (; p > 0; p--, a += stepA, b += 4) sum = addColumnsStep(sum, v128.load32_splat(a), b, stride, stride2, stride3);
  store4(sums, sum, columns);
}
