/** `hash`: categories by a fixed hash, however many there are. */
import { OptionError } from '../errors.ts';
import { type Check, oneOf, readOptions, required, type TableOf, withDefault } from '../options/table.ts';
import { checkInteger, describe } from '../options.ts';
import { MOST_CATEGORIES } from './cells.ts';
import { type Encoding, makerOf } from './encoding.ts';
import { murmur3 } from './murmur3.ts';

export interface HashOptions {
  /** A number for each bucket, 1 for that of the row, or the bucket's index, for `embedding`. Default 'oneHot'. */
  readonly as?: 'oneHot' | 'index';
}

interface Options extends HashOptions {
  readonly buckets: number;
}

const buckets: Check<number> = (where, value) => {
  const count = checkInteger(where, value, 2);
  if (count > MOST_CATEGORIES) throw new OptionError(`${where}: expected at most ${MOST_CATEGORIES}, got ${describe(count)}`);
  return count;
};
const OPTIONS = { buckets: required(buckets), as: withDefault(oneOf(['oneHot', 'index']), 'oneHot') } satisfies TableOf<Options>;

export const HASH = makerOf<'categories', Options>({
  type: 'hash',
  takes: 'categories',
  options: (where, given) => readOptions(where, OPTIONS, given),
  encoder: ({ buckets: count, as }: Required<Options>) => {
    const utf8 = new TextEncoder();
    return {
      width: as === 'index' ? 1 : count,
      encode: (value, to, at) => {
        const bucket = murmur3(utf8.encode(String(value))) % count;
        if (as === 'index') to[at] = bucket;
        else to[at + bucket] = 1;
      },
    };
  },
});

/**
 * The bucket of a category: MurmurHash3 (32 bits, seed 0) of its text in UTF-8, modulo the number of buckets. Nothing is learnt, and no category is
 * unknown; some share a bucket.
 *
 * @param buckets From 2 to 65536.
 * @throws OptionError for an unknown or impossible option.
 */
export const hash = (buckets: number, options: HashOptions = {}): Encoding<'categories'> => HASH({ ...options, buckets });
