/** `chainrule/native`: the native backend and no other, on Node, Deno and Bun. */
import { openRun } from '../checkpoints/resume.ts';
import { setPreparationReader } from '../model/preparation-reader.ts';
import { loadNative } from '../node/load-native.ts';
import { nodePlatform } from '../node/platform.ts';
import { extendPlatform } from '../platform/platform.ts';
import { PREPARATION_READER } from '../preparation/preparation-file.ts';
import { setOpenRun } from '../training/stored-run.ts';

extendPlatform({ ...nodePlatform, loadNative });
setOpenRun(openRun);
setPreparationReader(PREPARATION_READER);

export { type CheckpointInterval, type CheckpointOptions, checkpoint } from '../checkpoints/checkpoint.ts';
export * from '../index.ts';
export * from '../loggers/exports.ts';
export { readIdx } from '../node/read-idx.ts';
