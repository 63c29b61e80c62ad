/** IDX files, in which MNIST and its relatives come, as datasets. */
import { LONGEST_HEADER, parseIdxHeader } from '../data/idx.ts';
import { Dataset } from '../datasets/dataset.ts';
import { type ArrayFormat, arraySource } from './array-files.ts';
import { inputOf, type ReaderInput } from './input.ts';
import type { ArrayRow } from './numpy.ts';

const IDX: ArrayFormat = {
  name: 'idx',
  beginning: LONGEST_HEADER,
  parse(beginning) {
    const { shape, start, type } = parseIdxHeader(beginning);
    return { shape, start, bytes: type.bytes, read: (bytes) => type.read(new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)) };
  },
};

/**
 * The rows of IDX files: `{ x, y }` of images and labels, `{ x }` of images alone. Each has its own shape and type: pixels are bytes from 0 to 255,
 * [height, width], and labels bytes. Files are read in pieces, in every pass again, and may be gzipped.
 *
 * @throws OptionError for what is no place and no stream. Reading throws FormatError where a file is not IDX or not as long as its header says,
 *   DataError where there are more or fewer labels than images.
 */
export function idx(images: ReaderInput): Dataset<{ readonly x: ArrayRow }>;
export function idx(images: ReaderInput, labels: ReaderInput): Dataset<{ readonly x: ArrayRow; readonly y: number }>;
export function idx(images: ReaderInput, labels?: ReaderInput): Dataset<{ readonly x: ArrayRow }> {
  const x = { path: ['x'], input: inputOf('idx.images', images) };
  return new Dataset(arraySource(IDX, labels === undefined ? [x] : [x, { path: ['y'], input: inputOf('idx.labels', labels) }]));
}
