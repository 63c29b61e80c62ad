/** `reproducible`: the same trained weights, bit for bit, on every instruction set, with any number of threads, and on WASM. */
import { execFileSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { BACKENDS } from '../support/backends.ts';
import { RELAXED_SIMD } from '../wasm/relaxed-simd.ts';
import type { Hashes } from './train-and-hash.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const script = fileURLToPath(new URL('./train-and-hash.ts', import.meta.url));

type Environment = Readonly<Record<string, string>>;

/** Of whole trainings with some numbers of threads, of brief ones with others, and of brief ones with fused multiply-adds. */
function trainedHashes(environment: Environment, whole: string, brief: string, fused = ''): Hashes {
  const flags = fused === '' ? [] : RELAXED_SIMD;
  const output = execFileSync(process.execPath, [...flags, '--import', 'tsx', script, whole, brief, fused], {
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
  const expected = trainedHashes(wasm, '1', '1');
  const onRelaxed = trainedHashes(wasm, '', '', '1,2');

  function expectSame({ whole, brief, fused }: Hashes): void {
    for (const [count, hash] of Object.entries(whole)) expect(hash, `${count} threads`).toBe(expected.whole[1]);
    for (const [count, hash] of Object.entries(brief)) expect(hash, `${count} threads, briefly`).toBe(expected.brief[1]);
    for (const [count, hash] of Object.entries(fused)) expect(hash, `${count} threads, fused`).toBe(onRelaxed.fused[1]);
  }

  // Seven are more than there are cores.
  it('gives the same weights on WASM with 2, 3 and 7 threads', () => expectSame(trainedHashes(wasm, '2,3,7', '')));

  it('gives others on WASM with fused multiply-adds, the same with 2 threads', () => {
    expect(onRelaxed.fused[1]).not.toBe(expected.brief[1]);
    expect(onRelaxed.fused[2]).toBe(onRelaxed.fused[1]);
  });

  // Native helpers are there from the first step on, so that brief trainings have them too.
  it.each(availableIsas())('gives WASM’s weights on %s, with 1, 2, 3 and 7 threads, and fused with 1, 2 and 3', (isa) => {
    const hashes = trainedHashes({ CHAINRULE_BACKEND: 'native', CHAINRULE_ISA: isa }, '2', '1,3,7', '1,2,3');
    expect(Object.keys(hashes.fused)).toHaveLength(3);
    expectSame(hashes);
  });
});
