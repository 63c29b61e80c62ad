/** `oneHot`: a number for each category. */
import { oneOf, readOptions, type TableOf, withDefault } from '../options/table.ts';
import { type Categories, categoryLearner, GIVEN_CATEGORIES, learnedCategories, placesOf, unknownCategory } from './categories.ts';
import type { Cell } from './cells.ts';
import { type Encoding, makerOf } from './encoding.ts';

export interface OneHotOptions {
  /** The categories, in their order. Default those of the training data, sorted: false and true, numbers, texts by their code units. */
  readonly categories?: readonly Cell[];
  /** What another category becomes: zeros, a further number that all of them share ('unknown'), or a DataError. Default 'zeros'. */
  readonly unknown?: 'zeros' | 'unknown' | 'error';
}

const OPTIONS = {
  ...GIVEN_CATEGORIES,
  unknown: withDefault(oneOf(['zeros', 'unknown', 'error']), 'zeros'),
} satisfies TableOf<OneHotOptions>;

type Options = Pick<OneHotOptions, 'categories'> & Required<Pick<OneHotOptions, 'unknown'>>;

export const ONE_HOT = makerOf<'categories', OneHotOptions>({
  type: 'oneHot',
  takes: 'categories',
  options: (where, given) => readOptions(where, OPTIONS, given),
  learned: learnedCategories,
  learner: categoryLearner,
  encoder: ({ categories: given, unknown }: Options, learned: Categories) => {
    const list = given ?? learned.categories;
    const placeOf = placesOf(list);
    return {
      width: list.length + (unknown === 'unknown' ? 1 : 0),
      encode: (value, to, at) => {
        const place = placeOf(value) ?? (unknown === 'unknown' ? list.length : undefined);
        if (place !== undefined) to[at + place] = 1;
        else if (unknown === 'error') throw unknownCategory(list, value);
      },
    };
  },
});

/**
 * A number for each category: 1 for that of the row, 0 for the others.
 *
 * @throws OptionError for an unknown or impossible option.
 */
export const oneHot = (options: OneHotOptions = {}): Encoding<'categories'> => ONE_HOT(options);
