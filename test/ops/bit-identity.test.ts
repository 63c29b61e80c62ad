import { execFile, execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { loadWasmFile } from '../../src/node/load-wasm.ts';
import { OPS } from '../../src/ops/table.ts';
import { availableIsas } from '../native/programs.ts';
import { RELAXED_SIMD } from '../wasm/relaxed-simd.ts';
import { allCases, firstDifference, leftByRuns, type Result, resultOf, WAYS } from './bits.ts';
import { describeCase } from './op-case.ts';

/** Cases that differ on an instruction set of which is said where. */
const TOLD = 20;

const command = ['--import', 'tsx', fileURLToPath(new URL('run-native.ts', import.meta.url))];
/** In a process of its own: an addon chooses its instruction set once. */
const options = (isa: string) => ({ env: { ...process.env, CHAINRULE_ISA: isa }, maxBuffer: 2 ** 28 });

/** What native makes of a case, and digests with fused multiply-adds. */
type NativeResult = Result & { readonly fused: readonly string[] };

async function nativeResults(isa: string): Promise<readonly [isa: string, results: readonly NativeResult[]]> {
  const { stdout } = await promisify(execFile)(process.execPath, command, options(isa));
  return [isa, JSON.parse(stdout)];
}

async function fusedOnWasm(): Promise<readonly string[][]> {
  const script = fileURLToPath(new URL('run-fused.ts', import.meta.url));
  const { stdout } = await promisify(execFile)(process.execPath, [...RELAXED_SIMD, '--import', 'tsx', script], { maxBuffer: 2 ** 28 });
  return JSON.parse(stdout);
}

const fused = fusedOnWasm();
const native = Promise.all(availableIsas().map(nativeResults));
const wasm = await loadWasmFile();
const cases = allCases();
const expected = cases.map((one) => resultOf(wasm, one));

/** What differs from WebAssembly on an instruction set, and where, by the case's number. */
function differences(isa: string, results: readonly Result[]): Map<number, string[]> {
  const wrong = [...cases.keys()].filter((number) =>
    results[number].digests.some((digest, way) => digest !== expected[number].digests[way]),
  );
  const told = wrong.slice(0, TOLD);
  const { buffer, byteOffset } =
    told.length > 0 ? execFileSync(process.execPath, [...command, ...told.map(String)], options(isa)) : Buffer.of();
  let at = byteOffset;
  const places = told.map((number) =>
    leftByRuns(wasm, cases[number]).map((left) => {
      const actual = new Float32Array(buffer.slice(at, at + left.byteLength));
      at += left.byteLength;
      return firstDifference(actual, left);
    }),
  );
  return new Map(wrong.map((number, i) => [number, WAYS.map((name, way) => `${name}: ${places[i]?.[way] ?? 'other bits'}`)]));
}

const expectedFused = await fused;
const results = (await native).map(([isa, made]) => ({ isa, made, different: differences(isa, made) }));

describe('every instruction set has the bits of WebAssembly, and fuses within the tolerance of the op:', () => {
  cases.forEach(({ test }, number) => {
    it(describeCase(test), () => {
      expect(expected[number].changes, 'it writes something').toBe(true);
      for (const { isa, made, different } of results) {
        expect(different.get(number), isa).toBeUndefined();
        expect(made[number].fused, `${isa}, fused`).toEqual(expectedFused[number]);
        expect(made[number].error, `${isa}: the error of what is fused`).toBeLessThanOrEqual(test.op.tolerance);
      }
    });
  });
});

it('an op that may fuse multiply-adds has cases in which that tells', () => {
  const telling = new Set(
    cases.flatMap(({ test }, i) => (expectedFused[i].some((digest, way) => digest !== expected[i].digests[way]) ? [test.op.name] : [])),
  );
  expect(telling).toEqual(new Set(OPS.filter((op) => op.fuses).map(({ name }) => name)));
});
