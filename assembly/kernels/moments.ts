/** Mean and variance: the order of operations is that of native/kernels/normalization.h. */
import { FAR } from '../generated/coefficients';
import * as vector from '../generated/vector_functions';
import { splat } from './vector';

@inline
export function isFar(mean: v128, variance: v128): bool {
  const m = f32x4.extract_lane(mean, 0);
  return m * m > FAR * FAR * f32x4.extract_lane(variance, 0);
}

@inline
export function reciprocalDeviation(variance: v128, epsilon: f64): v128 {
  return vector.reciprocalDeviation(variance, splat(epsilon));
}
