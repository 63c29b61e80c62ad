/** Checks elements of data against their ranges in a network: indices of tables, masks, lengths of sequences. */
import { DataError } from '../errors.ts';
import { pieces, type Work } from '../event-loop/slices.ts';
import { areIndices, type ElementRange, type ElementRanges } from '../model/element-ranges.ts';
import type { Origin } from '../origin.ts';
import type { Numbers, Numeric } from './finite-numbers.ts';

/** Names the operation that takes an element, and tells which numbers are exact. */
interface RangeContract {
  readonly model: { describe(origin: Origin): string };
  readonly backend: Pick<Numeric, 'elementBytes'>;
}

/** float32 has all integers up to this, and not the next. */
const LARGEST_EXACT = 2 ** 24;

/**
 * Throws DataError for data out of its ranges, or that the backend's numbers cannot hold exactly. Elements that have a range are copied, as
 * integers, to `copy` where that is given: to an array that the caller of a network cannot change.
 */
export function* checkElements(
  where: string,
  data: Numbers,
  ranges: ElementRanges,
  contract: RangeContract,
  copy?: Int32Array,
): Work<void> {
  for (const [start, end] of pieces(data.length)) {
    if (start > 0) yield;
    for (let i = start; i < end; i++) {
      const range = ranges[i % ranges.length];
      if (!range) continue;
      const value = checkElement(where, data[i], i, range, ranges, contract);
      if (copy) copy[i] = value;
    }
  }
}

function checkElement(
  where: string,
  value: number,
  i: number,
  range: ElementRange,
  ranges: ElementRanges,
  { model, backend }: RangeContract,
): number {
  const refuse = (expected: string, rest = '') => {
    const place = `row ${Math.floor(i / ranges.length)}, element ${i % ranges.length}`;
    return new DataError(`${where}: expected ${expected}, got ${value} in ${place}${rest}`);
  };
  const { origin, op, as, most } = range;
  if (!Number.isInteger(value) || value < 0 || value > most)
    throw refuse(EXPECTED[as](most, origin.layer.length ? model.describe(origin) : op));
  if (value > LARGEST_EXACT && backend.elementBytes === 4 && !areIndices(ranges))
    throw refuse(`indices up to ${LARGEST_EXACT} beside other numbers`, '; an input of their own keeps larger ones exact');
  return value;
}

const EXPECTED: Readonly<Record<ElementRange['as'], (most: number, taker: string) => string>> = {
  index: (most, taker) => `indices from 0 to ${most} for ${taker}`,
  mask: (_, taker) => `a mask of 1 for what counts and 0 for padding for ${taker}`,
  length: (most, taker) => `lengths of 0 to ${most} whole steps for ${taker}`,
};
