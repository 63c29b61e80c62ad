/** MNIST-format pairs of IDX arrays, images and labels, made into data to train on. */
import { DataError, FormatError } from '../errors.ts';
import type { IdxArray, IdxHeader } from './idx.ts';
import type { LabelledData } from './types.ts';

const WHITE = 255;

/** The content of one of the two files: unsigned bytes, with their number of axes. */
interface Kind {
  readonly what: string;
  readonly rank: number;
}

export const IMAGES: Kind = { what: 'images [samples, height, width]', rank: 3 };
export const LABELS: Kind = { what: 'labels [samples]', rank: 1 };

/** Throws FormatError where a file holds something else, DataError where there are more or fewer labels than images. */
export function checkLabelledImages(images: IdxHeader, labels: IdxHeader): void {
  checkKind(images, IMAGES);
  checkKind(labels, LABELS);
  if (labels.shape[0] !== images.shape[0])
    throw new DataError(`IDX: expected as many labels as images, ${images.shape[0]}, got ${labels.shape[0]}`);
}

function checkKind({ type, shape }: IdxHeader, { what, rank }: Kind): void {
  if (type.name !== 'Uint8Array' || shape.length !== rank)
    throw new FormatError(`IDX: expected unsigned bytes, ${what}, got ${type.name} [${shape.join(', ')}]`);
}

/** x is [samples, pixels], float32 from 0 to 1, y the labels. The headers have been checked. */
export function labelledImages(images: IdxArray, labels: IdxArray): LabelledData {
  const [samples, height, width] = images.shape;
  const x = new Float32Array(images.data.length);
  for (let i = 0; i < x.length; i++) x[i] = images.data[i] / WHITE;
  return { x: { shape: [samples, height * width], data: x }, y: Int32Array.from(labels.data) };
}
