/** MNIST-format pairs of IDX files, images and labels, made into data to train on. */
import { DataError, FormatError } from '../errors.ts';
import { type IdxArray, parseIdx } from './idx.ts';
import type { LabelledData } from './types.ts';

const WHITE = 255;

/**
 * The images and labels of two IDX files (unsigned bytes, not gzipped): x is [samples, pixels], float32 from 0 to 1, y the labels.
 * At most `limit` samples are taken, the first ones; by default all.
 *
 * @throws FormatError where either is not IDX of unsigned bytes and of the right rank (images 3, labels 1).
 * @throws DataError where there are more or fewer labels than images.
 */
export function labelledImages(imageBytes: Uint8Array, labelBytes: Uint8Array, limit = Number.POSITIVE_INFINITY): LabelledData {
  const images = parseBytes(imageBytes, 'images [samples, height, width]', 3);
  const labels = parseBytes(labelBytes, 'labels [samples]', 1);
  const [count, height, width] = images.shape;
  if (labels.shape[0] !== count) throw new DataError(`IDX: expected as many labels as images, ${count}, got ${labels.shape[0]}`);
  const samples = Math.min(count, limit);
  const pixels = height * width;
  const x = new Float32Array(samples * pixels);
  for (let i = 0; i < x.length; i++) x[i] = images.data[i] / WHITE;
  return { x: { shape: [samples, pixels], data: x }, y: Int32Array.from(labels.data.subarray(0, samples)) };
}

function parseBytes(bytes: Uint8Array, what: string, rank: number): IdxArray<Uint8Array> {
  const { shape, data } = parseIdx(bytes);
  if (!(data instanceof Uint8Array) || shape.length !== rank) {
    throw new FormatError(`IDX: expected unsigned bytes, ${what}, got ${data.constructor.name} [${shape.join(', ')}]`);
  }
  return { shape, data };
}
