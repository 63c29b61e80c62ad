import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ChainruleError, DataError, FormatError, OptionError } from '../../src/errors.ts';
import { readIdx } from '../../src/node/read-idx.ts';
import { RandomStream } from '../../src/random/philox.ts';

/** Bytes that have been unzipped; of an attempt that was given up, as many as it was allowed. */
const unzipped = vi.hoisted(() => ({ bytes: 0 }));

vi.mock('node:zlib', async (original) => {
  const zlib = await original<typeof import('node:zlib')>();
  const gunzipSync: typeof zlib.gunzipSync = (bytes, options) => {
    unzipped.bytes += options?.maxOutputLength ?? Number.POSITIVE_INFINITY;
    const result = zlib.gunzipSync(bytes, options);
    unzipped.bytes += result.length - (options?.maxOutputLength ?? 0);
    return result;
  };
  return { ...zlib, gunzipSync };
});

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

/** A header of `type` and these sizes. */
function header(type: number, ...shape: readonly number[]): Uint8Array {
  const bytes = new Uint8Array(4 + 4 * shape.length);
  bytes.set([0, 0, type, shape.length]);
  const view = new DataView(bytes.buffer);
  shape.forEach((size, axis) => {
    view.setUint32(4 + 4 * axis, size);
  });
  return bytes;
}

describe('readIdx takes memory in proportion to the header and the limit, for', () => {
  const MEGABYTE = 2 ** 20;
  const ZEROS = 64 * MEGABYTE;
  /** 64 KB that unzip to 64 MB. */
  const zeros = gzipSync(new Uint8Array(ZEROS));
  const bombOf = (head: Uint8Array) => Buffer.concat([gzipSync(head), zeros]);

  /** What a call ends with, and the bytes that were unzipped for it. */
  const outcomeOf = (call: () => unknown) => {
    unzipped.bytes = 0;
    try {
      return { outcome: call(), bytes: unzipped.bytes };
    } catch (error) {
      return { outcome: error, bytes: unzipped.bytes };
    }
  };

  it.each<[string, Uint8Array, string]>([
    ['zeros', zeros, 'IDX: expected a magic number'],
    ['more images than its header says', bombOf(header(8, 1, 1, 2)), 'expected 18 bytes in'],
    [
      'a header beyond all bounds',
      bombOf(header(8, 2 ** 32 - 1, 2 ** 32 - 1, 2 ** 32 - 1)),
      'IDX: expected a header of at most 2147483647 bytes',
    ],
    ['floats', bombOf(header(0x0e, 1, 1, 2)), 'expected unsigned bytes, images [samples, height, width], got Float64Array'],
    ['255 axes', bombOf(header(8, ...new Array(255).fill(1))), 'expected unsigned bytes, images'],
    ['fewer labels than images', bombOf(header(8, 2 ** 20, 16, 16)), 'expected as many labels as images, 1048576, got 1'],
  ])('gzip of %s', (_, bytes, part) => {
    write('t10k-images.idx3-ubyte.gz', bytes);
    const { outcome, bytes: cost } = outcomeOf(() => readIdx(folder));
    expect(outcome, String(outcome)).toBeInstanceOf(ChainruleError);
    expect((outcome as Error).message).toContain(part);
    expect(cost).toBeLessThan(MEGABYTE);
  });

  it('the first of very many samples', () => {
    const samples = ZEROS / 256;
    for (const part of ['train', 't10k']) {
      for (const name of ['images', 'labels'])
        for (const form of ['-idx', '.idx'])
          for (const end of ['', '.gz'])
            rmSync(join(folder, `${part}-${name}${form}${name === 'images' ? 3 : 1}-ubyte${end}`), { force: true });
      write(`${part}-images-idx3-ubyte.gz`, bombOf(header(8, samples, 16, 16)));
      write(`${part}-labels-idx1-ubyte.gz`, bombOf(header(8, samples)));
    }
    const { outcome, bytes } = outcomeOf(() => readIdx(folder, { limit: 3 }));
    expect(outcome).toEqual({
      train: { x: { shape: [3, 256], data: new Float32Array(768) }, y: new Int32Array(3) },
      test: { x: { shape: [3, 256], data: new Float32Array(768) }, y: new Int32Array(3) },
    });
    expect(bytes).toBeLessThan(MEGABYTE);
  });

  it('the first samples are the same, plain or gzipped, whatever the limit', () => {
    const random = new RandomStream(1, 1);
    const pixels = Uint8Array.from({ length: 500 * 12 }, (_, i) => (i < 3000 ? random.integer(256) : 7));
    const all = Buffer.concat([header(8, 500, 3, 4), pixels]);
    const digits = Buffer.concat([header(8, 500), pixels.subarray(0, 500)]);
    for (const zip of [(bytes: Uint8Array) => bytes, (bytes: Uint8Array) => gzipSync(bytes)]) {
      write('train-images-idx3-ubyte', zip(all));
      write('train-labels-idx1-ubyte.gz', zip(digits));
      for (const limit of [1, 2, 100, 249, 250, 251, 400, 499, 500, 501]) {
        const { train } = readIdx(folder, { limit });
        const samples = Math.min(limit, 500);
        expect(train.x.shape).toEqual([samples, 12]);
        expect(train.x.data, `${limit}`).toEqual(Float32Array.from(pixels.subarray(0, 12 * samples), (pixel) => pixel / 255));
        expect(train.y).toEqual(Int32Array.from(pixels.subarray(0, samples)));
      }
    }
  });

  it('a file longer than its header says, which it refuses unread', () => {
    write('t10k-labels.idx1-ubyte', Uint8Array.from([...labels(9), 1]));
    expect(() => readIdx(folder)).toThrow(FormatError);
    expect(() => readIdx(folder)).toThrow(/expected 9 bytes in .*t10k-labels.idx1-ubyte, as its header says, got more/);
    expect(() => readIdx(folder, { limit: 1 })).toThrow(FormatError);
  });

  it('a folder in the place of a file, which it names', () => {
    rmSync(join(folder, 't10k-labels.idx1-ubyte'));
    mkdirSync(join(folder, 't10k-labels.idx1-ubyte'));
    expect(() => readIdx(folder)).toThrow(DataError);
  });
});
