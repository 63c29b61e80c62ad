/** `chainrule` and `chainrule/wasm` in browsers: the kernels fetched from beside the library. Bundlers see each `new URL` and copy the file. */
import { loadWasm, type WasmVariant } from '../backends/wasm.ts';
import { extendPlatform } from '../platform.ts';

const URLS: Readonly<Record<WasmVariant, URL>> = {
  simd: new URL('../../wasm/chainrule.simd.wasm', import.meta.url),
  relaxed: new URL('../../wasm/chainrule.relaxed.wasm', import.meta.url),
};

extendPlatform({ loadWasm: (variant) => loadWasm({ url: URLS[variant] }) });

export * from '../index.ts';
