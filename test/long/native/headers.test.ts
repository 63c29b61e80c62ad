/** Every header of the kernels includes what it needs: it compiles by itself, with the warnings that matter as errors. */
import { execFile } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { INSTRUCTION_SETS, KERNEL_FLAGS } from '../../../src/codegen/instruction-sets.ts';

const native = fileURLToPath(new URL('../../../native', import.meta.url));
const compile = promisify(execFile);
/** What only compiles for the matrix registers, which their software stands in for, or for products of pairs, which all of those have. */
const OF_MATRICES = /^gemm_(split|pairs)/;
const kernels = readdirSync(join(native, 'kernels')).filter((name) => process.arch === 'x64' || !OF_MATRICES.test(name));
let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'chainrule-headers-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

describe('a header of the kernels compiles alone', () => {
  it.each(kernels)('%s', async (header) => {
    const isa = OF_MATRICES.test(header) ? 'amx' : 'scalar';
    const flags = INSTRUCTION_SETS.find(({ name }) => name === isa)?.flags ?? [];
    const source = join(folder, `${header}.cpp`);
    writeFileSync(source, `#define CHAINRULE_ISA ${isa}\n#include "simd/${isa}.h"\n#include "kernels/${header}"\n`);
    const options = ['-std=c++17', '-fsyntax-only', '-Wall', '-Wextra', '-Werror', '-DCHAINRULE_EMULATED_MATRIX_REGISTERS', `-I${native}`];
    await expect(compile('g++', [...options, ...KERNEL_FLAGS, ...flags, source])).resolves.toMatchObject({ stderr: '' });
  });
});
