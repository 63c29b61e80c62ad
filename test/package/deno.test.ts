import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, inject } from 'vitest';
import { expectTrainedOnWasm } from './support/results.ts';
import { binary, run, testIn } from './support/runtimes.ts';

const train = (entry: string, ...permissions: string[]) =>
  JSON.parse(run(inject('app'), binary('Deno'), ['run', '--no-prompt', ...permissions, 'main.js', entry]));

describe('the packed package in Deno', () => {
  testIn(['Deno'], 'trains with leave to read files', async () => {
    await expectTrainedOnWasm(train('chainrule', '--allow-read'), 2, 'relaxed-simd128');
  });

  testIn(['Deno'], 'trains without any permission where the kernels are inline', async () => {
    await expectTrainedOnWasm(train('chainrule/inline'), 1);
  });

  testIn(['Deno'], 'trains without any permission on the embedded kernels, and says what it may not read', async () => {
    const result = train('chainrule/wasm');
    await expectTrainedOnWasm(result, 1);
    expect(result.reason).toMatch(/embedded in the script.*could not read chainrule\.simd-threads\.wasm.*--allow-read/);
  });

  const files = (path: string, ...permissions: string[]) =>
    JSON.parse(run(inject('app'), binary('Deno'), ['run', '--no-prompt', ...permissions, 'files.js', path])) as Record<string, string>;

  testIn(['Deno'], 'saves and loads where it may, and says where it may not', () => {
    const path = join(mkdtempSync(join(tmpdir(), 'chainrule-deno-')), 'model');
    const readsApp = `--allow-read=${inject('app')}`;
    const refused = files(path, readsApp);
    expect(refused.save).toMatch(/^DataError: .*--allow-read/);
    expect(refused.load).toMatch(/^DataError: .*--allow-read/);
    expect(files(path, '--allow-read').save).toMatch(/^DataError: .*--allow-write/);
    expect(files(path, '--allow-read', '--allow-write')).toEqual({ save: 'done', load: 'done' });
  });
});
