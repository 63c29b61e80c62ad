/** Reads MNIST-format folders; the format itself is in src/data. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { labelledImages } from '../data/labelled-images.ts';
import type { LabelledData, TrainTest } from '../data/types.ts';
import { DataError, FormatError, OptionError } from '../errors.ts';
import { checkInteger, checkKeys, describe } from '../options.ts';

const GZIP_MAGIC = [0x1f, 0x8b];
/** More than any such data set; what a gzip file made to exhaust memory is stopped at. */
const MAXIMUM_UNZIPPED_BYTES = 2 ** 31 - 1;

export interface ReadIdxOptions {
  /** At most this many samples of each part, the first ones; default all. */
  readonly limit?: number;
}

/**
 * Reads a folder in the format of MNIST (also Fashion-MNIST, KMNIST, EMNIST renamed): `train-images-idx3-ubyte`,
 * `train-labels-idx1-ubyte`, `t10k-images-idx3-ubyte` and `t10k-labels-idx1-ubyte`, each as it is or gzipped with `.gz` at the end, and
 * with `-` or `.` before `idx`.
 *
 * Each part's x is [samples, height · width], float32 from 0 to 1 (pixels / 255), and its y the labels.
 *
 * @throws DataError that names the file looked for where there is none, or where images and labels do not match.
 * @throws FormatError that names the file where it is not gzip or IDX.
 * @throws OptionError for a folder that is no string, an unknown option or a `limit` that is not a positive integer.
 */
export function readIdx(folder: string, options: ReadIdxOptions = {}): TrainTest {
  if (typeof folder !== 'string') throw new OptionError(`readIdx: expected the path of a folder, got ${describe(folder)}`);
  checkKeys('readIdx', options, ['limit']);
  const limit = options.limit === undefined ? undefined : checkInteger('readIdx.limit', options.limit);
  // All four are found before the first is read: a folder that is not one of these is told at once.
  const paths = [
    ['train-images', 'train-labels'],
    ['t10k-images', 't10k-labels'],
  ].map(([images, labels]) => [find(folder, images, 'idx3-ubyte'), find(folder, labels, 'idx1-ubyte')]);
  const [train, test] = paths.map(([images, labels]) => readPart(images, labels, limit));
  return { train, test };
}

function find(folder: string, name: string, kind: string): string {
  const plain = `${name}-${kind}`;
  const names = [plain, `${plain}.gz`, `${name}.${kind}`, `${name}.${kind}.gz`];
  const found = names.map((candidate) => join(folder, candidate)).find((path) => existsSync(path));
  if (found === undefined)
    throw new DataError(`readIdx: expected ${join(folder, plain)} (or ${names.slice(1).join(', ')}), got no such file`);
  return found;
}

function readPart(imagesPath: string, labelsPath: string, limit: number | undefined): LabelledData {
  const images = readBytes(imagesPath);
  const labels = readBytes(labelsPath);
  try {
    return labelledImages(images, labels, limit);
  } catch (error) {
    if (error instanceof FormatError) throw new FormatError(`${imagesPath}, ${labelsPath}: ${error.message}`);
    if (error instanceof DataError) throw new DataError(`${imagesPath}, ${labelsPath}: ${error.message}`);
    throw error;
  }
}

/** Synchronous, like all of `readIdx`; told by its first bytes, so that a gzipped file without `.gz` is read too. */
function readBytes(path: string): Uint8Array {
  let bytes: Uint8Array;
  try {
    bytes = readFileSync(path);
  } catch (error) {
    throw new DataError(`readIdx: expected a file to read at ${path}, got: ${(error as Error).message}`, { cause: error });
  }
  if (!GZIP_MAGIC.every((magic, i) => bytes[i] === magic)) return bytes;
  try {
    return gunzipSync(bytes, { maxOutputLength: MAXIMUM_UNZIPPED_BYTES });
  } catch (error) {
    throw new FormatError(`readIdx: expected gzip in ${path}, got: ${(error as Error).message}`, { cause: error });
  }
}
