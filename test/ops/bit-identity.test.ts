import { execFile, execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { loadWasmFile } from '../../src/node/load-wasm.ts';
import { availableIsas } from '../native/programs.ts';
import { allCases, firstDifference, leftByRuns, type Result, resultOf, WAYS } from './bits.ts';
import { describeCase } from './op-case.ts';

const command = ['--import', 'tsx', fileURLToPath(new URL('run-native.ts', import.meta.url))];
/** In a process of its own: an addon chooses its instruction set once. */
const options = (isa: string) => ({ env: { ...process.env, CHAINRULE_ISA: isa }, maxBuffer: 2 ** 28 });

async function nativeResults(isa: string): Promise<readonly [isa: string, results: readonly Result[]]> {
  const { stdout } = await promisify(execFile)(process.execPath, command, options(isa));
  return [isa, JSON.parse(stdout)];
}

const native = Promise.all(availableIsas().map(nativeResults));
const wasm = await loadWasmFile();
const cases = allCases();
const expected = cases.map((one) => resultOf(wasm, one));
const results = await native;

/** What differs from WebAssembly, and where. */
function differences(isa: string, number: number, { digests }: Result): string[] {
  return WAYS.flatMap((name, way) => {
    if (digests[way] === expected[number].digests[way]) return [];
    const bytes = execFileSync(process.execPath, [...command, String(number), String(way)], options(isa));
    const actual = new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length));
    return [`${name}: ${firstDifference(actual, leftByRuns(wasm, cases[number])[way])}`];
  });
}

describe('every instruction set has the bits of WebAssembly, and fuses within the tolerance of the op:', () => {
  cases.forEach(({ test }, number) => {
    it(describeCase(test), () => {
      expect(expected[number].changes, 'it writes something').toBe(true);
      for (const [isa, made] of results) {
        expect(differences(isa, number, made[number]), isa).toEqual([]);
        expect(made[number].error, `${isa}: the error of what is fused`).toBeLessThanOrEqual(test.op.tolerance);
      }
    });
  });
});
