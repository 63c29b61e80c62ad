/** NPY, NPZ and IDX files as datasets: numbers keep their type, rows come in pieces, and files that are not whole are refused first. */
import { readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { idx, npy, npz } from 'chainrule/data';
import { describe, expect, it } from 'vitest';
import { isNumeric } from '../../src/datasets/chunk.ts';
import { SOURCE } from '../../src/datasets/source.ts';
import { DataError, FormatError, OptionError } from '../../src/errors.ts';
import { chunks, numbers, openFiles, rows, testFolder } from './reading.ts';

const write = testFolder();
const golden = JSON.parse(readFileSync(new URL('../golden/npy.json', import.meta.url), 'utf8'));

/** An NPY file of elements as their bytes are. */
function npyFile(descr: string, shape: readonly number[], data: ArrayBufferView, order = 'False'): Uint8Array {
  const header = `{'descr': '${descr}', 'fortran_order': ${order}, 'shape': (${shape.join(', ')},), }\n`;
  const length = Buffer.from([header.length & 255, header.length >> 8]);
  const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  return Buffer.concat([Buffer.from([0x93]), Buffer.from('NUMPY\x01\x00'), length, Buffer.from(header), bytes]);
}

/** An IDX file of bytes. */
function idxFile(shape: readonly number[], data: Uint8Array): Uint8Array {
  return Buffer.concat([Buffer.from([0, 0, 8, shape.length, ...shape.flatMap((size) => [0, 0, size >> 8, size & 255])]), data]);
}

const count = (length: number) => Array.from({ length }, (_, i) => i);
const PIXELS = Uint8Array.from(count(3000 * 4), (i) => i % 251);
const LABELS = Uint8Array.from(count(3000), (i) => i % 10);

describe('npy', () => {
  it('gives the rows of files by name, in their own types', async () => {
    const x = write('x.npy', npyFile('|u1', [3000, 2, 2], PIXELS));
    const y = write('y.npy', npyFile('<i4', [3000], Int32Array.from(LABELS)));
    const dataset = npy({ x, y });
    expect(dataset[SOURCE].rows).toBe(3000);
    const all = await chunks(dataset);
    expect(all.map((chunk) => chunk.rows)).toEqual([1024, 1024, 952]);
    expect(all[0].columns).toEqual([
      { path: ['x'], shape: [2, 2], data: PIXELS.slice(0, 4096) },
      { path: ['y'], shape: [], data: Int32Array.from(LABELS.slice(0, 1024)) },
    ]);
    expect(await rows(dataset, 2998)).toEqual([
      { x: { shape: [2, 2], data: [...PIXELS.slice(-8, -4)] }, y: 8 },
      { x: { shape: [2, 2], data: [...PIXELS.slice(-4)] }, y: 9 },
    ]);
  });

  it('gives the rows of one file, gzipped or from a stream too', async () => {
    const file = npyFile('<f4', [2, 3], Float32Array.of(1, 2, 3, 4, 5, 6));
    const expected = [
      [1, 2, 3],
      [4, 5, 6],
    ];
    expect(await rows(npy(write('one.npy', file)))).toEqual(expected);
    const zipped = npy(write('one.npy.gz', gzipSync(file)));
    expect([await rows(zipped), await rows(zipped, 1), zipped[SOURCE].rows]).toEqual([expected, expected.slice(1), 2]);
    expect(await rows(npy([file.subarray(0, 30), file.subarray(30)]))).toEqual(expected);
  });

  it('has int64 as float64 in every chunk', async () => {
    const values = BigInt64Array.from(count(2000), (i) => BigInt(i) * (i < 1024 ? 1n : 2n ** 40n));
    const all = await chunks(npy(write('long.npy', npyFile('<i8', [2000], values))));
    expect(all.map(({ columns: [column] }) => isNumeric(column) && column.data.constructor.name)).toEqual(['Float64Array', 'Float64Array']);
    expect(await rows(npy(write('long.npy', npyFile('<i8', [2000], values))), 1999)).toEqual([1999 * 2 ** 40]);
  });

  it('has fewer rows in a chunk where they are large, and closes the file when it is left early', async () => {
    const path = write('large.npy', npyFile('|u1', [3, 3 * 2 ** 20], new Uint8Array(9 * 2 ** 20)));
    expect((await chunks(npy(path))).map((chunk) => chunk.rows)).toEqual([2, 1]);
    for await (const _ of npy(path)) break;
    expect(openFiles(path)).toBe(0);
  });

  it.each<[string, Uint8Array, RegExp]>([
    ['what is no NPY', Buffer.from('age,job\n1,2\n'.repeat(9)), /wrong.npy: NPY: expected bytes that begin with/],
    ['elements too few', npyFile('|u1', [3], Uint8Array.of(1, 2)), /wrong.npy: expected 3 bytes of elements for shape \[3\], got 2/],
    ['elements too many', npyFile('|u1', [1], Uint8Array.of(1, 2)), /expected 1 bytes of elements/],
    ['elements too few, gzipped', gzipSync(npyFile('|u1', [3], Uint8Array.of(1, 2))), /expected as many bytes as its header says/],
    ['elements too many, gzipped', gzipSync(npyFile('|u1', [1], Uint8Array.of(1, 2))), /expected no more bytes than its header says/],
    ['integers beyond 2⁵³', npyFile('<i8', [1], BigInt64Array.of(2n ** 60n)), /integers from/],
  ])('refuses %s', async (_, file, message) => {
    const refused = rows(npy(write('wrong.npy', file)));
    await expect(refused).rejects.toThrow(FormatError);
    await expect(refused).rejects.toThrow(message);
  });

  it.each<[string, Uint8Array, RegExp]>([
    ['arrays by columns', npyFile('|u1', [2, 2], new Uint8Array(4), 'True'), /by columns \(Fortran order\)/],
    ['rows without elements', npyFile('|u1', [2, 0], new Uint8Array(0)), /elements in a row, got shape \[2, 0\]/],
  ])('refuses %s', async (_, file, message) => {
    await expect(rows(npy(write('wrong.npy', file)))).rejects.toThrow(DataError);
    await expect(rows(npy(write('wrong.npy', file)))).rejects.toThrow(message);
  });

  it('says again what a stream has thrown at its beginning: what has come of it is not all of it', async () => {
    const mine = new Error('mine');
    const dataset = npy(
      (async function* () {
        yield npyFile('<f4', [2], new Float32Array(2));
        throw mine;
      })(),
    );
    for (let pass = 0; pass < 2; pass++) await expect(rows(dataset)).rejects.toBe(mine);
  });

  it('refuses files of other numbers of rows, and what is no file', async () => {
    const [x, y] = [2, 3].map((n) => write(`rows${n}.npy`, npyFile('|u1', [n], new Uint8Array(n))));
    await expect(rows(npy({ x, y }))).rejects.toThrow(/expected 2 rows in .*rows3.npy, got 3/);
    expect(() => npy(7 as never)).toThrow(OptionError);
    expect(() => npy({})).toThrow(OptionError);
    expect(() => npy({ x: 7 } as never)).toThrow(/npy.x: expected a path/);
  });
});

describe('npz', () => {
  const path = () => write('some.npz', Buffer.from(golden.npz.bytes.savez_compressed, 'base64'));
  const arrays = golden.npz.arrays as Record<string, { shape: number[]; values: number[] }>;

  it('gives the rows of arrays by name', async () => {
    const [name, { shape, values }] = Object.entries(arrays)[0];
    const dataset = npz(path(), { x: name });
    const width = values.length / shape[0];
    const flat = (await chunks(dataset)).flatMap(numbers);
    expect(flat).toEqual(values);
    expect(await rows(dataset, shape[0] - 1)).toHaveLength(1);
    expect((await chunks(dataset, 1)).flatMap(numbers)).toEqual(values.slice(width));
  });

  it('refuses an array that is not there, other bytes, and what are no names', async () => {
    await expect(rows(npz(path(), { x: 'missing' }))).rejects.toThrow(/expected an array missing, got /);
    await expect(rows(npz(write('other.npz', 'other')))).rejects.toThrow(FormatError);
    expect(() => npz(path(), { x: 7 } as never)).toThrow(OptionError);
  });
});

describe('idx', () => {
  it('gives images and labels as bytes, gzipped too', async () => {
    const [images, labels] = [idxFile([3000, 2, 2], PIXELS), idxFile([3000], LABELS)];
    const dataset = idx(write('images', images), write('labels.gz', gzipSync(labels)));
    expect(dataset[SOURCE].rows).toBe(3000);
    const all = await chunks(dataset, 2000);
    expect(all[0].columns).toEqual([
      { path: ['x'], shape: [2, 2], data: PIXELS.slice(8000) },
      { path: ['y'], shape: [], data: LABELS.slice(2000) },
    ]);
    expect(await rows(idx(write('images', images)), 2999)).toEqual([{ x: { shape: [2, 2], data: [...PIXELS.slice(-4)] } }]);
  });

  it('refuses other bytes, half a file, and labels for other images', async () => {
    await expect(rows(idx(write('wrong', 'wrong!')))).rejects.toThrow(/wrong: IDX: expected a magic number/);
    await expect(rows(idx(write('half', idxFile([3], Uint8Array.of(1, 2)))))).rejects.toThrow(FormatError);
    const large = [0, 0, 8, 3, 0, 0, 0, 1, 0, 1, 0, 0, 0, 1, 0, 0, 1];
    await expect(rows(idx([Uint8Array.from(large)]))).rejects.toThrow(/rows of at most 2147483647 bytes, got 4294967296/);
    const [two, three] = [2, 3].map((n) => write(`idx${n}`, idxFile([n], new Uint8Array(n))));
    await expect(rows(idx(two, three))).rejects.toThrow(DataError);
  });
});
