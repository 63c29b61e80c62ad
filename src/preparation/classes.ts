/** `classes`: labels of classes as targets. */
import { readOptions } from '../options/table.ts';
import { type Categories, categoryLearner, GIVEN_CATEGORIES, learnedCategories, placesOf, unknownCategory } from './categories.ts';
import type { Cell } from './cells.ts';
import { type Encoding, makerOf } from './encoding.ts';

interface Options {
  readonly categories?: readonly Cell[];
}

export const CLASSES = makerOf<'categories', Options>({
  type: 'classes',
  takes: 'categories',
  options: (where, given) => readOptions(where, GIVEN_CATEGORIES, given),
  learned: learnedCategories,
  learner: categoryLearner,
  encoder: ({ categories }: Options, learned: Categories) => {
    const labels = categories ?? learned.categories;
    const placeOf = placesOf(labels);
    return {
      width: 1,
      labels,
      encode: (value, to, at) => {
        const place = placeOf(value);
        if (place === undefined) throw unknownCategory(labels, value);
        to[at] = place;
      },
    };
  },
});

/**
 * Labels as class indices, for targets: `network.classify` gives the labels back. Another label is a DataError.
 *
 * @param labels In the order of the indices. Default those of the training data, sorted: false and true, numbers, texts by their code units.
 * @throws OptionError for anything but a list of different labels.
 */
export const classes = (labels?: readonly Cell[]): Encoding<'categories'> => CLASSES(labels === undefined ? {} : { categories: labels });
