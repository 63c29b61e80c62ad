/** `reproducible: 'fused'` is refused where WebAssembly does not fuse multiply-adds, by what the kernels do and not by what they are called. */
import { readFileSync } from 'node:fs';
import { afterEach, expect, it, vi } from 'vitest';
import { wasmBackend } from '../../src/backends/wasm/backend.ts';
import { wasmVariant } from '../../src/backends/wasm/variant.ts';
import { BackendError } from '../../src/errors.ts';

const module = new WebAssembly.Module(readFileSync(new URL('../../wasm/chainrule.simd.wasm', import.meta.url)));

/** Backends over kernels of relaxed SIMD, in an engine that adds products so. */
function relaxedBackend(addProduct: (x: number, y: number, sum: number) => number) {
  const { Instance } = WebAssembly;
  function relaxedInstance(...args: ConstructorParameters<typeof Instance>) {
    const { exports } = new Instance(...args);
    return { exports: { ...exports, relaxed: new WebAssembly.Global({ value: 'i32' }, 1), addProduct } };
  }
  vi.spyOn(WebAssembly, 'Instance').mockImplementation(relaxedInstance);
  return wasmBackend(module);
}

afterEach(() => vi.restoreAllMocks());

it('kernels without relaxed SIMD', () => {
  expect(() => wasmBackend(module).with({ numerics: 'fused' })).toThrow(BackendError);
  expect(() => wasmBackend(module).with({ numerics: 'fused' })).toThrow(/expected the kernels of chainrule.relaxed.wasm/);
});

it('an engine that rounds a product and its sum apart', () => {
  const backend = relaxedBackend((x, y, sum) => Math.fround(Math.fround(x * y) + sum));
  expect(() => backend.with({ numerics: 'fused' })).toThrow(BackendError);
  expect(() => backend.with({ numerics: 'fused' })).toThrow(/expected an engine that fuses multiply-adds for reproducible: 'fused'/);
});

it('not one that rounds them once', () => {
  const backend = relaxedBackend((x, y, sum) => Math.fround(x * y + sum));
  expect(backend.with({ numerics: 'fused' }).isa).toBe('relaxed-simd128');
  expect(() => backend.with({ numerics: 'separate' })).toThrow(/expected the kernels of chainrule.simd.wasm/);
});

it('a runtime without relaxed SIMD, before any kernels are loaded', () => {
  vi.spyOn(WebAssembly, 'validate').mockReturnValue(false);
  expect(() => wasmVariant('fused')).toThrow(BackendError);
  expect(wasmVariant('fast')).toBe('simd');
});
