/** The matrix product's order of accumulation, on every instruction set to the bit what native/kernels/gemm.h promises. */
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Numerics } from '../../../src/backends/numerics.ts';
import { INSTRUCTION_SETS, KERNEL_FLAGS } from '../../../src/codegen/instruction-sets.ts';
import { onPath } from '../../native/driver.ts';
import { availableIsas } from '../../native/programs.ts';

const execFileAsync = promisify(execFile);

const here = fileURLToPath(new URL('.', import.meta.url));
const root = fileURLToPath(new URL('../../..', import.meta.url));

/** How the driver is built for an instruction set, and what runs the result. */
interface Target {
  readonly isa: string;
  readonly compiler: string;
  readonly flags: readonly string[];
  readonly emulator?: string;
  /** What the processor must have to run it without an emulator. */
  readonly needs?: string;
}

const isArm = process.arch === 'arm64';
/** The flags that ship. */
const flagsOf = (name: string) => [...KERNEL_FLAGS, ...(INSTRUCTION_SETS.find((set) => set.name === name)?.flags ?? [])];
/** No processor here has matrix registers: native/driver/matrix_registers.h does what theirs do. */
const EMULATED_REGISTERS = '-DCHAINRULE_EMULATED_MATRIX_REGISTERS';

const TARGETS: readonly Target[] = [
  { isa: 'scalar', compiler: 'g++', flags: flagsOf('scalar') },
  ...(isArm
    ? []
    : [
        { isa: 'avx2', compiler: 'g++', flags: flagsOf('avx2'), needs: 'avx2' },
        { isa: 'avx512', compiler: 'g++', flags: flagsOf('avx512'), needs: 'avx512' },
        {
          isa: 'amx',
          compiler: 'g++',
          flags: [...flagsOf('amx'), ...(availableIsas().includes('amx') ? [] : [EMULATED_REGISTERS])],
          needs: 'avx512',
        },
      ]),
  isArm
    ? { isa: 'neon', compiler: 'g++', flags: flagsOf('neon') }
    : // Emulated, it is as fast either way, and sooner compiled so: the later -O counts.
      { isa: 'neon', compiler: 'aarch64-linux-gnu-g++', flags: [...flagsOf('neon'), '-O1', '-static'], emulator: 'qemu-aarch64-static' },
];

const missingTools = ({ compiler, emulator }: Target) => [compiler, ...(emulator ? [emulator] : [])].filter((tool) => !onPath(tool));
const missingProcessor = ({ needs }: Target) =>
  needs === undefined || availableIsas().includes(needs) ? [] : [`a processor with ${needs}`];
const missing = (target: Target) => [...missingTools(target), ...missingProcessor(target)];

describe('the product’s order of accumulation', () => {
  const present = TARGETS.filter((target) => missing(target).length === 0);
  const hashes = new Map<string, Map<string, string>>();
  let folder: string;

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'chainrule-gemm-'));
  });

  afterAll(() => rmSync(folder, { recursive: true }));

  /** Hashes of all results by numerics. The driver fails where a result is not to the bit what the contract says. */
  async function runDriver({ isa, compiler, flags, emulator }: Target): Promise<Map<string, string>> {
    const driver = join(folder, isa);
    const defines = [`-DCHAINRULE_ISA=${isa}`, `-DCHAINRULE_SIMD="../../../native/simd/${isa}.h"`];
    const sources = [join(here, 'gemm_driver.cpp'), ...['barrier.cpp', 'workspace.cpp'].map((name) => join(root, 'native', name))];
    await execFileAsync(compiler, ['-std=c++17', '-O2', '-pthread', '-ffp-contract=off', ...flags, ...defines, ...sources, '-o', driver]);
    const [program, ...args] = emulator ? [emulator, driver, 'brief'] : [driver];
    const { stdout: output } = await execFileAsync(program, args);
    return new Map(
      output
        .trim()
        .split('\n')
        .map((line) => line.split(/ (?=\S+$)/) as [string, string]),
    );
  }

  /** The different hashes of brief cases, and of the further ones, which emulated instruction sets have none of. */
  const hashesOf = (numerics: Numerics, isas = TARGETS.map(({ isa }) => isa)) => {
    const own = [...hashes].filter(([isa]) => isas.includes(isa)).map(([, hash]) => hash);
    return [numerics, `${numerics} further`].map((name) => new Set(own.flatMap((hash) => hash.get(name) ?? [])).size);
  };

  for (const target of TARGETS) {
    const lacks = missing(target);
    if (lacks.length > 0) {
      test(`${lacks.join(', ')} not here, so not tried: ${target.isa}`, () => {
        if (process.env.CI) expect(missingTools(target)).toEqual([]);
      });
    } else {
      test.concurrent(`is the contract’s on ${target.isa}`, async () => {
        hashes.set(target.isa, await runDriver(target));
      });
    }
  }

  test.each(['separate', 'fused'] as const)('with %s multiply-adds gives the same bits on every instruction set', (numerics) => {
    expect(hashes.size).toBe(present.length);
    expect(hashesOf(numerics)).toEqual([1, 1]);
  });

  test('that is the fastest gives the same bits on every instruction set that fuses, other bits by parts on matrix registers', () => {
    const arithmetics = [['scalar'], ['avx2', 'avx512', 'avx512bf16', 'neon'], ['amx']].filter((isas) =>
      isas.some((isa) => hashes.has(isa)),
    );
    for (const isas of arithmetics) expect(hashesOf('fast', isas), isas.join(', ')).toEqual([1, 1]);
    expect(hashesOf('fast')).toEqual([arithmetics.length, arithmetics.length]);
  });
});
