/** The WASM backend in Node: the kernels read from the package's own files. */
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type { Backend } from '../backends/backend.ts';
import { loadWasm, type WasmVariant } from '../backends/wasm.ts';
import { sharingProblem } from '../backends/wasm-helper.ts';
import { BackendError } from '../errors.ts';

/**
 * @throws BackendError where the build's file is missing, or cannot be used.
 */
export async function loadWasmFile(variant: WasmVariant = 'simd'): Promise<Backend> {
  const name = `chainrule.${variant}${sharingProblem() ? '' : '-threads'}.wasm`;
  // src/node and dist/node lie equally deep.
  return loadWasm({ bytes: await read(new URL(`../../wasm/${name}`, import.meta.url)) });
}

async function read(file: URL): Promise<Uint8Array> {
  try {
    return await readFile(file);
  } catch (error) {
    throw new BackendError(`wasm: could not read ${fileURLToPath(file)}: ${(error as Error).message}`, { cause: error });
  }
}
