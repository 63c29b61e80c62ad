/** Reads MNIST-format folders; the format itself is in src/data. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { elementsOf, firstSamples, type IdxArray, type IdxHeader, LONGEST_HEADER, parseIdxHeader } from '../data/idx.ts';
import { checkLabelledImages, labelledImages } from '../data/labelled-images.ts';
import type { LabelledData, TrainTest } from '../data/types.ts';
import { DataError, FormatError, OptionError } from '../errors.ts';
import { integer, optional, readOptions, type TableOf } from '../options/table.ts';
import { describe } from '../options.ts';
import { openUnzipped, type Unzipped } from './unzipped.ts';

/** More than any such data set: a header that says more is wrong. */
const MOST_BYTES = 2 ** 31 - 1;

export interface ReadIdxOptions {
  /** At most this many samples of each part, the first ones; default all. No more than these are read and unzipped. */
  readonly limit?: number;
}

const OPTIONS = { limit: optional(integer()) } satisfies TableOf<ReadIdxOptions>;

/**
 * Reads a folder in the format of MNIST (also Fashion-MNIST, KMNIST, EMNIST renamed): `train-images-idx3-ubyte`, `train-labels-idx1-ubyte`,
 * `t10k-images-idx3-ubyte` and `t10k-labels-idx1-ubyte`, each as it is or gzipped with `.gz` at the end, and with `-` or `.` before `idx`.
 *
 * Each part's x is [samples, height · width], float32 from 0 to 1 (pixels / 255), and its y the labels.
 *
 * A file's header is read first, and never more is unzipped than it says.
 *
 * @throws DataError that names a missing file, or where images and labels do not match.
 * @throws FormatError that names the file where it is not gzip or IDX.
 * @throws OptionError for a folder that is no string, an unknown option or a `limit` that is not a positive integer.
 */
export function readIdx(folder: string, options: ReadIdxOptions = {}): TrainTest {
  if (typeof folder !== 'string') throw new OptionError(`readIdx: expected the path of a folder, got ${describe(folder)}`);
  const { limit } = readOptions('readIdx', OPTIONS, options);
  // All four are found before the first is read, so that a wrong folder is refused at once.
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

function readPart(imagesPath: string, labelsPath: string, limit = Number.POSITIVE_INFINITY): LabelledData {
  try {
    const images = openIdx(imagesPath);
    const labels = openIdx(labelsPath);
    checkLabelledImages(images.header, labels.header);
    return labelledImages(readSamples(images, limit), readSamples(labels, limit));
  } catch (error) {
    if (error instanceof FormatError) throw new FormatError(`readIdx: ${imagesPath}, ${labelsPath}: ${error.message}`, { cause: error });
    if (error instanceof DataError) throw new DataError(`readIdx: ${imagesPath}, ${labelsPath}: ${error.message}`, { cause: error });
    throw error;
  }
}

interface IdxFile {
  readonly header: IdxHeader;
  readonly file: Unzipped;
}

function openIdx(path: string): IdxFile {
  const file = openUnzipped(path);
  const header = parseIdxHeader(file.beginning(LONGEST_HEADER));
  if (header.bytes > MOST_BYTES)
    throw new FormatError(`IDX: expected a header of at most ${MOST_BYTES} bytes, got ${header.bytes} in ${path}`);
  return { header, file };
}

function readSamples({ header, file }: IdxFile, limit: number): IdxArray {
  const first = firstSamples(header, limit);
  const isAll = first.bytes === header.bytes;
  return elementsOf(first, isAll ? file.whole(header.start + header.bytes) : file.beginning(first.start + first.bytes));
}
