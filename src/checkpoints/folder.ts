/** The folder of a run's checkpoints: numbered files, of which the highest number is the newest. */
import { access, constants, mkdir, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { DataError, FormatError, messageOf } from '../errors.ts';
import { pathOf, writeBytes } from '../node/files.ts';
import { removeLeftovers } from '../node/temporaries.ts';
import type { FileLocation } from '../options.ts';

const NAME = /^checkpoint-(\d{1,15})-step-\d+\.safetensors$/;
const DIGITS = 6;
/** The file of the best epoch. */
const BEST = 'best.safetensors';

interface Numbered {
  readonly number: number;
  readonly path: string;
}

/** The checkpoints of a folder, the newest first; none where there is no folder. Throws DataError where it cannot be listed. */
async function checkpointsIn(folder: string): Promise<Numbered[]> {
  const names = await readdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    throw new DataError(`expected a folder of checkpoints at ${folder}, got: ${messageOf(error)}`, { cause: error });
  });
  const found = names.flatMap((name) => {
    const [, number] = NAME.exec(name) ?? [];
    return number === undefined ? [] : [{ number: Number(number), path: join(folder, name) }];
  });
  return found.toSorted((a, b) => b.number - a.number);
}

/** Where a run's files are written. */
export class CheckpointFolder {
  readonly path: string;

  /** @param keep The newest files that stay. */
  constructor(
    location: FileLocation,
    readonly keep: number,
  ) {
    this.path = pathOf(location);
  }

  /** Makes the folder, and removes what killed processes left half-written there. Throws DataError where nothing can be written there. */
  async open(): Promise<void> {
    try {
      await mkdir(this.path, { recursive: true });
      await access(this.path, constants.W_OK);
    } catch (error) {
      throw new DataError(`checkpoint.folder: expected a folder to write to at ${this.path}, got: ${messageOf(error)}`, { cause: error });
    }
    await removeLeftovers(this.path);
  }

  /** Writes the next checkpoint, and removes the oldest ones once it is on the disk. Throws DataError where it cannot be written. */
  async add(bytes: Uint8Array, step: number): Promise<void> {
    const [newest] = await checkpointsIn(this.path);
    const number = String((newest?.number ?? 0) + 1).padStart(DIGITS, '0');
    await writeBytes(join(this.path, `checkpoint-${number}-step-${step}.safetensors`), bytes);
    const old = (await checkpointsIn(this.path)).slice(this.keep);
    // One that cannot be removed now is removed after the next.
    for (const { path } of old) await rm(path, { force: true }).catch(() => undefined);
  }

  /** Writes the file of the best epoch, in place of the one before. */
  async setBest(bytes: Uint8Array): Promise<void> {
    await writeBytes(join(this.path, BEST), bytes);
  }
}

/**
 * Reads the newest checkpoint that is whole, and says of each newer one what is wrong with it. One that is damaged is renamed, so that it is
 * neither read again nor counted among those to keep.
 *
 * @param read Throws FormatError for a file that is damaged, DataError for one that cannot be read.
 * @returns Undefined where the folder has no checkpoint.
 * @throws What `read` throws for the newest where none is whole: a run never begins anew in place of one that was there.
 */
export async function readNewest<T>(
  location: FileLocation,
  read: (path: string) => Promise<T>,
  warn: (message: string) => void,
): Promise<T | undefined> {
  const errors: Error[] = [];
  const damaged: string[] = [];
  for (const { path } of await checkpointsIn(pathOf(location))) {
    try {
      const value = await read(path);
      for (const error of errors) warn(`fit.resume: ${error.message}; went back to ${path}`);
      for (const one of damaged) await rename(one, `${one}.damaged`).catch(() => undefined);
      return value;
    } catch (error) {
      if (!(error instanceof FormatError || error instanceof DataError)) throw error;
      if (error instanceof FormatError) damaged.push(path);
      errors.push(
        error instanceof FormatError
          ? new FormatError(`expected a whole checkpoint at ${path}, got: ${error.message}`, { cause: error })
          : error,
      );
    }
  }
  if (errors.length > 0) throw errors[0];
  return undefined;
}
