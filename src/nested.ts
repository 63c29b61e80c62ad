/** Numbers as people write them down: tensors, something with a shape and data, nested arrays. */
import { DataError, ShapeError } from './errors.ts';
import { describe } from './options.ts';

/** [1, 2], [[1, 2], [3, 4]], rows as typed arrays, and so on. */
export type NestedNumbers = ArrayLike<number> | readonly NestedNumbers[];

/**
 * A tensor, something with its shape and data, or nested arrays. Typed arrays in a SharedArrayBuffer are copied before they are checked, so
 * what another thread writes there meanwhile changes nothing.
 */
export type TensorLike = { readonly shape: readonly number[]; readonly data: ArrayLike<number> } | NestedNumbers;

export interface Dense {
  readonly shape: readonly number[];
  readonly data: Float32Array | Float64Array;
}

/** As `Dense`, integers that came as such staying what they are. */
export interface DenseAsGiven {
  readonly shape: readonly number[];
  readonly data: Float32Array | Float64Array | Int32Array;
}

/** No tensor has as many axes: what nests deeper holds itself. */
const DEEPEST = 32;

const isNumberArray = (value: unknown): value is ArrayLike<number> =>
  ArrayBuffer.isView(value) && !(value instanceof DataView || value instanceof BigInt64Array || value instanceof BigUint64Array);

/** Arrays that are taken as they are. */
const isKept = (value: unknown): value is DenseAsGiven['data'] =>
  value instanceof Float32Array || value instanceof Float64Array || value instanceof Int32Array;

const isList = (value: unknown): value is ArrayLike<unknown> => Array.isArray(value) || isNumberArray(value);

/** A dense tensor from whatever form it came in; typed arrays of floats are copied only from shared memory. Throws DataError or ShapeError. */
export function toDense(where: string, value: TensorLike): Dense {
  const { shape, data } = denseAsGiven(where, value);
  return { shape, data: toFloats(data) };
}

/** Floats as they are, integers copied. */
export function toFloats(data: DenseAsGiven['data']): Dense['data'] {
  return data instanceof Int32Array ? Float64Array.from(data) : data;
}

/** As `toDense`, but an Int32Array is not copied either, unless its memory is shared. */
export function denseAsGiven(where: string, value: TensorLike): DenseAsGiven {
  if (typeof value === 'object' && value !== null && 'shape' in value && 'data' in value) return fromShaped(where, value);
  const shape = nestedShape(where, value);
  if (isKept(value)) return { shape, data: unshared(value) };
  return { shape, data: flattenNested(value as NestedNumbers) };
}

function fromShaped(where: string, { shape, data }: { readonly shape: readonly number[]; readonly data: ArrayLike<number> }): DenseAsGiven {
  if (!Array.isArray(shape) || !Array.from(shape).every((size) => Number.isSafeInteger(size) && size >= 0)) {
    throw new ShapeError(`${where}: expected a shape of integers ≥ 0, got ${describe(shape)}`);
  }
  if (!isList(data)) throw new DataError(`${where}: expected data in an array of numbers, got ${describe(data)}`);
  const size = shape.reduce((product, one) => product * one, 1);
  if (data.length !== size) throw new ShapeError(`${where}: expected ${size} elements for shape [${shape.join(', ')}], got ${data.length}`);
  if (isKept(data)) return { shape, data: unshared(data) };
  const wrong = Array.isArray(data) ? data.findIndex((element) => typeof element !== 'number') : -1;
  if (wrong >= 0) throw new DataError(`${where}: expected data in an array of numbers, got ${describe(data[wrong])} as element ${wrong}`);
  return { shape, data: Float64Array.from(data) };
}

/** The array, or a copy that no other thread can change between a check and what relies on it. */
function unshared(data: DenseAsGiven['data']): DenseAsGiven['data'] {
  const isShared = typeof SharedArrayBuffer !== 'undefined' && data.buffer instanceof SharedArrayBuffer;
  return isShared ? data.slice() : data;
}

/** The shape of nested arrays, checked in full. Throws DataError where rows differ in length or something is not a number. */
function nestedShape(where: string, values: unknown, depth = 0): number[] {
  if (typeof values === 'number') return [];
  if (!isList(values)) throw new DataError(`${where}: expected numbers in nested arrays, got ${describe(values)}`);
  if (depth === DEEPEST) throw new DataError(`${where}: expected arrays nested at most ${DEEPEST} deep, got deeper ones`);
  if (values.length === 0) return [0];
  if (ArrayBuffer.isView(values)) return [values.length];
  const first = nestedShape(where, values[0], depth + 1);
  for (let i = 1; i < values.length; i++) {
    const shape = nestedShape(where, values[i], depth + 1);
    if (shape.join() !== first.join()) {
      throw new DataError(`${where}: expected row ${i} to have shape [${first.join(', ')}] as row 0 has, got [${shape.join(', ')}]`);
    }
  }
  return [values.length, ...first];
}

/** All numbers in order. The arrays have passed `nestedShape`. */
function flattenNested(values: NestedNumbers | number): Float64Array {
  const flat: number[] = [];
  const visit = (value: NestedNumbers | number): void => {
    if (typeof value === 'number') flat.push(value);
    else for (let i = 0; i < value.length; i++) visit(value[i] as NestedNumbers | number);
  };
  visit(values);
  return Float64Array.from(flat);
}
