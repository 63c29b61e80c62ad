/** Convolutions, alone and with a layer's bias and activation in their epilogue. No operand may be the output. */
import { ConvolutionScalars } from '../generated/scalars';
import { correlate } from './convolution_product';
import { Axis, axisX, axisY, Convolution, theConvolution } from './convolution_space';
import { weightGradient } from './convolution_weight';
import { Epilogue } from './product';

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
function towardsResult(c: ConvolutionScalars): Convolution {
  setAxis(axisY(), c.outHeight, c.kernelHeight, c.height, c.strideY, 1, -c.padTop, c.dilationY);
  setAxis(axisX(), c.outWidth, c.kernelWidth, c.width, c.strideX, 1, -c.padLeft, c.dilationX);
  return describe(c, c.channels, c.filters, false);
}

/** The convolution whose positions are those of the image, which take from the results that they went into. */
function towardsImage(c: ConvolutionScalars): Convolution {
  setAxis(axisY(), c.height, c.kernelHeight, c.outHeight, 1, c.strideY, c.padTop, -c.dilationY);
  setAxis(axisX(), c.width, c.kernelWidth, c.outWidth, 1, c.strideX, c.padLeft, -c.dilationX);
  return describe(c, c.filters, c.channels, true);
}

/** From planes of the source in all groups to planes of the result. */
function describe(c: ConvolutionScalars, channels: i32, rows: i32, transposedWeights: bool): Convolution {
  const s = theConvolution();
  s.samples = c.samples;
  s.groups = c.groups;
  s.channels = channels / c.groups;
  s.rows = rows / c.groups;
  s.transposedWeights = transposedWeights;
  return s;
}

/** `count` planes of each sample's result from `first` on alone. */
function run(
  s: Convolution,
  first: i32,
  count: i32,
  source: usize,
  weights: usize,
  out: usize,
  epilogue: Epilogue,
  operand: usize,
  f: i32,
  alpha: f64,
): void {
  s.firstPlane = first;
  s.planes = count;
  s.source = source;
  s.weights = weights;
  s.out = out;
  s.epilogue = epilogue;
  s.operand = operand;
  s.activation = f;
  s.alpha = alpha;
  correlate(s);
}

export function conv2d(first: i32, count: i32, image: usize, weight: usize, out: usize, c: ConvolutionScalars): void {
  run(towardsResult(c), first, count, image, weight, out, Epilogue.none, 0, 0, 0);
}

export function conv2dInput(first: i32, count: i32, delta: usize, weight: usize, out: usize, c: ConvolutionScalars): void {
  run(towardsImage(c), first, count, delta, weight, out, Epilogue.none, 0, 0, 0);
}

/** `count` filters from `first` on alone: the others' part of out is left as it is. */
export function conv2dWeight(first: i32, count: i32, image: usize, delta: usize, out: usize, c: ConvolutionScalars): void {
  const s = towardsResult(c);
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
  c: ConvolutionScalars,
  activation: i32,
  alpha: f64,
): void {
  run(towardsResult(c), first, count, image, weight, out, Epilogue.activate, bias, activation, alpha);
}

export function conv2dDelta(
  first: i32,
  count: i32,
  delta: usize,
  weight: usize,
  saved: usize,
  out: usize,
  c: ConvolutionScalars,
  activation: i32,
  alpha: f64,
): void {
  run(towardsImage(c), first, count, delta, weight, out, Epilogue.multiplyByDerivative, saved, activation, alpha);
}
