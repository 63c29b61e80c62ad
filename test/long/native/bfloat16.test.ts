/** Products of rounded factors, by pairs and on matrix registers (of software, where the processor has none), against their contract. */
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { INSTRUCTION_SETS, KERNEL_FLAGS } from '../../../src/codegen/instruction-sets.ts';
import { availableIsas } from '../../native/programs.ts';

const run = promisify(execFile);
const here = fileURLToPath(new URL('.', import.meta.url));
const native = fileURLToPath(new URL('../../../native/', import.meta.url));
const multiplies = availableIsas().some((isa) => isa === 'avx512bf16' || isa === 'amx');
let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'chainrule-bfloat16-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

describe('a product of rounded factors is what is stated', () => {
  if (!multiplies) it('nowhere here: the processor does not multiply bfloat16', () => undefined);
  it.each(multiplies ? ['avx512bf16', 'amx'] : [])('on %s', async (isa) => {
    const program = join(folder, isa);
    const flags = INSTRUCTION_SETS.find(({ name }) => name === isa)?.flags ?? [];
    const defines = [`-DCHAINRULE_ISA=${isa}`, `-DCHAINRULE_SIMD="../../../native/simd/${isa}.h"`, '-DCHAINRULE_EMULATED_MATRIX_REGISTERS'];
    const sources = [join(here, 'bfloat16_driver.cpp'), ...['barrier.cpp', 'workspace.cpp'].map((name) => join(native, name))];
    await run('g++', ['-std=c++17', '-O1', '-pthread', ...KERNEL_FLAGS, ...flags, ...defines, ...sources, '-o', program]);
    const { stdout } = await run(program);
    expect(Number(stdout)).toBeGreaterThan(1000);
  });
});
