/** Comparing what a float32 backend made of a case with what the op's definition says. */
import { expect } from 'vitest';
import type { Assembled, OpCase, Place } from './op-case.ts';
import { isIndex, written } from './op-case.ts';

export const SEED = 2 ** 40 + 12345;

/** Every written operand within the op's own tolerance; dropout's masks to the bit. */
export function checkResults(
  test: OpCase,
  { places }: Assembled,
  actual: Float32Array | Float64Array,
  expected: Float32Array | Float64Array,
  what: string,
): void {
  for (const name of written(test)) {
    const { offset, size } = places.get(name) as Place;
    if (isIndex(test, name)) {
      const found = new Int32Array(Float32Array.from(actual.slice(offset, offset + size)).buffer);
      expect([...found], `${what}: ${name}`).toEqual([...expected.slice(offset, offset + size)]);
      continue;
    }
    const difference = largestError(test, actual, expected, offset, size);
    if (difference > test.op.tolerance) expect.fail(`${what}: ${name} is off by ${difference}, more than ${test.op.tolerance}`);
  }
}

/**
 * Relative to the output's largest magnitude; for special values to each one's own, or to 1 where it is smaller. What is too large for
 * float32 must be infinite, what is no number must be none.
 */
function largestError({ special }: OpCase, actual: ArrayLike<number>, expected: ArrayLike<number>, offset: number, size: number): number {
  let magnitude = 0;
  let error = 0;
  for (let i = offset; i < offset + size; i++) {
    const wanted = Math.fround(expected[i]);
    if (Object.is(actual[i], wanted) || actual[i] === wanted) {
      if (Number.isFinite(wanted)) magnitude = Math.max(magnitude, Math.abs(wanted));
      continue;
    }
    if (!Number.isFinite(wanted) || !Number.isFinite(actual[i])) return Number.POSITIVE_INFINITY;
    magnitude = Math.max(magnitude, Math.abs(wanted));
    const off = Math.abs(actual[i] - wanted);
    error = Math.max(error, special ? off / Math.max(1, Math.abs(wanted)) : off);
  }
  return special || error === 0 ? error : error / magnitude;
}
