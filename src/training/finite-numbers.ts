/** Numbers that callers give, as a backend's elements can hold them. */
import type { Backend } from '../backends/backend.ts';
import { DataError, OptionError } from '../errors.ts';

export type Numbers = Float32Array | Float64Array | Int32Array;

/** What a backend's numbers can hold. */
export type Numeric = Pick<Backend, 'elementBytes' | 'firstNotFinite'>;

/** Throws OptionError for a number that is infinite in the backend's elements, or 0 there and not by itself. */
export function checkRange(where: string, value: number, { elementBytes }: Numeric): void {
  const held = elementBytes === 4 ? Math.fround(value) : value;
  if (!Number.isFinite(held) || (held === 0 && value !== 0))
    throw new OptionError(`${where}: expected a number within the range of float${8 * elementBytes}, got ${value}`);
}

/** Throws DataError for NaN, infinity and what becomes infinite in the backend's elements. */
export function checkFinite(where: string, data: Numbers, width: number, backend: Numeric): void {
  const i = backend.firstNotFinite(data);
  if (i >= 0)
    throw new DataError(
      `${where}: expected finite numbers${backend.elementBytes === 4 ? ' within the range of float32' : ''}, got ${data[i]} in row ${Math.floor(i / width)}, element ${i % width}`,
    );
}
