/** Rows in an order of chance: another in every epoch, the same for the same seed and epoch. */
import { OptionError } from '../errors.ts';
import { PIECE, slices } from '../event-loop/slices.ts';
import { type Check, integer, readOptions, type TableOf, withDefault } from '../options/table.ts';
import { checkInteger, describe } from '../options.ts';
import type { RandomStream } from '../random/philox.ts';
import { type Chunk, joinRows, takeRows } from './chunk.ts';
import { chunksByNumber, dropRows, fromStart, rowStream } from './reading.ts';
import { CHUNK_ROWS, type Reading, type Source } from './source.ts';

export interface ShuffleOptions {
  /**
   * Rows that wait for their turn: each row that is read takes the place of one of them, chosen by chance, which comes next. Default 10000. A dataset
   * whose rows are all in memory needs none: every order of its rows is as likely as any other.
   */
  readonly buffer?: number;
  /** Keeps this shuffle's order apart from that of another, from 0 to 2³² − 1. Default 0. */
  readonly seed?: number;
}

/** Of 32 bits: a larger one would be another's order. */
const orderSeed: Check<number> = (where, value) => {
  const seed = checkInteger(where, value, 0);
  if (seed < 2 ** 32) return seed;
  throw new OptionError(`${where}: expected at most ${2 ** 32 - 1}, got ${describe(seed)}`);
};

const OPTIONS = { buffer: withDefault(integer(), 10_000), seed: withDefault(orderSeed, 0) } satisfies TableOf<ShuffleOptions>;

export function shuffled(source: Source, options: unknown): Source {
  const { buffer, seed } = readOptions('dataset.shuffle', OPTIONS, options);
  const { rows, take } = source;
  return {
    rows,
    isSteady: false,
    read:
      take && rows !== undefined
        ? (reading) => inAnyOrder(take, rows, reading, seed)
        : (reading) => dropRows(throughBuffer(source, reading, buffer, seed), reading.skip),
  };
}

async function* inAnyOrder(take: NonNullable<Source['take']>, rows: number, reading: Reading, seed: number) {
  const order = Int32Array.from({ length: rows }, (_, i) => i);
  await permute(order, rowStream(reading, seed));
  yield* chunksByNumber(take, order.subarray(reading.skip), reading.signal);
}

/** Fisher–Yates. */
async function permute(order: Int32Array, stream: RandomStream): Promise<void> {
  for (let i = order.length - 1; i > 0; i--) {
    if (i % PIECE === 0) await slices.breathe();
    const j = stream.integer(i + 1);
    const swap = order[i];
    order[i] = order[j];
    order[j] = swap;
  }
}

/**
 * What is drawn for a row depends on the rows before it alone, not on how they are cut into chunks: the buffer exchanges rows for many at a time, since
 * each exchange copies it.
 */
async function* throughBuffer(source: Source, reading: Reading, size: number, seed: number): AsyncGenerator<Chunk, void, undefined> {
  const stream = rowStream(reading, seed);
  const most = size + Math.max(CHUNK_ROWS, size >> 1);
  let held: Chunk[] = [];
  let rows = 0;
  for await (const chunk of source.read(fromStart(reading))) {
    held.push(chunk);
    rows += chunk.rows;
    if (rows < most) continue;
    const pool = joinRows(held);
    const { given, kept } = exchange(rows, size, stream);
    yield takeRows(pool, given);
    held = [takeRows(pool, kept)];
    rows = size;
    await slices.breathe();
  }
  if (rows === 0) return;
  const pool = joinRows(held);
  const { given, kept } = exchange(rows, size, stream);
  await permute(kept, stream);
  yield* chunksByNumber((numbers) => takeRows(pool, numbers), Int32Array.from([...given, ...kept]), reading.signal);
}

/** Of rows by number, of which the first `size` are in the buffer: those that come next, in their order, and those that the buffer holds then. */
function exchange(rows: number, size: number, stream: RandomStream) {
  const kept = Int32Array.from({ length: Math.min(size, rows) }, (_, i) => i);
  const given = new Int32Array(rows - kept.length);
  for (let i = 0; i < given.length; i++) {
    const place = stream.integer(size);
    given[i] = kept[place];
    kept[place] = size + i;
  }
  return { given, kept };
}
