/** What differs between runtimes. Entries (index.node.ts, entries/) add what theirs can do; without one there is only the reference. */
import type { Backend } from '../backends/backend.ts';
import type { WasmVariant } from '../backends/wasm/backend.ts';
import type { StartHelper } from '../backends/wasm/helper.ts';
import type { FileLocation } from '../options.ts';
import { type ByteSource, sourceOf } from './byte-source.ts';
import { fetchBytes, refuseToWrite } from './web-files.ts';

export interface Platform {
  /** Loads the native backend; absent where there can be none. Throws BackendError with the reason. */
  loadNative?(): Backend;
  /** Loads a build of the WASM kernels; absent in an entry that has none. Throws BackendError with the reason. */
  loadWasm?(variant: WasmVariant): Promise<Backend>;
  /** Loads the WASM backend from where the user said its kernels lie: goes before `loadWasm`. */
  loadChosenWasm?(variant: WasmVariant): Promise<Backend>;
  /** `loadWasm` with vectors that V8 has made twice as wide. Throws BackendError where they give other results, too. */
  loadRevectorizedWasm?(variant: WasmVariant): Promise<Backend>;
  /** What runs here instead of a Node whose V8 can do that; undefined where it can. */
  revectorizationProblem(): string | undefined;
  /** An environment variable; undefined where there are none. */
  environment(name: string): string | undefined;
  /** How many threads can run at the same time. */
  parallelism(): number;
  /** Starts threads for the WASM backend; absent where Web Workers are all there may be. */
  startHelper?: StartHelper;
  openBytes(location: FileLocation): Promise<ByteSource>;
  writeBytes(location: FileLocation, bytes: Uint8Array): Promise<void>;
}

/** Browsers say it, and lie where that protects people; other runtimes without Node's modules mostly have one thread. */
const hardwareConcurrency = () => globalThis.navigator?.hardwareConcurrency ?? 1;

let current: Platform = {
  revectorizationProblem: () => 'a runtime, or an entry, without node:v8',
  environment: () => undefined,
  parallelism: hardwareConcurrency,
  openBytes: async (location) => sourceOf(await fetchBytes(location)),
  writeBytes: refuseToWrite,
};

export function platform(): Platform {
  return current;
}

/** Adds to what is there: a program that imports two entries has the backends of both. */
export function extendPlatform(part: Partial<Platform>): void {
  current = { ...current, ...part };
}
