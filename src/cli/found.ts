/** Words for what stands at a path, for messages that expected something else. Contents go before names. */
import { closeSync, openSync, readdirSync, readSync, type Stats, statSync } from 'node:fs';
import { extname, join } from 'node:path';

/** `stream` is a pipe or the like: nothing is known of it before it is read. */
export type Kind = 'nothing' | 'MNIST folder' | 'other folder' | 'model' | 'other file' | 'stream';

export interface Found {
  readonly kind: Kind;
  /** Goes on from `PATH is …`. */
  readonly words: string;
}

const MNIST_FILE = /^(train|t10k)-(images|labels)[-.]idx[13]-ubyte(\.gz)?$/;
const PICTURE = /\.(png|jpe?g|gif|bmp|webp|tiff?)$/i;
/** Bytes of a file that are examined. */
const BEGINNING = 4096;

/** How files of a format begin, a byte a character. */
const BEGINNINGS: readonly (readonly [string, string])[] = [
  ['\x89PNG', 'a picture'],
  ['\xff\xd8\xff', 'a picture'],
  ['GIF8', 'a picture'],
  ['\x1f\x8b', 'a gzip file'],
  ['PK\x03\x04', 'a ZIP archive'],
  ['\x93NUMPY', 'a NumPy file'],
  ['\x89HDF', 'an HDF5 file'],
  ['PAR1', 'a Parquet file'],
];

export function whatIs(path: string): Found {
  let stats: Stats;
  try {
    stats = statSync(path);
    if (stats.isDirectory()) return folder(path);
    if (!stats.isFile()) return { kind: 'stream', words: 'no regular file' };
    return file(path, beginning(path));
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    return code === 'ENOENT' || code === 'ENOTDIR'
      ? { kind: 'nothing', words: 'not there' }
      : { kind: 'nothing', words: `not to be read (${message})` };
  }
}

function folder(path: string): Found {
  const entries = readdirSync(path, { withFileTypes: true });
  if (entries.some(({ name }) => MNIST_FILE.test(name))) return { kind: 'MNIST folder', words: 'an MNIST folder' };
  const words = (what: string): Found => ({ kind: 'other folder', words: what });
  if (entries.length === 0) return words('an empty folder');
  if (entries.some(({ name }) => PICTURE.test(name))) return words('a folder of pictures');
  const inside = entries.filter((entry) => entry.isDirectory()).map(({ name }) => join(path, name));
  if (inside.some((one) => readdirSync(one).some((name) => PICTURE.test(name)))) return words('a folder of folders of pictures');
  return words('a folder without any of the MNIST files');
}

function file(path: string, bytes: Uint8Array): Found {
  const words = (what: string): Found => ({ kind: 'other file', words: what });
  if (bytes.length === 0) return words('an empty file');
  if (isModel(bytes)) return { kind: 'model', words: 'a model file' };
  if (isIdx(bytes)) return words('an IDX file, of which an MNIST folder has four');
  const characters = Buffer.from(bytes).toString('latin1');
  const format = BEGINNINGS.find(([start]) => characters.startsWith(start));
  if (format !== undefined) return words(format[1]);
  if (PICTURE.test(path)) return words('a picture');
  const text = asText(bytes);
  return words(text === undefined ? 'a file of another format' : kindOfText(path, text));
}

/** Safetensors: the length of the header, below 2³², and the header, which is JSON. */
function isModel(bytes: Uint8Array): boolean {
  return bytes.subarray(4, 8).every((byte) => byte === 0) && bytes[8] === '{'.charCodeAt(0);
}

/** Two zeros, an element type, and no more axes than anyone uses. */
function isIdx([first, second, type, rank]: Uint8Array): boolean {
  return first === 0 && second === 0 && type >= 0x08 && type <= 0x0e && rank >= 1 && rank <= 8;
}

function kindOfText(path: string, text: string): string {
  if (/^\s*[{[]/.test(text)) return 'a JSON file';
  const ending = extname(path).toLowerCase();
  return ending === '.csv' || ending === '.tsv' || isTable(text) ? 'a CSV file' : 'a text file';
}

/** Whether the first lines have as many commas, semicolons or tabs each, and some. The last may be cut off. */
function isTable(text: string): boolean {
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  const whole = lines.length > 2 ? lines.slice(0, -1) : lines;
  if (whole.length < 2) return false;
  return [',', ';', '\t'].some((separator) => {
    const counts = whole.map((line) => line.split(separator).length);
    return counts[0] > 1 && counts.every((count) => count === counts[0]);
  });
}

/** Undefined where the bytes are not UTF-8, or hold a zero, which no text does. */
function asText(bytes: Uint8Array): string | undefined {
  if (bytes.includes(0)) return undefined;
  try {
    // As a stream: the last character may be cut off.
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes, { stream: true });
  } catch {
    return undefined;
  }
}

function beginning(path: string): Uint8Array {
  const bytes = new Uint8Array(BEGINNING);
  const descriptor = openSync(path, 'r');
  try {
    return bytes.subarray(0, readSync(descriptor, bytes));
  } finally {
    closeSync(descriptor);
  }
}
