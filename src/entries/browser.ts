/** `chainrule` and `chainrule/wasm` in browsers: the kernels fetched from beside the library. Bundlers see `new URL` and copy the file. */
import { loadWasm } from '../backends/wasm.ts';
import { extendPlatform } from '../platform.ts';

extendPlatform({ loadWasm: () => loadWasm({ url: new URL('../../wasm/chainrule.simd.wasm', import.meta.url) }) });

export * from '../index.ts';
