/** The kernels that every script carries, deflated: those that run everywhere, on one thread. */
import { kernels } from '../../wasm/inline.js';
import type { LocalBackend } from '../backends/backend.ts';
import { loadWasmHere } from './load-wasm.ts';

/**
 * The WASM backend on the embedded kernels. `problem` is why they are taken where a file was wanted: the backend says so.
 *
 * @throws BackendError where they cannot be compiled.
 */
export async function loadEmbeddedWasm(problem?: string): Promise<LocalBackend> {
  const remark = problem && `the kernels are those embedded in the script, without threads and relaxed SIMD: ${problem}`;
  return loadWasmHere({ bytes: await kernels() }, remark);
}
