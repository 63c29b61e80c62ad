/**
 * Loads the kernels from beside the library, in browsers. Bundlers see each `new URL` and copy the file; those that do not, and servers
 * that answer with something else, leave the kernels that the script carries.
 */
import type { LocalBackend } from '../backends/backend.ts';
import { fetchKernels } from '../backends/wasm/fetch.ts';
import { sharingProblem } from '../backends/wasm/helper.ts';
import type { WasmVariant } from '../backends/wasm/variant.ts';
import { messageOf } from '../errors.ts';
import { loadEmbeddedWasm } from '../platform/embedded-kernels.ts';
import { loadWasmHere } from '../platform/load-wasm.ts';
import { extendPlatform } from '../platform/platform.ts';

/** Made when they are needed: a script that a bundler has made a classic one has no URL of its own, and `new URL` throws. */
const FILES: Readonly<Record<WasmVariant | `${WasmVariant}-threads`, () => URL>> = {
  simd: () => new URL('../../wasm/chainrule.simd.wasm', import.meta.url),
  relaxed: () => new URL('../../wasm/chainrule.relaxed.wasm', import.meta.url),
  'simd-threads': () => new URL('../../wasm/chainrule.simd-threads.wasm', import.meta.url),
  'relaxed-threads': () => new URL('../../wasm/chainrule.relaxed-threads.wasm', import.meta.url),
};

/** Falls back on the embedded kernels where no kernels came, not where those that came cannot be used: the reason would hold for both. */
async function loadFetchedWasm(variant: WasmVariant): Promise<LocalBackend> {
  let bytes: Uint8Array;
  try {
    bytes = await fetchKernels(FILES[sharingProblem() ? variant : (`${variant}-threads` as const)]());
  } catch (error) {
    return loadEmbeddedWasm(messageOf(error));
  }
  return loadWasmHere({ bytes });
}

extendPlatform({ loadWasm: loadFetchedWasm });
