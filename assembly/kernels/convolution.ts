/** Convolutions, alone and with a layer's bias and activation in their epilogue. No operand may be the output. */
import {
  Conv2dAffineArguments,
  Conv2dArguments,
  Conv2dDeltaArguments,
  Conv2dInputArguments,
  Conv2dWeightArguments,
  ConvolutionSizes,
} from '../generated/arguments';
import { weightInParts } from './convolution_parts';
import { correlateByPlanes, isByPlanes } from './convolution_planes';
import { correlate } from './convolution_product';
import { takeReach } from './convolution_phases';
import { Axis, axisX, axisY, Convolution, theConvolution } from './convolution_space';
import { Epilogue } from './product';

function setAxis(axis: Axis, grid: i32, taps: i32, source: i32, stride: i32, spacing: i32, first: i32, step: i32): void {
  axis.grid = grid;
  axis.taps = taps;
  axis.source = source;
  axis.stride = stride;
  axis.spacing = spacing;
  axis.first = first;
  axis.step = step;
  takeReach(axis);
}

/** The convolution whose positions are those of the result, which read the image. */
function towardsResult(c: ConvolutionSizes): Convolution {
  setAxis(axisY(), c.outHeight, c.kernelHeight, c.height, c.strideY, 1, -c.padTop, c.dilationY);
  setAxis(axisX(), c.outWidth, c.kernelWidth, c.width, c.strideX, 1, -c.padLeft, c.dilationX);
  return describe(c, c.channels, c.filters, false);
}

/** The convolution whose positions are those of the image, which take from the results that they went into. */
function towardsImage(c: ConvolutionSizes): Convolution {
  setAxis(axisY(), c.height, c.kernelHeight, c.outHeight, 1, c.strideY, c.padTop, -c.dilationY);
  setAxis(axisX(), c.width, c.kernelWidth, c.outWidth, 1, c.strideX, c.padLeft, -c.dilationX);
  return describe(c, c.filters, c.channels, true);
}

/** From planes of the source in all groups to planes of the result. */
function describe(c: ConvolutionSizes, channels: i32, rows: i32, transposedWeights: bool): Convolution {
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
  if (isByPlanes(s)) correlateByPlanes(s);
  else correlate(s);
}

export function conv2d(first: i32, count: i32, args: Conv2dArguments): void {
  run(towardsResult(args.sizes), first, count, args.image, args.weight, args.out, Epilogue.none, 0, 0, 0);
}

export function conv2dInput(first: i32, count: i32, args: Conv2dInputArguments): void {
  run(towardsImage(args.sizes), first, count, args.delta, args.weight, args.out, Epilogue.none, 0, 0, 0);
}

/** `count` filters from `first` on alone, or together with other threads, which have the other filters. */
export function conv2dWeight(first: i32, count: i32, args: Conv2dWeightArguments): void {
  weightInParts(towardsResult(args.sizes), first, count, args.image, args.delta, args.out);
}

/** bias, a number for each filter, may be absent (0). */
export function conv2dAffine(first: i32, count: i32, args: Conv2dAffineArguments): void {
  run(towardsResult(args.sizes), first, count, args.image, args.weight, args.out, Epilogue.activate, args.bias, args.activation, args.alpha);
}

export function conv2dDelta(first: i32, count: i32, args: Conv2dDeltaArguments): void {
  run(towardsImage(args.sizes), first, count, args.delta, args.weight, args.out, Epilogue.multiplyByDerivative, args.saved, args.activation, args.alpha);
}
