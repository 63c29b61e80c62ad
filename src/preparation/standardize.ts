/** `standardize`: mean 0, standard deviation 1. */
import { DataError } from '../errors.ts';
import { number, numberBetween, readOptions, required, type TableOf } from '../options/table.ts';
import { type Encoding, makerOf } from './encoding.ts';
import { Moments } from './moments.ts';
import { isOverLists, OVER, type OverOptions } from './over.ts';

interface Learned {
  readonly mean: number;
  readonly deviation: number;
}

const LEARNED = { mean: required(number(Number.NEGATIVE_INFINITY)), deviation: required(numberBetween(0)) } satisfies TableOf<Learned>;

/** The deviation; 1 where the values differ by no more than the rounding of their sums, as scikit-learn decides it. */
function deviationOf({ count, mean, variance }: Moments): number {
  const rounding = count * Number.EPSILON;
  return variance <= rounding * variance + (rounding * mean) ** 2 ? 1 : Math.sqrt(variance);
}

function learner() {
  const moments = new Moments();
  return {
    add: (value: number, times: number) => moments.add(value, times),
    learned: (): Learned => {
      if (moments.count === 0) throw new DataError('expected values to standardize by, got none');
      const deviation = deviationOf(moments);
      if (Number.isFinite(deviation)) return { mean: moments.mean, deviation };
      throw new DataError('expected numbers whose squares are finite, got larger ones');
    },
  };
}

export const STANDARDIZE = makerOf<'numbers', OverOptions>({
  type: 'standardize',
  takes: 'numbers',
  overLists: isOverLists,
  options: (where, given) => readOptions(where, OVER, given),
  learned: (where, given) => readOptions(where, LEARNED, given),
  learner,
  encoder: (_, { mean, deviation }: Learned) => ({
    width: 1,
    encode: (value, to, at) => {
      to[at] = (value - mean) / deviation;
    },
    decode: (value) => value * deviation + mean,
  }),
});

/**
 * (value − mean) / standard deviation, that of all values (divided by their count); a column of one value becomes 0. Among targets it is
 * undone in predictions.
 *
 * @throws OptionError for an unknown or impossible option.
 */
export const standardize = (options: OverOptions = {}): Encoding<'numbers'> => STANDARDIZE(options);
