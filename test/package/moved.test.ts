import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as chainrule from 'chainrule';
import { describe, expect, inject } from 'vitest';
import { type Moved, trainOn } from './programs/moved.js';
import { openPage, type PageReport } from './support/browser.ts';
import { binary, run, testIn } from './support/runtimes.ts';

const app = inject('app');

function goOnInDeno(epochs: number, checkpoint: Moved): Moved {
  const file = join(app, 'checkpoint.safetensors');
  writeFileSync(file, Uint8Array.from(checkpoint.bytes));
  return JSON.parse(run(app, binary('Deno'), ['run', '--no-prompt', '--allow-read', 'main-moved.js', String(epochs), file]));
}

describe('a reproducible training', () => {
  testIn(['Chromium', 'Deno'], 'moved from Chromium to Node to Deno has the bits of one that stayed', async () => {
    const page = (await openPage(app, 'moved.html')) as Partial<Moved> & Pick<PageReport, 'error'> as Moved & Pick<PageReport, 'error'>;
    expect(page.error).toBeUndefined();
    const here = await trainOn(chainrule, 2, Uint8Array.from(page.bytes));
    const moved = goOnInDeno(2, here);
    const stayed = await trainOn(chainrule, 6);
    expect([page.isa, moved.isa]).toEqual(['simd128', 'simd128']);
    expect(Buffer.from(moved.bytes).equals(Buffer.from(stayed.bytes))).toBe(true);
  });
});
