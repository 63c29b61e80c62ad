/** States of optimisers as numbers of bfloat16, which are rounded at random as src/ops/rounded-states.ts says. */
import { Context } from '../context';
import { WEYL } from '../generated/coefficients';
import { Purpose } from '../generated/constants';
import { scrambled } from '../generated/vector_functions';
import { keyHigh, keyLow, philox } from './philox';

/** Any that follow have the same random bits. */
const LAST_STEP: u64 = 1 << 52;

/** Where a step's sequence of random bits begins, whose number `step` holds. */
export function beginningOf(context: Context, stream: i32, step: usize): i32 {
  const t = min(<u64>load<f32>(step), LAST_STEP);
  return load<i32>(philox(0, stream, t, keyLow(context.seed), keyHigh(context.seed, Purpose.rounding)));
}

/** The random bits of element `at` and the three that follow. */
@inline
export function bitsFrom(begin: i32, at: i32): v128 {
  return scrambled(i32x4.add(i32x4.splat(begin + at * WEYL), i32x4(0, WEYL, 2 * WEYL, 3 * WEYL)));
}

/** Element `at` of a state, whose elements are halves of words, the lower ones first. */
@inline
export function halfAt(state: usize, at: i32): usize {
  return state + (<usize>at << 1);
}

/** The first `n` numbers from `from` on as floats (4 or more: all lanes). */
@inline
export function widen4(from: usize, n: i32): v128 {
  return i32x4.shl(i32x4.extend_low_i16x8_u(n >= 4 ? v128.load64_zero(from) : loadHalves(from, n)), 16);
}

/** Stores the upper halves of the first `n` lanes (4 or more: all of them). */
@inline
export function narrow4(to: usize, x: v128, n: i32): void {
  const halves = v128.shuffle<i16>(x, x, 1, 3, 5, 7, 1, 3, 5, 7);
  if (n >= 4) v128.store64_lane(to, halves, 0);
  else storeHalves(to, halves, n);
}

function loadHalves(from: usize, n: i32): v128 {
  let halves = v128.load16_lane(from, i32x4.splat(0), 0);
  if (n > 1) halves = v128.load16_lane(from, halves, 1, 2);
  if (n > 2) halves = v128.load16_lane(from, halves, 2, 4);
  return halves;
}

function storeHalves(to: usize, halves: v128, n: i32): void {
  v128.store16_lane(to, halves, 0);
  if (n > 1) v128.store16_lane(to, halves, 1, 2);
  if (n > 2) v128.store16_lane(to, halves, 2, 4);
}
