/**
 * Normalisation over the batch, channel by channel, and over the elements of each row: the orders of operations are those of
 * native/kernels/normalization.h.
 */
import { blockSums } from '../scratch';
import { addBlock, BLOCK_STEPS, factors4, hat4, Pair, shifted, sumColumn, sumOf, sumOfRuns, sumsOfColumn, sumsOfRuns, Term, twoSums } from './sums';
import { atLeast, constant, difference, load4, product, splat, store4, sum } from './vector';

/** Smallest normal and largest float32. */
const SMALLEST: f32 = 1.1754943508222875e-38;
const LARGEST: f32 = 3.4028234663852886e38;

/** How many deviations from 0 a mean lies before its rounding error is worth another walk. */
const FAR: f32 = 4;

@inline
function isFar(mean: v128, variance: v128): bool {
  const m = f32x4.extract_lane(mean, 0);
  return m * m > FAR * FAR * f32x4.extract_lane(variance, 0);
}

/** A variance that was taken around what lies `rest` off the mean. */
@inline
function corrected(variance: v128, rest: v128): v128 {
  return atLeast(difference(variance, product(rest, rest)), constant(0));
}

@inline
function reciprocalDeviation(variance: v128, epsilon: f64): v128 {
  return f32x4.div(constant(1), f32x4.sqrt(sum(variance, splat(epsilon))));
}

/** out = (x − mean)·scale + bias over `outer` runs of `inner` elements. */
@inline
function standardizeRuns(x: usize, out: usize, outer: i32, inner: i32, stride: usize, mean: v128, scale: v128, bias: v128): void {
  for (let o = 0; o < outer; o++, x += stride, out += stride) {
    for (let rest = inner, at: usize = 0; rest > 0; rest -= 4, at += 16) {
      store4(out + at, sum(hat4(x + at, rest, mean, scale), bias), rest);
    }
  }
}

/** `count` channels from `first` on. */
export function batchNorm(
  first: i32,
  count: i32,
  x: usize,
  weight: usize,
  bias: usize,
  out: usize,
  mean: usize,
  variance: usize,
  outer: i32,
  channels: i32,
  inner: i32,
  epsilon: f64,
): void {
  const run = <usize>inner << 2;
  const stride = run * channels;
  const size = <f32>(outer * inner);
  const skipped = <usize>first << 2;
  x += run * first;
  out += run * first;
  weight += skipped;
  bias += skipped;
  mean += skipped;
  variance += skipped;
  if (inner == 1) {
    for (let rest = count; rest > 0; rest -= 4, x += 16, weight += 16, bias += 16, out += 16, mean += 16, variance += 16) {
      batchNormColumns(x, weight, bias, out, mean, variance, outer, stride, rest, f32x4.splat(size), epsilon);
    }
    return;
  }
  for (let c = 0; c < count; c++, x += run, weight += 4, bias += 4, out += run, mean += 4, variance += 4) {
    batchNormRuns(x, weight, bias, out, mean, variance, outer, inner, stride, f32x4.splat(size), epsilon);
  }
}

function batchNormRuns(
  x: usize,
  weight: usize,
  bias: usize,
  out: usize,
  mean: usize,
  variance: usize,
  outer: i32,
  inner: i32,
  stride: usize,
  size: v128,
  epsilon: f64,
): void {
  const none = constant(0);
  let average = f32x4.div(f32x4.splat(sumOfRuns(Term.value, x, x, outer, inner, stride, none, none)), size);
  let spread = f32x4.div(f32x4.splat(sumOfRuns(Term.square, x, x, outer, inner, stride, average, none)), size);
  if (isFar(average, spread)) {
    const rest = f32x4.div(f32x4.splat(sumOfRuns(Term.deviation, x, x, outer, inner, stride, average, none)), size);
    average = sum(average, rest);
    spread = corrected(spread, rest);
  }
  const scale = product(v128.load32_splat(weight), reciprocalDeviation(spread, epsilon));
  standardizeRuns(x, out, outer, inner, stride, average, scale, v128.load32_splat(bias));
  store<f32>(mean, f32x4.extract_lane(average, 0));
  store<f32>(variance, f32x4.extract_lane(spread, 0));
}

function batchNormColumns(
  x: usize,
  weight: usize,
  bias: usize,
  out: usize,
  mean: usize,
  variance: usize,
  outer: i32,
  stride: usize,
  n: i32,
  size: v128,
  epsilon: f64,
): void {
  const about = f32x4.div(sumColumn(x, outer, stride, n), size);
  const sums = sumsOfColumn(Pair.deviation, x, x, outer, stride, n, about, constant(0));
  const rest = f32x4.div(v128.load(sums), size);
  const average = sum(about, rest);
  const spread = corrected(f32x4.div(v128.load(sums, 16), size), rest);
  const scale = product(load4(weight, n), reciprocalDeviation(spread, epsilon));
  standardizeRuns(x, out, outer, min(n, 4), stride, average, scale, load4(bias, n));
  store4(mean, average, n);
  store4(variance, spread, n);
}

/** ofX = (δ − (constant + x̂·slope))·factor over `outer` runs of `inner` elements. */
@inline
function deltaRuns(
  delta: usize,
  x: usize,
  ofX: usize,
  outer: i32,
  inner: i32,
  stride: usize,
  mean: v128,
  scale: v128,
  offset: v128,
  slope: v128,
  factor: v128,
): void {
  for (let o = 0; o < outer; o++, delta += stride, x += stride, ofX += stride) {
    for (let rest = inner, at: usize = 0; rest > 0; rest -= 4, at += 16) {
      const common = sum(offset, product(hat4(x + at, rest, mean, scale), slope));
      store4(ofX + at, product(difference(load4(delta + at, rest), common), factor), rest);
    }
  }
}

/** `count` channels from `first` on. */
export function batchNormGradient(
  first: i32,
  count: i32,
  delta: usize,
  x: usize,
  mean: usize,
  variance: usize,
  weight: usize,
  ofX: usize,
  ofWeight: usize,
  ofBias: usize,
  outer: i32,
  channels: i32,
  inner: i32,
  epsilon: f64,
): void {
  const run = <usize>inner << 2;
  const stride = run * channels;
  const size = <f32>(outer * inner);
  const across = inner == 1 ? 4 : 1;
  const along = <usize>across * run;
  const step = <usize>across << 2;
  const skipped = <usize>first << 2;
  delta += run * first;
  x += run * first;
  ofX += run * first;
  mean += skipped;
  variance += skipped;
  weight += skipped;
  ofWeight += skipped;
  ofBias += skipped;
  for (let c = 0; c < count; c += across) {
    if (inner == 1) batchNormGradientColumns(delta, x, mean, variance, weight, ofX, ofWeight, ofBias, outer, stride, count - c, size, epsilon);
    else batchNormGradientRuns(delta, x, mean, variance, weight, ofX, ofWeight, ofBias, outer, inner, stride, size, epsilon);
    delta += along;
    x += along;
    ofX += along;
    mean += step;
    variance += step;
    weight += step;
    ofWeight += step;
    ofBias += step;
  }
}

function batchNormGradientRuns(
  delta: usize,
  x: usize,
  mean: usize,
  variance: usize,
  weight: usize,
  ofX: usize,
  ofWeight: usize,
  ofBias: usize,
  outer: i32,
  inner: i32,
  stride: usize,
  size: f32,
  epsilon: f64,
): void {
  const m = v128.load32_splat(mean);
  const scale = reciprocalDeviation(v128.load32_splat(variance), epsilon);
  const sums = sumsOfRuns(Pair.slope, x, delta, 0, outer, inner, stride, m, scale);
  const total = f32x4.extract_lane(sums, 0);
  const dot = f32x4.extract_lane(sums, 1);
  const factor = product(v128.load32_splat(weight), scale);
  deltaRuns(delta, x, ofX, outer, inner, stride, m, scale, f32x4.splat(total / size), f32x4.splat(dot / size), factor);
  store<f32>(ofWeight, dot);
  store<f32>(ofBias, total);
}

function batchNormGradientColumns(
  delta: usize,
  x: usize,
  mean: usize,
  variance: usize,
  weight: usize,
  ofX: usize,
  ofWeight: usize,
  ofBias: usize,
  outer: i32,
  stride: usize,
  n: i32,
  size: f32,
  epsilon: f64,
): void {
  const elements = f32x4.splat(size);
  const m = load4(mean, n);
  const scale = reciprocalDeviation(load4(variance, n), epsilon);
  const sums = sumsOfColumn(Pair.slope, x, delta, outer, stride, n, m, scale);
  const total = v128.load(sums);
  const dot = v128.load(sums, 16);
  const factor = product(load4(weight, n), scale);
  deltaRuns(delta, x, ofX, outer, min(n, 4), stride, m, scale, f32x4.div(total, elements), f32x4.div(dot, elements), factor);
  store4(ofWeight, dot, n);
  store4(ofBias, total, n);
}

/** weight and bias may be absent (0). */
export function normalize(
  x: usize,
  weight: usize,
  bias: usize,
  out: usize,
  mean: usize,
  scale: usize,
  rows: i32,
  columns: i32,
  centred: i32,
  epsilon: f64,
): void {
  const row = <usize>columns << 2;
  for (let r = 0; r < rows; r++, x += row, out += row, mean += 4, scale += 4) {
    normalizeRow(x, weight, bias, out, mean, scale, columns, centred, epsilon);
  }
}

function normalizeRow(
  x: usize,
  weight: usize,
  bias: usize,
  out: usize,
  mean: usize,
  scale: usize,
  columns: i32,
  centred: i32,
  epsilon: f64,
): void {
  const none = constant(0);
  const size = f32x4.splat(<f32>columns);
  let m = centred ? f32x4.div(f32x4.splat(sumOf(Term.value, x, x, columns, none, none)), size) : none;
  let variance = f32x4.div(f32x4.splat(sumOf(Term.square, x, x, columns, m, none)), size);
  if (isFar(m, variance)) {
    const rest = f32x4.div(f32x4.splat(sumOf(Term.deviation, x, x, columns, m, none)), size);
    m = sum(m, rest);
    variance = corrected(variance, rest);
  }
  const spread = f32x4.extract_lane(variance, 0) + <f32>epsilon;
  if (!(spread >= SMALLEST && spread <= LARGEST)) return normalizeWide(x, weight, bias, out, mean, scale, columns, centred, epsilon);
  const by = reciprocalDeviation(variance, epsilon);
  for (let rest = columns, at: usize = 0; rest > 0; rest -= 4, at += 16) {
    const weighted = product(hat4(x + at, rest, m, by), factors4(shifted(weight, at), rest));
    store4(out + at, bias ? sum(weighted, load4(bias + at, rest)) : weighted, rest);
  }
  store<f32>(mean, f32x4.extract_lane(m, 0));
  store<f32>(scale, f32x4.extract_lane(by, 0));
}

/** A row whose squares are too large or too small for floats, in double precision. */
function normalizeWide(
  x: usize,
  weight: usize,
  bias: usize,
  out: usize,
  mean: usize,
  scale: usize,
  columns: i32,
  centred: i32,
  epsilon: f64,
): void {
  const size = <f64>columns;
  const end = x + (<usize>columns << 2);
  let total: f64 = 0;
  let squares: f64 = 0;
  if (centred) for (let at = x; at < end; at += 4) total += <f64>load<f32>(at);
  const average = total / size;
  for (let at = x; at < end; at += 4) squares += (<f64>load<f32>(at) - average) * (<f64>load<f32>(at) - average);
  const by = 1 / Math.sqrt(squares / size + <f64>(<f32>epsilon));
  for (let at: usize = 0; x + at < end; at += 4) {
    let weighted = <f32>((<f64>load<f32>(x + at) - average) * by);
    if (weight) weighted *= load<f32>(weight + at);
    store<f32>(out + at, bias ? weighted + load<f32>(bias + at) : weighted);
  }
  store<f32>(mean, <f32>average);
  store<f32>(scale, <f32>by);
}

/** `out` may be `delta` or `x`; weight may be absent (0). */
export function normalizeGradient(
  delta: usize,
  x: usize,
  mean: usize,
  scale: usize,
  weight: usize,
  out: usize,
  rows: i32,
  columns: i32,
  centred: i32,
): void {
  const row = <usize>columns << 2;
  const size = f32x4.splat(<f32>columns);
  for (let r = 0; r < rows; r++, delta += row, x += row, out += row, mean += 4, scale += 4) {
    const m = v128.load32_splat(mean);
    const by = v128.load32_splat(scale);
    const sums = f32x4.div(sumsOfRuns(Pair.slope, x, delta, weight, 1, columns, 0, m, by), size);
    const offset = centred ? v128.shuffle<f32>(sums, sums, 0, 0, 0, 0) : constant(0);
    const slope = v128.shuffle<f32>(sums, sums, 1, 1, 1, 1);
    for (let rest = columns, at: usize = 0; rest > 0; rest -= 4, at += 16) {
      const weighted = product(load4(delta + at, rest), factors4(shifted(weight, at), rest));
      const common = sum(offset, product(hat4(x + at, rest, m, by), slope));
      store4(out + at, product(difference(weighted, common), by), rest);
    }
  }
}

/** `count` columns from `first` on. */
export function normalizeParameterGradient(
  first: i32,
  count: i32,
  delta: usize,
  x: usize,
  mean: usize,
  scale: usize,
  ofWeight: usize,
  ofBias: usize,
  rows: i32,
  columns: i32,
): void {
  const row = <usize>columns << 2;
  const skipped = <usize>first << 2;
  delta += skipped;
  x += skipped;
  ofWeight += skipped;
  ofBias += skipped;
  for (let rest = count; rest > 0; rest -= 4, delta += 16, x += 16, ofWeight += 16, ofBias += 16) {
    const sums = sumParameters(delta, x, mean, scale, rows, row, rest);
    store4(ofWeight, v128.load(sums), rest);
    store4(ofBias, v128.load(sums, 16), rest);
  }
}

/** Σ δ⊙x̂ and Σ δ down the rows of up to four columns; returns where they lie. */
function sumParameters(delta: usize, x: usize, mean: usize, scale: usize, rows: i32, row: usize, n: i32): usize {
  const none = constant(0);
  let dot = none;
  let total = none;
  let blocks: u32 = 0;
  for (let rest = rows; ; rest -= BLOCK_STEPS) {
    for (let r = min(rest, BLOCK_STEPS); r > 0; r--, delta += row, x += row, mean += 4, scale += 4) {
      const d = load4(delta, n);
      dot = sum(dot, product(d, hat4(x, n, v128.load32_splat(mean), v128.load32_splat(scale))));
      total = sum(total, d);
    }
    if (rest <= BLOCK_STEPS) break;
    addBlock(blockSums(), blocks++, dot, total, none, none);
    dot = total = none;
  }
  return twoSums(blocks, dot, total);
}
