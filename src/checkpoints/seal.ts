/** The checksum of a checkpoint, in the file's own metadata: a file whose bytes have changed on the disk is told from a whole one. */
import { FormatError } from '../errors.ts';
import { pieces } from '../event-loop/slices.ts';
import { readHead } from '../formats/safetensors.ts';
import type { ByteSource } from '../platform/byte-source.ts';

/** The entry of the metadata. */
const KEY = 'sha256';
/** What stands there while the checksum is computed. */
const EMPTY = '0'.repeat(64);
/** Bytes that are hashed at once, on another thread: each piece is copied first. */
const PIECE_BYTES = 4 * 2 ** 20;

/** The metadata with which a file is made that `seal` is to seal. */
export const UNSEALED: Readonly<Record<string, string>> = { [KEY]: EMPTY };

/** Writes the checksum of a file into its bytes. The file was made with `UNSEALED`. */
export async function seal(bytes: Uint8Array): Promise<void> {
  const place = placeOf(bytes, EMPTY);
  const sum = await checksum(bytes.length, (start, end) => bytes.subarray(start, end));
  bytes.set(Buffer.from(sum), place);
}

/** Throws FormatError where a file has no checksum, or another one than its bytes. */
export async function checkSeal(source: ByteSource): Promise<void> {
  const head = Buffer.from(await readHead(source));
  const place = placeOf(head, '');
  const expected = head.subarray(place, place + EMPTY.length).toString();
  const got = await checksum(source.length, async (start, end) => {
    const bytes = Buffer.from(await source.read(start, end));
    bytes.fill('0', clamp(place - start, bytes.length), clamp(place + EMPTY.length - start, bytes.length));
    return bytes;
  });
  if (got !== expected) throw new FormatError(`checkpoint: expected bytes of the checksum ${expected}, got ${got}`);
}

const clamp = (offset: number, length: number) => Math.min(Math.max(offset, 0), length);

/** Where the checksum stands. A quote within other texts of the header is escaped, so that these cannot look the same. */
function placeOf(bytes: Uint8Array, value: string): number {
  const before = `"${KEY}":"`;
  const found = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).indexOf(before + value);
  if (found < 0) throw new FormatError(`checkpoint: expected a checksum in the file's metadata, got none`);
  return found + before.length;
}

/** SHA-256 of the SHA-256 of each piece, in hexadecimal digits. */
async function checksum(length: number, read: (start: number, end: number) => Uint8Array | Promise<Uint8Array>): Promise<string> {
  const sums: Uint8Array[] = [];
  for (const [start, end] of pieces(length, PIECE_BYTES)) sums.push(await sha256(await read(start, end)));
  return Buffer.from(await sha256(Buffer.concat(sums))).toString('hex');
}

const sha256 = async (bytes: Uint8Array) => new Uint8Array(await crypto.subtle.digest('SHA-256', bytes as Uint8Array<ArrayBuffer>));
