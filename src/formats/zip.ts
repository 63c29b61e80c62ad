/** ZIP archives of less than 4 GB: their entries, stored or deflated, found by the directory at their end (APPNOTE.TXT 6.3). */
import { FormatError } from '../errors.ts';

export interface ZipEntry {
  readonly name: string;
  /** Bytes unzipped, as the directory says. */
  readonly size: number;
  /** Of the bytes unzipped. */
  readonly crc: number;
  readonly isDeflated: boolean;
  /** As they stand in the archive. */
  readonly zipped: Uint8Array;
}

const END_MAGIC = 0x06054b50;
const ENTRY_MAGIC = 0x02014b50;
const LOCAL_MAGIC = 0x04034b50;
const END_BYTES = 22;
const ENTRY_BYTES = 46;
const LOCAL_BYTES = 30;
const LONGEST_COMMENT = 0xffff;
const BEYOND = 0xffffffff;
const STORED = 0;
const DEFLATED = 8;
const ENCRYPTED = 1;

/** The entries of an archive, folders left out. Throws FormatError. */
export function zipEntries(bytes: Uint8Array): ZipEntry[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const end = findEnd(view);
  const count = view.getUint16(end + 10, true);
  const entries: ZipEntry[] = [];
  let at = view.getUint32(end + 16, true);
  for (let i = 0; i < count; i++) {
    if (at + ENTRY_BYTES > end || view.getUint32(at, true) !== ENTRY_MAGIC)
      throw new FormatError(`ZIP: expected ${count} entries in its directory, got ${i}`);
    const [nameBytes, extraBytes, commentBytes] = [28, 30, 32].map((place) => view.getUint16(at + place, true));
    const name = new TextDecoder().decode(bytes.subarray(at + ENTRY_BYTES, at + ENTRY_BYTES + nameBytes));
    if (!name.endsWith('/')) entries.push(entryAt(bytes, view, at, name));
    at += ENTRY_BYTES + nameBytes + extraBytes + commentBytes;
  }
  return entries;
}

/** Where the end of the directory is described, behind which a comment may stand. */
function findEnd(view: DataView): number {
  const first = Math.max(0, view.byteLength - END_BYTES - LONGEST_COMMENT);
  for (let at = view.byteLength - END_BYTES; at >= first; at--) if (view.getUint32(at, true) === END_MAGIC) return at;
  throw new FormatError(`ZIP: expected a directory at the end of an archive, got ${view.byteLength} bytes without one`);
}

function entryAt(bytes: Uint8Array, view: DataView, at: number, name: string): ZipEntry {
  const flags = view.getUint16(at + 8, true);
  const method = view.getUint16(at + 10, true);
  const [crc, zippedSize, size] = [16, 20, 24].map((place) => view.getUint32(at + place, true));
  const local = view.getUint32(at + 42, true);
  if ([zippedSize, size, local].includes(BEYOND)) throw new FormatError(`ZIP: expected entries of less than 4 GB, got more in ${name}`);
  if (flags & ENCRYPTED) throw new FormatError(`ZIP: expected entries that are not encrypted, got ${name}`);
  if (method !== STORED && method !== DEFLATED)
    throw new FormatError(`ZIP: expected entries that are stored or deflated, got method ${method} in ${name}`);
  if (local + LOCAL_BYTES > bytes.length || view.getUint32(local, true) !== LOCAL_MAGIC)
    throw new FormatError(`ZIP: expected ${name} at byte ${local}, got something else there`);
  const start = local + LOCAL_BYTES + view.getUint16(local + 26, true) + view.getUint16(local + 28, true);
  if (start + zippedSize > bytes.length)
    throw new FormatError(`ZIP: expected ${zippedSize} bytes of ${name}, got ${Math.max(0, bytes.length - start)}`);
  return { name, size, crc, isDeflated: method === DEFLATED, zipped: bytes.subarray(start, start + zippedSize) };
}

/** The bytes of an entry. Never more are unzipped than the directory says. Throws FormatError where they are others than it says. */
export async function unzip(entry: ZipEntry): Promise<Uint8Array> {
  const { name, size, crc } = entry;
  const bytes = entry.isDeflated ? await inflate(entry) : entry.zipped;
  if (bytes.length !== size) throw new FormatError(`ZIP: expected ${size} bytes in ${name}, got ${bytes.length}`);
  if (crc32(bytes) !== crc) throw new FormatError(`ZIP: expected ${name} as its checksum says, got other bytes`);
  return bytes;
}

/** A gzip file of the deflated bytes: Node before 20.12 unzips none without. */
function gzipOf({ zipped, crc, size }: ZipEntry): Blob {
  const header = Uint8Array.of(0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff);
  const trailer = new DataView(new ArrayBuffer(8));
  trailer.setUint32(0, crc, true);
  trailer.setUint32(4, size, true);
  return new Blob([header, zipped as Uint8Array<ArrayBuffer>, trailer]);
}

/** The bytes, or so many and a piece more where there are more than the directory says. */
async function inflate(entry: ZipEntry): Promise<Uint8Array> {
  const stream = gzipOf(entry).stream().pipeThrough(new DecompressionStream('gzip'));
  const pieces: Uint8Array[] = [];
  let length = 0;
  try {
    for (const reader = stream.getReader(); length <= entry.size; ) {
      const { done, value } = await reader.read();
      if (done) break;
      pieces.push(value);
      length += value.length;
    }
  } catch (error) {
    throw new FormatError(`ZIP: expected deflated bytes in ${entry.name}, got others`, { cause: error });
  }
  const bytes = new Uint8Array(length);
  let at = 0;
  for (const piece of pieces) {
    bytes.set(piece, at);
    at += piece.length;
  }
  return bytes;
}

let table: Uint32Array | undefined;

/** CRC-32 of ISO 3309, as ZIP has it. */
export function crc32(bytes: Uint8Array): number {
  table ??= Uint32Array.from({ length: 256 }, (_, byte) => {
    let rest = byte;
    for (let bit = 0; bit < 8; bit++) rest = rest & 1 ? (rest >>> 1) ^ 0xedb88320 : rest >>> 1;
    return rest;
  });
  let crc = 0xffffffff;
  for (const byte of bytes) crc = table[(crc ^ byte) & 255] ^ (crc >>> 8);
  return (crc ^ 0xffffffff) >>> 0;
}
