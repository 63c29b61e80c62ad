/** Nested arrays of numbers, as people write them down. */
import { DataError } from './errors.ts';
import { describe } from './options.ts';

/** [1, 2], [[1, 2], [3, 4]], rows as typed arrays, and so on. */
export type NestedNumbers = ArrayLike<number> | readonly NestedNumbers[];

const isList = (value: unknown): value is ArrayLike<unknown> =>
  Array.isArray(value) || (ArrayBuffer.isView(value) && !(value instanceof DataView));

/** The shape of nested arrays, checked in full. Throws DataError where rows differ in length or something is not a number. */
export function nestedShape(where: string, values: unknown): number[] {
  if (typeof values === 'number') return [];
  if (!isList(values)) throw new DataError(`${where}: expected numbers in nested arrays, got ${describe(values)}`);
  if (values.length === 0) return [0];
  if (ArrayBuffer.isView(values)) return [values.length];
  const first = nestedShape(where, values[0]);
  for (let i = 1; i < values.length; i++) {
    const shape = nestedShape(where, values[i]);
    if (shape.join() !== first.join()) {
      throw new DataError(`${where}: expected row ${i} to have shape [${first.join(', ')}] as row 0 has, got [${shape.join(', ')}]`);
    }
  }
  return [values.length, ...first];
}

/** All numbers in order. The arrays have passed `nestedShape`. */
export function flattenNested(values: NestedNumbers | number): Float64Array {
  const flat: number[] = [];
  const visit = (value: NestedNumbers | number): void => {
    if (typeof value === 'number') flat.push(value);
    else for (let i = 0; i < value.length; i++) visit(value[i] as NestedNumbers | number);
  };
  visit(values);
  return Float64Array.from(flat);
}
