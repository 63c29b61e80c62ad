/** Targets that are sequences of classes, a row of any length: checked, and laid out as a loss takes them. */
import type { DataColumn } from '../backends/backend.ts';
import { DataError, ShapeError } from '../errors.ts';
import { pieces, type Work } from '../event-loop/slices.ts';
import { IGNORED } from '../losses/loss.ts';
import { targetShapeOf } from '../losses/rows.ts';
import type { Head } from '../model/heads.ts';
import { copied, type Dense } from '../nested.ts';
import type { Numbers } from './finite-numbers.ts';

/** The inputs of all rows, by name. */
export type InputColumns = ReadonlyMap<string, DataColumn>;

/** Rows whose elements are looked at before the event loop turns. */
const ROWS_OF_PIECE = 1024;

/**
 * A column of class indices, as wide as the loss takes them, IGNORED behind each row's last. They are copied before they are checked, so
 * that a change of the caller's array does no harm. Throws ShapeError or DataError.
 */
export function* sequences(where: string, { shape, data: theirs, isOwn }: Dense, head: Head, inputs: InputColumns): Work<DataColumn> {
  const { loss } = head;
  const ignore = loss.ignore ?? IGNORED;
  if (shape.length !== 2)
    throw new ShapeError(
      `${where}: expected shape [rows, labels] for ${loss.name}, the class indices of a row and ${ignore} behind them, got [${shape.join(', ')}]`,
    );
  const given = isOwn ? theirs : yield* copied(where, theirs);
  const [rows, places] = shape;
  const [width] = targetShapeOf(loss, head.shape, 'sequences');
  const column = new Int32Array(rows * width).fill(IGNORED);
  for (const [start, end] of pieces(rows, ROWS_OF_PIECE)) {
    if (start > 0) yield;
    for (let row = start; row < end; row++) {
      const sequence = sequenceOf(where, given.subarray(row * places, (row + 1) * places), row, head);
      if (sequence.length > width)
        throw new DataError(`${where}: expected at most ${width} labels a row for ${loss.name}, got ${sequence.length} in row ${row}`);
      checkSequence(where, sequence, row, head, inputs);
      column.set(sequence, row * width);
    }
  }
  return { data: column, width };
}

/** The class indices of a row, up to what is ignored. */
function sequenceOf(where: string, given: Numbers, row: number, { shape, loss }: Head): number[] {
  const classes = shape.at(-1) ?? 1;
  const ignore = loss.ignore ?? IGNORED;
  const refuse = (expected: string, element: number) =>
    new DataError(`${where}: expected ${expected} for ${loss.name}, got ${given[element]} in row ${row}, element ${element}`);
  const sequence: number[] = [];
  for (let i = 0; i < given.length; i++) {
    const index = given[i];
    if (index === ignore) continue;
    if (sequence.length < i) throw refuse(`nothing but ${ignore} behind the end of a sequence`, i);
    if (!Number.isInteger(index) || index < 0 || index >= classes)
      throw refuse(`class indices from 0 to ${classes - 1}, and ${ignore} behind them,`, i);
    sequence.push(index);
  }
  return sequence;
}

/** Throws DataError for what the loss itself does not take. */
function checkSequence(where: string, sequence: readonly number[], row: number, { shape, loss }: Head, inputs: InputColumns): void {
  const own = loss.definition.inputs.map((name) => {
    const { data, width } = inputs.get(name) as DataColumn;
    return [name, Array.from(data.slice(row * width, (row + 1) * width))] as const;
  });
  const problem = loss.definition.problem?.(sequence, { prediction: shape, inputs: Object.fromEntries(own) });
  if (!problem) return;
  const { expected, got, element } = problem;
  const place = `row ${row}${element === undefined ? '' : `, element ${element}`}`;
  throw new DataError(`${where}: expected ${expected} for ${loss.name}, got ${got} in ${place}`);
}
