/** `chainrule/wasm` on Node, Deno and Bun: the kernels read from the package's files. */
import { loadWasmFile } from '../node/load-wasm.ts';
import { nodePlatform } from '../node/platform.ts';
import { loadRevectorizedWasm } from '../node/revectorize.ts';
import { extendPlatform } from '../platform/platform.ts';

extendPlatform({ ...nodePlatform, loadWasm: loadWasmFile, loadRevectorizedWasm });

export * from '../index.ts';
export * from '../loggers/exports.ts';
export { readIdx } from '../node/read-idx.ts';
