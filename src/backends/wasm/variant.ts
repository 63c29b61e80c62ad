/** Builds of the WASM kernels, and which of them this runtime takes. */

import { BackendError } from '../../errors.ts';
import type { Numerics } from '../numerics.ts';

/** Builds of the kernels, `chainrule.<variant>.wasm`. */
export type WasmVariant = 'simd' | 'relaxed';

/** A function that returns a v128: valid only where there is WebAssembly SIMD. */
const SIMD_MODULE = new Uint8Array([
  0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00, 0x01, 0x05, 0x01, 0x60, 0x00, 0x01, 0x7b, 0x03, 0x02, 0x01, 0x00, 0x0a, 0x0a, 0x01, 0x08,
  0x00, 0x41, 0x00, 0xfd, 0x0f, 0xfd, 0x62, 0x0b,
]);

/** A function that returns f32x4.relaxed_madd of its three arguments. */
const RELAXED_MODULE = new Uint8Array([
  0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00, 0x01, 0x08, 0x01, 0x60, 0x03, 0x7b, 0x7b, 0x7b, 0x01, 0x7b, 0x03, 0x02, 0x01, 0x00, 0x0a,
  0x0d, 0x01, 0x0b, 0x00, 0x20, 0x00, 0x20, 0x01, 0x20, 0x02, 0xfd, 0x85, 0x02, 0x0b,
]);

const isValid = (module: Uint8Array<ArrayBuffer>) => typeof WebAssembly !== 'undefined' && WebAssembly.validate(module);

/** Whether the runtime has WebAssembly SIMD, which every build of the kernels needs. */
export function hasSimd(): boolean {
  return isValid(SIMD_MODULE);
}

/** Whether the runtime takes the kernels made for relaxed SIMD, `chainrule/wasm/chainrule.relaxed.wasm`, whose products are faster. */
export function hasRelaxedSimd(): boolean {
  return isValid(RELAXED_MODULE);
}

/**
 * The fastest build for such numerics here: products of the relaxed one are fused where the processor can.
 *
 * @throws BackendError where they have to be and the runtime has no instruction for it.
 */
export function wasmVariant(numerics: Numerics): WasmVariant {
  const isRelaxed = numerics !== 'separate' && hasRelaxedSimd();
  if (numerics === 'fused' && !isRelaxed)
    throw new BackendError("wasm: expected a runtime with relaxed SIMD, which can fuse multiply-adds, for reproducible: 'fused'");
  return isRelaxed ? 'relaxed' : 'simd';
}
