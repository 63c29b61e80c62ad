/** The WASM backend in Node: the kernels read from the package's own files. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { LocalBackend } from '../backends/backend.ts';
import { sharingProblem } from '../backends/wasm/helper.ts';
import type { WasmVariant } from '../backends/wasm/variant.ts';
import { BackendError, messageOf } from '../errors.ts';
import { loadEmbeddedWasm } from '../platform/embedded-kernels.ts';
import { loadWasmHere } from '../platform/load-wasm.ts';
import { packageFolder } from './package-folder.ts';

/**
 * From the package's file or, where that cannot be read (a bundle has left it behind, Deno may not), the embedded kernels.
 *
 * @throws BackendError where the kernels cannot be used.
 */
export async function loadWasmFile(variant: WasmVariant = 'simd'): Promise<LocalBackend> {
  let bytes: Uint8Array;
  try {
    bytes = await readKernels(variant);
  } catch (error) {
    return loadEmbeddedWasm(messageOf(error));
  }
  return loadWasmHere({ bytes });
}

/** Throws BackendError where the build's file is missing. */
export async function readKernels(variant: WasmVariant): Promise<Uint8Array> {
  const name = `chainrule.${variant}${sharingProblem() ? '' : '-threads'}.wasm`;
  try {
    return await readFile(join(packageFolder(), 'wasm', name));
  } catch (error) {
    throw new BackendError(`wasm: could not read ${name}: ${messageOf(error)}`, { cause: error });
  }
}
