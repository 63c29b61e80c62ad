/** What a convolution is given, and where it lies in the workspace. */
import { convolutionPlace } from '../scratch';
import { DESCRIPTION_BYTES, IMAGE_BYTES, OPERAND_BYTES, TAPS_BYTES } from './convolution_sizes';
import { Epilogue } from './product';

/**
 * One direction of a convolution. What is computed is a grid of positions; tap t at position q reads the coordinate
 * first + q·stride + t·step, where the source's element i lies at coordinate i·spacing and everything else is zero.
 */
@unmanaged
export class Axis {
  grid: i32;
  taps: i32;
  source: i32;
  stride: i32;
  spacing: i32;
  first: i32;
  step: i32;
  /** The lowest element that the first position of any phase (convolution_phases.ts) reads, and from it to the highest. */
  lowest: i32;
  span: i32;
  /** How many elements of each of the stride's phases the copy of a region holds. */
  length: i32;
}

/** out = weights · windows, or the gradient of the weights: a group and a sample at a time. */
@unmanaged
export class Convolution {
  samples: i32;
  groups: i32;
  /** Planes of the source in a group. */
  channels: i32;
  /** Planes of the result in a group. */
  rows: i32;
  /** Of each sample's planes of the result, counted over all groups, the first and the number of those that are computed. */
  firstPlane: i32;
  planes: i32;
  source: usize;
  /** Where the gradient of the weights is wanted, δ. */
  weights: usize;
  transposedWeights: bool;
  out: usize;
  epilogue: Epilogue;
  activation: i32;
  /** A bias for each row, or what the derivative is of, laid like out; may be absent (0). */
  operand: usize;
  alpha: f64;
  /** The region of the grid that is under way. */
  row: i32;
  regionRows: i32;
  column: i32;
  regionColumns: i32;
}

/** The one convolution that is under way, and its axes. */
@inline
export function theConvolution(): Convolution {
  return changetype<Convolution>(convolutionPlace());
}

@inline
export function axisY(): Axis {
  return changetype<Axis>(convolutionPlace() + 128);
}

@inline
export function axisX(): Axis {
  return changetype<Axis>(convolutionPlace() + 192);
}

/** Byte offsets of taps in the copy of the image, and numbers that go with them. */
@inline
export function tapsSpace(): usize {
  return convolutionPlace() + DESCRIPTION_BYTES;
}

@inline
export function imageSpace(): usize {
  return convolutionPlace() + DESCRIPTION_BYTES + TAPS_BYTES;
}

@inline
export function operandSpace(): usize {
  return convolutionPlace() + DESCRIPTION_BYTES + TAPS_BYTES + IMAGE_BYTES;
}

@inline
export function sumsSpace(): usize {
  return convolutionPlace() + DESCRIPTION_BYTES + TAPS_BYTES + IMAGE_BYTES + OPERAND_BYTES;
}
