/** What the thread that wants rows and the one that reads them tell each other. */
import type { NumberColumn, Path } from '../../datasets/chunk.ts';
import type { Reading } from '../../datasets/source.ts';
import type { SentError } from '../../sent-errors.ts';

/** A reader by its name, with what it was given: plain data, of which the other thread makes the same dataset. */
export interface ReaderPlan {
  readonly reader: 'csv' | 'jsonLines' | 'parquet' | 'sql';
  readonly input: string;
  readonly options: object;
}

/** A pass from a row on. */
export interface Pass extends Pick<Reading, 'seed' | 'epoch' | 'skip'> {
  readonly type: 'read';
}

/**
 * `more`: a parcel has been taken, and room is left for another; `spare` are buffers of chunks that have been copied. `stop`: nothing more is wanted, and the
 * thread may end.
 */
export type ToReader = Pass | { readonly type: 'more'; readonly spare: readonly ArrayBuffer[] } | { readonly type: 'stop' };

/**
 * Values of any kind. Most of them come up again: those that are new in this column since its last reset are `added` to a list, and `codes` are places
 * in it.
 */
export interface CodedColumn {
  readonly path: Path;
  readonly codes: Uint16Array;
  readonly added: readonly unknown[];
  readonly isReset: boolean;
}

/** Values as they are: too many of them are new. */
export interface GivenColumn {
  readonly path: Path;
  readonly values: readonly unknown[];
}

export type SentColumn = NumberColumn | CodedColumn | GivenColumn;

export interface SentChunk {
  readonly rows: number;
  readonly columns: readonly SentColumn[];
}

/** Rows, then the end of the pass or an error. */
export type FromReader =
  | { readonly type: 'parcel'; readonly chunks: readonly SentChunk[] }
  | { readonly type: 'end' }
  | { readonly type: 'error'; readonly error: SentError };

/** Parcels that may wait for their turn. */
export const PARCELS_AHEAD = 2;
