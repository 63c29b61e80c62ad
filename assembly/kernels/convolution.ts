/** Convolutions, alone and with what a convolutional layer does next in their epilogue. No operand may be the output. */
import { correlate } from './convolution_product';
import { Axis, axisX, axisY, Convolution, theConvolution } from './convolution_space';
import { weightGradient } from './convolution_weight';
import { Epilogue } from './gemm_product';

function setAxis(axis: Axis, grid: i32, taps: i32, source: i32, stride: i32, spacing: i32, first: i32, step: i32): void {
  axis.grid = grid;
  axis.taps = taps;
  axis.source = source;
  axis.stride = stride;
  axis.spacing = spacing;
  axis.first = first;
  axis.step = step;
}

/** The convolution whose positions are those of the result, which read the image. */
function towardsResult(
  samples: i32,
  channels: i32,
  height: i32,
  width: i32,
  filters: i32,
  groups: i32,
  kernelHeight: i32,
  kernelWidth: i32,
  outHeight: i32,
  outWidth: i32,
  strideY: i32,
  strideX: i32,
  padTop: i32,
  padLeft: i32,
  dilationY: i32,
  dilationX: i32,
): Convolution {
  setAxis(axisY(), outHeight, kernelHeight, height, strideY, 1, -padTop, dilationY);
  setAxis(axisX(), outWidth, kernelWidth, width, strideX, 1, -padLeft, dilationX);
  return describe(samples, groups, channels / groups, filters / groups, false);
}

/** The convolution whose positions are those of the image, which take from the results that they went into. */
function towardsImage(
  samples: i32,
  channels: i32,
  height: i32,
  width: i32,
  filters: i32,
  groups: i32,
  kernelHeight: i32,
  kernelWidth: i32,
  outHeight: i32,
  outWidth: i32,
  strideY: i32,
  strideX: i32,
  padTop: i32,
  padLeft: i32,
  dilationY: i32,
  dilationX: i32,
): Convolution {
  setAxis(axisY(), height, kernelHeight, outHeight, 1, strideY, padTop, -dilationY);
  setAxis(axisX(), width, kernelWidth, outWidth, 1, strideX, padLeft, -dilationX);
  return describe(samples, groups, filters / groups, channels / groups, true);
}

function describe(samples: i32, groups: i32, channels: i32, rows: i32, transposedWeights: bool): Convolution {
  const s = theConvolution();
  s.samples = samples;
  s.groups = groups;
  s.channels = channels;
  s.rows = rows;
  s.transposedWeights = transposedWeights;
  return s;
}

@inline
function run(s: Convolution, source: usize, weights: usize, out: usize, epilogue: Epilogue, operand: usize, f: i32, alpha: f64): void {
  s.source = source;
  s.weights = weights;
  s.out = out;
  s.epilogue = epilogue;
  s.operand = operand;
  s.activation = f;
  s.alpha = alpha;
  correlate(s);
}

/** `count` filters from `first` on alone: all of them, but where there is one sample and one group. */
function runFilters(
  s: Convolution,
  first: i32,
  count: i32,
  image: usize,
  weight: usize,
  out: usize,
  epilogue: Epilogue,
  bias: usize,
  f: i32,
  alpha: f64,
): void {
  s.rows = count / s.groups;
  const weights = weight + 4 * (first * s.channels * axisY().taps * axisX().taps);
  run(s, image, weights, out + 4 * (first * axisY().grid * axisX().grid), epilogue, bias ? bias + 4 * first : 0, f, alpha);
}

export function conv2d(
  first: i32,
  count: i32,
  image: usize,
  weight: usize,
  out: usize,
  samples: i32,
  channels: i32,
  height: i32,
  width: i32,
  filters: i32,
  groups: i32,
  kernelHeight: i32,
  kernelWidth: i32,
  outHeight: i32,
  outWidth: i32,
  strideY: i32,
  strideX: i32,
  padTop: i32,
  padLeft: i32,
  dilationY: i32,
  dilationX: i32,
): void {
  const s = towardsResult(
    samples,
    channels,
    height,
    width,
    filters,
    groups,
    kernelHeight,
    kernelWidth,
    outHeight,
    outWidth,
    strideY,
    strideX,
    padTop,
    padLeft,
    dilationY,
    dilationX,
  );
  runFilters(s, first, count, image, weight, out, Epilogue.none, 0, 0, 0);
}

export function conv2dInput(
  delta: usize,
  weight: usize,
  out: usize,
  samples: i32,
  channels: i32,
  height: i32,
  width: i32,
  filters: i32,
  groups: i32,
  kernelHeight: i32,
  kernelWidth: i32,
  outHeight: i32,
  outWidth: i32,
  strideY: i32,
  strideX: i32,
  padTop: i32,
  padLeft: i32,
  dilationY: i32,
  dilationX: i32,
): void {
  const s = towardsImage(
    samples,
    channels,
    height,
    width,
    filters,
    groups,
    kernelHeight,
    kernelWidth,
    outHeight,
    outWidth,
    strideY,
    strideX,
    padTop,
    padLeft,
    dilationY,
    dilationX,
  );
  run(s, delta, weight, out, Epilogue.none, 0, 0, 0);
}

/** `count` filters from `first` on alone: the others' part of out is left as it is. */
export function conv2dWeight(
  first: i32,
  count: i32,
  image: usize,
  delta: usize,
  out: usize,
  samples: i32,
  channels: i32,
  height: i32,
  width: i32,
  filters: i32,
  groups: i32,
  kernelHeight: i32,
  kernelWidth: i32,
  outHeight: i32,
  outWidth: i32,
  strideY: i32,
  strideX: i32,
  padTop: i32,
  padLeft: i32,
  dilationY: i32,
  dilationX: i32,
): void {
  const s = towardsResult(
    samples,
    channels,
    height,
    width,
    filters,
    groups,
    kernelHeight,
    kernelWidth,
    outHeight,
    outWidth,
    strideY,
    strideX,
    padTop,
    padLeft,
    dilationY,
    dilationX,
  );
  s.source = image;
  s.weights = delta;
  s.out = out;
  weightGradient(s, first, count);
}

/** bias, a number for each filter, may be absent (0). */
export function conv2dAffine(
  first: i32,
  count: i32,
  image: usize,
  weight: usize,
  bias: usize,
  out: usize,
  samples: i32,
  channels: i32,
  height: i32,
  width: i32,
  filters: i32,
  groups: i32,
  kernelHeight: i32,
  kernelWidth: i32,
  outHeight: i32,
  outWidth: i32,
  strideY: i32,
  strideX: i32,
  padTop: i32,
  padLeft: i32,
  dilationY: i32,
  dilationX: i32,
  activation: i32,
  alpha: f64,
): void {
  const s = towardsResult(
    samples,
    channels,
    height,
    width,
    filters,
    groups,
    kernelHeight,
    kernelWidth,
    outHeight,
    outWidth,
    strideY,
    strideX,
    padTop,
    padLeft,
    dilationY,
    dilationX,
  );
  runFilters(s, first, count, image, weight, out, Epilogue.activate, bias, activation, alpha);
}

export function conv2dDelta(
  delta: usize,
  weight: usize,
  saved: usize,
  out: usize,
  samples: i32,
  channels: i32,
  height: i32,
  width: i32,
  filters: i32,
  groups: i32,
  kernelHeight: i32,
  kernelWidth: i32,
  outHeight: i32,
  outWidth: i32,
  strideY: i32,
  strideX: i32,
  padTop: i32,
  padLeft: i32,
  dilationY: i32,
  dilationX: i32,
  activation: i32,
  alpha: f64,
): void {
  const s = towardsImage(
    samples,
    channels,
    height,
    width,
    filters,
    groups,
    kernelHeight,
    kernelWidth,
    outHeight,
    outWidth,
    strideY,
    strideX,
    padTop,
    padLeft,
    dilationY,
    dilationX,
  );
  run(s, delta, weight, out, Epilogue.multiplyByDerivative, saved, activation, alpha);
}
