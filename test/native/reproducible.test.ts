/** `reproducible: true`: the same trained weights, bit for bit, on every instruction set, with any number of threads, and on WASM. */
import { execFileSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { describe, expect, it } from 'vitest';
import { BACKENDS } from '../support/backends.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const script = fileURLToPath(new URL('./train-and-hash.ts', import.meta.url));
const tsx = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href;
const THREADS = '1,2,3,7';

function trainedHashes(threads: string, environment: Readonly<Record<string, string>>): Record<string, string> {
  const output = execFileSync(process.execPath, ['--import', tsx, script, threads], {
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
  const expected = trainedHashes('1', { CHAINRULE_BACKEND: 'wasm' })['1'];

  it(`is the same again on WASM, with ${THREADS} threads`, () => {
    const hashes = trainedHashes(THREADS, { CHAINRULE_BACKEND: 'wasm' });
    for (const [threads, hash] of Object.entries(hashes)) expect(hash, `${threads} threads`).toBe(expected);
  });

  for (const isa of availableIsas()) {
    it(`gives WASM's weights on ${isa}, with ${THREADS} threads`, () => {
      const hashes = trainedHashes(THREADS, { CHAINRULE_BACKEND: 'native', CHAINRULE_ISA: isa });
      for (const [threads, hash] of Object.entries(hashes)) expect(hash, `${threads} threads`).toBe(expected);
    });
  }
});
