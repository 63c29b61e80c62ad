/** Telling chainrule where its WASM kernels lie, where the entry cannot know it by itself. */
import type { WasmSource } from '../backends/wasm/backend.ts';
import { OptionError } from '../errors.ts';
import { checkKeys, checkLocation, describe } from '../options.ts';
import { loadWasmHere } from './load-wasm.ts';
import { extendPlatform } from './platform.ts';

const KEYS = ['module', 'bytes', 'url'] as const;

/** Where the kernels come from, and those for relaxed SIMD. */
export interface WasmSources extends WasmSource {
  /**
   * Where `chainrule.relaxed.wasm`, or `chainrule.relaxed-threads.wasm`, comes from: taken, and fetched or compiled, only for networks that are not `reproducible` where the
   * runtime has relaxed SIMD. Default: those networks run on the main source too.
   */
  readonly relaxed?: WasmSource;
}
/** By tag rather than by class: a module may come from another realm, such as a test runner's. */
const MODULE_TAG = '[object WebAssembly.Module]';

/**
 * Says where the kernels (`chainrule/wasm/chainrule.simd.wasm`) come from, instead of the place next to the library's own files. Needed in
 * Cloudflare Workers (`{ module }`, by a static import) and with bundlers that do not copy the file (`{ url }` or `{ bytes }`). The faster
 * kernels for relaxed SIMD may come beside them: `{ module, relaxed: { module } }`. Of either, the build for threads
 * (`chainrule.simd-threads.wasm`, `chainrule.relaxed-threads.wasm`) needs memory that can be shared, which for a page means cross-origin
 * isolation; the other runs on one thread. Holds for the networks created from then on.
 *
 * @throws OptionError where it is not exactly one of `module`, `bytes` and `url`, or of another type; for `relaxed` likewise.
 */
export function setWasmSource(sources: WasmSources): void {
  checkKeys('setWasmSource', sources, [...KEYS, 'relaxed']);
  const { relaxed, ...simd } = sources;
  checkSource('setWasmSource', simd);
  if (relaxed !== undefined) {
    checkKeys('setWasmSource.relaxed', relaxed, KEYS);
    checkSource('setWasmSource.relaxed', relaxed);
  }
  extendPlatform({ loadChosenWasm: (variant) => loadWasmHere(variant === 'relaxed' ? (relaxed ?? simd) : simd) });
}

function checkSource(where: string, source: WasmSource): void {
  const given = KEYS.filter((key) => source[key] !== undefined);
  if (given.length !== 1) {
    throw new OptionError(`${where}: expected one of module, bytes and url, got ${given.join(' and ') || 'none of them'}`);
  }
  const { module, bytes, url } = source;
  if (module !== undefined && Object.prototype.toString.call(module) !== MODULE_TAG)
    refuse(`${where}.module`, 'a WebAssembly.Module', module);
  if (bytes !== undefined && !isBytes(bytes)) refuse(`${where}.bytes`, 'a Uint8Array or an ArrayBuffer', bytes);
  if (url !== undefined) checkLocation(`${where}.url`, url);
}

function isBytes(bytes: unknown): boolean {
  return bytes instanceof Uint8Array || Object.prototype.toString.call(bytes) === '[object ArrayBuffer]';
}

function refuse(where: string, expected: string, got: unknown): never {
  throw new OptionError(`${where}: expected ${expected}, got ${describe(got)}`);
}
