/**
 * Normalisation over the batch, channel by channel, and over the elements of each row: the orders of operations are those of
 * native/kernels/normalization.h.
 */
import { totalOf } from './sums';
import { constant, difference, keep4, load4, product, splat, store4, sum } from './vector';

/** What `sumOfRuns` adds: x; (x − a)²; y·((x − a)·b); y·w; y·w·((x − a)·b). */
const enum Term {
  value,
  square,
  dot,
  weighted,
  weightedDot,
}

/** n factors or, where there are none (0), ones. */
@inline
function factors4(w: usize, n: i32): v128 {
  return w ? load4(w, n) : constant(1);
}

/** (x − mean)·scale of n elements. */
@inline
function hat4(x: usize, n: i32, mean: v128, scale: v128): v128 {
  return product(difference(load4(x, n), mean), scale);
}

@inline
function term(kind: i32, x: usize, y: usize, w: usize, n: i32, a: v128, b: v128): v128 {
  if (kind == Term.value) return load4(x, n);
  if (kind == Term.square) {
    const centred = difference(load4(x, n), a);
    return keep4(product(centred, centred), n, constant(0));
  }
  if (kind == Term.dot) return keep4(product(load4(y, n), hat4(x, n, a, b)), n, constant(0));
  const weighted = product(load4(y, n), factors4(w, n));
  return keep4(kind == Term.weighted ? weighted : product(weighted, hat4(x, n, a, b)), n, constant(0));
}

@inline
function shifted(w: usize, bytes: usize): usize {
  return w ? w + bytes : 0;
}

/** Σ over `outer` runs of `inner` elements, `stride` bytes apart, which go on with the same 16 partial sums; `kind` is a constant. */
@inline
function sumOfRuns(kind: i32, x: usize, y: usize, w: usize, outer: i32, inner: i32, stride: usize, a: v128, b: v128): f32 {
  let p0 = constant(0);
  let p1 = p0;
  let p2 = p0;
  let p3 = p0;
  for (let o = 0; o < outer; o++, x += stride, y += stride) {
    let at: usize = 0;
    let rest = inner;
    for (; rest >= 16; rest -= 16, at += 64) {
      p0 = sum(p0, term(kind, x + at, y + at, shifted(w, at), 4, a, b));
      p1 = sum(p1, term(kind, x + at + 16, y + at + 16, shifted(w, at + 16), 4, a, b));
      p2 = sum(p2, term(kind, x + at + 32, y + at + 32, shifted(w, at + 32), 4, a, b));
      p3 = sum(p3, term(kind, x + at + 48, y + at + 48, shifted(w, at + 48), 4, a, b));
    }
    if (rest > 0) p0 = sum(p0, term(kind, x + at, y + at, shifted(w, at), rest, a, b));
    if (rest > 4) p1 = sum(p1, term(kind, x + at + 16, y + at + 16, shifted(w, at + 16), rest - 4, a, b));
    if (rest > 8) p2 = sum(p2, term(kind, x + at + 32, y + at + 32, shifted(w, at + 32), rest - 8, a, b));
    if (rest > 12) p3 = sum(p3, term(kind, x + at + 48, y + at + 48, shifted(w, at + 48), rest - 12, a, b));
  }
  return totalOf(p0, p1, p2, p3);
}

/** Σ over the outer axis in its order, for up to four neighbouring channels of one element. */
@inline
function sumOfColumn(kind: i32, x: usize, y: usize, outer: i32, stride: usize, n: i32, a: v128, b: v128): v128 {
  let total = constant(0);
  for (let o = 0; o < outer; o++, x += stride, y += stride) total = sum(total, term(kind, x, y, 0, n, a, b));
  return total;
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
    const average = sumOfRuns(Term.value, x, x, 0, outer, inner, stride, constant(0), constant(0)) / size;
    const m = f32x4.splat(average);
    const spread = sumOfRuns(Term.square, x, x, 0, outer, inner, stride, m, constant(0)) / size;
    const scale = product(v128.load32_splat(weight), reciprocalDeviation(f32x4.splat(spread), epsilon));
    standardizeRuns(x, out, outer, inner, stride, m, scale, v128.load32_splat(bias));
    store<f32>(mean, average);
    store<f32>(variance, spread);
  }
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
  const average = f32x4.div(sumOfColumn(Term.value, x, x, outer, stride, n, constant(0), constant(0)), size);
  const spread = f32x4.div(sumOfColumn(Term.square, x, x, outer, stride, n, average, constant(0)), size);
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
  const total = sumOfRuns(Term.value, delta, delta, 0, outer, inner, stride, m, scale);
  const dot = sumOfRuns(Term.dot, x, delta, 0, outer, inner, stride, m, scale);
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
  const total = sumOfColumn(Term.value, delta, delta, outer, stride, n, m, scale);
  const dot = sumOfColumn(Term.dot, x, delta, outer, stride, n, m, scale);
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
  const size = <f32>columns;
  for (let r = 0; r < rows; r++, x += row, out += row, mean += 4, scale += 4) {
    const average: f32 = centred ? sumOfRuns(Term.value, x, x, 0, 1, columns, row, constant(0), constant(0)) / size : 0;
    const m = f32x4.splat(average);
    const spread = sumOfRuns(Term.square, x, x, 0, 1, columns, row, m, constant(0)) / size;
    const by = reciprocalDeviation(f32x4.splat(spread), epsilon);
    for (let rest = columns, at: usize = 0; rest > 0; rest -= 4, at += 16) {
      const weighted = product(hat4(x + at, rest, m, by), factors4(shifted(weight, at), rest));
      store4(out + at, bias ? sum(weighted, load4(bias + at, rest)) : weighted, rest);
    }
    store<f32>(mean, average);
    store<f32>(scale, f32x4.extract_lane(by, 0));
  }
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
  const size = <f32>columns;
  for (let r = 0; r < rows; r++, delta += row, x += row, out += row, mean += 4, scale += 4) {
    const m = v128.load32_splat(mean);
    const by = v128.load32_splat(scale);
    const total: f32 = centred ? sumOfRuns(Term.weighted, x, delta, weight, 1, columns, row, m, by) : 0;
    const offset = f32x4.splat(total / size);
    const slope = f32x4.splat(sumOfRuns(Term.weightedDot, x, delta, weight, 1, columns, row, m, by) / size);
    for (let rest = columns, at: usize = 0; rest > 0; rest -= 4, at += 16) {
      const weighted = product(load4(delta + at, rest), factors4(shifted(weight, at), rest));
      const common = sum(offset, product(hat4(x + at, rest, m, by), slope));
      store4(out + at, product(difference(weighted, common), by), rest);
    }
  }
}

/** `count` columns from `first` on, summed over the rows in order. */
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
    let dot = constant(0);
    let total = constant(0);
    for (let r = 0, at: usize = 0; r < rows; r++, at += row) {
      const d = load4(delta + at, rest);
      const index = <usize>r << 2;
      dot = sum(dot, product(d, hat4(x + at, rest, v128.load32_splat(mean + index), v128.load32_splat(scale + index))));
      total = sum(total, d);
    }
    store4(ofWeight, dot, rest);
    store4(ofBias, total, rest);
  }
}
