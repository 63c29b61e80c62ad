/**
 * Windows: the rows of an epoch, some ten thousand at a time. A fit binds one, and the next is read meanwhile. Which rows a window has, and in
 * which order a fit takes them, is decided by the seed, the epoch and the number of the window.
 */
import { DataError } from '../errors.ts';
import type { GlobalAbortSignal } from '../globals.ts';
import { PURPOSE, permutation, RandomStream } from '../random/philox.ts';
import { type Chunk, isNumeric, widthOf } from './chunk.ts';
import { RowReader } from './row-reader.ts';
import type { Source } from './source.ts';
import { SpareRows } from './spare-rows.ts';

export interface WindowPlan {
  readonly seed: number;
  readonly shuffle: boolean;
  /** Rows of a window; an epoch's last one may have fewer. */
  readonly rows: number;
  /** Rows of an epoch, where it is so many of a dataset that is repeated for ever; undefined where it is a pass over the dataset. */
  readonly epochRows: number | undefined;
  readonly signal: GlobalAbortSignal | undefined;
}

export interface Window {
  readonly epoch: number;
  /** Within its epoch, from 0. */
  readonly number: number;
  readonly chunk: Chunk;
  /**
   * The step of the random stream that shuffles its rows, that of purpose `shuffle`: the epoch, and above 32 bits the number. Undefined where they
   * are taken in their order.
   */
  readonly key: number | undefined;
  readonly isLast: boolean;
}

/** The bytes of a window's rows, as the float32 numbers that they become. */
const WINDOW_BYTES = 2 ** 24;
const MOST_ROWS = 2 ** 16;
/** What a value that is no number is taken for. */
const VALUE_BYTES = 32;

/**
 * How many rows a window has where nobody says so: whole steps of so many rows, one at least.
 *
 * @param prepared Bytes of a row as a network takes it: more than it is read as where a category becomes many numbers.
 */
export function rowsOfWindow({ columns }: Chunk, stepRows: number, prepared = 0): number {
  const read = columns.reduce((sum, column) => sum + (isNumeric(column) ? 4 * widthOf(column) : VALUE_BYTES), 0);
  const rows = Math.min(MOST_ROWS, Math.floor(WINDOW_BYTES / Math.max(1, read, prepared)));
  return Math.max(1, Math.floor(rows / stepRows)) * stepRows;
}

/**
 * The rows of an epoch from row `skip` on. Where all rows are in memory, and are to be shuffled, they are so as a whole: in the order that tensors
 * have.
 */
async function* passOver(source: Source, plan: WindowPlan, epoch: number, skip: number): AsyncGenerator<Chunk> {
  const { seed, signal, rows: size } = plan;
  if (!shufflesAll(source, plan)) {
    yield* source.read({ seed, epoch, skip, signal });
    return;
  }
  const order = new Int32Array(source.rows);
  permutation(order, new RandomStream(seed, PURPOSE.shuffle, 0, epoch));
  for (let at = skip; at < order.length; at += size) yield source.take(order.subarray(at, at + size));
}

type InMemory = Source & Required<Pick<Source, 'take'>> & { readonly rows: number };

const shufflesAll = (source: Source, { shuffle }: WindowPlan): source is InMemory =>
  shuffle && source.take !== undefined && source.rows !== undefined;

/** Pass after pass, from a row on that is counted from the first pass's first. */
async function* passesOver(source: Source, plan: WindowPlan, skip: number): AsyncGenerator<Chunk> {
  let left = skip;
  for (let pass = 0; ; pass++) {
    if (source.rows !== undefined && source.rows > 0 && left >= source.rows) {
      left -= source.rows;
      continue;
    }
    let isEmpty = true;
    const reader = new RowReader(passOver(source, plan, pass, source.rows === undefined ? 0 : left));
    if (source.rows !== undefined) left = 0;
    try {
      for (let chunk = await reader.peek(); chunk; chunk = await reader.peek()) {
        isEmpty = false;
        const taken = (await reader.take(left > 0 ? Math.min(left, chunk.rows) : chunk.rows)) as Chunk;
        if (left > 0) left -= taken.rows;
        else yield taken;
      }
    } finally {
      await reader.close();
    }
    if (isEmpty) throw new DataError('dataset: expected at least one row, got none');
  }
}

/** A reader that stands before a row of a pass; of a dataset that is repeated for ever, rows are counted from the first pass on. */
interface Standing {
  readonly reader: RowReader;
  readonly epoch: number;
  readonly row: number;
}

/** Where in a dataset rows are: of an epoch, or counted from the first pass on where it is repeated for ever. */
type Place = Omit<Standing, 'reader'>;

/** The rows from a place on. */
export function rowsFrom(source: Source, plan: WindowPlan, { epoch, row }: Place): AsyncIterable<Chunk> {
  return plan.epochRows === undefined ? passOver(source, plan, epoch, row) : passesOver(source, plan, row);
}

export class Windows {
  readonly #source: Source;
  readonly plan: WindowPlan;
  readonly #spare = new SpareRows();
  #standing: Standing | undefined;
  #epoch = 0;
  #number = 0;
  #origin = 0;

  /** @param begun A reader of the source that stands before some row of an epoch: it is gone on with where that is the one that is wanted. */
  constructor(source: Source, plan: WindowPlan, begun?: Standing) {
    this.#source = source;
    this.plan = plan;
    this.#standing = begun;
  }

  /** Goes to a window of an epoch. A dataset that is repeated for ever began with epoch `origin`. */
  seek(epoch: number, number: number, origin = 0): void {
    this.#epoch = epoch;
    this.#number = number;
    this.#origin = origin;
  }

  /** The next window. After an epoch's last comes the next one's first. Throws DataError where there is none, and what the source throws. */
  async next(): Promise<Window> {
    const [epoch, number] = [this.#epoch, this.#number];
    const { rows, epochRows, shuffle } = this.plan;
    const first = number * rows;
    const place = this.#placeOf(epoch, first);
    const reader = await this.#readerAt(place);
    const chunk = await reader.takeInto(this.#spare, epochRows === undefined ? rows : Math.min(rows, epochRows - first));
    if (!chunk)
      throw new DataError(`dataset: expected ${first ? `rows beyond the first ${first} of an epoch` : 'at least one row'}, got none`);
    const end = first + chunk.rows;
    const isLast = epochRows === undefined ? !(await reader.peek()) : end >= epochRows;
    if (isLast) [this.#epoch, this.#number] = [epoch + 1, 0];
    else this.#number++;
    const isSpent = isLast && epochRows === undefined;
    this.#standing = isSpent ? undefined : { reader, epoch: place.epoch, row: place.row + chunk.rows };
    if (isSpent) await reader.close();
    const key = shuffle && !shufflesAll(this.#source, this.plan) ? epoch + number * 2 ** 32 : undefined;
    return { epoch, number, chunk, key, isLast };
  }

  /** Takes back the memory of a window that nobody reads any more, for a later one. */
  giveBack({ chunk }: Pick<Window, 'chunk'>): void {
    this.#spare.giveBack(chunk);
  }

  async close(): Promise<void> {
    const reader = this.#standing?.reader;
    this.#standing = undefined;
    await reader?.close();
  }

  #placeOf(epoch: number, row: number): Place {
    const { epochRows } = this.plan;
    return epochRows === undefined ? { epoch, row } : { epoch: 0, row: (epoch - this.#origin) * epochRows + row };
  }

  async #readerAt(place: Place): Promise<RowReader> {
    const standing = this.#standing;
    if (standing?.epoch === place.epoch && standing.row === place.row) return standing.reader;
    await this.close();
    return new RowReader(rowsFrom(this.#source, this.plan, place));
  }
}
