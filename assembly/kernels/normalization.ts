/** Normalisation over the batch, channel by channel: the orders of operations are those of native/kernels/normalization.h. */
import { BatchNormArguments, BatchNormGradientArguments } from '../generated/arguments';
import { correctedVariance, standardizedDelta } from '../generated/vector_functions';
import { isFar, reciprocalDeviation } from './moments';
import { hat4, Pair, sumColumn, sumOfRuns, sumsOfColumn, sumsOfRuns, Term } from './sums';
import { constant, load4, product, store4, sum } from './vector';

export { normalize, normalizeGradient, normalizeParameterGradient } from './normalization_rows';

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
export function batchNorm(first: i32, count: i32, args: BatchNormArguments): void {
  let x = args.x;
  let weight = args.weight;
  let bias = args.bias;
  let out = args.out;
  let mean = args.mean;
  let variance = args.variance;
  const outer = args.outer;
  const inner = args.inner;
  const epsilon = args.epsilon;
  const run = <usize>inner << 2;
  const stride = run * args.channels;
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
    spread = correctedVariance(spread, rest);
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
  const spread = correctedVariance(f32x4.div(v128.load(sums, 16), size), rest);
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
      const result = standardizedDelta(load4(delta + at, rest), load4(x + at, rest), mean, scale, offset, slope, factor);
      store4(ofX + at, result, rest);
    }
  }
}

/** `count` channels from `first` on. */
export function batchNormGradient(first: i32, count: i32, args: BatchNormGradientArguments): void {
  let delta = args.delta;
  let x = args.x;
  let mean = args.mean;
  let variance = args.variance;
  let weight = args.weight;
  let ofX = args.ofX;
  let ofWeight = args.ofWeight;
  let ofBias = args.ofBias;
  const outer = args.outer;
  const inner = args.inner;
  const epsilon = args.epsilon;
  const run = <usize>inner << 2;
  const stride = run * args.channels;
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
