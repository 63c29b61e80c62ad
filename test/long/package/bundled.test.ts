import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, inject } from 'vitest';
import { openPage } from '../../package/support/browser.ts';
import { expectTrainedOnWasm } from '../../package/support/results.ts';
import { binary, run, testIn } from '../../package/support/runtimes.ts';

const app = inject('app');

/** That the page trains, and that what was bundled for it needs nothing of Node. */
async function expectPageTrains(folder: string, threads: 1 | 2, isa?: 'relaxed-simd128'): Promise<void> {
  const report = await openPage(folder, 'index.html', { isolated: true });
  expect(report.error).toBeUndefined();
  await expectTrainedOnWasm(report, threads, isa);
  for (const script of readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.js'))) {
    expect(readFileSync(join(folder, script), 'utf8')).not.toMatch(/["'`]node:/);
  }
}

function bundleWithEsbuild(page: string, ...options: string[]): string {
  const folder = join(app, `esbuild-${page}`);
  run(app, binary('esbuild'), [`${page}.js`, '--bundle', '--format=esm', '--minify', `--outdir=${folder}`, ...options]);
  writeFileSync(join(folder, 'index.html'), `<!doctype html><script type="module" src="${page}.js"></script>`);
  return folder;
}

describe('the packed package in a page bundled by', () => {
  testIn(['Chromium', 'Vite'], 'Vite, which copies the kernels', async () => {
    run(app, process.execPath, [binary('Vite'), 'build', '--outDir', 'vite-build', '--logLevel', 'warn']);
    await expectPageTrains(join(app, 'vite-build'), 2, 'relaxed-simd128');
  });

  testIn(['Chromium', 'esbuild'], 'esbuild, the kernels inline', () => expectPageTrains(bundleWithEsbuild('page-inline'), 1));

  testIn(['Chromium', 'esbuild'], 'esbuild, the kernels a file of its own', () =>
    expectPageTrains(bundleWithEsbuild('page-url', '--loader:.wasm=file'), 2),
  );
});
