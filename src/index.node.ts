/** The public API on Node, Deno and Bun: the portable one, with files, the native backend and the WASM one. */
import { loadNative } from './node/load-native.ts';
import { loadWasmFile } from './node/load-wasm.ts';
import { nodePlatform } from './node/platform.ts';
import { loadRevectorizedWasm } from './node/revectorize.ts';
import { extendPlatform } from './platform/platform.ts';

extendPlatform({ ...nodePlatform, loadNative, loadWasm: loadWasmFile, loadRevectorizedWasm });

export * from './index.ts';
export * from './loggers/exports.ts';
export { readIdx } from './node/read-idx.ts';
