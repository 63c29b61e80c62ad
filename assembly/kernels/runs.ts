/**
 * Runs of elements, each computed from those at its place, sixteen at a turn: engines check at every turn of a loop whether to stop,
 * which takes as long as a vector. Loops are tested at their ends, since engines may compute what is constant in a loop at each of its turns where it
 * can turn no time at all.
 */
import { NO_INDEX } from '../generated/constants';
import * as functions from '../generated/vector_functions';
import { load4, product, select, store4, sum } from './vector';

/**
 * What `mapRun` computes: x·a; x + a·y; a + x; the index that a number is; the number of an index; an index, 0 where it is negative; and
 * the functions of those names.
 */
export const enum Step {
  scale,
  accumulate,
  add,
  toIndex,
  toNumber,
  clampIndex,
  softmaxDelta,
  logProbability,
  otherClassDelta,
}

/** What is no whole number of 32 bits, NaN too, fails one of the comparisons, whatever the conversion makes of it. */
@inline
function indexOf(number: v128): v128 {
  const index = ASC_FEATURE_RELAXED_SIMD ? i32x4.relaxed_trunc_f32x4_s(number) : i32x4.trunc_sat_f32x4_s(number);
  const fits = v128.and(f32x4.eq(f32x4.convert_i32x4_s(index), number), f32x4.lt(number, f32x4.splat(2147483648)));
  return select(fits, index, i32x4.splat(NO_INDEX));
}

@inline
function takesTwo(step: Step): bool {
  return step == Step.accumulate || step == Step.softmaxDelta;
}

@inline
function stepOf(step: Step, x: v128, y: v128, a: v128, b: v128): v128 {
  if (step == Step.scale) return product(x, a);
  if (step == Step.accumulate) return sum(x, product(a, y));
  if (step == Step.add) return sum(a, x);
  if (step == Step.softmaxDelta) return functions.softmaxDelta(x, y, a);
  if (step == Step.logProbability) return functions.logProbability(x, a, b);
  if (step == Step.otherClassDelta) return functions.otherClassDelta(a, x, b);
  if (step == Step.toIndex) return indexOf(x);
  if (step == Step.toNumber) return f32x4.convert_i32x4_s(x);
  return i32x4.max_s(x, i32x4.splat(0));
}

/** out = step(x, y) of `size` elements; `step` is a constant where this is inlined. `out` may be `x` or `y`, `y` is 0 for steps that take none. */
@inline
export function mapRun(step: Step, x: usize, y: usize, out: usize, size: i32, a: v128, b: v128): void {
  let rest = size;
  if (rest >= 16) {
    do {
      v128.store(out, stepOf(step, v128.load(x), takesTwo(step) ? v128.load(y) : a, a, b));
      v128.store(out, stepOf(step, v128.load(x, 16), takesTwo(step) ? v128.load(y, 16) : a, a, b), 16);
      v128.store(out, stepOf(step, v128.load(x, 32), takesTwo(step) ? v128.load(y, 32) : a, a, b), 32);
      v128.store(out, stepOf(step, v128.load(x, 48), takesTwo(step) ? v128.load(y, 48) : a, a, b), 48);
      rest -= 16;
      x += 64;
      if (takesTwo(step)) y += 64;
      out += 64;
    } while (rest >= 16);
  }
  for (; rest > 0; rest -= 4, x += 16, out += 16) {
    store4(out, stepOf(step, load4(x, rest), takesTwo(step) ? load4(y, rest) : a, a, b), rest);
    if (takesTwo(step)) y += 16;
  }
}

/** `size` elements of one number. */
export function fillVectors(out: usize, size: i32, number: v128): void {
  let rest = size;
  if (rest >= 16) {
    do {
      v128.store(out, number);
      v128.store(out, number, 16);
      v128.store(out, number, 32);
      v128.store(out, number, 48);
      rest -= 16;
      out += 64;
    } while (rest >= 16);
  }
  for (; rest > 0; rest -= 4, out += 16) store4(out, number, rest);
}
