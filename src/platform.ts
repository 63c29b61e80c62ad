/** What differs between runtimes. The portable entry leaves the defaults; the Node entry puts in files and the native addon. */
import type { Backend } from './backends/backend.ts';
import { loadWasm } from './backends/wasm.ts';
import { OptionError } from './errors.ts';

export interface Platform {
  /** Loads the native backend; absent where there can be none. Throws BackendError with the reason. */
  loadNative?(): Backend;
  loadWasm(): Promise<Backend>;
  /** An environment variable; undefined where there are none. */
  environment(name: string): string | undefined;
  /** How many threads can run at the same time. */
  parallelism(): number;
  readBytes(path: string): Promise<Uint8Array>;
  writeBytes(path: string, bytes: Uint8Array): Promise<void>;
}

const noFiles = () => Promise.reject(new OptionError('this runtime has no files: use toBytes() and Network.fromBytes()'));

let current: Platform = {
  loadWasm: () => loadWasm({ url: new URL('../wasm/chainrule.simd.wasm', import.meta.url) }),
  environment: () => undefined,
  parallelism: () => 1,
  readBytes: noFiles,
  writeBytes: noFiles,
};

export function platform(): Platform {
  return current;
}

export function setPlatform(next: Platform): void {
  current = next;
}
