/** `chainrule` and `chainrule/wasm` in Cloudflare Workers and edge functions. */
import './imported-kernels.ts';

export * from '../index.ts';
