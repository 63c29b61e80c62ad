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
  return loadWasm({ bytes: await readKernels(variant) });
}

/** Throws BackendError where the build's file is missing. */
export async function readKernels(variant: WasmVariant): Promise<Uint8Array> {
  const name = `chainrule.${variant}${sharingProblem() ? '' : '-threads'}.wasm`;
  // src/node and dist/node lie equally deep.
  const file = new URL(`../../wasm/${name}`, import.meta.url);
  try {
    return await readFile(file);
  } catch (error) {
    throw new BackendError(`wasm: could not read ${fileURLToPath(file)}: ${(error as Error).message}`, { cause: error });
  }
}
