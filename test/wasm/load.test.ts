import { readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { describe, expect, it, vi } from 'vitest';
import { loadWasm, wasmBackend } from '../../src/backends/wasm/backend.ts';
import { BackendError } from '../../src/errors.ts';
import { TABLE_HASH } from '../../src/ops/numbers.generated.ts';

const bytes = readFileSync(new URL('../../wasm/chainrule.simd.wasm', import.meta.url));

/** A 32-bit constant as it stands in a binary: signed LEB128 after i32.const. */
function encoded(constant: number): number[] {
  const result = [0x41];
  for (let rest = constant | 0; ; rest >>= 7) {
    const last = rest >> 6 === 0 || rest >> 6 === -1;
    result.push((rest & 0x7f) | (last ? 0 : 0x80));
    if (last) return result;
  }
}

describe('the kernels', () => {
  // Loops of sixteen elements at a turn, and eight blocks of random words, take 5 kB of it, state as bfloat16 two.
  it.each(['simd', 'relaxed', 'simd-threads', 'relaxed-threads'])('take at most 170 kB, and 49 kB compressed: %s', (variant) => {
    const file = readFileSync(new URL(`../../wasm/chainrule.${variant}.wasm`, import.meta.url));
    expect(file.length).toBeLessThanOrEqual(170_000);
    expect(gzipSync(file).length).toBeLessThanOrEqual(49_000);
  });
});

describe('loading', () => {
  it('takes a module, bytes or a url', async () => {
    const module = new WebAssembly.Module(bytes);
    vi.stubGlobal('fetch', async () => new Response(bytes));
    for (const source of [{ module }, { bytes }, { url: 'https://example.org/chainrule.simd.wasm' }]) {
      expect(await loadWasm(source)).toMatchObject({ name: 'wasm', isa: 'simd128', threads: 1, elementBytes: 4 });
    }
    vi.unstubAllGlobals();
  });

  it('refuses kernels made from another op table', async () => {
    const altered = Buffer.from(bytes);
    const at = altered.indexOf(Buffer.from(encoded(TABLE_HASH)));
    expect(at).toBeGreaterThan(0);
    altered[at + 1] ^= 1;
    await expect(loadWasm({ bytes: altered })).rejects.toThrow(/another op table .*run npm run build/);
  });

  it('refuses bytes that are no module, and modules that are not chainrule’s', async () => {
    await expect(loadWasm({ bytes: new Uint8Array([1, 2, 3]) })).rejects.toThrow(BackendError);
    await expect(loadWasm({ bytes: bytes.subarray(0, 1000) })).rejects.toThrow(BackendError);
    await expect(loadWasm({})).rejects.toThrow(BackendError);
    const empty = new WebAssembly.Module(new Uint8Array([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0]));
    expect(() => wasmBackend(empty)).toThrow(BackendError);
  });

  it('is a BackendError where the kernels cannot be fetched', async () => {
    vi.stubGlobal('fetch', async () => new Response('', { status: 404 }));
    await expect(loadWasm({ url: 'https://example.org/none.wasm' })).rejects.toThrow(/could not fetch .*404/);
    vi.unstubAllGlobals();
  });

  it.each([
    [
      'a page',
      new Response('<!doctype html>', { headers: { 'content-type': 'text/html' } }),
      'status 200, content type text/html, 15 bytes that begin 3c 21 64 6f 63 74 79 70',
    ],
    ['nothing', new Response(null, { status: 200 }), 'status 200, content type none, no bytes'],
    [
      'an error',
      new Response('gone', { status: 410 }),
      'status 410, content type text/plain;charset=UTF-8, 4 bytes that begin 67 6f 6e 65',
    ],
  ])('says what came where it is %s, and blames no policy', async (_, response, came) => {
    vi.stubGlobal('fetch', async () => response);
    const error = await loadWasm({ url: 'https://example.org/kernels.wasm' }).catch((caught: Error) => caught as BackendError);
    vi.unstubAllGlobals();
    expect(error).toBeInstanceOf(BackendError);
    expect((error as BackendError).message).toContain(`https://example.org/kernels.wasm: expected a WebAssembly module, got ${came}`);
    expect((error as BackendError).message).not.toMatch(/policy/);
  });

  it('is a BackendError where no server answers', async () => {
    vi.stubGlobal('fetch', () => Promise.reject(new TypeError('Failed to fetch')));
    await expect(loadWasm({ url: 'https://example.org/none.wasm' })).rejects.toThrow(/got no answer: Failed to fetch/);
    vi.unstubAllGlobals();
  });

  it('blames no policy for bytes that are no module', async () => {
    const error = await loadWasm({ bytes: new TextEncoder().encode('<!doctype html>') }).catch((caught: Error) => caught);
    expect((error as Error).message).toBe('wasm: expected bytes of a WebAssembly module, got 15 bytes that begin 3c 21 64 6f 63 74 79 70');
  });

  it('is a BackendError where the engine has no WebAssembly SIMD', async () => {
    const validate = vi.spyOn(WebAssembly, 'validate').mockReturnValue(false);
    await expect(loadWasm({ bytes })).rejects.toThrow(/expected a runtime with WebAssembly SIMD .*no scalar kernels/);
    validate.mockRestore();
  });
});
