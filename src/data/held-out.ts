/** Rows that are left out of a training. */
import { type HasSource, isDataset } from '../datasets/source.ts';
import { DataError, OptionError } from '../errors.ts';
import { PURPOSE, permutation, RandomStream } from '../random/philox.ts';
import { rowSource } from './rows-of.ts';
import type { DataSet } from './samples.ts';

interface Divided {
  readonly train: unknown;
  readonly test: unknown;
}

/** What datasets have. */
interface Divisible {
  split(options: { readonly test: number; readonly seed: number }): Divided;
}

const isDivisible = (data: object): data is Divisible => 'split' in data && typeof data.split === 'function';

/**
 * A share of the rows, chosen by a seed, and the others.
 *
 * @throws DataError where one of both would be empty, or for what is no data set.
 */
export function divided(data: DataSet<unknown, unknown> | HasSource, share: number, seed: number): Divided {
  if (isDataset(data)) {
    if (isDivisible(data)) return data.split({ test: share, seed });
    throw new OptionError('fit.validationSplit: expected a Dataset, or data in tensors, got a dataset without split()');
  }
  const source = rowSource('fit', data);
  const { rows } = source;
  const count = Math.round(share * rows);
  if (count === 0 || count === rows)
    throw new DataError(`fit.validationSplit: expected a share that leaves rows to train on and to evaluate, got ${share} of ${rows} rows`);
  const order = new Int32Array(rows);
  permutation(order, new RandomStream(seed, PURPOSE.split));
  // In their order, as a fit without shuffling takes them.
  const some = (from: number, to: number) => source.take(order.slice(from, to).sort());
  return { train: some(count, rows), test: some(0, count) };
}
