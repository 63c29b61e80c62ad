/** The matrix product's numbers are near the double-precision ones, and the same on every instruction set with the same arithmetic. */
import { execFileSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import type { NativeAddon } from '../../src/backends/native.ts';
import type { ProductsResult } from './gemm_session.ts';
import { addonFile, expectAddon } from './programs.ts';

const here = fileURLToPath(new URL('.', import.meta.url));
const root = fileURLToPath(new URL('../..', import.meta.url));

if (expectAddon) {
  const addon: NativeAddon = createRequire(import.meta.url)(addonFile);

  const products = (isa: string): ProductsResult => {
    const args = ['--import', 'tsx', join(here, 'gemm_session.ts')];
    const env = { ...process.env, CHAINRULE_ISA: isa };
    return JSON.parse(execFileSync(process.execPath, args, { cwd: root, encoding: 'utf8', env }));
  };

  describe('a session’s products', () => {
    const results: ProductsResult[] = [];
    const hashes = (mode: 'fused' | 'plain', isas = addon.isas) =>
      new Set(results.filter(({ isa }) => isas.includes(isa)).map((result) => result.hashes[mode]));

    test.each(addon.isas)('on %s are those in double precision, but for rounding', (isa) => {
      const result = products(isa);
      expect(result.isa).toBe(isa);
      expect(result.worst).toBeLessThan(33);
      expect(result.packedDiffers).toBe(0);
      results.push(result);
    });

    test('have the same bits on every instruction set where they are to be reproducible', () => {
      expect(results).toHaveLength(addon.isas.length);
      expect(hashes('plain').size).toBe(1);
    });

    test('have one of three results where they need not be: without fused multiply-adds, with them, or by parts', () => {
      const arithmetics = [['scalar'], ['avx2', 'avx512', 'avx512bf16', 'neon'], ['amx']].filter((isas) =>
        isas.some((isa) => addon.isas.includes(isa)),
      );
      for (const isas of arithmetics) expect(hashes('fused', isas).size, isas.join(', ')).toBe(1);
      expect(hashes('fused').size).toBe(arithmetics.length);
    });
  });

  describe('the measured peak', () => {
    test('is a plausible number, on one thread and on two', () => {
      expect(addon.measurePeak()).toBeGreaterThan(0.5);
      expect(addon.measurePeak(2)).toBeGreaterThan(0.5);
    });

    test('is refused for an impossible number of threads', () => {
      expect(() => addon.measurePeak(0)).toThrow(/threads: expected an integer from 1/);
      expect(() => addon.measurePeak(1.5)).toThrow(/threads: expected an integer from 1/);
    });
  });
}
