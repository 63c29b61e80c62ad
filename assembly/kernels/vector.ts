/**
 * Four float32 lanes at a time, and the ends of arrays. Every element-wise loop runs over whole vectors and takes its last, partial
 * one by the same code: absent lanes read as 0 and are not written.
 */

/** The `n` elements (4 or more: all four lanes) at `from`. */
@inline
export function load4(from: usize, n: i32): v128 {
  return n >= 4 ? v128.load(from) : loadPart(from, n);
}

/** Stores the first `n` lanes (4 or more: all of them). */
@inline
export function store4(to: usize, x: v128, n: i32): void {
  if (n >= 4) v128.store(to, x);
  else storePart(to, x, n);
}

/** Stores the first `n` lanes (8 or more: all of them) of two neighbours. */
@inline
export function storeEight(to: usize, low: v128, high: v128, n: i32): void {
  store4(to, low, n);
  if (n > 4) store4(to + 16, high, n - 4);
}

/** Stores lanes `first` … n − 1: what lies before is another thread's. */
@inline
export function storeFrom(first: i32, to: usize, x: v128, n: i32): void {
  if (first == 0) return store4(to, x, n);
  if (first == 1 && n > 1) v128.store_lane<f32>(to, x, 1, 4);
  if (first <= 2 && n > 2) v128.store_lane<f32>(to, x, 2, 8);
  if (n > 3) v128.store_lane<f32>(to, x, 3, 12);
}

/** Four elements that lie `step` elements apart; step 0 repeats one. */
@inline
export function loadStrided(from: usize, step: i32): v128 {
  if (step == 1) return v128.load(from);
  return step == 0 ? v128.load32_splat(from) : gather4(from, <usize>step << 2);
}

@inline
function gather4(from: usize, step: usize): v128 {
  let x = v128.load32_zero(from);
  x = v128.load_lane<f32>(from + step, x, 1);
  x = v128.load_lane<f32>(from + 2 * step, x, 2);
  return v128.load_lane<f32>(from + 3 * step, x, 3);
}

function loadPart(from: usize, n: i32): v128 {
  return gatherPart(from, 4, n);
}

/** Up to four elements that lie `step` bytes apart. */
export function gatherPart(from: usize, step: usize, n: i32): v128 {
  let x = v128.load32_zero(from);
  if (n > 1) x = v128.load_lane<f32>(from + step, x, 1);
  if (n > 2) x = v128.load_lane<f32>(from + 2 * step, x, 2);
  if (n > 3) x = v128.load_lane<f32>(from + 3 * step, x, 3);
  return x;
}

/** Stores the first n lanes; n is 1 to 3. */
export function storePart(to: usize, x: v128, n: i32): void {
  v128.store_lane<f32>(to, x, 0);
  if (n > 1) v128.store_lane<f32>(to, x, 1, 4);
  if (n > 2) v128.store_lane<f32>(to, x, 2, 8);
}

/** mask ? x : y, lane by lane; the masks are those that comparisons give, for which a relaxed selection, one instruction, is the same. */
@inline
export function select(mask: v128, x: v128, y: v128): v128 {
  if (ASC_FEATURE_RELAXED_SIMD) return i32x4.relaxed_laneselect(x, y, mask);
  return v128.bitselect(x, y, mask);
}

@inline
export function splat(x: f64): v128 {
  return f32x4.splat(<f32>x);
}

/** x in the first n lanes, `otherwise` in the others. */
@inline
export function keep4(x: v128, n: i32, otherwise: v128): v128 {
  return n >= 4 ? x : select(i32x4.lt_s(i32x4(0, 1, 2, 3), i32x4.splat(n)), x, otherwise);
}

@inline
export function constant(x: f32): v128 {
  return f32x4.splat(x);
}

@inline
export function sum(x: v128, y: v128): v128 {
  return f32x4.add(x, y);
}

@inline
export function difference(x: v128, y: v128): v128 {
  return f32x4.sub(x, y);
}

@inline
export function product(x: v128, y: v128): v128 {
  return f32x4.mul(x, y);
}

/** x·y + sum, in one rounding where the build has an instruction for it. */
@inline
export function multiplyAdd(x: v128, y: v128, sum: v128): v128 {
  if (ASC_FEATURE_RELAXED_SIMD) return f32x4.relaxed_madd(x, y, sum);
  return f32x4.add(f32x4.mul(x, y), sum);
}

/** x < limit ? limit : x: NaN comes through. */
@inline
export function atLeast(x: v128, limit: v128): v128 {
  return f32x4.pmax(x, limit);
}

/** x > limit ? limit : x. */
@inline
export function atMost(x: v128, limit: v128): v128 {
  return f32x4.pmin(x, limit);
}

/** |x| with the sign of y. */
@inline
export function withSign(x: v128, y: v128): v128 {
  return v128.bitselect(y, x, constant(-0.0));
}

/** p·x + coefficient: a step of Horner's rule. */
@inline
export function horner(p: v128, x: v128, coefficient: f32): v128 {
  return sum(product(p, x), constant(coefficient));
}

/** The same of two doubles. */
@inline
export function hornerOfDoubles(p: v128, x: v128, coefficient: f64): v128 {
  return f64x2.add(f64x2.mul(p, x), f64x2.splat(coefficient));
}
