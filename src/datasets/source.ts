/** Where the rows of a dataset come from: what `fit`, `evaluate` and `predict` read, and what the methods of Dataset are made of. */
import type { GlobalAbortSignal } from '../globals.ts';
import type { Chunk } from './chunk.ts';

/** Which pass over the rows, and where it begins. */
export interface Reading {
  /** The network's. All that is random is decided by it and by the epoch. */
  readonly seed: number;
  readonly epoch: number;
  /** Rows of the epoch that are left out before the first. */
  readonly skip: number;
  readonly signal?: GlobalAbortSignal | undefined;
  /** Where its chunks may lie. Default fresh memory. */
  readonly memory?: ChunkMemory | undefined;
}

/** Memory of chunks that nobody reads any more, for further ones. */
export interface ChunkMemory {
  /** So many bytes, whatever they hold. */
  take(bytes: number): ArrayBuffer;
  giveBack(buffer: ArrayBuffer): void;
}

export interface Source {
  /** Rows of an epoch; undefined where the end alone tells. */
  readonly rows: number | undefined;
  /** Whether every epoch has the same rows in the same order. */
  readonly isSteady: boolean;
  /**
   * The rows of an epoch in their order: the same for the same seed and epoch, however they are cut into chunks. Chunks are not empty; what they
   * hold does not change any more, unless they are released. Left early, it lets go of what it holds.
   *
   * @throws DataError for rows that cannot be read; StateError where a stream, which can be read once, has been read.
   */
  read(reading: Reading): AsyncIterable<Chunk>;
  /** Rows by number, in any order, where all of them are in memory. Copied. */
  readonly take?: (numbers: Int32Array) => Chunk;
}

/** By this a dataset is known, whichever bundle its class came with. */
export const SOURCE = Symbol.for('chainrule.source');

/** Anything that has rows to read. */
export interface HasSource {
  readonly [SOURCE]: Source;
}

export const isDataset = (value: unknown): value is HasSource => typeof value === 'object' && value !== null && SOURCE in value;

/** The first pass, from its first row. */
export const FIRST: Reading = { seed: 0, epoch: 0, skip: 0 };

/** Rows of the chunks that sources make where nothing else decides it. */
export const CHUNK_ROWS = 1024;

/** Elements of a chunk of large rows: 8 MB of float64. */
const CHUNK_ELEMENTS = 2 ** 20;

/** Rows of a chunk whose rows have that many elements: less than CHUNK_ROWS where they are large, such as images. */
export const rowsPerChunk = (elements: number): number =>
  Math.min(CHUNK_ROWS, Math.max(1, Math.floor(CHUNK_ELEMENTS / Math.max(elements, 1))));
