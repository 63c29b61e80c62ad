/** The files of the package's WASM kernels. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { BackendError, messageOf } from '../errors.ts';
import { packageFolder } from './package-folder.ts';

/** Throws BackendError where the file is missing. */
export async function readKernelFile(name: string): Promise<Uint8Array> {
  try {
    return await readFile(join(packageFolder(), 'wasm', name));
  } catch (error) {
    throw new BackendError(`wasm: could not read ${name}: ${messageOf(error)}`, { cause: error });
  }
}
