/** The columns of a dataset: the values of consecutive rows under one name. */

/** The names under which a row has a value: none where the row itself is the value, `['y']`, or `['x', 'age']` within a record. */
export type Path = readonly string[];

export type NumberArray =
  | Float32Array
  | Float64Array
  | Int8Array
  | Int16Array
  | Int32Array
  | Uint8Array
  | Uint8ClampedArray
  | Uint16Array
  | Uint32Array;

/** Numbers of one shape, row after row: integers stay integers, and bytes bytes. */
export interface NumberColumn {
  readonly path: Path;
  /** Of one row. */
  readonly shape: readonly number[];
  readonly data: NumberArray;
  /**
   * What a row has as an object: lists of numbers, nested where there are several axes; or a tensor, whatever its axes. Default: a number, a typed
   * array for one axis, a tensor for several.
   */
  readonly form?: 'list' | 'tensor' | undefined;
}

/** One value a row of any kind: text, null where it is missing, a list of any length. */
export interface ValueColumn {
  readonly path: Path;
  readonly values: readonly unknown[];
}

export type Column = NumberColumn | ValueColumn;

export const isNumeric = (column: Column): column is NumberColumn => 'data' in column;

/** Numbers of one row. */
export const widthOf = ({ shape }: NumberColumn): number => shape.reduce((product, size) => product * size, 1);

export const isSamePath = (a: Path, b: Path): boolean => a.length === b.length && a.every((name, i) => name === b[i]);

/** A path in messages. */
export const formatPath = (path: Path): string => (path.length ? path.join('.') : 'the row');

const KINDS = [
  ...[Float32Array, Float64Array, Int8Array, Int16Array, Int32Array],
  ...[Uint8Array, Uint8ClampedArray, Uint16Array, Uint32Array],
] as const;

/** By the name that a typed array says, which those of Node's Buffer and of other realms say too. */
const KIND_BY_NAME = new Map<string, (typeof KINDS)[number]>(KINDS.map((kind) => [kind.name, kind]));

const kindOf = (value: unknown) => (ArrayBuffer.isView(value) ? KIND_BY_NAME.get((value as NumberArray)[Symbol.toStringTag]) : undefined);

export const isNumberArray = (value: unknown): value is NumberArray => kindOf(value) !== undefined;

/** An empty array of the same kind. */
export function likeArray<T extends NumberArray>(data: T, length: number): T {
  return new (kindOf(data) as unknown as new (length: number) => T)(length);
}

/** The same numbers, where they lie, as an array whose methods are those of its kind: a slice of Node's Buffer is no copy. */
export function plainArray<T extends NumberArray>(data: T): T {
  const kind = kindOf(data) as unknown as new (buffer: ArrayBufferLike, start: number, length: number) => T;
  return data.constructor === kind ? data : new kind(data.buffer, data.byteOffset, data.length);
}

/** The values of rows [from, to), where they lie. */
export function sliced(column: Column, from: number, to: number): Column {
  if (!isNumeric(column)) return { ...column, values: column.values.slice(from, to) };
  const width = widthOf(column);
  return { ...column, data: column.data.subarray(from * width, to * width) };
}

/** The values of some rows, copied. */
export function taken(column: Column, numbers: ArrayLike<number>): Column {
  if (!isNumeric(column)) return { ...column, values: Array.from(numbers, (row) => column.values[row]) };
  const { data } = column;
  const width = widthOf(column);
  const some = likeArray(data, numbers.length * width);
  if (width === 1) for (let i = 0; i < numbers.length; i++) some[i] = data[numbers[i]];
  else for (let i = 0; i < numbers.length; i++) some.set(data.subarray(numbers[i] * width, (numbers[i] + 1) * width), i * width);
  return { ...column, data: some };
}

/** Columns of one path, one after the other, copied. */
export function joined(parts: readonly Column[]): Column {
  const [{ path }] = parts;
  const numeric = parts.filter(isNumeric);
  const [first] = numeric;
  if (numeric.length < parts.length || !numeric.every((part) => isSameForm(part, first)))
    return { path, values: joinedValues(parts.map(valuesOf)) };
  const length = numeric.reduce((sum, { data }) => sum + data.length, 0);
  const isOneKind = numeric.every(({ data }) => data.constructor === first.data.constructor);
  const data = isOneKind ? likeArray(first.data, length) : new Float64Array(length);
  let at = 0;
  for (const part of numeric) {
    data.set(part.data, at);
    at += part.data.length;
  }
  return { ...first, data };
}

/** So many numbers of a kind: in the memory of a spare column, which begins with its buffer, or in fresh memory. */
export function memoryFor<T extends NumberArray>(length: number, like: T, spare: Column | undefined): T {
  if (!spare || !isNumeric(spare)) return likeArray(like, length);
  const { buffer, byteOffset } = spare.data;
  const isEnough = byteOffset === 0 && buffer.byteLength >= length * like.BYTES_PER_ELEMENT;
  const kind = kindOf(like) as unknown as new (buffer: ArrayBufferLike, start: number, length: number) => T;
  return isEnough ? new kind(buffer, 0, length) : likeArray(like, length);
}

function joinedValues(parts: readonly (readonly unknown[])[]): unknown[] {
  const values = new Array<unknown>(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) for (let i = 0; i < part.length; i++) values[at++] = part[i];
  return values;
}

export const isSameForm = (a: Omit<NumberColumn, 'path'>, b: Omit<NumberColumn, 'path'>) =>
  a.form === b.form && a.shape.length === b.shape.length && a.shape.every((size, axis) => size === b.shape[axis]);

/** The values of a column, one a row, as its `form` says. */
export function valuesOf(column: Column): readonly unknown[] {
  if (!isNumeric(column)) return column.values;
  const { shape, data, form } = column;
  if (shape.length === 0 && form !== 'tensor') return Array.from(data);
  const width = widthOf(column);
  const rows = width === 0 ? 0 : data.length / width;
  return Array.from({ length: rows }, (_, row) => {
    if (form === 'list') return nested(shape, data, row * width);
    const own = data.slice(row * width, (row + 1) * width);
    return shape.length === 1 && form !== 'tensor' ? own : { shape, data: own };
  });
}

/** Numbers of a shape as nested lists. */
function nested([size, ...inner]: readonly number[], data: NumberArray, at: number): unknown[] {
  if (inner.length === 0) return Array.from(data.subarray(at, at + size));
  const width = inner.reduce((product, one) => product * one, 1);
  return Array.from({ length: size }, (_, i) => nested(inner, data, at + i * width));
}

/** Numbers, and lists, arrays and tensors of numbers of one shape and kind, as a column of numbers. */
export function packed(column: ValueColumn): Column {
  const { path, values } = column;
  if (values.length === 0) return column;
  if (typeof values[0] === 'number') {
    const data = numbersOf(values);
    return data ? { path, shape: [], data } : column;
  }
  const first = flatNumbers(values[0]);
  // Without elements, a column of numbers could not tell how many rows it has.
  if (!first || first.data.length === 0) return column;
  const data = likeArray(first.data, values.length * first.data.length);
  for (let i = 0; i < values.length; i++) {
    const part = i === 0 ? first : flatNumbers(values[i]);
    if (!part || !isLike(part, first)) return column;
    data.set(part.data, i * first.data.length);
  }
  return { path, shape: first.shape, data, ...(first.form && { form: first.form }) };
}

/** Undefined where one is no number. */
function numbersOf(values: readonly unknown[]): Float64Array | undefined {
  const data = new Float64Array(values.length);
  for (let i = 0; i < data.length; i++) {
    const value = values[i];
    if (typeof value !== 'number') return undefined;
    data[i] = value;
  }
  return data;
}

type Flat = Omit<NumberColumn, 'path'>;

const isLike = (a: Flat, b: Flat) => a.form === b.form && a.shape.join() === b.shape.join() && a.data.constructor === b.data.constructor;

/** A typed array, a tensor over one, or nested lists of numbers; undefined for anything else. */
function flatNumbers(value: unknown): Flat | undefined {
  if (isNumberArray(value)) return { shape: [value.length], data: plainArray(value) };
  if (Array.isArray(value)) return flatList(value, 0);
  if (typeof value !== 'object' || value === null || !('shape' in value && 'data' in value)) return undefined;
  const { shape, data } = value as { readonly shape: unknown; readonly data: unknown };
  const isWhole = Array.isArray(shape) && isNumberArray(data) && data.length === shape.reduce((product, size) => product * size, 1);
  return isWhole ? { shape, data: plainArray(data), form: shape.length < 2 ? 'tensor' : undefined } : undefined;
}

/** Lists that nest deeper contain themselves. */
const DEEPEST = 32;

function flatList(list: readonly unknown[], depth: number): Flat | undefined {
  if (list.every((value) => typeof value === 'number')) return { shape: [list.length], data: Float64Array.from(list), form: 'list' };
  const parts = depth === DEEPEST ? [] : list.map((value) => (Array.isArray(value) ? flatList(value, depth + 1) : undefined));
  const [first] = parts;
  if (!first || !parts.every((part) => part && isLike(part, first))) return undefined;
  const data = new Float64Array(list.length * first.data.length);
  parts.forEach((part, i) => {
    data.set((part as Flat).data, i * first.data.length);
  });
  return { shape: [list.length, ...first.shape], data, form: 'list' };
}
