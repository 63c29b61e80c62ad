/** The WASM backend in Node: the kernels read from the package's own files. */
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type { Backend } from '../backends/backend.ts';
import { loadWasm } from '../backends/wasm.ts';
import { sharingProblem } from '../backends/wasm-helper.ts';
import { BackendError } from '../errors.ts';

/** src/node and dist/node lie equally deep. */
const MODULE_URL = new URL('../../wasm/chainrule.simd.wasm', import.meta.url);
const THREADS_URL = new URL('../../wasm/chainrule.simd-threads.wasm', import.meta.url);

/**
 * @throws BackendError where the file is missing, or cannot be used.
 */
export async function loadWasmFile(): Promise<Backend> {
  return loadWasm({ bytes: await readModule(sharingProblem() ? MODULE_URL : THREADS_URL) });
}

async function readModule(url: URL): Promise<Uint8Array> {
  try {
    return await readFile(url);
  } catch (error) {
    throw new BackendError(`wasm: could not read ${fileURLToPath(url)}: ${(error as Error).message}`, { cause: error });
  }
}
