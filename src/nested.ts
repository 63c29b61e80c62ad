/** Numbers in the forms that callers give: tensors, objects with shape and data, nested arrays. */
import { DataError, ShapeError } from './errors.ts';
import { finish, PIECE, pieces, type Work } from './event-loop/slices.ts';
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
  /** Whether the array was made here, so that nobody else changes it. */
  readonly isOwn: boolean;
}

/** The same with a copy of its typed array, or of that of a tensor; nested arrays as they are. */
export function copyArrays(value: TensorLike): TensorLike {
  const copied = <T>(array: T): T => (isNumberArray(array) ? (array as unknown as { slice(): T }).slice() : array);
  const isShaped = typeof value === 'object' && value !== null && 'shape' in value && 'data' in value;
  return isShaped ? { shape: value.shape, data: copied(value.data) } : copied(value);
}

/** More axes than any tensor has: an array that nests deeper contains itself. */
const DEEPEST = 32;

const isNumberArray = (value: unknown): value is ArrayLike<number> =>
  ArrayBuffer.isView(value) && !(value instanceof DataView || value instanceof BigInt64Array || value instanceof BigUint64Array);

const isList = (value: unknown): value is ArrayLike<unknown> => Array.isArray(value) || isNumberArray(value);

/** A dense tensor from whatever form it came in; typed arrays of floats are copied only from shared memory. Throws DataError or ShapeError. */
export function toDense(where: string, value: TensorLike): Dense {
  return finish(densify(where, value));
}

/** `toDense` in slices. A nested array that changes meanwhile gives an error or a mixture. */
export function* densify(where: string, value: TensorLike): Work<Dense> {
  if (typeof value === 'object' && value !== null && 'shape' in value && 'data' in value) return yield* fromShaped(where, value);
  const shape = yield* nestedShape(where, value);
  if (value instanceof Float32Array || value instanceof Float64Array) return yield* fromFloats(where, shape, value);
  return { shape, data: yield* flattenNested(where, value as NestedNumbers, shape), isOwn: true };
}

function* fromShaped(where: string, { shape, data }: { readonly shape: readonly number[]; readonly data: ArrayLike<number> }): Work<Dense> {
  if (!Array.isArray(shape) || !Array.from(shape).every((size) => Number.isSafeInteger(size) && size >= 0)) {
    throw new ShapeError(`${where}: expected a shape of integers ≥ 0, got ${describe(shape)}`);
  }
  if (!isList(data)) throw new DataError(`${where}: expected data in an array of numbers, got ${describe(data)}`);
  const size = sizeOf(shape);
  if (data.length !== size) throw new ShapeError(`${where}: expected ${size} elements for shape [${shape.join(', ')}], got ${data.length}`);
  if (data instanceof Float32Array || data instanceof Float64Array) return yield* fromFloats(where, [...shape], data);
  if (isNumberArray(data)) return { shape: [...shape], data: yield* fromIntegers(where, data), isOwn: true };
  const own = new Float64Array(size);
  for (const [start, end] of pieces(size)) {
    if (start > 0) yield;
    for (let i = start; i < end; i++) {
      const element: unknown = data[i];
      if (typeof element !== 'number')
        throw new DataError(`${where}: expected data in an array of numbers, got ${describe(element)} as element ${i}`);
      own[i] = element;
    }
  }
  return { shape: [...shape], data: own, isOwn: true };
}

/** The numbers of a typed array of integers; float32 holds those of at most 16 bits. */
function* fromIntegers(where: string, data: ArrayLike<number> & { BYTES_PER_ELEMENT?: number }): Work<Dense['data']> {
  const { length } = data;
  const own = (data.BYTES_PER_ELEMENT as number) <= 2 ? new Float32Array(length) : new Float64Array(length);
  const integers = data as unknown as Dense['data'];
  for (const [start, end] of pieces(length)) {
    if (start > 0) yield;
    checkPresent(where, integers, length);
    own.set(integers.subarray(start, end), start);
  }
  return own;
}

/** The array, or a copy that no other thread can change between a check and what relies on it. */
function* fromFloats(where: string, shape: readonly number[], data: Dense['data']): Work<Dense> {
  const isShared = typeof SharedArrayBuffer !== 'undefined' && data.buffer instanceof SharedArrayBuffer;
  return isShared ? { shape, data: yield* copied(where, data), isOwn: true } : { shape, data, isOwn: false };
}

/** Throws DataError where an array has been taken away since reading began, as by sending its buffer to another thread. */
export function checkPresent(where: string, data: Dense['data'], length: number): void {
  if (data.length !== length)
    throw new DataError(`${where}: expected an array of ${length} elements until it has been read, got ${data.length} elements left`);
}

/** A copy. */
export function* copied(where: string, data: Dense['data']): Work<Dense['data']> {
  const copy = data instanceof Float32Array ? new Float32Array(data.length) : new Float64Array(data.length);
  for (const [start, end] of pieces(data.length)) {
    if (start > 0) yield;
    checkPresent(where, data, copy.length);
    copy.set(data.subarray(start, end), start);
  }
  return copy;
}

const sizeOf = (shape: readonly number[]) => shape.reduce((product, one) => product * one, 1);

/** Whether a shape is that of samples, behind `before` further axes. */
function isShapeOf(shape: readonly number[], sample: readonly number[], before: number): boolean {
  if (shape.length !== before + sample.length) return false;
  for (let axis = 0; axis < sample.length; axis++) if (shape[before + axis] !== sample[axis]) return false;
  return true;
}

/** Whether a shape is one of rows of samples. */
export const isOfRows = (shape: readonly number[], sample: readonly number[]) => isShapeOf(shape, sample, 1);

/** The shape of nested arrays, checked in full. Throws DataError where rows differ in length or something is not a number. */
function* nestedShape(where: string, values: unknown, depth = 0): Work<number[]> {
  if (typeof values === 'number') return [];
  if (!isList(values)) throw new DataError(`${where}: expected numbers in nested arrays, got ${describe(values)}`);
  if (depth === DEEPEST) throw new DataError(`${where}: expected arrays nested at most ${DEEPEST} deep, got deeper ones`);
  if (values.length === 0) return [0];
  if (ArrayBuffer.isView(values)) return [values.length];
  const first = yield* nestedShape(where, values[0], depth + 1);
  const size = sizeOf(first);
  for (let i = 1, seen = 0; i < values.length; i++) {
    if (typeof values[i] !== 'number' || first.length > 0) {
      const shape = yield* nestedShape(where, values[i], depth + 1);
      if (!isShapeOf(shape, first, 0)) {
        throw new DataError(`${where}: expected row ${i} to have shape [${first.join(', ')}] as row 0 has, got [${shape.join(', ')}]`);
      }
    }
    seen += size;
    if (seen < PIECE) continue;
    yield;
    seen = 0;
  }
  return [values.length, ...first];
}

/** All numbers in order. The arrays had this shape when `nestedShape` looked at them. */
function* flattenNested(where: string, values: NestedNumbers, shape: readonly number[]): Work<Float64Array> {
  const flat = new Float64Array(sizeOf(shape));
  if (shape.length === 1 && flat.length < PIECE) {
    for (let i = 0; i < flat.length; i++) flat[i] = (values as ArrayLike<number>)[i];
    if (values.length === flat.length) return flat;
  }
  let at = 0;
  const fill = function* (list: NestedNumbers, depth: number): Work<void> {
    const [isLeaf, rowSize] = [depth === shape.length - 1, sizeOf(shape.slice(depth + 1))];
    if (list?.length !== shape[depth]) throw new DataError(`${where}: expected arrays that stay as they are while they are read`);
    for (let i = 0, seen = 0; i < list.length; i++) {
      if (isLeaf) flat[at++] = list[i] as number;
      else yield* fill(list[i] as NestedNumbers, depth + 1);
      seen += rowSize;
      if (seen < PIECE) continue;
      yield;
      seen = 0;
    }
  };
  yield* fill(values, 0);
  return flat;
}
