/** Tells chainrule where its WASM kernels lie, where the entry cannot know. */
import type { WasmSource } from '../backends/wasm/compile.ts';
import { OptionError } from '../errors.ts';
import { optional, readOptions, type TableOf } from '../options/table.ts';
import { checkLocation, describe } from '../options.ts';
import { loadWasmHere } from './load-wasm.ts';
import { extendPlatform } from './platform.ts';

/** The source of the kernels, and of those for relaxed SIMD. */
export interface WasmSources extends WasmSource {
  /**
   * Where `chainrule.relaxed.wasm`, or `chainrule.relaxed-threads.wasm`, comes from: taken, and fetched or compiled, only for networks that are not `reproducible: true` where the
   * runtime has relaxed SIMD. Default: those networks run on the main source too.
   */
  readonly relaxed?: WasmSource;
}

/** By tag rather than by class: a module may come from another realm, such as a test runner's. */
const MODULE_TAG = '[object WebAssembly.Module]';

const SOURCE = {
  module: optional(checkModule),
  bytes: optional(checkKernels),
  url: optional(checkLocation),
} satisfies TableOf<WasmSource>;
const SOURCES = {
  ...SOURCE,
  relaxed: optional((where, value) => onlyOne(where, readOptions(where, SOURCE, value))),
} satisfies TableOf<WasmSources>;

/**
 * Says where the kernels (`chainrule/wasm/chainrule.simd.wasm`) come from, instead of the place next to the library's own files. Needed in
 * Cloudflare Workers (`{ module }`, by a static import) and with bundlers that do not copy the file (`{ url }` or `{ bytes }`). The faster
 * kernels for relaxed SIMD may come beside them: `{ module, relaxed: { module } }`. Of either, the build for threads
 * (`chainrule.simd-threads.wasm`, `chainrule.relaxed-threads.wasm`) needs memory that can be shared, which for a page means cross-origin
 * isolation; the other runs on one thread. Holds for the networks created from then on.
 *
 * @throws OptionError where it is not exactly one of `module`, `bytes` and `url`, or of another type; the same holds for `relaxed`.
 */
export function setWasmSource(sources: WasmSources): void {
  const { relaxed, ...given } = readOptions('setWasmSource', SOURCES, sources);
  const simd = onlyOne('setWasmSource', given);
  extendPlatform({ loadChosenWasm: (variant) => loadWasmHere(variant === 'relaxed' ? (relaxed ?? simd) : simd) });
}

function onlyOne(where: string, source: WasmSource): WasmSource {
  const given = Object.entries(source).flatMap(([key, value]) => (value === undefined ? [] : [key]));
  if (given.length !== 1)
    throw new OptionError(`${where}: expected one of module, bytes and url, got ${given.join(' and ') || 'none of them'}`);
  return source;
}

function checkModule(where: string, value: unknown): NonNullable<WasmSource['module']> {
  if (Object.prototype.toString.call(value) === MODULE_TAG) return value as NonNullable<WasmSource['module']>;
  throw new OptionError(`${where}: expected a WebAssembly.Module, got ${describe(value)}`);
}

function checkKernels(where: string, value: unknown): Uint8Array | ArrayBuffer {
  if (value instanceof Uint8Array || isArrayBuffer(value)) return value;
  throw new OptionError(`${where}: expected a Uint8Array or an ArrayBuffer, got ${describe(value)}`);
}

const isArrayBuffer = (value: unknown): value is ArrayBuffer => Object.prototype.toString.call(value) === '[object ArrayBuffer]';
