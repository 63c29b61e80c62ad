/** Reading and writing whole files. */
import { open, readFile, rename, rm } from 'node:fs/promises';
import { DataError } from '../errors.ts';

/**
 * All bytes of a file.
 *
 * @throws DataError that names the file where it cannot be read.
 */
export async function readBytes(path: string): Promise<Uint8Array> {
  try {
    return await readFile(path);
  } catch (error) {
    throw new DataError(`expected a file to read at ${path}, got: ${reason(error)}`, { cause: error });
  }
}

/** Files written so far: two under one name at the same time must not share the other name that they are first written under. */
let written = 0;

/**
 * Writes a file whole or not at all: under another name beside it first, then renamed, so that a crash or a full disk leaves whatever
 * stood at `path` before.
 *
 * @throws DataError that names the file where it cannot be written.
 */
export async function writeBytes(path: string, bytes: Uint8Array): Promise<void> {
  const temporary = `${path}.${process.pid}.${written++}.tmp`;
  try {
    const file = await open(temporary, 'w');
    try {
      await file.writeFile(bytes);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw new DataError(`expected to write ${bytes.length} bytes to ${path}, got: ${reason(error)}`, { cause: error });
  }
}

function reason(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
