/**
 * `chainrule/inline`: the WASM kernels inside the script, for where no file can lie beside it. Only those that run everywhere: with the build
 * for relaxed SIMD too, the script would be twice as long.
 */
import { kernels } from '../../wasm/inline.js';
import { setWasmSource } from '../wasm-source.ts';

setWasmSource({ bytes: kernels() });

export * from '../index.ts';
