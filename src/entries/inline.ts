/**
 * `chainrule/inline`: the WASM kernels inside the script, for where no file can lie beside it. Only those that run everywhere: with the other
 * builds too, the script would be four times as long.
 */
import { loadEmbeddedWasm } from '../platform/embedded-kernels.ts';
import { extendPlatform } from '../platform/platform.ts';

extendPlatform({ loadChosenWasm: () => loadEmbeddedWasm() });

export * from '../index.ts';
