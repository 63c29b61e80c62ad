import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { contract, error, inAllTranspositions, label, products, type Shape } from './products.ts';
import { RELAXED_SIMD } from './relaxed-simd.ts';
import type { RelaxedResults } from './run-relaxed.ts';

const module = new WebAssembly.Module(readFileSync(new URL('../../wasm/chainrule.simd.wasm', import.meta.url)));
const child = fileURLToPath(new URL('run-relaxed.ts', import.meta.url));

function check(shapes: readonly Shape[]): void {
  const { results, overwritten, guarded } = products(module, shapes);
  expect({ overwritten, guarded }).toEqual({ overwritten: -1, guarded: true });
  for (const { shape, a, b, out } of results) {
    expect(error(out, a, b, shape), label(shape)).toBeLessThan(shape.k + 1);
    const expected = contract(a, b, shape);
    const wrong = out.findIndex((value, i) => !Object.is(value, expected[i]));
    expect(wrong, `${label(shape)}: element ${wrong} is ${out[wrong]} instead of ${expected[wrong]}`).toBe(-1);
  }
}

describe('the matrix product has the contract’s bits, and touches nothing else', () => {
  it.each(Array.from({ length: 20 }, (_, i) => i + 1))('%i rows, 1 to 20 columns', (m) => {
    const depths = [1, 2, 3, 4, 5, 7, 8, 9, 13, 16, 19];
    for (let n = 1; n <= 20; n++) check(depths.flatMap((k) => inAllTranspositions(m, n, k)));
  });

  it.each([
    [1, 600, 300],
    [1, 4100, 259],
    [600, 1, 300],
    [1, 1, 1025],
    [2, 300, 257],
    [31, 71, 511],
    [33, 71, 513],
    [100, 10, 50],
    [100, 50, 784],
    [50, 784, 100],
    [10, 50, 100],
    [128, 10, 512],
    [130, 270, 130],
    [17, 523, 33],
    [523, 3, 270],
    [37, 512, 256],
  ])('%i×%i×%i', (m, n, k) => check(inAllTranspositions(m, n, k)));
});

describe('the kernels for relaxed SIMD', () => {
  const relaxed: RelaxedResults = JSON.parse(
    execFileSync(process.execPath, [...RELAXED_SIMD, '--import', 'tsx', child], {
      encoding: 'utf8',
      env: { ...process.env, CHAINRULE_BACKEND: 'wasm' },
    }),
  );

  it('are what a network runs on where the caller says so', () => {
    expect(relaxed.isa).toBe('relaxed-simd128');
  });

  it('are not what a reproducible network runs on, even where they are all that is given', () => {
    expect(relaxed.refusal).toMatch(/^BackendError: wasm: expected the kernels of chainrule.simd.wasm for a reproducible network/);
  });

  it('compute products as exact, and touch nothing else', () => {
    expect(relaxed.inexact).toEqual([]);
    expect(relaxed).toMatchObject({ overwritten: -1, guarded: true });
  });
});
