/** Files, plain or gzipped, read and unzipped only as far as is asked for. Synchronous, as `readIdx` is. */
import { closeSync, fstatSync, openSync, readFileSync, readSync } from 'node:fs';
import { DataError, FormatError, messageOf } from '../errors.ts';
import { zlib } from './builtins.ts';

/** The content of a file, unzipped. */
export interface Unzipped {
  /** Its first `most` bytes, or all if it has fewer. The rest is not read. */
  beginning(length: number): Uint8Array;
  /** All of its bytes. Throws FormatError where it has more than `most`, or a gzip file is not whole. */
  whole(most: number): Uint8Array;
}

const GZIP_MAGIC = [0x1f, 0x8b];

/** Opens a file; told by its first bytes, so that a gzipped file without `.gz` is read too. Throws DataError where it cannot be read. */
export function openUnzipped(path: string): Unzipped {
  const magic = read(path, GZIP_MAGIC.length);
  if (!GZIP_MAGIC.every((byte, i) => magic[i] === byte))
    return { beginning: (length) => read(path, length), whole: (most) => atMost(path, most, read(path, most + 1)) };
  const zipped = read(path);
  return { beginning: (length) => unzipBeginning(path, zipped, length), whole: (most) => atMost(path, most, unzip(path, zipped, most)) };
}

/** The first bytes of a file, or all of them. */
function read(path: string, length?: number): Uint8Array {
  try {
    const file = openSync(path, 'r');
    try {
      const stats = fstatSync(file);
      if (!stats.isFile()) throw new DataError(`expected a file to read at ${path}, got none`);
      if (length === undefined) return readFileSync(file);
      return readUpTo(file, Math.min(length, stats.size));
    } finally {
      closeSync(file);
    }
  } catch (error) {
    if (error instanceof DataError) throw error;
    throw new DataError(`expected a file to read at ${path}, got: ${messageOf(error)}`, { cause: error });
  }
}

function readUpTo(file: number, length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  let filled = 0;
  while (filled < length) {
    const more = readSync(file, bytes, filled, length - filled, filled);
    if (more === 0) break;
    filled += more;
  }
  return bytes.subarray(0, filled);
}

function atMost(path: string, most: number, bytes: Uint8Array | undefined): Uint8Array {
  if (bytes === undefined || bytes.length > most) throw new FormatError(`expected ${most} bytes in ${path}, as its header says, got more`);
  return bytes;
}

/** Bytes that may be unzipped beyond those asked for. */
const SURPLUS = 1.25;
/** One more byte of a gzip file is never more bytes than this unzipped. */
const MOST_PER_BYTE = 2048;

/** The first bytes of a gzip file. In a large one bisection finds a beginning that gives them and little else. */
function unzipBeginning(path: string, zipped: Uint8Array, length: number): Uint8Array {
  const most = Math.ceil(SURPLUS * length) + MOST_PER_BYTE;
  const all = unzip(path, zipped, most);
  if (all) return all.subarray(0, length);
  let [low, high] = [0, zipped.length];
  let bytes: Uint8Array | undefined;
  while (bytes === undefined || bytes.length < length) {
    const size = (low + high) >> 1;
    bytes = unzip(path, zipped.subarray(0, size), most, 'beginning');
    if (bytes) low = size;
    else high = size;
  }
  return bytes.subarray(0, length);
}

/** The content of a gzip file, or of a beginning of one; undefined where it has more than `most` bytes. */
function unzip(path: string, zipped: Uint8Array, most: number, part: 'whole' | 'beginning' = 'whole'): Uint8Array | undefined {
  const { constants, gunzipSync } = zlib();
  const finishFlush = part === 'whole' ? constants.Z_FINISH : constants.Z_SYNC_FLUSH;
  try {
    return gunzipSync(zipped, { maxOutputLength: most, finishFlush });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE') return undefined;
    throw new FormatError(`expected gzip in ${path}, got: ${messageOf(error)}`, { cause: error });
  }
}
