/** `chainrule` and `chainrule/wasm` in browsers: the kernels fetched from beside the library. Bundlers see `new URL` and copy the file. */
import { loadWasm } from '../backends/wasm.ts';
import { sharingProblem } from '../backends/wasm-helper.ts';
import { extendPlatform } from '../platform.ts';

const url = () =>
  sharingProblem()
    ? new URL('../../wasm/chainrule.simd.wasm', import.meta.url)
    : new URL('../../wasm/chainrule.simd-threads.wasm', import.meta.url);

extendPlatform({ loadWasm: () => loadWasm({ url: url() }) });

export * from '../index.ts';
