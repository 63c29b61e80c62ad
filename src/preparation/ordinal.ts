/** `ordinal`: the place of a category in their order. */
import { oneOf, readOptions, type TableOf, withDefault } from '../options/table.ts';
import { type Categories, categoryLearner, GIVEN_CATEGORIES, learnedCategories, placesOf, unknownCategory } from './categories.ts';
import type { Cell } from './cells.ts';
import { type Encoding, makerOf } from './encoding.ts';

export interface OrdinalOptions {
  /** What another category becomes: a DataError, or the place behind the last ('unknown'). Default 'error'. */
  readonly unknown?: 'error' | 'unknown';
}

interface Options extends OrdinalOptions {
  readonly categories?: readonly Cell[];
}

const OPTIONS = { ...GIVEN_CATEGORIES, unknown: withDefault(oneOf(['error', 'unknown']), 'error') } satisfies TableOf<Options>;

export const ORDINAL = makerOf<'categories', Options>({
  type: 'ordinal',
  takes: 'categories',
  options: (where, given) => readOptions(where, OPTIONS, given),
  learned: learnedCategories,
  learner: categoryLearner,
  encoder: ({ categories: given, unknown }: Options, learned: Categories) => {
    const list = given ?? learned.categories;
    const placeOf = placesOf(list);
    return {
      width: 1,
      encode: (value, to, at) => {
        const place = placeOf(value);
        if (place === undefined && unknown === 'error') throw unknownCategory(list, value);
        to[at] = place ?? list.length;
      },
    };
  },
});

/**
 * The place of a category in their order, from 0: for grades, and as an index of `embedding`.
 *
 * @param categories In their order. Default those of the training data, sorted: false and true, numbers, texts by their code units.
 * @throws OptionError for an unknown or impossible option.
 */
export const ordinal = (categories?: readonly Cell[], options: OrdinalOptions = {}): Encoding<'categories'> =>
  ORDINAL(categories === undefined ? options : { ...options, categories });
