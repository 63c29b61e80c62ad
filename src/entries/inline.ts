/** `chainrule/inline`: the WASM kernels inside the script, for where no file can lie beside it. */
import { kernels } from '../../wasm/inline.js';
import { setWasmSource } from '../wasm-source.ts';

setWasmSource({ bytes: kernels() });

export * from '../index.ts';
