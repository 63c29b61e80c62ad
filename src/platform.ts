/** What differs between runtimes. Entries (index.node.ts, entries/) add what theirs can do; without one there is only the reference. */
import type { Backend } from './backends/backend.ts';
import type { WasmVariant } from './backends/wasm.ts';
import type { StartHelper } from './backends/wasm-helper.ts';
import { OptionError } from './errors.ts';

export interface Platform {
  /** Loads the native backend; absent where there can be none. Throws BackendError with the reason. */
  loadNative?(): Backend;
  /** Loads a build of the WASM kernels; absent in an entry that has none. Throws BackendError with the reason. */
  loadWasm?(variant: WasmVariant): Promise<Backend>;
  /** Loads the WASM backend from where the user said its kernels lie: goes before `loadWasm`. */
  loadChosenWasm?(variant: WasmVariant): Promise<Backend>;
  /** An environment variable; undefined where there are none. */
  environment(name: string): string | undefined;
  /** How many threads can run at the same time. */
  parallelism(): number;
  /** Starts threads for the WASM backend; absent where Web Workers are all there may be. */
  startHelper?: StartHelper;
  readBytes(path: string): Promise<Uint8Array>;
  writeBytes(path: string, bytes: Uint8Array): Promise<void>;
}

const noFiles = () => Promise.reject(new OptionError('this runtime has no files: use toBytes() and Network.fromBytes()'));

/** Browsers say it, and lie where that protects people; other runtimes without Node's modules mostly have one thread. */
const hardwareConcurrency = () => globalThis.navigator?.hardwareConcurrency ?? 1;

let current: Platform = { environment: () => undefined, parallelism: hardwareConcurrency, readBytes: noFiles, writeBytes: noFiles };

export function platform(): Platform {
  return current;
}

/** Adds to what is there: a program that imports two entries has the backends of both. */
export function extendPlatform(part: Partial<Platform>): void {
  current = { ...current, ...part };
}
