/** The public API on Node, Deno and Bun: the portable one, with files, the native backend and the WASM one. */
import { openRun } from './checkpoints/resume.ts';
import { setPreparationReader } from './model/preparation-reader.ts';
import { loadNative } from './node/load-native.ts';
import { loadWasmFile } from './node/load-wasm.ts';
import { nodePlatform } from './node/platform.ts';
import { loadRevectorizedWasm } from './node/revectorize.ts';
import { extendPlatform } from './platform/platform.ts';
import { PREPARATION_READER } from './preparation/preparation-file.ts';
import { setOpenRun } from './training/stored-run.ts';

extendPlatform({ ...nodePlatform, loadNative, loadWasm: loadWasmFile, loadRevectorizedWasm });
setOpenRun(openRun);
setPreparationReader(PREPARATION_READER);

export { type CheckpointInterval, type CheckpointOptions, checkpoint } from './checkpoints/checkpoint.ts';
export * from './index.ts';
export * from './loggers/exports.ts';
export { readIdx } from './node/read-idx.ts';
