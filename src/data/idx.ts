/**
 * IDX, the format of MNIST and of the data sets made after it: two zero bytes, the element type, the rank, the sizes (32-bit), the
 * elements; everything big-endian.
 */
import { FormatError } from '../errors.ts';
import { checkBytes } from '../options.ts';

export type IdxElements = Uint8Array | Int8Array | Int16Array | Int32Array | Float32Array | Float64Array;

export interface IdxArray<E extends IdxElements = IdxElements> {
  readonly shape: readonly number[];
  /** Row-major; never shares memory with the bytes it was read from. */
  readonly data: E;
}

interface ElementType {
  readonly name: string;
  readonly bytes: number;
  /** All elements in the bytes of `view`. */
  read(view: DataView): IdxElements;
}

const ELEMENT_TYPES: ReadonlyMap<number, ElementType> = new Map<number, ElementType>([
  [0x08, { name: 'Uint8Array', bytes: 1, read: (view) => new Uint8Array(view.buffer, view.byteOffset, view.byteLength).slice() }],
  [0x09, { name: 'Int8Array', bytes: 1, read: (view) => new Int8Array(view.buffer, view.byteOffset, view.byteLength).slice() }],
  [0x0b, { name: 'Int16Array', bytes: 2, read: (view) => fill(new Int16Array(view.byteLength / 2), (i) => view.getInt16(2 * i)) }],
  [0x0c, { name: 'Int32Array', bytes: 4, read: (view) => fill(new Int32Array(view.byteLength / 4), (i) => view.getInt32(4 * i)) }],
  [0x0d, { name: 'Float32Array', bytes: 4, read: (view) => fill(new Float32Array(view.byteLength / 4), (i) => view.getFloat32(4 * i)) }],
  [0x0e, { name: 'Float64Array', bytes: 8, read: (view) => fill(new Float64Array(view.byteLength / 8), (i) => view.getFloat64(8 * i)) }],
]);

/** The header of an IDX file. */
export interface IdxHeader {
  readonly shape: readonly number[];
  readonly type: ElementType;
  /** Bytes of the header. */
  readonly start: number;
  /** Bytes of the elements. */
  readonly bytes: number;
}

/** Bytes of the longest header. */
export const LONGEST_HEADER = 4 + 4 * 255;

/**
 * Reads the bytes of an IDX file (not gzipped).
 *
 * Nothing is allocated before the sizes in the header are found to account for exactly the bytes that came.
 *
 * @throws DataError for what is no Uint8Array; FormatError where the bytes are not IDX, end early, or are more or fewer than the header says.
 */
export function parseIdx(bytes: Uint8Array): IdxArray {
  checkBytes('parseIdx', bytes);
  return elementsOf(parseIdxHeader(bytes), bytes);
}

/** Reads the header in the first bytes of an IDX file. Throws FormatError for other bytes. */
export function parseIdxHeader(bytes: Uint8Array): IdxHeader {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (view.byteLength < 4) throw new FormatError(`IDX: expected a header of at least 4 bytes, got ${view.byteLength}`);
  const type = ELEMENT_TYPES.get(view.getUint8(2));
  if (view.getUint16(0) !== 0 || type === undefined) {
    throw new FormatError(`IDX: expected a magic number 00 00 08…0e and the rank, got ${hexadecimal(bytes.subarray(0, 4))}`);
  }
  const rank = view.getUint8(3);
  const start = 4 + 4 * rank;
  if (view.byteLength < start) throw new FormatError(`IDX: expected a header of ${start} bytes for rank ${rank}, got ${view.byteLength}`);
  return headerOf(
    type,
    Array.from({ length: rank }, (_, axis) => view.getUint32(4 + 4 * axis)),
  );
}

/** The header for the first `limit` samples at most. */
export function firstSamples({ type, shape: [samples, ...sample] }: IdxHeader, limit: number): IdxHeader {
  return headerOf(type, [Math.min(samples, limit), ...sample]);
}

/** A product beyond 2⁵³ is inexact and even Infinity is fine here: neither equals the bytes present. */
function headerOf(type: ElementType, shape: readonly number[]): IdxHeader {
  return { type, shape, start: 4 + 4 * shape.length, bytes: shape.reduce((product, size) => product * size, type.bytes) };
}

/** The elements that a header says are in the bytes behind it. Throws FormatError where these are more or fewer. */
export function elementsOf({ type, shape, start, bytes: expected }: IdxHeader, bytes: Uint8Array): IdxArray {
  if (bytes.length - start !== expected) {
    throw new FormatError(`IDX: expected ${expected} bytes of elements for shape [${shape.join(', ')}], got ${bytes.length - start}`);
  }
  return { shape, data: type.read(new DataView(bytes.buffer, bytes.byteOffset + start, expected)) };
}

function fill<E extends IdxElements>(elements: E, read: (index: number) => number): E {
  for (let i = 0; i < elements.length; i++) elements[i] = read(i);
  return elements;
}

function hexadecimal(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join(' ');
}
