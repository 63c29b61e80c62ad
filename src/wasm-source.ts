/** Telling chainrule where its WASM kernels lie, where the entry cannot know it by itself. */
import { loadWasm, type WasmSource } from './backends/wasm.ts';
import { OptionError } from './errors.ts';
import { checkKeys, describe } from './options.ts';
import { extendPlatform } from './platform.ts';

const KEYS = ['module', 'bytes', 'url'] as const;
/** By tag rather than by class: a module may come from another realm, such as a test runner's. */
const MODULE_TAG = '[object WebAssembly.Module]';

/**
 * Says where the kernels (`chainrule/wasm/chainrule.simd.wasm`) come from, instead of the place next to the library's own files. Needed in
 * Cloudflare Workers (`{ module }`, by a static import) and with bundlers that do not copy the file (`{ url }` or `{ bytes }`). Kernels
 * built for threads (`chainrule.simd-threads.wasm`) run where memory can be shared, which for a page means cross-origin isolation; the
 * others run on one thread. Holds for the networks created from then on.
 *
 * @throws OptionError where it is not exactly one of `module`, `bytes` and `url`, or of another type.
 */
export function setWasmSource(source: WasmSource): void {
  checkKeys('setWasmSource', source, KEYS);
  const given = KEYS.filter((key) => source[key] !== undefined);
  if (given.length !== 1) {
    throw new OptionError(`setWasmSource: expected one of module, bytes and url, got ${given.join(' and ') || 'none of them'}`);
  }
  const { module, bytes, url } = source;
  if (module !== undefined && Object.prototype.toString.call(module) !== MODULE_TAG) refuse('module', 'a WebAssembly.Module', module);
  if (bytes !== undefined && !isBytes(bytes)) refuse('bytes', 'a Uint8Array or an ArrayBuffer', bytes);
  if (url !== undefined && typeof url !== 'string' && !(url instanceof URL)) refuse('url', 'a string or a URL', url);
  extendPlatform({ loadChosenWasm: () => loadWasm(source) });
}

function isBytes(bytes: unknown): boolean {
  return bytes instanceof Uint8Array || Object.prototype.toString.call(bytes) === '[object ArrayBuffer]';
}

function refuse(key: string, expected: string, got: unknown): never {
  throw new OptionError(`setWasmSource.${key}: expected ${expected}, got ${describe(got)}`);
}
