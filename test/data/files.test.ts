import { mkdtempSync, readdirSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { DataError } from '../../src/errors.ts';
import { openBytes, writeBytes } from '../../src/node/files.ts';
import { readBytes } from '../support/whole-files.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'chainrule-files-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

describe('files', () => {
  it('are written over as a whole, and nothing else is left behind', async () => {
    const path = join(folder, 'model');
    await writeBytes(path, Uint8Array.of(1, 2, 3));
    await writeBytes(path, Uint8Array.of(4));
    expect([...(await readBytes(path))]).toEqual([4]);
    expect(readdirSync(folder)).toEqual(['model']);
  });

  it('written at the same time under one name are one of them, whole', async () => {
    const path = join(folder, 'model');
    const contents = Array.from({ length: 8 }, (_, i) => new Uint8Array(1e6 + i).fill(i));
    await Promise.all(contents.map((bytes) => writeBytes(path, bytes)));
    const left = await readBytes(path);
    expect(contents.filter((bytes) => Buffer.compare(bytes, left) === 0)).toHaveLength(1);
    expect(readdirSync(folder)).toEqual(['model']);
  });

  it('are read piece by piece: within the last piece, across its end, and beyond the file', async () => {
    const path = join(folder, 'large');
    const bytes = Uint8Array.from({ length: 9 * 2 ** 20 + 5 }, (_, i) => (i * 7919) >> 8);
    writeFileSync(path, bytes);
    const source = await openBytes(path);
    expect(source.length).toBe(bytes.length);
    const places = [
      [0, 8],
      [8, 2 ** 20],
      [2 ** 22 - 3, 2 ** 22 + 3],
      [2 ** 21, 2 ** 21 + 1],
      [5, bytes.length],
      [bytes.length - 1, bytes.length],
      [7, 7],
      [bytes.length, bytes.length],
    ];
    for (const [start, end] of places)
      expect(Buffer.compare(await source.read(start, end), bytes.subarray(start, end)), `${start} to ${end}`).toBe(0);
    await source.close();
  });

  it('that become shorter while they are read are named in the error', async () => {
    const path = join(folder, 'short');
    writeFileSync(path, new Uint8Array(100));
    const source = await openBytes(path);
    truncateSync(path, 60);
    await expect(Promise.resolve(source.read(50, 70))).rejects.toThrow(DataError);
    await expect(Promise.resolve(source.read(50, 70))).rejects.toThrow(`expected 100 bytes to read at ${path}, got 60`);
    await source.close();
  });

  it('that cannot be read or written are named in the error', async () => {
    const path = join(folder, 'nowhere', 'model');
    await expect(readBytes(path)).rejects.toThrow(DataError);
    await expect(readBytes(path)).rejects.toThrow(path);
    await expect(writeBytes(path, Uint8Array.of(1))).rejects.toThrow(`expected to write 1 bytes to ${path}`);
    // A folder stands where the file should go: the temporary file beside it is removed again.
    await expect(writeBytes(folder, Uint8Array.of(1))).rejects.toThrow(DataError);
    expect(readdirSync(tmpdir()).filter((name) => join(tmpdir(), name).startsWith(`${folder}.`))).toEqual([]);
  });
});
