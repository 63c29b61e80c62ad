/** Mean and variance: the order of operations is that of native/kernels/moments.h. */
import { FAR } from '../generated/coefficients';
import * as vector from '../generated/vector_functions';
import { sumOf, Term } from './sums';
import { constant, splat, sum } from './vector';

@inline
export function reciprocalDeviation(variance: v128, epsilon: f64): v128 {
  return vector.reciprocalDeviation(variance, splat(epsilon));
}

/** Writes the mean, which is 0 unless centred, and the variance of `size` neighbours. */
export function tellMoments(x: usize, size: i32, centred: i32, mean: usize, variance: usize): void {
  const none = constant(0);
  const elements = f32x4.splat(<f32>size);
  let m = centred ? f32x4.div(f32x4.splat(sumOf(Term.value, x, x, size, none, none)), elements) : none;
  let v = f32x4.div(f32x4.splat(sumOf(Term.square, x, x, size, m, none)), elements);
  if (isFar(f32x4.extract_lane(m, 0), f32x4.extract_lane(v, 0))) {
    const rest = f32x4.div(f32x4.splat(sumOf(Term.deviation, x, x, size, m, none)), elements);
    m = sum(m, rest);
    v = vector.correctedVariance(v, rest);
  }
  v128.store32_lane(mean, m, 0);
  v128.store32_lane(variance, v, 0);
}

@inline
function isFar(mean: f32, variance: f32): bool {
  return mean * mean > FAR * FAR * variance;
}
