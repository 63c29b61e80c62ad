/** `chainrule/wasm` on Node, Deno and Bun: the kernels read from the package's files. */
import { openRun } from '../checkpoints/resume.ts';
import { loadWasmFile } from '../node/load-wasm.ts';
import { nodePlatform } from '../node/platform.ts';
import { loadRevectorizedWasm } from '../node/revectorize.ts';
import { extendPlatform } from '../platform/platform.ts';
import { setOpenRun } from '../training/stored-run.ts';

extendPlatform({ ...nodePlatform, loadWasm: loadWasmFile, loadRevectorizedWasm });
setOpenRun(openRun);

export { type CheckpointInterval, type CheckpointOptions, checkpoint } from '../checkpoints/checkpoint.ts';
export * from '../index.ts';
export * from '../loggers/exports.ts';
export { readIdx } from '../node/read-idx.ts';
