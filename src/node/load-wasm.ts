/** The WASM backend in Node: the kernels read from the package's own files. */
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type { Backend } from '../backends/backend.ts';
import { hasRelaxedSimd, loadWasm } from '../backends/wasm.ts';
import { BackendError } from '../errors.ts';

/** src/node and dist/node lie equally deep. */
const kernels = (variant: string) => new URL(`../../wasm/chainrule.${variant}.wasm`, import.meta.url);

/**
 * The kernels for relaxed SIMD where the runtime has it, else those for plain SIMD.
 *
 * @throws BackendError where the file is missing, or cannot be used.
 */
export async function loadWasmFile(): Promise<Backend> {
  return loadWasm({ bytes: await readModule(kernels(hasRelaxedSimd() ? 'relaxed' : 'simd')) });
}

async function readModule(url: URL): Promise<Uint8Array> {
  try {
    return await readFile(url);
  } catch (error) {
    throw new BackendError(`wasm: could not read ${fileURLToPath(url)}: run npm run build`, { cause: error });
  }
}
