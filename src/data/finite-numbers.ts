/** Checks that a backend's elements can hold the numbers of callers. */
import type { Backend } from '../backends/backend.ts';
import { DataError, OptionError } from '../errors.ts';
import { pieces, type Work } from '../event-loop/slices.ts';
import { checkPresent } from '../nested.ts';

export type Numbers = Float32Array | Float64Array;

/** A column before it is known which of its elements are indices. */
export interface NumberColumn {
  readonly data: Numbers;
  readonly width: number;
}

/** The numbers that a backend can hold. */
export type Numeric = Pick<Backend, 'elementBytes' | 'firstNotFinite'>;

/** This many are checked in one go, by several threads where a backend has them, within a fraction of a slice. */
const LOOKED_AT = 2 ** 19;

/** Throws OptionError for a number that becomes infinite or 0 in the backend's elements. */
export function checkRange(where: string, value: number, { elementBytes }: Numeric): void {
  const held = elementBytes === 4 ? Math.fround(value) : value;
  if (!Number.isFinite(held) || (held === 0 && value !== 0))
    throw new OptionError(`${where}: expected a number within the range of float${8 * elementBytes}, got ${value}`);
}

/** Throws DataError for NaN, infinity and what becomes infinite in the backend's elements. */
export function* checkFinite(where: string, data: Numbers, width: number, backend: Numeric): Work<void> {
  const { length } = data;
  for (const [start, end] of pieces(length, LOOKED_AT)) {
    if (start > 0) yield;
    checkPresent(where, data, length);
    const i = start + backend.firstNotFinite(end - start === length ? data : data.subarray(start, end));
    if (i >= start)
      throw new DataError(
        `${where}: expected finite numbers${backend.elementBytes === 4 ? ' within the range of float32' : ''}, got ${data[i]} in row ${Math.floor(i / width)}, element ${i % width}`,
      );
  }
}

/** The index of the first for which `isWrong` holds; −1 if there is none. */
export function* findIndex(data: Numbers, isWrong: (value: number) => boolean): Work<number> {
  for (const [start, end] of pieces(data.length)) {
    if (start > 0) yield;
    for (let i = start; i < end; i++) if (isWrong(data[i])) return i;
  }
  return -1;
}
