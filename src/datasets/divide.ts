/** Rows divided by chance into parts that have none in common: to train on and to test, or folds. */
import { DataError } from '../errors.ts';
import { integer, numberBetween, optional, readOptions, required, type TableOf, withDefault } from '../options/table.ts';
import { PURPOSE, permutation, RandomStream } from '../random/philox.ts';
import { takeRows } from './chunk.ts';
import { checkLabel, type Label, Labels } from './labels.ts';
import { CHUNK_ROWS, FIRST, type Reading, type Source } from './source.ts';

export interface DivideOptions {
  /**
   * The label of a row, each of which every part has in the same proportion: its name, names one within the other, or a function of the row. The
   * dataset is read once for it.
   */
  readonly stratify?: string | readonly string[] | ((row: never) => unknown);
  /** Which division: the same for the same seed, whatever the network's. Default 0. */
  readonly seed?: number;
}

export interface SplitOptions extends DivideOptions {
  /** The share of the rows that `test` gets, between 0 and 1. */
  readonly test: number;
}

const OPTIONS = { stratify: optional(checkLabel), seed: withDefault(integer(0), 0) } satisfies TableOf<DivideOptions>;
const SPLIT_OPTIONS = { ...OPTIONS, test: required(numberBetween(0, 1)) } satisfies TableOf<SplitOptions>;

/** Parts by number, of rows that are dealt to them. */
interface Deal {
  /** The part of one of `rows` rows, in an order of chance. */
  readonly partOf: (place: number) => number;
  /** The part of a row where nobody knows how many rows there are. */
  readonly draw: (stream: RandomStream) => number;
}

/** Which rows a part has. */
type Has = (part: number) => boolean;

const TEST = 1;

export function split(source: Source, given: unknown): { readonly train: Source; readonly test: Source } {
  const where = 'dataset.split';
  const options = readOptions(where, SPLIT_OPTIONS, given);
  const before = (place: number) => Math.floor(place * options.test + 0.5);
  const division = new Division(where, source, options, {
    partOf: (place) => before(place + 1) - before(place),
    draw: (stream) => (stream.uniform() < options.test ? TEST : 0),
  });
  const { rows } = source;
  const tests = rows === undefined ? undefined : before(rows);
  if (rows !== undefined && (tests === 0 || tests === rows))
    throw new DataError(`${where}: expected rows for both parts, got ${tests} of ${rows} for test`);
  return {
    train: division.part((part) => part !== TEST, rows === undefined ? undefined : rows - (tests as number)),
    test: division.part((part) => part === TEST, tests),
  };
}

export function folds(source: Source, count: number, given: unknown): { readonly train: Source; readonly test: Source }[] {
  const where = 'dataset.kFold';
  const options = readOptions(where, OPTIONS, given);
  const { rows } = source;
  if (rows !== undefined && rows < count) throw new DataError(`${where}: expected at least as many rows as folds, ${count}, got ${rows}`);
  const division = new Division(where, source, options, {
    partOf: (place) => place % count,
    draw: (stream) => stream.integer(count),
  });
  return Array.from({ length: count }, (_, fold) => {
    const own = rows === undefined ? undefined : Math.ceil((rows - fold) / count);
    return {
      train: division.part((part) => part !== fold, rows === undefined ? undefined : rows - (own as number)),
      test: division.part((part) => part === fold, own),
    };
  });
}

interface DivisionOptions {
  readonly stratify?: Label | undefined;
  readonly seed: number;
}

/** Which part each row is in: made when it is first asked for, and shared by all parts. */
class Division {
  #parts: Int32Array | undefined;

  constructor(
    readonly where: string,
    readonly source: Source,
    readonly options: DivisionOptions,
    readonly deal: Deal,
  ) {
    if (!source.isSteady)
      throw new DataError(
        `${where}: expected the same rows in the same order in every epoch, got a dataset that is shuffled, augmented, or read from a function or ` +
          'a stream: divide it before; of a function that gives the same rows each time, { steady: true } of Dataset.from says so',
      );
  }

  /** The rows of some parts. */
  part(has: Has, rows: number | undefined): Source {
    const { source } = this;
    const { take } = source;
    let numbers: Int32Array | undefined;
    return {
      rows,
      isSteady: true,
      read: (reading) => this.#read(has, reading),
      ...(take && {
        take: (some) => {
          numbers ??= numbersIn(this.#partsNow(take), has);
          const own = numbers;
          return take(some.map((number) => own[number]));
        },
      }),
    };
  }

  async *#read(has: Has, reading: Reading) {
    const { source, options, deal } = this;
    const isDrawn = source.rows === undefined && options.stratify === undefined;
    const parts = isDrawn ? undefined : await this.#partsLater();
    const stream = streamOf(options.seed);
    const last = parts ? parts.findLastIndex(has) : Number.POSITIVE_INFINITY;
    let row = 0;
    /** Whether the next row is in these parts, from the first on. */
    const isNext = () => {
      const part = parts ? parts[row] : deal.draw(stream);
      row++;
      return has(part);
    };
    for (let passed = 0; passed < reading.skip && row <= last; ) if (isNext()) passed++;
    if (row > last) return;
    for await (const chunk of source.read({ ...reading, skip: row })) {
      const own: number[] = [];
      for (let i = 0; i < chunk.rows; i++) if (isNext()) own.push(i);
      if (own.length > 0) yield own.length === chunk.rows ? chunk : takeRows(chunk, own);
      if (row > last) return;
    }
  }

  async #partsLater(): Promise<Int32Array> {
    const { source, options } = this;
    if (this.#parts) return this.#parts;
    if (options.stratify === undefined) return this.#dealt(source.rows as number);
    const labels = new Labels(`${this.where}.stratify`, options.stratify);
    for await (const chunk of source.read(FIRST)) labels.add(chunk);
    return this.#dealt(labels.ids.length, labels.ids);
  }

  #partsNow(take: NonNullable<Source['take']>): Int32Array {
    const { source, options } = this;
    if (this.#parts) return this.#parts;
    const rows = source.rows as number;
    if (options.stratify === undefined) return this.#dealt(rows);
    const labels = new Labels(`${this.where}.stratify`, options.stratify);
    for (let at = 0; at < rows; at += CHUNK_ROWS)
      labels.add(take(Int32Array.from({ length: Math.min(CHUNK_ROWS, rows - at) }, (_, i) => at + i)));
    return this.#dealt(rows, labels.ids);
  }

  /** Rows in an order of chance, those of a label together, dealt to the parts one after the other. */
  #dealt(rows: number, labels?: readonly number[]): Int32Array {
    const order = new Int32Array(rows);
    permutation(order, streamOf(this.options.seed));
    const dealt = labels ? grouped(order, labels) : order;
    const parts = new Int32Array(rows);
    for (let place = 0; place < rows; place++) parts[dealt[place]] = this.deal.partOf(place);
    this.#parts = parts;
    return parts;
  }
}

const streamOf = (seed: number) => new RandomStream(seed, PURPOSE.split);

function numbersIn(parts: Int32Array, has: Has): Int32Array {
  const numbers: number[] = [];
  for (let row = 0; row < parts.length; row++) if (has(parts[row])) numbers.push(row);
  return Int32Array.from(numbers);
}

/** Rows by label, those of one label in the order in which they came. */
function grouped(order: Int32Array, labels: readonly number[]): Int32Array {
  const ends: number[] = [];
  for (const label of labels) ends[label] = (ends[label] ?? 0) + 1;
  for (let label = 1; label < ends.length; label++) ends[label] += ends[label - 1];
  const sorted = new Int32Array(order.length);
  for (let i = order.length - 1; i >= 0; i--) sorted[--ends[labels[order[i]]]] = order[i];
  return sorted;
}
