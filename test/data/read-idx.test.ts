import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { DataError, FormatError, OptionError } from '../../src/errors.ts';
import { readIdx } from '../../src/node/read-idx.ts';

const images = (...pixels: number[]) => Uint8Array.from([0, 0, 8, 3, 0, 0, 0, pixels.length / 2, 0, 0, 0, 1, 0, 0, 0, 2, ...pixels]);
const labels = (...values: number[]) => Uint8Array.from([0, 0, 8, 1, 0, 0, 0, values.length, ...values]);

let folder: string;
const write = (name: string, bytes: Uint8Array) => writeFileSync(join(folder, name), bytes);

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'chainrule-idx-'));
  write('train-images-idx3-ubyte', images(0, 255, 51, 102));
  write('train-labels-idx1-ubyte.gz', gzipSync(labels(7, 3)));
  write('t10k-images.idx3-ubyte.gz', gzipSync(images(255, 255)));
  write('t10k-labels.idx1-ubyte', labels(9));
});
afterEach(() => rmSync(folder, { recursive: true }));

describe('readIdx', () => {
  it('reads both parts, gzipped or not, with either way of writing the names', () => {
    expect(readIdx(folder)).toEqual({
      train: { x: { shape: [2, 2], data: Float32Array.of(0, 1, 0.2, 0.4) }, y: Int32Array.of(7, 3) },
      test: { x: { shape: [1, 2], data: Float32Array.of(1, 1) }, y: Int32Array.of(9) },
    });
  });

  it('takes the first samples only where asked to', () => {
    const { train, test } = readIdx(folder, { limit: 1 });
    expect(train).toEqual({ x: { shape: [1, 2], data: Float32Array.of(0, 1) }, y: Int32Array.of(7) });
    expect(test.y).toHaveLength(1);
  });

  it('names the file that is missing', () => {
    rmSync(join(folder, 't10k-labels.idx1-ubyte'));
    expect(() => readIdx(folder)).toThrow(DataError);
    expect(() => readIdx(folder)).toThrow(`expected ${join(folder, 't10k-labels-idx1-ubyte')} (or `);
    expect(() => readIdx(join(folder, 'nowhere'))).toThrow(DataError);
  });

  it('refuses labels that are not as many as the images', () => {
    write('t10k-labels.idx1-ubyte', labels(9, 9));
    expect(() => readIdx(folder)).toThrow(DataError);
    expect(() => readIdx(folder)).toThrow(/t10k-labels.idx1-ubyte: IDX: expected as many labels as images, 1, got 2/);
  });

  it.each([
    ['images where labels belong', images(1, 2), /expected unsigned bytes, labels \[samples\], got Uint8Array \[1, 1, 2\]/],
    ['text', new TextEncoder().encode('hello'), /t10k-labels.idx1-ubyte: IDX: expected a magic number/],
    ['half a gzip file', gzipSync(labels(9)).subarray(0, 15), /expected gzip in .*t10k-labels.idx1-ubyte/],
  ])('refuses %s, naming the file', (_, bytes, message) => {
    write('t10k-labels.idx1-ubyte', bytes);
    expect(() => readIdx(folder)).toThrow(FormatError);
    expect(() => readIdx(folder)).toThrow(message);
  });

  it.each([{ limit: 0 }, { limit: 1.5 }, { rows: 3 }])('refuses the options %j', (options) => {
    expect(() => readIdx(folder, options)).toThrow(OptionError);
  });
});
