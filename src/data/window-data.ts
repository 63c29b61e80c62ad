/** The rows of a dataset's window, checked against a network. */
import type { Chunk } from '../datasets/chunk.ts';
import { dataOf } from '../datasets/data-of.ts';
import { DataError, ShapeError } from '../errors.ts';
import type { Work } from '../event-loop/slices.ts';
import { count } from '../ops/shape.ts';
import { isEqual } from '../options/equal.ts';
import { type DataContract, type GivenData, type PreparedData, prepareData, tasksOf } from './samples.ts';

/** How rows are read for a network. */
export interface RowContract {
  /** The name of the call in messages. */
  readonly where: string;
  /** Rows by the names of the network. Throws DataError for other names. */
  readonly named: (data: unknown) => GivenData;
  readonly contract: DataContract;
}

/** Bytes of a row as the network takes it: float32. */
export const bytesOfRow = ({ contract }: RowContract): number =>
  [...contract.model.inputs.values()].reduce((sum, shape) => sum + 4 * count(shape), 0);

/** The rows of a chunk by the names of the network. Throws DataError where they have others. */
export const givenRows = (chunk: Chunk, { where, named }: RowContract): GivenData => named(dataOf(where, chunk, true));

/** @param first The number of the chunk's first row, for messages. Throws DataError or ShapeError where rows do not fit. */
export function* prepareChunk(chunk: Chunk, first: number, rows: RowContract): Work<PreparedData> {
  try {
    return yield* prepareData(givenRows(chunk, rows), rows.contract);
  } catch (error) {
    throw countedFrom(first, error);
  }
}

/** Throws DataError where the targets or weights of a chunk are of another kind than those that the network was compiled for. */
export function checkKind({ where }: RowContract, data: PreparedData, compiled: PreparedData, first: number): void {
  if (!isEqual(tasksOf(data), tasksOf(compiled)))
    throw new DataError(`${where}: expected targets and weights of one kind in all rows, got others from row ${first} of the epoch on`);
}

/** An error about rows of a chunk, whose rows are counted from the chunk's first. */
export function countedFrom(first: number, error: unknown): unknown {
  if (first === 0 || !(error instanceof DataError || error instanceof ShapeError)) return error;
  const Same = error.constructor as new (message: string, options: ErrorOptions) => Error;
  return new Same(`${error.message}; rows are counted from row ${first} of the dataset`, { cause: error });
}
