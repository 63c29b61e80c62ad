/** Tells chainrule where its WASM kernels lie, where the entry cannot know. */
import type { WasmSource } from '../backends/wasm/compile.ts';
import { onlyOne, SOURCE, wasmSourceFrom } from '../backends/wasm/source.ts';
import { optional, readOptions, type TableOf } from '../options/table.ts';
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

const SOURCES = {
  ...SOURCE,
  relaxed: optional(wasmSourceFrom),
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
