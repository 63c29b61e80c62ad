/**
 * The differences between runtimes. Entries (index.node.ts, entries/) add the abilities of theirs; without one there is only the reference.
 */
import type { Loaders } from '../backends/select.ts';
import type { StartHelper } from '../backends/wasm/helper.ts';
import type { FileLocation } from '../options.ts';
import { type ByteSource, sourceOf } from './byte-source.ts';
import { fetchBytes, refuseToWrite } from './web-files.ts';

export interface Platform extends Loaders {
  /** Starts threads for the WASM backend; absent where only Web Workers may exist. */
  startHelper?: StartHelper;
  openBytes(location: FileLocation): Promise<ByteSource>;
  writeBytes(location: FileLocation, bytes: Uint8Array): Promise<void>;
}

/** Browsers tell it, inexactly where that protects people. Other runtimes without Node's modules mostly have one thread. */
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

/** Adds to the platform: a program that imports two entries has the backends of both. */
export function extendPlatform(part: Partial<Platform>): void {
  current = { ...current, ...part };
}
