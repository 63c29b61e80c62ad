/** Copying the data that a session draws mini-batches from. */
import { DataError } from '../errors.ts';
import { pieces, type Work } from '../event-loop/slices.ts';
import type { DataColumn } from './backend.ts';

/** Values that are copied in well below a millisecond. */
const COPIED_AT_ONCE = 2 ** 18;

/**
 * Hands every column's values to `copy`, in order and in pieces: those of column k from element `start` on.
 *
 * @throws DataError where a column has too few values. Some may have been copied by then: the owner of an array can take it away
 *   meanwhile.
 */
export function* copyColumns(
  columns: readonly DataColumn[],
  rows: number,
  copy: (k: number, start: number, values: DataColumn['data']) => void,
): Work<void> {
  for (const [k, column] of columns.entries()) {
    checkColumn(k, column, rows);
    for (const [start, end] of pieces(rows * column.width, COPIED_AT_ONCE)) {
      if (start > 0) yield;
      checkColumn(k, column, rows);
      copy(k, start, column.data.subarray(start, end));
    }
  }
}

/** Throws DataError where a column has fewer values than its rows. */
export function checkColumn(k: number, { data, width }: DataColumn, rows: number): void {
  if (data.length < rows * width) throw new DataError(`column ${k}: expected ${rows} rows of ${width} values, got ${data.length} values`);
}
