import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { DataError } from '../../src/errors.ts';
import { readBytes, writeBytes } from '../../src/node/files.ts';

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

  it('that cannot be read or written are named', async () => {
    const path = join(folder, 'nowhere', 'model');
    await expect(readBytes(path)).rejects.toThrow(DataError);
    await expect(readBytes(path)).rejects.toThrow(path);
    await expect(writeBytes(path, Uint8Array.of(1))).rejects.toThrow(`expected to write 1 bytes to ${path}`);
    // A folder stands where the file should go: the temporary file beside it is removed again.
    await expect(writeBytes(folder, Uint8Array.of(1))).rejects.toThrow(DataError);
    expect(readdirSync(tmpdir()).filter((name) => join(tmpdir(), name).startsWith(`${folder}.`))).toEqual([]);
  });
});
