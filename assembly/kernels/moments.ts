/** Mean and variance: the order of operations is that of native/kernels/normalization.h. */
import { atLeast, constant, difference, product, splat, sum } from './vector';

/** How many deviations from 0 a mean lies before its rounding error is worth another walk. */
const FAR: f32 = 4;

@inline
export function isFar(mean: v128, variance: v128): bool {
  const m = f32x4.extract_lane(mean, 0);
  return m * m > FAR * FAR * f32x4.extract_lane(variance, 0);
}

/** A variance that was taken around what lies `rest` off the mean. */
@inline
export function corrected(variance: v128, rest: v128): v128 {
  return atLeast(difference(variance, product(rest, rest)), constant(0));
}

@inline
export function reciprocalDeviation(variance: v128, epsilon: f64): v128 {
  return f32x4.div(constant(1), f32x4.sqrt(sum(variance, splat(epsilon))));
}
