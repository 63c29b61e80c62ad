/** The WASM backend in Node: the kernels read from the package's own files. */
import type { LocalBackend } from '../backends/backend.ts';
import { sharingProblem } from '../backends/wasm/helper.ts';
import type { WasmVariant } from '../backends/wasm/variant.ts';
import { messageOf } from '../errors.ts';
import { loadEmbeddedWasm } from '../platform/embedded-kernels.ts';
import { loadWasmHere } from '../platform/load-wasm.ts';
import { readKernelFile } from './kernel-file.ts';

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
export function readKernels(variant: WasmVariant): Promise<Uint8Array> {
  return readKernelFile(`chainrule.${variant}${sharingProblem() ? '' : '-threads'}.wasm`);
}
