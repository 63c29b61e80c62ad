// Arithmetic of sizes, the same words as in native/sizes.h; least and greatest are the language's min and max.
import { BLOCK_DEPTH } from './generated/constants';

/** ⌈n ÷ unit⌉ for n ≥ 0: how many units hold n. */
@inline
export function ceilDivide(n: i32, unit: i32): i32 {
  return (n + unit - 1) / unit;
}

/** n ≥ 0, or the next larger multiple of the unit. */
@inline
export function roundUp(n: i32, unit: i32): i32 {
  return ceilDivide(n, unit) * unit;
}

/** Steps of k that the block from `step` on has: products sum k in blocks, by contract. */
@inline
export function blockDepth(k: i32, step: i32): i32 {
  return min(k - step, BLOCK_DEPTH);
}
