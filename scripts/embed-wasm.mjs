// Writes what is made of the compiled kernels: wasm/inline.js, the baseline variant as text (deflated, base64) for scripts that have no file beside them, and the types of that
// and of the .wasm files themselves.
import { readFileSync, writeFileSync } from 'node:fs';
import { deflateSync } from 'node:zlib';

const folder = new URL('../wasm/', import.meta.url);
const base64 = deflateSync(readFileSync(new URL('chainrule.simd.wasm', folder)), { level: 9 }).toString('base64');

const files = {
  'inline.js': `/** The bytes of chainrule.simd.wasm. */
export async function kernels() {
  const deflated = Uint8Array.from(atob('${base64}'), (character) => character.charCodeAt(0));
  const inflated = new Blob([deflated]).stream().pipeThrough(new DecompressionStream('deflate'));
  return new Uint8Array(await new Response(inflated).arrayBuffer());
}
`,
  'inline.d.ts': `/** The bytes of chainrule.simd.wasm. */
export declare function kernels(): Promise<Uint8Array>;
`,
  'module.d.ts': `/** Of a static import where the runtime or the bundler compiles modules, as Cloudflare Workers do. */
declare const module: typeof globalThis extends { WebAssembly: { Module: { prototype: infer Module } } } ? Module : object;
export default module;
`,
};

for (const [name, text] of Object.entries(files)) writeFileSync(new URL(name, folder), text);
