/** Rows that are read lazily, pass after pass. */
import { OptionError } from '../errors.ts';
import { checkFunction, checkInteger, describe } from '../options.ts';
import { type AugmentOptions, augmented } from './augment.ts';
import { type BatchOptions, batches, type PassOptions, readingOf } from './batches.ts';
import { type BucketOptions, bucketed } from './buckets.ts';
import { type NumberArray, rowsOf } from './chunk.ts';
import { concatenated, interleaved, repeated } from './combine.ts';
import { type DivideOptions, folds, type SplitOptions, split } from './divide.ts';
import { type FromOptions, sourceOf } from './from.ts';
import { type CallOptions, callingOf, filtered, mapped } from './functions.ts';
import type { Pass, RowIterable } from './iterables.ts';
import { prefetched } from './prefetch.ts';
import { firstRows, otherRows } from './ranges.ts';
import type { AugmentedRow, BatchOf, RowOfTensor, RowsOfTensors, StepsOf, TensorOf, TensorsByName } from './row-types.ts';
import { type SequenceOptions, sequences } from './sequences.ts';
import { type ShuffleOptions, shuffled } from './shuffle.ts';
import { FIRST, isDataset, SOURCE, type Source } from './source.ts';

/** Rows to train on, and rows to judge by. */
export interface TrainTestRows<Row> {
  readonly train: Dataset<Row>;
  readonly test: Dataset<Row>;
}

/**
 * Rows that are read lazily, as often as they are asked for. A dataset is a description: nothing is read before `fit`, `evaluate`, `predict` or a
 * loop over it asks for rows. Each operation gives another dataset and leaves this one as it is.
 *
 * The order of rows, and all that is random, is decided by the seed and the epoch of a pass alone: a run that resumes in the middle of an epoch gets
 * the rows that an uninterrupted one would.
 */
export class Dataset<Row = unknown> implements AsyncIterable<Row> {
  readonly [SOURCE]: Source;

  /** @param source Where its rows come from. `Dataset.from` and the readers make datasets of what users have. */
  constructor(source: Source) {
    this[SOURCE] = source;
  }

  /**
   * The rows that a function gives, which is called for every pass: an array, an iterable or a generator, async ones too, a stream of the web, or
   * another dataset. It is told the seed and the epoch.
   *
   * @throws what the function or its iterable throws, as it is.
   */
  static from<Row>(open: (pass: Pass) => RowIterable<Row> | PromiseLike<RowIterable<Row>>, options?: FromOptions): Dataset<Row>;
  /** The rows of an array: objects of named values, as `{ x, y, weight? }`, or values. It must not change while the dataset is in use. */
  static from<Row>(rows: readonly Row[]): Dataset<Row>;
  /** The rows of one tensor, or of an array of numbers. They are not copied. */
  static from<T extends NumberArray | TensorOf>(tensor: T): Dataset<RowOfTensor<T>>;
  /** The rows of an iterable or a stream, which is read once: a second pass is a StateError. A function gives rows as often as they are asked for. */
  static from<Row>(rows: RowIterable<Row>): Dataset<Row>;
  /**
   * Tensors, or lists of one value a row, by name: `{ x, y, weight }`, or `{ x: { age, job }, y }`. Row i of the dataset is row i of each. Typed arrays
   * are not copied and stay of their kind, bytes bytes: they must not change while the dataset is in use.
   *
   * @throws DataError where they differ in rows; ShapeError for data that do not fit their shape.
   */
  static from<Tensors extends TensorsByName>(tensors: Tensors): Dataset<RowsOfTensors<Tensors>>;
  static from(given: unknown, options?: FromOptions): Dataset<unknown> {
    return new Dataset(sourceOf(given, options));
  }

  /** Rows of a pass; undefined where the end alone tells. */
  get rows(): number | undefined {
    return this[SOURCE].rows;
  }

  /**
   * The row that a function makes of each. It may be async: 16 calls, or as many as `concurrency` says, are under way at once, and the rows keep their
   * order. It must give the same for the same row, whenever it is called.
   *
   * @param make Called with a row and its number in the epoch.
   * @throws what the function throws, as it is; DataError for rows of other names than the first.
   */
  map<Other>(make: (row: Row, number: number) => Other | PromiseLike<Other>, options: CallOptions = {}): Dataset<Awaited<Other>> {
    return new Dataset(mapped(this[SOURCE], callingOf('dataset.map', checkFunction('dataset.map', make), options)));
  }

  /** The rows for which a function, which may be async as that of `map`, gives true. Their number is unknown until they are read. */
  filter<Kept extends Row>(isKept: (row: Row, number: number) => row is Kept): Dataset<Kept>;
  filter(isKept: (row: Row, number: number) => boolean | PromiseLike<boolean>, options?: CallOptions): Dataset<Row>;
  filter(isKept: (row: Row, number: number) => unknown, options: CallOptions = {}): Dataset<Row> {
    return new Dataset(filtered(this[SOURCE], callingOf('dataset.filter', checkFunction('dataset.filter', isKept), options)));
  }

  /**
   * The rows in another order in every epoch, decided by the seed and the epoch. Where all rows are in memory every order is as likely as any other;
   * rows that are read on the way pass through a buffer. Best before what makes other rows of them, so that the buffer holds small ones.
   */
  shuffle(options: ShuffleOptions = {}): Dataset<Row> {
    return new Dataset(shuffled(this[SOURCE], options));
  }

  /** The first `count` rows of every epoch. */
  take(count: number): Dataset<Row> {
    return new Dataset(firstRows(this[SOURCE], checkInteger('dataset.take', count, 0)));
  }

  /** All rows of every epoch but the first `count`. */
  skip(count: number): Dataset<Row> {
    return new Dataset(otherRows(this[SOURCE], checkInteger('dataset.skip', count, 0)));
  }

  /**
   * Rows to train on and rows to test with, chosen by chance: each row is in one of both, the same in every epoch and run. `test` has that share of the
   * rows, rounded. Of a dataset that does not know its `rows`, each row with that probability: of 10 000 rows 2000 ± 80 for a share of 0.2 (95 %). With
   * `stratify`, which reads the rows to count them, `test` has its share of all rows, rounded, and of each label's to within one row.
   *
   * @throws DataError where one of both would have no rows, and for a dataset whose rows change or change places, such as a shuffled one.
   */
  split(options: SplitOptions): TrainTestRows<Row> {
    return asDatasets<Row>(split(this[SOURCE], options));
  }

  /**
   * The rows divided by chance into `count` folds, each of which is the test rows of one division, the others its training rows. Folds differ in size by
   * one row at most, and with `stratify` in rows of each label too. Of a dataset that does not know its `rows`, without `stratify`, each row is in any
   * fold with the same probability.
   *
   * @throws DataError as `split`.
   */
  kFold(count: number, options: DivideOptions = {}): TrainTestRows<Row>[] {
    return folds(this[SOURCE], checkInteger('dataset.kFold', count, 2), options).map((fold) => asDatasets<Row>(fold));
  }

  /** These rows, then those of the others. */
  concatenate(...others: readonly Dataset<Row>[]): Dataset<Row> {
    return new Dataset(concatenated([this[SOURCE], ...sourcesOf('dataset.concatenate', others)]));
  }

  /** A row of each in turns, until none has any left. */
  interleave(...others: readonly Dataset<Row>[]): Dataset<Row> {
    return new Dataset(interleaved([this[SOURCE], ...sourcesOf('dataset.interleave', others)]));
  }

  /**
   * The rows several times within an epoch, in another order each time where they are shuffled before.
   *
   * @param times Default: without end, for fits of so many steps an epoch.
   */
  repeat(times?: number): Dataset<Row> {
    return new Dataset(repeated(this[SOURCE], times === undefined ? Number.POSITIVE_INFINITY : checkInteger('dataset.repeat', times)));
  }

  /**
   * Reads ahead while what was read is in use.
   *
   * @param chunks Chunks, of some thousand rows at most, that wait for their turn. Default 2.
   */
  prefetch(chunks = 2): Dataset<Row> {
    return new Dataset(prefetched(this[SOURCE], checkInteger('dataset.prefetch', chunks)));
  }

  /**
   * Windows of `length` consecutive rows, each of which is a row: of rows `{ x, y }`, lists x and y of `length` steps, tensors [length, …] where a row has
   * typed arrays or tensors. What is left at the end and fills no window is left out.
   */
  sequences(options: SequenceOptions): Dataset<StepsOf<Row>> {
    return new Dataset(sequences(this[SOURCE], options));
  }

  /**
   * Lists of any length, such as the tokens of texts, as rows of one length, those of similar length together: each run of `batchSize` rows is of one
   * bucket, until the buckets are emptied at the end of an epoch. Every row is filled up to the last boundary, since a network's input has one shape;
   * `lengths` puts down where its padding begins, for a network that has it as an input. It is for fits with `shuffle: false`, whose mini-batches are
   * whole buckets then, and for loops over `batches`, which may cut each to its longest row. Shuffle before.
   *
   * @throws DataError for what is no list of numbers, and for a longer list unless `longer` is `'cut'`.
   */
  buckets(options: BucketOptions): Dataset<Row> {
    return new Dataset(bucketed(this[SOURCE], options));
  }

  /**
   * Images changed by chance, each in another way in every epoch: for training rows alone, and behind a shuffle. The options apply in their order: an
   * image is turned over, cropped, shifted, rotated, lit, has a square cut out, and is mixed with another one. Bytes are rounded and stay bytes.
   *
   * With `mixup` targets are mixed too; of class indices, with `mixup.classes`, they become probabilities. The other image is any of the dataset where
   * its rows are in memory, else one of the 64 before it.
   *
   * @throws DataError for what are no images [channels, height, width] of floats or bytes, and for targets that cannot be mixed.
   */
  augment<const Options extends AugmentOptions>(options: Options): Dataset<AugmentedRow<Row, Options>> {
    return new Dataset(augmented(this[SOURCE], options));
  }

  /**
   * The rows of a pass by columns, `size` at a time, the last ones fewer: `{ x, y }` of rows `{ x, y }`, numbers as tensors [rows, …], anything else as
   * lists. `network.fit` makes mini-batches itself; these are for loops, such as one with `network.trainer`.
   */
  batches(size: number, options: BatchOptions = {}): AsyncIterable<BatchOf<Row>> {
    const [source, rows] = [this[SOURCE], checkInteger('dataset.batches', size)];
    return { [Symbol.asyncIterator]: () => batches(source, rows, options) as AsyncGenerator<BatchOf<Row>> };
  }

  /** All rows of a pass. */
  async toArray(options: PassOptions = {}): Promise<Row[]> {
    const rows: unknown[] = [];
    for await (const chunk of this[SOURCE].read(readingOf('dataset.toArray', options))) for (const row of rowsOf(chunk)) rows.push(row);
    return rows as Row[];
  }

  /** How many rows a pass has. They are read where nothing else tells. */
  async count(options: PassOptions = {}): Promise<number> {
    const reading = readingOf('dataset.count', options);
    if (this.rows !== undefined) return this.rows;
    let rows = 0;
    for await (const chunk of this[SOURCE].read(reading)) rows += chunk.rows;
    return rows;
  }

  /** The rows of the first pass, one by one. */
  async *[Symbol.asyncIterator](): AsyncGenerator<Row, void, undefined> {
    for await (const chunk of this[SOURCE].read(FIRST)) for (const row of rowsOf(chunk)) yield row as Row;
  }
}

const asDatasets = <Row>({ train, test }: { readonly train: Source; readonly test: Source }): TrainTestRows<Row> => ({
  train: new Dataset(train),
  test: new Dataset(test),
});

function sourcesOf(where: string, others: readonly unknown[]): Source[] {
  return others.map((other) => {
    if (isDataset(other)) return other[SOURCE];
    throw new OptionError(`${where}: expected datasets, got ${describe(other)}`);
  });
}
