/** The public API on Node: the portable one, with files and the native backend. */
import { availableParallelism } from 'node:os';
import { readBytes, writeBytes } from './node/files.ts';
import { loadNative } from './node/load-native.ts';
import { loadWasmFile } from './node/load-wasm.ts';
import { setPlatform } from './platform.ts';

setPlatform({
  loadNative,
  loadWasm: loadWasmFile,
  environment: (name) => process.env[name],
  parallelism: availableParallelism,
  readBytes,
  writeBytes,
});

export * from './index.ts';
export { readIdx } from './node/read-idx.ts';
