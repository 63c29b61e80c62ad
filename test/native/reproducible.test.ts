/** `reproducible: true`: the same trained weights, bit for bit, on every instruction set, with any number of threads, and on WASM. */
import { execFileSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { BACKENDS } from '../support/backends.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const script = fileURLToPath(new URL('./train-and-hash.ts', import.meta.url));
const THREADS = '1,2,3';
/** More than there are cores. */
const MANY_THREADS = '7';

type Environment = Readonly<Record<string, string>>;

/** By number of threads; of the short trainings where `brief` is given. */
function trainedHashes(environment: Environment, threads: string, ...brief: readonly 'brief'[]): Record<string, string> {
  const output = execFileSync(process.execPath, ['--import', 'tsx', script, threads, ...brief], {
    cwd: root,
    env: { ...process.env, ...environment },
    encoding: 'utf8',
  });
  return JSON.parse(output.trim().split('\n').at(-1) as string);
}

function availableIsas(): string[] {
  if (!BACKENDS.some(({ name }) => name === 'native')) return [];
  return createRequire(import.meta.url)('node-gyp-build')(root).isas;
}

describe('reproducible training', () => {
  const wasm = { CHAINRULE_BACKEND: 'wasm' };
  const expected = trainedHashes(wasm, '1')['1'];
  const expectedBriefly = trainedHashes(wasm, '1', 'brief')['1'];

  function expectSame(environment: Environment, threads: string): void {
    for (const [count, hash] of Object.entries(trainedHashes(environment, threads))) expect(hash, `${count} threads`).toBe(expected);
  }

  it(`gives the same weights on WASM with ${THREADS} and with ${MANY_THREADS} threads`, () =>
    expectSame(wasm, `${THREADS},${MANY_THREADS}`));

  for (const isa of availableIsas()) {
    const native = { CHAINRULE_BACKEND: 'native', CHAINRULE_ISA: isa };

    it(`gives WASM's weights on ${isa}, with ${THREADS} threads`, () => expectSame(native, THREADS));

    // Native helpers are there from the first step on, so that few will do.
    it(`gives WASM's weights on ${isa}, with ${MANY_THREADS} threads`, () => {
      expect(trainedHashes(native, MANY_THREADS, 'brief')).toEqual({ [MANY_THREADS]: expectedBriefly });
    });
  }
});
