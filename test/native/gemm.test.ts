/** The matrix product's numbers: near the double-precision ones, and to the bit what native/kernels/gemm.h promises. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { NativeAddon } from '../../src/backends/native.ts';
import { onPath } from './driver.ts';
import { addonFile, expectAddon } from './programs.ts';

const COMPILE_TIMEOUT = 300_000;

const here = fileURLToPath(new URL('.', import.meta.url));
const root = fileURLToPath(new URL('../..', import.meta.url));

/** How the driver is built for an instruction set, and what runs the result. */
interface Target {
  readonly isa: string;
  readonly compiler: string;
  readonly flags: readonly string[];
  readonly emulator?: string;
}

const TARGETS: readonly Target[] = [
  { isa: 'scalar', compiler: 'g++', flags: [] },
  { isa: 'avx2', compiler: 'g++', flags: ['-mavx2', '-mfma'] },
  { isa: 'avx512', compiler: 'g++', flags: ['-mavx512f', '-mavx512bw', '-mavx512dq', '-mavx512vl', '-mfma'] },
  { isa: 'amx', compiler: 'g++', flags: ['-mavx512f', '-mavx512bw', '-mavx512dq', '-mavx512vl', '-mfma'] },
  process.arch === 'arm64'
    ? { isa: 'neon', compiler: 'g++', flags: [] }
    : // Emulated, it is as fast either way, and sooner compiled so: the later -O counts.
      { isa: 'neon', compiler: 'aarch64-linux-gnu-g++', flags: ['-O1', '-static'], emulator: 'qemu-aarch64-static' },
];

if (expectAddon) {
  const addon: NativeAddon = createRequire(import.meta.url)(addonFile);

  test.each(addon.isas)('a session’s products on %s are those in double precision, but for rounding', (isa) => {
    const output = execFileSync(process.execPath, ['--import', 'tsx', join(here, 'gemm_session.ts')], {
      cwd: root,
      encoding: 'utf8',
      env: { ...process.env, CHAINRULE_ISA: isa },
    });
    const result = JSON.parse(output);
    expect(result.isa).toBe(isa);
    expect(result.worst).toBeLessThan(33);
    expect(result.packedDiffers).toBe(0);
  });

  describe('the measured peak', () => {
    test('is some GFLOP/s, on one thread and on two', () => {
      expect(addon.measurePeak()).toBeGreaterThan(0.5);
      expect(addon.measurePeak(2)).toBeGreaterThan(0.5);
    });

    test('is not measured on a number of threads that is none', () => {
      expect(() => addon.measurePeak(0)).toThrow(/threads: expected an integer from 1/);
      expect(() => addon.measurePeak(1.5)).toThrow(/threads: expected an integer from 1/);
    });
  });

  const present = TARGETS.filter(
    ({ isa, compiler, emulator }) => onPath(compiler) && (emulator ? onPath(emulator) : addon.isas.includes(isa)),
  );
  if (present.length > 0) {
    describe('the product’s order of accumulation', () => {
      let folder: string;
      const hashes = new Map<string, Map<string, string>>();

      /** Hashes of all results by mode. The driver fails where a result is not to the bit what the contract says. */
      function runDriver({ isa, compiler, flags, emulator }: Target): Map<string, string> {
        const driver = join(folder, isa);
        const defines = [`-DCHAINRULE_ISA=${isa}`, `-DCHAINRULE_SIMD="../../native/simd/${isa}.h"`];
        const sources = [join(here, 'gemm_driver.cpp'), join(root, 'native', 'workspace.cpp')];
        execFileSync(compiler, ['-std=c++17', '-O2', '-ffp-contract=off', ...flags, ...defines, ...sources, '-o', driver]);
        const output = emulator ? execFileSync(emulator, [driver], { encoding: 'utf8' }) : execFileSync(driver, { encoding: 'utf8' });
        return new Map(
          output
            .trim()
            .split('\n')
            .map((line) => line.split(' ') as [string, string]),
        );
      }

      beforeAll(() => {
        folder = mkdtempSync(join(tmpdir(), 'chainrule-gemm-'));
        for (const target of present) hashes.set(target.isa, runDriver(target));
      }, COMPILE_TIMEOUT);

      afterAll(() => rmSync(folder, { recursive: true }));

      test('without fused multiply-add gives the same bits on every instruction set', () => {
        const plain = new Set([...hashes.values()].map((modes) => modes.get('plain')));
        expect(hashes.size).toBe(present.length);
        expect(plain.size).toBe(1);
      });

      test('with it, on every instruction set that has one and no matrix registers', () => {
        const fused = new Set([...hashes].filter(([isa]) => !['scalar', 'amx'].includes(isa)).map(([, modes]) => modes.get('fused')));
        expect(fused.size).toBeLessThanOrEqual(1);
        expect(fused.has(hashes.get('scalar')?.get('fused'))).toBe(false);
      });

      test.runIf(addon.isas.includes('amx'))('by parts, with matrix registers', () => {
        const [scalar, amx] = ['scalar', 'amx'].map((isa) => hashes.get(isa)?.get('fused'));
        expect(amx).toBeDefined();
        expect(amx).not.toBe(hashes.get('avx512')?.get('fused'));
        expect(amx).not.toBe(scalar);
      });
    });
  }
}
