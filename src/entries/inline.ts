/**
 * `chainrule/inline`: the WASM kernels inside the script, where no file can lie beside it. Only the build that runs everywhere: all builds
 * would make the script four times as long.
 */
import { loadEmbeddedWasm } from '../platform/embedded-kernels.ts';
import { extendPlatform } from '../platform/platform.ts';

extendPlatform({ loadChosenWasm: () => loadEmbeddedWasm() });

export * from '../index.ts';
