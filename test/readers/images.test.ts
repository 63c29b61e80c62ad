/** Folders of images: bytes by channels, classes by folders, files that are none. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { images } from 'chainrule/data';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { NumberColumn } from '../../src/datasets/chunk.ts';
import { SOURCE } from '../../src/datasets/source.ts';
import { DataError, OptionError } from '../../src/errors.ts';
import { loadPeer } from '../../src/readers/peer.ts';
import { chunks, rows } from './reading.ts';

let folder: string;
/** Two by two, of one colour. */
const png = (r: number, g: number, b: number, alpha?: number) =>
  sharp({ create: { width: 2, height: 2, channels: alpha === undefined ? 3 : 4, background: { r, g, b, alpha } } })
    .png()
    .toBuffer();

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'chainrule-images-'));
  for (const path of ['classes/cats/more', 'classes/dogs', 'classes/.hidden', 'broken/a', 'none', 'shades'])
    mkdirSync(join(folder, path), { recursive: true });
  for (let i = 0; i < 5; i++) {
    writeFileSync(join(folder, `classes/cats/${i}.png`), await png(200, i, 0));
    writeFileSync(join(folder, `classes/dogs/${i}.png`), await png(0, i, 200));
  }
  writeFileSync(join(folder, 'classes/cats/more/x.png'), await png(200, 9, 0));
  writeFileSync(join(folder, 'classes/.hidden/x.png'), 'no image');
  writeFileSync(join(folder, 'classes/cats/notes.txt'), 'no image');
  writeFileSync(join(folder, 'broken/a/x.png'), (await png(1, 2, 3)).subarray(0, 40));
  const shades = { raw: { width: 2, height: 1, channels: 3 } } as const;
  await sharp(Uint8Array.of(1, 2, 3, 4, 5, 6), shades)
    .png()
    .toFile(join(folder, 'shades/a.png'));
  writeFileSync(join(folder, 'shades/b.png'), await png(10, 20, 30, 0.5));
});
afterAll(() => rmSync(folder, { recursive: true }));

describe('images', () => {
  it('are bytes by channels with the number of their folder', async () => {
    const dataset = images(join(folder, 'classes'), { size: 2, order: 'sorted' });
    expect([dataset.classes, dataset[SOURCE].rows]).toEqual([['cats', 'dogs'], 11]);
    const [{ columns }] = await chunks(dataset);
    const [x, y] = columns as NumberColumn[];
    expect([x.path, x.shape, x.data.constructor, [...y.data]]).toEqual([['x'], [3, 2, 2], Uint8Array, [0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1]]);
    expect([...x.data.slice(12, 24)]).toEqual([200, 200, 200, 200, 1, 1, 1, 1, 0, 0, 0, 0]);
    expect(await rows(dataset, 10)).toEqual([{ x: { shape: [3, 2, 2], data: [0, 0, 0, 0, 4, 4, 4, 4, 200, 200, 200, 200] }, y: 1 }]);
  });

  it('of all classes are mixed, always in the same way', async () => {
    const read = (skip = 0) => rows(images(join(folder, 'classes'), { size: 1 }), skip);
    const all = (await read()) as { y: number }[];
    expect(all.map(({ y }) => y)).not.toEqual([0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1]);
    expect(await read(4)).toEqual(all.slice(4));
    expect(images(join(folder, 'classes'), { size: 1 }).files).toHaveLength(11);
  });

  it.each([
    [1, [[2, 5], [9]]],
    [
      3,
      [
        [1, 4, 2, 5, 3, 6],
        [5, 10, 15],
      ],
    ],
    [
      4,
      [
        [1, 4, 2, 5, 3, 6, 255, 255],
        [10, 20, 30, 128],
      ],
    ],
  ] as const)('have %i channels where asked for', async (channels, expected) => {
    const read = await rows(images(join(folder, 'shades'), { size: [1, 2], channels, labels: 'none', order: 'sorted' }));
    const data = (read as { x: { shape: number[]; data: number[] } }[]).map(({ x }) => [x.shape, x.data] as const);
    expect(data[0]).toEqual([[channels, 1, 2], expected[0]]);
    // Blending rounds: a shade more or less.
    data[1][1].forEach((value: number, i: number) => {
      expect(Math.abs(value - expected[1][Math.floor(i / 2)])).toBeLessThanOrEqual(1);
    });
    expect(read[0]).not.toHaveProperty('y');
  });

  it('are refused by name where they cannot be decoded', async () => {
    await expect(rows(images(join(folder, 'broken'), { size: 2 }))).rejects.toThrow(DataError);
    await expect(rows(images(join(folder, 'broken'), { size: 2 }))).rejects.toThrow(/broken.a.x.png: expected an image, got: /);
  });

  it('are refused where there are none', async () => {
    await expect(rows(images(join(folder, 'none'), { size: 2 }))).rejects.toThrow(/expected folders of images in .*none/);
    expect(() => images(join(folder, 'missing'), { size: 2 }).classes).toThrow(/expected a folder to read at/);
  });

  it.each<[object, RegExp]>([
    [{}, /images.size: expected a size in pixels/],
    [{ size: [1, 0] }, /images.size/],
    [{ size: 2, channels: 2 }, /images.channels: expected 1, 3 or 4/],
    [{ size: 2, labels: 'files' }, /images.labels: expected one of folders, none/],
    [{ size: 2, concurrency: 0 }, /images.concurrency/],
  ])('refuse %o', (options, message) => {
    expect(() => images('x', options as never)).toThrow(OptionError);
    expect(() => images('x', options as never)).toThrow(message);
  });

  it('what is no folder', () => {
    expect(() => images(7 as never, { size: 8 })).toThrow(/^images: expected a path or a URL, got 7$/);
  });
});

describe('a package that is missing', () => {
  it('is named, with how to install it', async () => {
    await expect(loadPeer('images', 'chainrule-has-no-such-peer', (name) => import(/* @vite-ignore */ name))).rejects.toThrow(OptionError);
    const missing = Object.assign(new Error("Cannot find package 'sharp' imported from /x"), { code: 'ERR_MODULE_NOT_FOUND' });
    await expect(loadPeer('images', 'sharp', () => Promise.reject(missing))).rejects.toThrow(/which it reads with: npm install sharp$/);
    await expect(loadPeer('images', 'sharp', () => Promise.reject('no memory'))).rejects.toThrow(/loading it failed: no memory/);
    await expect(loadPeer('images', 'sharp', () => Promise.reject(new Error('no libvips')))).rejects.toThrow(
      /loading it failed: no libvips/,
    );
  });
});
