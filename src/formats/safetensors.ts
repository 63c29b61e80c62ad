/**
 * safetensors (https://github.com/huggingface/safetensors): the length of a header (64 bits, little-endian), the header as JSON (names,
 * types, shapes, places), then the tensors' bytes one after the other. Reading one runs no code, and its sizes can be checked before
 * anything is allocated, which is why models are kept in it.
 */

import { DataError, FormatError, OptionError, ShapeError } from '../errors.ts';
import { finish, pieces, type Work } from '../event-loop/slices.ts';
import { checkBytes, describe } from '../options.ts';
import type { ByteSource } from '../platform/byte-source.ts';
import type { Tensor } from '../tensor.ts';
import { decodeElements, ELEMENT_TYPES, type ElementType, elementTypeName, encodeElements, UNREAD_TYPES } from './element-types.ts';
import { HeaderReader } from './header-reader.ts';

const LENGTH_BYTES = 8;
/** The header, and so the tensors' bytes, end on a multiple of this: spaces fill it up. */
const ALIGNMENT = 8;
/** The limit that the format sets itself. */
const MAXIMUM_HEADER_BYTES = 100_000_000;
const MAXIMUM_RANK = 64;
/** Elements between two turns of the event loop. */
const COPIED_AT_ONCE = 2 ** 18;
type Elements = Tensor['data'];

const METADATA = '__metadata__';
const RESERVED_NAMES = [METADATA, '__proto__'];

export interface SafetensorsFile {
  /** By name, in the order of the file. */
  readonly tensors: Map<string, Tensor>;
  /** Free text by name; an object without prototype. */
  readonly metadata: Readonly<Record<string, string>>;
}

/** A tensor as the header describes it. */
export interface Entry {
  readonly name: string;
  readonly type: string;
  readonly shape: readonly number[];
  /** Its place among the bytes that follow the header. */
  readonly begin: number;
  readonly end: number;
}

/** The tensors of a file, and their places. */
export interface SafetensorsIndex {
  /** By name, in the order of the header. */
  readonly entries: ReadonlyMap<string, Entry>;
  readonly metadata: Readonly<Record<string, string>>;
  /** Where the header ends. */
  readonly headerEnd: number;
}

/**
 * The tensors (float32 as F32, float64 as F64) and the metadata as the bytes of a safetensors file, in the order of the map.
 *
 * @throws OptionError for a value that is no Map, ShapeError where a tensor's shape does not fit its data, FormatError for a name that
 *   the format reserves.
 */
export function encodeSafetensors(tensors: ReadonlyMap<string, Tensor>, metadata: Readonly<Record<string, string>> = {}): Uint8Array {
  if (!(tensors instanceof Map)) throw new OptionError(`encodeSafetensors: expected a Map from names to tensors, got ${describe(tensors)}`);
  return finish(writeSafetensors(tensors, metadata));
}

/** `encodeSafetensors` in slices: the tensors must not change until it is done. */
export function* writeSafetensors(tensors: ReadonlyMap<string, Tensor>, metadata: Readonly<Record<string, string>>): Work<Uint8Array> {
  const { header, dataBytes } = headerOf(tensors, metadata);
  const headerBytes = new TextEncoder().encode(header);
  const padded = Math.ceil(headerBytes.length / ALIGNMENT) * ALIGNMENT;
  const bytes = new Uint8Array(LENGTH_BYTES + padded + dataBytes);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(padded), true);
  bytes.fill(0x20, LENGTH_BYTES, LENGTH_BYTES + padded);
  bytes.set(headerBytes, LENGTH_BYTES);
  let begin = LENGTH_BYTES + padded;
  for (const tensor of tensors.values()) {
    for (const [start, end] of pieces(tensor.data.length, COPIED_AT_ONCE)) {
      if (start > 0) yield;
      const part = tensor.data.subarray(start, end);
      encodeElements(part, bytes.subarray(begin, begin + part.byteLength));
      begin += part.byteLength;
    }
    yield;
  }
  return bytes;
}

function headerOf(tensors: ReadonlyMap<string, Tensor>, metadata: Readonly<Record<string, string>>): { header: string; dataBytes: number } {
  // A Map, not an object: that would sort names like "0" to the front.
  const entries: string[] = [];
  if (Object.keys(metadata).length > 0) entries.push(`${JSON.stringify(METADATA)}:${JSON.stringify(metadata)}`);
  let dataBytes = 0;
  for (const [name, { shape, data }] of tensors) {
    if (RESERVED_NAMES.includes(name))
      throw new FormatError(`safetensors: expected tensor names other than ${RESERVED_NAMES.join(', ')}, got ${name}`);
    const elements = shape.reduce((product, size) => product * size, 1);
    if (elements !== data.length) {
      throw new ShapeError(`safetensors: expected ${elements} elements in ${name} [${shape.join(', ')}], got ${data.length}`);
    }
    const entry = { dtype: elementTypeName(data), shape, data_offsets: [dataBytes, dataBytes + data.byteLength] };
    entries.push(`${JSON.stringify(name)}:${JSON.stringify(entry)}`);
    dataBytes += data.byteLength;
  }
  return { header: `{${entries.join(',')}}`, dataBytes };
}

/**
 * Reads the bytes of a safetensors file. Tensors of F32, of floats of 16 and 8 bits, of integers of 16 and 8 bits and of BOOL (0 and 1)
 * become float32, those of F64 and of integers of 64 and 32 bits float64, all of them exactly; F4, F6 and C64 are not read. The tensors are
 * copies; NaN and infinity are let through.
 *
 * Nothing is allocated for a tensor before its size matches its byte range, and the bytes are there.
 *
 * @throws DataError for a value that is no Uint8Array, and for an integer beyond 2⁵³; FormatError for bytes that are no whole, valid
 *   safetensors file of these types.
 */
export function decodeSafetensors(bytes: Uint8Array): SafetensorsFile {
  const { entries, metadata, headerEnd } = readIndex(bytes);
  const data = bytes.subarray(headerEnd);
  const tensorOf = (entry: Entry): Tensor => ({ shape: entry.shape, data: decode(entry, data.subarray(entry.begin, entry.end)) });
  return { tensors: new Map([...entries].map(([name, entry]) => [name, tensorOf(entry)])), metadata };
}

/** The bytes of a file up to the end of its header. Throws FormatError where the file says that it has none, or a longer one than it can. */
export async function readHead(source: ByteSource): Promise<Uint8Array> {
  const end = endOfHeader(await source.read(0, Math.min(LENGTH_BYTES, source.length)), source.length);
  return source.read(0, end);
}

/**
 * The tensors of a file of `length` bytes. `bytes` are the first of them, at least to the end of the header. Only names are allocated.
 *
 * @throws The errors of `decodeSafetensors`, except that for an integer.
 */
export function readIndex(head: Uint8Array, length = head.length): SafetensorsIndex {
  checkBytes('safetensors', head);
  const headerEnd = endOfHeader(head, length);
  const { entries, metadata } = readHeader(decodeText(head.subarray(LENGTH_BYTES, headerEnd)));
  for (const entry of entries) checkSize(entry);
  checkPlaces(entries, length - headerEnd);
  return { entries: new Map(entries.map((entry) => [entry.name, entry])), metadata, headerEnd };
}

/** Elements of a piece: a megabyte or less, copied and checked in less than a millisecond. */
const READ_AT_ONCE = 2 ** 17;

/**
 * Reads a tensor a piece at a time into what `values` gives, an array of as many elements, which may be another one every time. Comes back
 * with each piece.
 *
 * @throws FormatError for an integer beyond 2⁵³; the errors of the source.
 */
export async function* readPieces(
  source: ByteSource,
  { headerEnd }: SafetensorsIndex,
  entry: Entry,
  values: () => Elements,
): AsyncGenerator<Elements> {
  const type = ELEMENT_TYPES.get(entry.type) as ElementType;
  const begin = headerEnd + entry.begin;
  for (const [start, end] of pieces((entry.end - entry.begin) / type.bytes, READ_AT_ONCE)) {
    const bytes = await source.read(begin + start * type.bytes, begin + end * type.bytes);
    const piece = values().subarray(start, end);
    // The same bytes need no array between.
    if (entry.type === elementTypeName(piece)) decodeElements(bytes, piece);
    else piece.set(decode(entry, bytes, start, FormatError));
    yield piece;
  }
}

function endOfHeader(start: Uint8Array, fileLength: number): number {
  if (start.length < LENGTH_BYTES) throw new FormatError(`safetensors: expected at least ${LENGTH_BYTES} bytes, got ${start.length}`);
  const length = new DataView(start.buffer, start.byteOffset, LENGTH_BYTES).getBigUint64(0, true);
  const limit = Math.min(fileLength - LENGTH_BYTES, MAXIMUM_HEADER_BYTES);
  if (length > BigInt(limit))
    throw new FormatError(`safetensors: expected a header of at most ${limit} bytes, got a length of ${length}, as of another format`);
  return LENGTH_BYTES + Number(length);
}

function decodeText(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new FormatError('safetensors: expected a header in UTF-8, got other bytes');
  }
}

function readHeader(text: string): { entries: Entry[]; metadata: Record<string, string> } {
  const reader = new HeaderReader(text);
  const entries: Entry[] = [];
  const metadata: Record<string, string> = Object.create(null);
  reader.object((name) => {
    if (name !== METADATA) entries.push(readEntry(reader, name));
    else {
      reader.object((key) => {
        metadata[key] = reader.string();
      });
    }
  });
  reader.end();
  return { entries, metadata };
}

function readEntry(reader: HeaderReader, name: string): Entry {
  let type: string | undefined;
  let shape: number[] | undefined;
  let offsets: number[] | undefined;
  reader.object((key) => {
    if (key === 'dtype') type = reader.string();
    else if (key === 'shape') shape = reader.integers(MAXIMUM_RANK);
    else if (key === 'data_offsets') offsets = reader.integers(2);
    else throw new FormatError(`safetensors: expected dtype, shape and data_offsets for ${shown(name)}, got ${shown(key)}`);
  });
  if (type === undefined || shape === undefined || offsets?.length !== 2) {
    const came = `dtype ${type && shown(type)}, shape ${shape && `[${shape}]`}, data_offsets ${offsets && `[${offsets}]`}`;
    throw new FormatError(`safetensors: expected dtype, shape and data_offsets [begin, end] for ${shown(name)}, got ${came}`);
  }
  return { name, type, shape, begin: offsets[0], end: offsets[1] };
}

/** The element type is known, and the elements of the shape take just the bytes between the offsets. */
function checkSize({ name, type, shape, begin, end }: Entry): void {
  const elementType = ELEMENT_TYPES.get(type);
  if (elementType === undefined) {
    const why = UNREAD_TYPES.includes(type) ? ', which is of the format but not read here' : '';
    throw new FormatError(
      `safetensors: expected the dtype of ${shown(name)} to be one of ${[...ELEMENT_TYPES.keys()].join(', ')}, got ${shown(type)}${why}`,
    );
  }
  // Beyond 2⁵³ the product is inexact or Infinity (or NaN), but the offsets are exact and less: it cannot match them by accident.
  const size = shape.reduce((product, length) => product * length, elementType.bytes);
  if (end - begin !== size) {
    throw new FormatError(
      `safetensors: expected ${size} bytes for ${shown(name)}, ${type} [${shape.join(', ')}], got data_offsets [${begin}, ${end}]`,
    );
  }
}

/** Sorted by place, the tensors follow each other without gap or overlap and end where the bytes end. */
function checkPlaces(entries: readonly Entry[], dataBytes: number): void {
  let next = 0;
  // Empty tensors come before the one that starts at the same place.
  for (const { name, begin, end } of entries.toSorted((a, b) => a.begin - b.begin || a.end - b.end)) {
    if (begin !== next || end > dataBytes) {
      throw new FormatError(
        `safetensors: expected ${shown(name)} at ${next} and within ${dataBytes} bytes of data, got data_offsets [${begin}, ${end}]`,
      );
    }
    next = end;
  }
  if (next !== dataBytes) throw new FormatError(`safetensors: expected ${next} bytes of data, as its header says, got ${dataBytes}`);
}

/** The bytes of a tensor's elements from `first` on. */
function decode({ name, type }: Entry, bytes: Uint8Array, first = 0, Refusal: typeof DataError | typeof FormatError = DataError): Elements {
  try {
    return (ELEMENT_TYPES.get(type) as ElementType).decode(bytes, first);
  } catch (error) {
    if (error instanceof DataError) throw new Refusal(`safetensors: ${shown(name)}: ${error.message}`, { cause: error });
    throw error;
  }
}

/** Names come from the file: quoted, and short enough for a message. */
function shown(name: string): string {
  return JSON.stringify(name.length > 60 ? `${name.slice(0, 60)}…` : name);
}
