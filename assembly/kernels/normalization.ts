/**
 * Normalisation over the batch, channel by channel: what native/kernels/normalization.h says of runs, channels and threads holds here, and
 * the orders of operations are its.
 */
import { BatchNormArguments, BatchNormGradientArguments } from '../generated/arguments';
import { correctedVariance, standardizedDelta } from '../generated/vector_functions';
import { isTogether, leadsOthers, meetOthers, sharedScratch } from '../meeting';
import { otherBlockSums, threadScratch } from '../scratch';
import { reciprocalDeviation, tellMoments } from './moments';
import { hat4, Pair, sumColumn, sumsOfColumn, sumsOfRuns } from './sums';
import { constant, load4, product, store4, sum } from './vector';

export { normalize, normalizeGradient, normalizeParameterGradient } from './normalization_rows';

/** Where two numbers of each run lie, in tables of [samples, channels], and what the thread knows of each channel. */
let firsts: usize = 0;
let seconds: usize = 0;
let ofChannels: usize = 0;
/** Bytes of a number of each channel: of a row of the tables. */
let rowBytes: usize = 0;

function openTables(outer: i32, channels: i32): void {
  rowBytes = <usize>channels << 2;
  const bytes = rowBytes * outer;
  firsts = isTogether() ? sharedScratch() : threadScratch();
  seconds = firsts + bytes;
  ofChannels = threadScratch() + 2 * bytes;
}

@inline
function splatAt(at: usize): v128 {
  return v128.load32_splat(at);
}

/** (x − mean)·scale + bias of a run. */
@inline
function standardizeRun(x: usize, out: usize, inner: i32, mean: v128, scale: v128, bias: v128): void {
  for (let rest = inner, at: usize = 0; rest > 0; rest -= 4, at += 16) store4(out + at, sum(hat4(x + at, rest, mean, scale), bias), rest);
}

/** The mean of n columns from `x` on, of `outer` rows `stride` bytes apart, and their variance, which lies 16 bytes behind it. */
function momentsOfColumns(x: usize, outer: i32, stride: usize, n: i32, to: usize): void {
  const size = f32x4.splat(<f32>outer);
  const about = f32x4.div(sumColumn(x, outer, stride, n), size);
  const sums = sumsOfColumn(Pair.deviation, x, x, outer, stride, n, about, constant(0));
  const rest = f32x4.div(v128.load(sums), size);
  const spread = correctedVariance(f32x4.div(v128.load(sums, 16), size), rest);
  v128.store(to, sum(about, rest));
  v128.store(to, spread, 16);
}

/** All channels of `samples` samples from `sample` on, or all samples of `count` channels from `first` on. */
export function batchNorm(sample: i32, samples: i32, first: i32, count: i32, args: BatchNormArguments): void {
  if (args.inner == 1) batchNormColumns(first, count, args);
  else batchNormRuns(sample, sample + samples, first, first + count, args);
}

function batchNormRuns(sample: i32, endSample: i32, first: i32, end: i32, args: BatchNormArguments): void {
  const inner = args.inner;
  const outer = args.outer;
  const run = <usize>inner << 2;
  openTables(outer, args.channels);
  const means = ofChannels;
  const scales = means + rowBytes;
  for (let o = sample; o < endSample; o++) {
    for (let c = first; c < end; c++) {
      const index = <usize>o * args.channels + c;
      tellMoments(args.x + run * index, inner, 1, firsts + (index << 2), seconds + (index << 2));
    }
  }
  if (isTogether()) meetOthers();
  const reports = !isTogether() || leadsOthers();
  for (let c = first; c < end; c += 4) {
    const at = <usize>c << 2;
    const n = end - c;
    const moments = otherBlockSums();
    momentsOfColumns(firsts + at, outer, rowBytes, n, moments);
    const mean = v128.load(moments);
    const within = f32x4.div(sumColumn(seconds + at, outer, rowBytes, n), f32x4.splat(<f32>outer));
    const variance = sum(v128.load(moments, 16), within);
    store4(means + at, mean, n);
    store4(scales + at, product(load4(args.weight + at, n), reciprocalDeviation(variance, args.epsilon)), n);
    if (!reports) continue;
    store4(args.mean + at, mean, n);
    store4(args.variance + at, variance, n);
  }
  for (let o = sample; o < endSample; o++) {
    for (let c = first; c < end; c++) {
      const place = run * (<usize>o * args.channels + c);
      const at = <usize>c << 2;
      standardizeRun(args.x + place, args.out + place, inner, splatAt(means + at), splatAt(scales + at), splatAt(args.bias + at));
    }
  }
}

/** Runs of one element are their own means. */
function batchNormColumns(first: i32, count: i32, args: BatchNormArguments): void {
  const outer = args.outer;
  const stride = <usize>args.channels << 2;
  for (let c = first, rest = count; rest > 0; rest -= 4, c += 4) {
    const at = <usize>c << 2;
    const moments = otherBlockSums();
    momentsOfColumns(args.x + at, outer, stride, rest, moments);
    const mean = v128.load(moments);
    const variance = v128.load(moments, 16);
    const scale = product(load4(args.weight + at, rest), reciprocalDeviation(variance, args.epsilon));
    const bias = load4(args.bias + at, rest);
    for (let o = 0, place = at; o < outer; o++, place += stride) {
      standardizeRun(args.x + place, args.out + place, min(rest, 4), mean, scale, bias);
    }
    store4(args.mean + at, mean, rest);
    store4(args.variance + at, variance, rest);
  }
}

/** (δ − (constant + x̂·slope))·factor of a run. */
@inline
function deltaRun(
  delta: usize,
  x: usize,
  ofX: usize,
  inner: i32,
  mean: v128,
  scale: v128,
  offset: v128,
  slope: v128,
  factor: v128,
): void {
  for (let rest = inner, at: usize = 0; rest > 0; rest -= 4, at += 16) {
    store4(ofX + at, standardizedDelta(load4(delta + at, rest), load4(x + at, rest), mean, scale, offset, slope, factor), rest);
  }
}

/** All channels of `samples` samples from `sample` on, or all samples of `count` channels from `first` on. */
export function batchNormGradient(sample: i32, samples: i32, first: i32, count: i32, args: BatchNormGradientArguments): void {
  if (args.inner == 1) batchNormGradientColumns(first, count, args);
  else batchNormGradientRuns(sample, sample + samples, first, first + count, args);
}

function batchNormGradientRuns(sample: i32, endSample: i32, first: i32, end: i32, args: BatchNormGradientArguments): void {
  const inner = args.inner;
  const outer = args.outer;
  const run = <usize>inner << 2;
  openTables(outer, args.channels);
  const scales = ofChannels;
  const constants = scales + rowBytes;
  const slopes = constants + rowBytes;
  const factors = slopes + rowBytes;
  for (let c = first; c < end; c += 4) {
    const at = <usize>c << 2;
    store4(scales + at, reciprocalDeviation(load4(args.variance + at, end - c), args.epsilon), end - c);
  }
  for (let o = sample; o < endSample; o++) {
    for (let c = first; c < end; c++) {
      const index = <usize>o * args.channels + c;
      const at = <usize>c << 2;
      const place = run * index;
      const sums = sumsOfRuns(Pair.slope, args.x + place, args.delta + place, 0, 1, inner, 0, splatAt(args.mean + at), splatAt(scales + at));
      v128.store32_lane(firsts + (index << 2), sums, 0);
      v128.store32_lane(seconds + (index << 2), sums, 1);
    }
  }
  if (isTogether()) meetOthers();
  const reports = !isTogether() || leadsOthers();
  const size = f32x4.splat(<f32>(outer * inner));
  for (let c = first; c < end; c += 4) {
    const at = <usize>c << 2;
    const n = end - c;
    const total = sumColumn(firsts + at, outer, rowBytes, n);
    const dot = sumColumn(seconds + at, outer, rowBytes, n);
    store4(constants + at, f32x4.div(total, size), n);
    store4(slopes + at, f32x4.div(dot, size), n);
    store4(factors + at, product(load4(args.weight + at, n), load4(scales + at, n)), n);
    if (!reports) continue;
    store4(args.ofWeight + at, dot, n);
    store4(args.ofBias + at, total, n);
  }
  for (let o = sample; o < endSample; o++) {
    for (let c = first; c < end; c++) {
      const place = run * (<usize>o * args.channels + c);
      const at = <usize>c << 2;
      const mean = splatAt(args.mean + at);
      const scale = splatAt(scales + at);
      const slope = splatAt(slopes + at);
      const factor = splatAt(factors + at);
      deltaRun(args.delta + place, args.x + place, args.ofX + place, inner, mean, scale, splatAt(constants + at), slope, factor);
    }
  }
}

/** Runs of one element. */
function batchNormGradientColumns(first: i32, count: i32, args: BatchNormGradientArguments): void {
  const outer = args.outer;
  const stride = <usize>args.channels << 2;
  const elements = f32x4.splat(<f32>outer);
  for (let c = first, rest = count; rest > 0; rest -= 4, c += 4) {
    const at = <usize>c << 2;
    const mean = load4(args.mean + at, rest);
    const scale = reciprocalDeviation(load4(args.variance + at, rest), args.epsilon);
    const sums = sumsOfColumn(Pair.slope, args.x + at, args.delta + at, outer, stride, rest, mean, scale);
    const total = v128.load(sums);
    const dot = v128.load(sums, 16);
    const factor = product(load4(args.weight + at, rest), scale);
    const offset = f32x4.div(total, elements);
    const slope = f32x4.div(dot, elements);
    for (let o = 0, place = at; o < outer; o++, place += stride) {
      deltaRun(args.delta + place, args.x + place, args.ofX + place, min(rest, 4), mean, scale, offset, slope, factor);
    }
    store4(args.ofWeight + at, dot, rest);
    store4(args.ofBias + at, total, rest);
  }
}
