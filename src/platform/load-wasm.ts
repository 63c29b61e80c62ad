/** The WASM backend with the threads that this platform starts. */
import type { LocalBackend } from '../backends/backend.ts';
import { loadWasm } from '../backends/wasm/backend.ts';
import type { WasmSource } from '../backends/wasm/compile.ts';
import { platform } from './platform.ts';

/**
 * `remark` becomes the backend's remark on its kernels.
 *
 * @throws BackendError where the kernels cannot be fetched, compiled or used.
 */
export function loadWasmHere(source: WasmSource, remark?: string): Promise<LocalBackend> {
  const { startHelper, parallelism } = platform();
  return loadWasm(source, { start: startHelper, cores: parallelism(), remark });
}
