/** `chainrule` and `chainrule/wasm` in browsers: the kernels fetched from beside the library. Bundlers see each `new URL` and copy the file. */
import { loadWasm, type WasmVariant } from '../backends/wasm.ts';
import { sharingProblem } from '../backends/wasm-helper.ts';
import { extendPlatform } from '../platform.ts';

type Urls = Readonly<Record<WasmVariant, URL>>;

const URLS: Urls = {
  simd: new URL('../../wasm/chainrule.simd.wasm', import.meta.url),
  relaxed: new URL('../../wasm/chainrule.relaxed.wasm', import.meta.url),
};
const THREADS_URLS: Urls = {
  simd: new URL('../../wasm/chainrule.simd-threads.wasm', import.meta.url),
  relaxed: new URL('../../wasm/chainrule.relaxed-threads.wasm', import.meta.url),
};

extendPlatform({ loadWasm: (variant) => loadWasm({ url: (sharingProblem() ? URLS : THREADS_URLS)[variant] }) });

export * from '../index.ts';
