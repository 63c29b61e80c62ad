/** What differs between runtimes. The portable entry leaves the defaults; the Node entry puts in files and the native addon. */
import type { Backend } from './backends/backend.ts';
import { hasRelaxedSimd, loadWasm } from './backends/wasm.ts';
import { OptionError } from './errors.ts';

export interface Platform {
  /** Loads the native backend; absent where there can be none. Throws BackendError with the reason. */
  loadNative?(): Backend;
  loadWasm(): Promise<Backend>;
  /** An environment variable; undefined where there are none. */
  environment(name: string): string | undefined;
  readBytes(path: string): Promise<Uint8Array>;
  writeBytes(path: string, bytes: Uint8Array): Promise<void>;
}

const noFiles = () => Promise.reject(new OptionError('this runtime has no files: use toBytes() and Network.fromBytes()'));

/** Written out for each file, so that bundlers find them. */
const kernels = () =>
  hasRelaxedSimd() ? new URL('../wasm/chainrule.relaxed.wasm', import.meta.url) : new URL('../wasm/chainrule.simd.wasm', import.meta.url);

let current: Platform = {
  loadWasm: () => loadWasm({ url: kernels() }),
  environment: () => undefined,
  readBytes: noFiles,
  writeBytes: noFiles,
};

export function platform(): Platform {
  return current;
}

export function setPlatform(next: Platform): void {
  current = next;
}
