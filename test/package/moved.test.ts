import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as chainrule from 'chainrule';
import { describe, expect, inject } from 'vitest';
import { expectAddon } from '../native/programs.ts';
import { type Moved, trainOn } from './programs/moved.js';
import { openPage, type PageReport } from './support/browser.ts';
import { binary, run, testIn } from './support/runtimes.ts';

const app = inject('app');
/** What trains in this process; without an addon it can only be WASM. */
const middle = expectAddon ? 'native' : 'wasm';

/** Goes on from a checkpoint in a runtime given as the words before the program's. */
function goOnIn([program, ...words]: readonly string[], epochs: number, checkpoint: Moved, options = {}): Moved {
  const file = join(app, 'checkpoint.safetensors');
  writeFileSync(file, Uint8Array.from(checkpoint.bytes));
  return JSON.parse(run(app, program, [...words, 'main-moved.js', String(epochs), file, JSON.stringify(options)]));
}

const deno = () => [binary('Deno'), 'run', '--no-prompt', '--allow-read'];

describe('a reproducible training', () => {
  testIn(['Chromium', 'Deno'], 'moved from Chromium to Node to Deno has the bits of one that stayed', async () => {
    const page = (await openPage(app, 'moved.html')) as Partial<Moved> & Pick<PageReport, 'error'> as Moved & Pick<PageReport, 'error'>;
    expect(page.error).toBeUndefined();
    const here = await trainOn(chainrule, 2, Uint8Array.from(page.bytes), { backend: middle });
    const moved = goOnIn(deno(), 2, here);
    const stayed = await trainOn(chainrule, 6);
    expect([page.isa, here.name, moved.isa]).toEqual(['simd128', middle, 'simd128']);
    expect(Buffer.from(moved.bytes).equals(Buffer.from(stayed.bytes))).toBe(true);
  });

  testIn(['Node 24'], 'revectorized has the bits of a plain one', async () => {
    const start = await trainOn(chainrule, 1, undefined, { backend: 'wasm' });
    const revectorized = goOnIn([binary('Node 24')], 2, start, { revectorize: true });
    const plain = await trainOn(chainrule, 2, Uint8Array.from(start.bytes), { backend: 'wasm' });
    expect(revectorized).toMatchObject({ name: 'wasm', isa: 'simd128', reason: expect.stringMatching(/; revectorized$/) });
    expect(Buffer.from(revectorized.bytes).equals(Buffer.from(plain.bytes))).toBe(true);
  });

  testIn(['Deno', 'Bun'], 'is not revectorized in Deno and Bun', async () => {
    const start = await trainOn(chainrule, 1);
    expect(() => goOnIn(deno(), 1, start, { revectorize: true })).toThrow('revectorize: expected Node 24 or newer, got Deno');
    expect(() => goOnIn([binary('Bun')], 1, start, { revectorize: true })).toThrow('revectorize: expected Node 24 or newer, got Bun');
  });
});
