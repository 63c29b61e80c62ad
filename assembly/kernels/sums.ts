/**
 * Sums along memory in the order that native/kernels/sums.h defines: term i to partial sum i mod 16, then the 16 partial sums by
 * halves. Here the partial sums are the lanes of four vectors.
 */
import { exp } from './transcendental';
import { atMost, difference, keep4, load4, product, sum } from './vector';

/** What `sumOf` adds: x; x·y; e^(x − a); y·((a − x) + b), a − x at most the largest number; (a·x)². */
export const enum Term {
  value,
  product,
  exponential,
  crossEntropy,
  scaledSquare,
}

@inline
function term(kind: i32, x: usize, y: usize, n: i32, a: v128, b: v128): v128 {
  if (kind == Term.value) return load4(x, n);
  if (kind == Term.product) return product(load4(x, n), load4(y, n));
  if (kind == Term.exponential) return exponentialTerm(load4(x, n), n, a);
  if (kind == Term.scaledSquare) return square(product(load4(x, n), a));
  return product(load4(y, n), sum(atMost(difference(a, load4(x, n)), f32x4.splat(f32.MAX_VALUE)), b));
}

@inline
function square(x: v128): v128 {
  return product(x, x);
}

/** Zeros where there are no elements. */
function exponentialTerm(x: v128, n: i32, shift: v128): v128 {
  return keep4(exp(difference(x, shift)), n, f32x4.splat(0));
}

/** Σ over `size` elements; `kind` is a constant where this is inlined. */
@inline
export function sumOf(kind: i32, x: usize, y: usize, size: i32, a: v128, b: v128): f32 {
  let p0 = f32x4.splat(0);
  let p1 = p0;
  let p2 = p0;
  let p3 = p0;
  let rest = size;
  for (; rest >= 16; rest -= 16, x += 64, y += 64) {
    p0 = sum(p0, term(kind, x, y, 4, a, b));
    p1 = sum(p1, term(kind, x + 16, y + 16, 4, a, b));
    p2 = sum(p2, term(kind, x + 32, y + 32, 4, a, b));
    p3 = sum(p3, term(kind, x + 48, y + 48, 4, a, b));
  }
  if (rest > 0) p0 = sum(p0, term(kind, x, y, rest, a, b));
  if (rest > 4) p1 = sum(p1, term(kind, x + 16, y + 16, rest - 4, a, b));
  if (rest > 8) p2 = sum(p2, term(kind, x + 32, y + 32, rest - 8, a, b));
  if (rest > 12) p3 = sum(p3, term(kind, x + 48, y + 48, rest - 12, a, b));
  return totalOf(p0, p1, p2, p3);
}

/** The 16 partial sums, added by halves. */
export function totalOf(p0: v128, p1: v128, p2: v128, p3: v128): f32 {
  const four = sum(sum(p0, p2), sum(p1, p3));
  const two = sum(four, v128.shuffle<f32>(four, four, 2, 3, 2, 3));
  return f32x4.extract_lane(two, 0) + f32x4.extract_lane(two, 1);
}
