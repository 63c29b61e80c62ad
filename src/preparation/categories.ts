/** What encodings of categories have in common: which categories there are, and what becomes of others. */
import { DataError } from '../errors.ts';
import { optional, readOptions, required } from '../options/table.ts';
import { describe } from '../options.ts';
import { type Cell, categories, compareCells, MOST_CATEGORIES } from './cells.ts';
import type { Learner } from './encoding.ts';

export interface Categories {
  readonly categories: readonly Cell[];
}

/** An option of encodings of categories. */
export const GIVEN_CATEGORIES = { categories: optional(categories) };

export const learnedCategories = (where: string, given: unknown): Categories =>
  readOptions(where, { categories: required(categories) }, given);

/** Learns which there are, sorted, where they are not given. */
export function categoryLearner({
  categories: given,
}: {
  readonly categories?: readonly Cell[] | undefined;
}): Learner<Cell, Categories> | undefined {
  if (given) return undefined;
  const found = new Set<Cell>();
  return {
    add(value) {
      found.add(value);
      if (found.size > MOST_CATEGORIES)
        throw new DataError(`expected at most ${MOST_CATEGORIES} categories, got more; hash() takes any number of them`);
    },
    learned() {
      if (found.size === 0) throw new DataError('expected categories, got none');
      return { categories: [...found].sort(compareCells) };
    },
  };
}

/** The place of a category, or undefined. */
export function placesOf(list: readonly Cell[]): (value: Cell) => number | undefined {
  const places = new Map(list.map((category, i) => [category, i]));
  return (value) => places.get(value);
}

/** Of a category that is not among them. */
export function unknownCategory(list: readonly Cell[], value: Cell): DataError {
  const some = list.slice(0, 8).map(describe).join(', ');
  return new DataError(`expected one of ${some}${list.length > 8 ? `, … (${list.length})` : ''}, got ${describe(value)}`);
}
