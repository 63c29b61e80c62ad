/** Comparing tensors by the largest difference, relative to the expected tensor's largest magnitude. */
import { expect } from 'vitest';

/** A tensor in a file of golden values. */
export interface GoldenTensor {
  readonly shape: readonly number[];
  readonly data: readonly number[];
}

export function relativeDifference(actual: ArrayLike<number>, expected: ArrayLike<number>): number {
  if (actual.length !== expected.length) return Number.POSITIVE_INFINITY;
  let largest = 0;
  let difference = 0;
  for (let i = 0; i < expected.length; i++) {
    largest = Math.max(largest, Math.abs(expected[i]));
    if (Object.is(actual[i], expected[i]) || actual[i] === expected[i]) continue;
    const one = Math.abs(actual[i] - expected[i]);
    difference = Number.isNaN(one) ? Number.POSITIVE_INFINITY : Math.max(difference, one);
  }
  return difference === 0 ? 0 : difference / Math.max(largest, 1e-30);
}

export function expectClose(actual: ArrayLike<number>, expected: ArrayLike<number>, tolerance: number, what: string): void {
  expect(relativeDifference(actual, expected), `${what}: relative difference`).toBeLessThanOrEqual(tolerance);
}
