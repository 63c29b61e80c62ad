/** What the cases of all families are made with. */
import { wholeAttributes } from '../../src/ops/attributes.ts';
import type { OpSpec, Shape } from '../../src/ops/spec.ts';
import { type Fill, type OpCase, TAME } from './op-case.ts';

export { TAME };

/** Sizes around the widths of vectors and tiles, and primes that suit none. */
export const SIZES = [1, 2, 3, 5, 7, 13, 15, 16, 17, 31, 63, 64, 65, 127, 129];
/** For lists of elements, more than blocks of 1024 besides. */
export const LENGTHS = [...SIZES, 1027];
/** Rows that run, of how many the program was made for. */
export const BATCHES: readonly (readonly [number, number])[] = [
  [1, 1],
  [1, 16],
  [3, 8],
  [17, 17],
];
export const POSITIVE: Fill = { low: 0.1, high: 3 };

/** A case; what is not given is the usual. Attributes may be those of all ops of a family. */
export function make(op: OpSpec, inputs: readonly (Shape | undefined)[], rest: Partial<OpCase> = {}): OpCase {
  const attributes = wholeAttributes(op, rest.attributes ?? {});
  return { op, inputs, fills: [TAME], rows: 1, maximumRows: 1, special: false, ...rest, attributes };
}

/** One case for each of the batches. */
export function batched(op: OpSpec, inputs: readonly (Shape | undefined)[], rest: Partial<OpCase> = {}): OpCase[] {
  return BATCHES.map(([rows, maximumRows]) => make(op, inputs, { ...rest, rows, maximumRows }));
}
