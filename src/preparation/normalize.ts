/** `normalize`: between two ends. */
import { DataError, OptionError } from '../errors.ts';
import { type Check, number, readOptions, required, type TableOf, withDefault } from '../options/table.ts';
import { describe } from '../options.ts';
import { type Encoding, makerOf } from './encoding.ts';
import { isOverLists, OVER, type OverOptions } from './over.ts';

export interface NormalizeOptions extends OverOptions {
  /** The ends: what the smallest value of the training data becomes, and the largest. Default [0, 1]. */
  readonly to?: readonly [least: number, most: number];
}

interface Learned {
  readonly least: number;
  readonly most: number;
}

const ends: Check<readonly [number, number]> = (where, value) => {
  if (Array.isArray(value) && value.length === 2 && value.every(Number.isFinite) && value[0] < value[1]) return [value[0], value[1]];
  throw new OptionError(`${where}: expected [least, most], two finite numbers, got ${describe(value)}`);
};
const OPTIONS = { ...OVER, to: withDefault(ends, [0, 1]) } satisfies TableOf<NormalizeOptions>;

const finite = number(Number.NEGATIVE_INFINITY);
const LEARNED = { least: required(finite), most: required(finite) } satisfies TableOf<Learned>;

function learned(where: string, given: unknown): Learned {
  const { least, most } = readOptions(where, LEARNED, given);
  if (most >= least && Number.isFinite(most - least)) return { least, most };
  throw new OptionError(`${where}: expected least and most with a finite difference, got ${least} and ${most}`);
}

function learner() {
  let [least, most] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  return {
    add: (value: number, times: number) => {
      if (times === 0) return;
      least = Math.min(least, value);
      most = Math.max(most, value);
    },
    learned: (): Learned => {
      if (least > most) throw new DataError('expected values to normalize by, got none');
      if (!Number.isFinite(most - least)) throw new DataError('expected numbers of a finite range, got larger ones');
      return { least, most };
    },
  };
}

export const NORMALIZE = makerOf<'numbers', NormalizeOptions>({
  type: 'normalize',
  takes: 'numbers',
  options: (where, given) => readOptions(where, OPTIONS, given),
  learned,
  learner,
  overLists: isOverLists,
  encoder: ({ to: [low, high] }: Pick<Required<NormalizeOptions>, 'to'>, { least, most }: Learned) => {
    const range = most - least || 1;
    return {
      width: 1,
      encode: (value, to, at) => {
        to[at] = low + ((value - least) / range) * (high - low);
      },
      decode: (value) => least + ((value - low) / (high - low)) * range,
    };
  },
});

/**
 * The smallest value of the training data becomes `to[0]`, the largest `to[1]`, and others in proportion: later ones may lie beyond. A column
 * of one value becomes `to[0]`. Among targets it is undone in predictions.
 *
 * @throws OptionError for an unknown or impossible option.
 */
export const normalize = (options: NormalizeOptions = {}): Encoding<'numbers'> => NORMALIZE(options);
