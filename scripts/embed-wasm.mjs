// Writes what is made of the compiled kernels: wasm/inline.js, the baseline variant as text for `chainrule/inline`, and the types of that
// and of the .wasm files themselves.
import { readFileSync, writeFileSync } from 'node:fs';

const folder = new URL('../wasm/', import.meta.url);
const base64 = readFileSync(new URL('chainrule.simd.wasm', folder)).toString('base64');

const files = {
  'inline.js': `/** The bytes of chainrule.simd.wasm. */
export function kernels() {
  return Uint8Array.from(atob('${base64}'), (character) => character.charCodeAt(0));
}
`,
  'inline.d.ts': `/** The bytes of chainrule.simd.wasm. */
export declare function kernels(): Uint8Array;
`,
  'module.d.ts': `/** Of a static import where the runtime or the bundler compiles modules, as Cloudflare Workers do. */
declare const module: typeof globalThis extends { WebAssembly: { Module: { prototype: infer Module } } } ? Module : object;
export default module;
`,
};

for (const [name, text] of Object.entries(files)) writeFileSync(new URL(name, folder), text);
