/** `chainrule/native`: the native backend and no other, on Node, Deno and Bun. */
import { loadNative } from '../node/load-native.ts';
import { nodePlatform } from '../node/platform.ts';
import { extendPlatform } from '../platform/platform.ts';

extendPlatform({ ...nodePlatform, loadNative });

export * from '../index.ts';
export * from '../loggers/exports.ts';
export { readIdx } from '../node/read-idx.ts';
