/** The WASM backend in Node: the kernels read from the package's own files. */
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type { Backend } from '../backends/backend.ts';
import { loadWasm } from '../backends/wasm.ts';
import { BackendError } from '../errors.ts';

/** src/node and dist/node lie equally deep. */
const MODULE_URL = new URL('../../wasm/chainrule.simd.wasm', import.meta.url);

/**
 * @throws BackendError where the file is missing, or cannot be used.
 */
export async function loadWasmFile(): Promise<Backend> {
  return loadWasm({ bytes: await readModule() });
}

async function readModule(): Promise<Uint8Array> {
  try {
    return await readFile(MODULE_URL);
  } catch (error) {
    throw new BackendError(`wasm: could not read ${fileURLToPath(MODULE_URL)}: ${(error as Error).message}`, { cause: error });
  }
}
