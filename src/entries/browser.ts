/** `chainrule` and `chainrule/wasm` in browsers. */
import './fetched-kernels.ts';

export * from '../index.ts';
