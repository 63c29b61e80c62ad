/**
 * NPY, the format of NumPy's arrays (NEP 1): six bytes of magic, a version, the length of a header, the header as a Python dictionary of
 * `descr`, `fortran_order` and `shape`, and the elements.
 */
import { FormatError } from '../errors.ts';
import { checkBytes } from '../options.ts';
import { ELEMENT_TYPES, type ElementType } from './element-types.ts';

export type NpyElements = Uint8Array | Int8Array | Uint16Array | Int16Array | Uint32Array | Int32Array | Float32Array | Float64Array;

export interface NpyArray {
  readonly shape: readonly number[];
  /** Row-major, in the array's own type; never shares memory with the bytes it was read from. */
  readonly data: NpyElements;
}

interface NumberType {
  readonly bytes: number;
  /** The elements in bytes of their own, little-endian. */
  read(bytes: Uint8Array): NpyElements;
}

const floats = (name: string): NumberType => {
  const { bytes, decode } = ELEMENT_TYPES.get(name) as ElementType;
  return { bytes, read: (given) => decode(given, 0) };
};

type Constructor = { new (length: number): NpyElements; readonly BYTES_PER_ELEMENT: number };

/** Integers of at most four bytes. */
const integers = (Elements: Constructor, get: (view: DataView, at: number) => number): NumberType => ({
  bytes: Elements.BYTES_PER_ELEMENT,
  read(bytes) {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const elements = new Elements(bytes.length / this.bytes);
    for (let i = 0; i < elements.length; i++) elements[i] = get(view, i * this.bytes);
    return elements;
  },
});

/** Integers of eight bytes: int32 where that holds all of them, as it does class indices, else float64. */
const longIntegers = (name: string): NumberType => {
  const { bytes, decode } = ELEMENT_TYPES.get(name) as ElementType;
  return {
    bytes,
    read(given) {
      const numbers = decode(given, 0);
      return numbers.every((number) => number === (number | 0)) ? Int32Array.from(numbers) : numbers;
    },
  };
};

const NUMBER_TYPES: ReadonlyMap<string, NumberType> = new Map([
  ['f2', floats('F16')],
  ['f4', floats('F32')],
  ['f8', floats('F64')],
  ['b1', integers(Uint8Array, (view, at) => (view.getUint8(at) === 0 ? 0 : 1))],
  ['u1', integers(Uint8Array, (view, at) => view.getUint8(at))],
  ['i1', integers(Int8Array, (view, at) => view.getInt8(at))],
  ['u2', integers(Uint16Array, (view, at) => view.getUint16(at, true))],
  ['i2', integers(Int16Array, (view, at) => view.getInt16(at, true))],
  ['u4', integers(Uint32Array, (view, at) => view.getUint32(at, true))],
  ['i4', integers(Int32Array, (view, at) => view.getInt32(at, true))],
  ['u8', longIntegers('U64')],
  ['i8', longIntegers('I64')],
]);

const MAGIC = [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59];
/** NumPy itself reads no longer ones unless told to. */
const LONGEST_HEADER = 10_000;
/** Bytes of a file that its header ends in. */
export const NPY_BEGINNING = LONGEST_HEADER + 12;
/** More axes than NumPy has. */
const MOST_AXES = 64;

/** What the beginning of a file says of its elements. */
export interface NpyHeader {
  readonly type: NumberType;
  readonly isBigEndian: boolean;
  readonly isFortran: boolean;
  readonly shape: readonly number[];
  /** Bytes before the elements. */
  readonly start: number;
}

/**
 * Reads the bytes of an NPY file: numbers of 8 to 64 bits and booleans, in either byte order, by rows or by columns (Fortran's order).
 * float16 becomes float32. int64 and uint64 become int32 where that holds all elements, else float64.
 *
 * Nothing is allocated before the sizes in the header are found to account for exactly the bytes that came.
 *
 * @throws DataError for what is no Uint8Array; FormatError where the bytes are not NPY, end early, are more or fewer than the header says,
 *   or hold anything but numbers; and for integers beyond 2⁵³.
 */
export function parseNpy(bytes: Uint8Array): NpyArray {
  checkBytes('parseNpy', bytes);
  const header = parseNpyHeader(bytes);
  const { type, shape, start } = header;
  const expected = shape.reduce((product, size) => product * size, type.bytes);
  if (bytes.length - start !== expected)
    throw new FormatError(`NPY: expected ${expected} bytes of elements for shape [${shape.join(', ')}], got ${bytes.length - start}`);
  const data = readNpyElements(header, bytes.slice(start));
  return { shape, data: header.isFortran ? byRows(data, shape) : data };
}

/** The elements in bytes that no one else has, in the order of the bytes. Throws FormatError for integers beyond 2⁵³. */
export function readNpyElements({ type, isBigEndian }: NpyHeader, bytes: Uint8Array): NpyElements {
  if (isBigEndian) reverseEach(bytes, type.bytes);
  try {
    return type.read(bytes);
  } catch (error) {
    throw new FormatError(`NPY: ${(error as Error).message}`, { cause: error });
  }
}

/** Reads the header in the first bytes of an NPY file. Throws FormatError for other bytes. */
export function parseNpyHeader(bytes: Uint8Array): NpyHeader {
  if (bytes.length < 12 || MAGIC.some((byte, i) => bytes[i] !== byte))
    throw new FormatError(`NPY: expected bytes that begin with \\x93NUMPY, got ${hexadecimal(bytes.subarray(0, 6)) || 'none'}`);
  const version = bytes[6];
  if (version < 1 || version > 3) throw new FormatError(`NPY: expected version 1, 2 or 3, got ${version}`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const before = version === 1 ? 10 : 12;
  const length = version === 1 ? view.getUint16(8, true) : view.getUint32(8, true);
  if (length > LONGEST_HEADER) throw new FormatError(`NPY: expected a header of at most ${LONGEST_HEADER} bytes, got ${length}`);
  const start = before + length;
  if (bytes.length < start) throw new FormatError(`NPY: expected a header of ${length} bytes, got ${bytes.length - before}`);
  return { ...parseFields(Array.from(bytes.subarray(before, start), (byte) => String.fromCharCode(byte)).join('')), start };
}

/** One field of the dictionary: its name, and what stands for a type, a flag or a shape. */
const FIELD = /\s*(?:'(\w+)'|"(\w+)")\s*:\s*(?:'([^']*)'|"([^"]*)"|(True|False)|\(([\dL,\s]*)\))\s*(?:,|(?=\}))/y;

function parseFields(text: string): Omit<NpyHeader, 'start'> {
  const wrong = () => new FormatError(`NPY: expected a header with descr, fortran_order and shape of numbers, got ${shorten(text)}`);
  const fields = new Map<string, string>();
  const body = /^\s*\{/.exec(text);
  if (!body) throw wrong();
  FIELD.lastIndex = body[0].length;
  let end = FIELD.lastIndex;
  for (let found = FIELD.exec(text); found; found = FIELD.exec(text)) {
    const [, single, double, ...values] = found;
    fields.set(single ?? double, values.find((value) => value !== undefined) as string);
    end = FIELD.lastIndex;
  }
  const [descr, order, sizes] = ['descr', 'fortran_order', 'shape'].map((name) => fields.get(name));
  if (!/^\s*\}\s*$/.test(text.slice(end)) || fields.size !== 3 || descr === undefined || order === undefined || sizes === undefined)
    throw wrong();
  const [byteOrder, name] = [descr[0], descr.slice(1)];
  const type = NUMBER_TYPES.get(name);
  if (!type || !'<>|='.includes(byteOrder)) throw new FormatError(`NPY: expected elements of ${typeNames()}, got ${shorten(descr)}`);
  return { type, isBigEndian: byteOrder === '>', isFortran: order === 'True', shape: parseShape(sizes) };
}

const typeNames = () => [...NUMBER_TYPES.keys()].join(', ');

function parseShape(sizes: string): number[] {
  const texts = sizes.split(',').map((size) => size.trim().replace(/L$/, ''));
  if (texts.at(-1) === '') texts.pop();
  const shape = texts.map(Number);
  if (texts.includes('') || shape.length > MOST_AXES || !shape.every(Number.isSafeInteger))
    throw new FormatError(`NPY: expected a shape of at most ${MOST_AXES} sizes, got (${shorten(sizes)})`);
  return shape;
}

const shorten = (text: string) => (text.length > 100 ? `${text.slice(0, 100)}…` : text).trim();

function reverseEach(bytes: Uint8Array, size: number): void {
  for (let at = 0; size > 1 && at < bytes.length; at += size) bytes.subarray(at, at + size).reverse();
}

/** Elements that lie by columns, the first axis fastest, laid by rows. */
function byRows(data: NpyElements, shape: readonly number[]): NpyElements {
  const rows = data.slice();
  const strides = shape.map((_, axis) => shape.slice(0, axis).reduce((product, size) => product * size, 1));
  const at = shape.map(() => 0);
  let from = 0;
  for (let i = 0; i < rows.length; i++) {
    rows[i] = data[from];
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      from += strides[axis];
      if (++at[axis] < shape[axis]) break;
      from -= strides[axis] * shape[axis];
      at[axis] = 0;
    }
  }
  return rows;
}

function hexadecimal(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join(' ');
}
