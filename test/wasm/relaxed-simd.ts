import { hasRelaxedSimd } from '../../src/backends/wasm/variant.ts';

/** Arguments of Node in whose process WebAssembly has relaxed SIMD: older ones ask for a flag. */
export const RELAXED_SIMD: readonly string[] = hasRelaxedSimd() ? [] : ['--experimental-wasm-relaxed-simd'];
