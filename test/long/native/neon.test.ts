/** The kernels for 64-bit ARM, cross-compiled and emulated: the tests of ops and networks once more on NEON, and WASM's bits. */
import { execFile } from 'node:child_process';
import { createRequire } from 'node:module';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import { nativeBackend } from '../../../src/backends/native.ts';
import { loadWasmFile } from '../../../src/node/load-wasm.ts';
import { canDrive, Driver, driverAddon } from '../../native/driver.ts';
import { EAGER, TRAININGS, train } from '../../native/networks.ts';
import type { Hashes } from '../../native/train-and-hash.ts';
import { allCases, fusedDigests, type Result, resultOf } from '../../ops/bits.ts';
import { describeCase } from '../../ops/op-case.ts';
import { BACKENDS } from '../../support/backends.ts';
import { RELAXED_SIMD } from '../../wasm/relaxed-simd.ts';

const execFileAsync = promisify(execFile);

const ISAS = ['neon', 'scalar'];
const THREADS = '1,2,3';
/** Of the thousand random graphs, which take the reference most of their time. */
const RANDOM_GRAPHS = '150';

const root = fileURLToPath(new URL('../../..', import.meta.url));
const emulated = new URL('../../native/emulated.ts', import.meta.url).href;
const script = fileURLToPath(new URL('../../native/train-and-hash.ts', import.meta.url));
const runFused = fileURLToPath(new URL('../../ops/run-fused.ts', import.meta.url));
const tsx = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href;

/** What the tests imported below run on: the reference and, in native's place, NEON. */
vi.mock('../../support/backends.ts', async (original) => {
  const driver = await import('../../native/driver.ts');
  if (driver.canDrive('arm64')) {
    driver.buildDriver('arm64');
    await import('../../native/emulated.ts');
  }
  const actual = await original<typeof import('../../support/backends.ts')>();
  return { ...actual, BACKENDS: actual.BACKENDS.filter(({ name }) => name !== 'wasm') };
});

/** The SHA-256 of the weights that reproducible training ends with, by number of threads. */
async function trainedHashes(
  how: 'separate' | 'fused',
  threads: string,
  environment: Readonly<Record<string, string>>,
  ...imports: readonly string[]
): Promise<string[]> {
  const args = [...RELAXED_SIMD, ...[tsx, ...imports].flatMap((url) => ['--import', url])];
  const env = { ...process.env, ...environment };
  const lists = how === 'fused' ? ['', '', threads] : ['', threads];
  const { stdout: output } = await execFileAsync(process.execPath, [...args, script, ...lists], { cwd: root, env });
  const { brief, fused } = JSON.parse(output.trim().split('\n').at(-1) as string) as Hashes;
  return Object.values(how === 'fused' ? fused : brief);
}

describe('the cross compiler and the emulator', () => {
  it('are there on CI', () => {
    if (process.env.CI) expect(canDrive('arm64')).toBe(true);
  });
});

if (canDrive('arm64')) {
  describe('NEON', async () => {
    it('is the instruction set that these tests run on', () => {
      expect(BACKENDS.map(({ isa }) => isa)).toEqual(['float64', 'neon']);
    });

    vi.stubEnv('CHAINRULE_RANDOM_GRAPHS', RANDOM_GRAPHS);
    await import('../../ops/conformance.test.ts');
    await import('../../ops/batching.test.ts');
    await import('../../compiler/random-graphs.test.ts');
    await import('../../network/golden.test.ts');
    await import('../../network/trajectories.test.ts');
    vi.unstubAllEnvs();
  });

  describe.each(ISAS)('%s on 64-bit ARM', (isa) => {
    describe('has the bits of WebAssembly, and fuses within the tolerance of the op:', () => {
      const cases = allCases();
      let actual: Result[] = [];
      let expected: Result[] = [];
      let actualFused: string[][] = [];
      let expectedFused: string[][] = [];

      beforeAll(async () => {
        const driver = new Driver('arm64', isa);
        const backend = nativeBackend(driverAddon(driver));
        actual = cases.map((one) => resultOf(backend, one));
        actualFused = cases.map((one) => fusedDigests(backend, one));
        driver.close();
        const wasm = await loadWasmFile();
        expected = cases.map((one) => resultOf(wasm, one));
        const { stdout } = await execFileAsync(process.execPath, [...RELAXED_SIMD, '--import', tsx, runFused], { maxBuffer: 2 ** 28 });
        expectedFused = JSON.parse(stdout);
      });

      cases.forEach(({ test }, number) => {
        it(describeCase(test), () => {
          const { digests, error } = actual[number];
          expect(digests).toEqual(expected[number].digests);
          expect(actualFused[number], 'fused').toEqual(expectedFused[number]);
          expect(error).toBeLessThanOrEqual(test.op.tolerance);
        });
      });
    });

    it('trains every network to the same bits with any number of threads', () => {
      const driver = new Driver('arm64', isa);
      const backend = nativeBackend(driverAddon(driver), EAGER);
      for (const training of TRAININGS) {
        const expected = train(backend, training);
        expect(expected.records.every((value, i) => i % 2 === 1 || Number.isFinite(value))).toBe(true);
        for (const threads of [2, 3]) expect(train(backend.with({ threads }), training), training.name).toEqual(expected);
      }
      driver.close();
    });

    it.each(['separate', 'fused'] as const)(
      `trains a reproducible network to WebAssembly’s weights, multiply-adds %s, with ${THREADS} threads`,
      async (how) => {
        const [[expected], hashes] = await Promise.all([
          trainedHashes(how, '1', { CHAINRULE_BACKEND: 'wasm' }),
          trainedHashes(how, THREADS, { CHAINRULE_BACKEND: 'native', EMULATED_ISA: isa }, emulated),
        ]);
        expect(hashes).toEqual(hashes.map(() => expected));
        expect(hashes).toHaveLength(THREADS.split(',').length);
      },
    );
  });
}
