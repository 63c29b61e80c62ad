import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { loadWasmFile } from '../../src/node/load-wasm.ts';
import { availableIsas } from '../native/programs.ts';
import { differences, kernelCases, runCases } from './cases.ts';

const child = fileURLToPath(new URL('run-native.ts', import.meta.url));
const cases = kernelCases();
const wasm = runCases(await loadWasmFile(), cases);

/** The results of all cases on one instruction set, each in a process of its own: an addon chooses once. */
function nativeBits(isa: string): Uint32Array[] {
  const env = { ...process.env, CHAINRULE_ISA: isa };
  const bytes = execFileSync(process.execPath, ['--import', 'tsx', child], { env, maxBuffer: 2 ** 28 });
  let at = bytes.byteOffset;
  return cases.map(({ arena }) => {
    const bits = new Uint32Array(bytes.buffer.slice(at, at + arena.byteLength));
    at += arena.byteLength;
    return bits;
  });
}

describe('every op but the matrix products', () => {
  it('is run on cases in which it changes its output', () => {
    const idle = cases.filter(({ arena }, i) => wasm[i].every((bits, j) => bits === new Uint32Array(arena.buffer)[j]));
    expect(idle.map(({ name }) => name)).toEqual([]);
  });

  it.each(availableIsas())('has on %s the bits that it has on WebAssembly', (isa) => {
    expect(differences(cases, nativeBits(isa), wasm)).toEqual([]);
  });
});
