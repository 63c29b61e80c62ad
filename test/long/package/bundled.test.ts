/** Pages that bundlers and development servers make of a program that imports `chainrule`, each as it works without configuration. */
import { spawn } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, inject } from 'vitest';
import { openPage, type PageReport } from '../../package/support/browser.ts';
import { expectTrainedOnWasm } from '../../package/support/results.ts';
import { binary, run } from '../../package/support/runtimes.ts';
import { testWith, tool, tools, toolsFolder } from '../support/tools.ts';

const app = inject('app');
const VITES = Object.keys(tools()).filter((name) => name.startsWith('vite-'));
const EMBEDDED = 'the kernels are those embedded in the script';

/** Kernels from the package's own files, on two threads. */
async function expectFilesServed(report: PageReport): Promise<void> {
  expect(report.error).toBeUndefined();
  await expectTrainedOnWasm(report, 2, 'relaxed-simd128');
  expect(report.reason).not.toContain(EMBEDDED);
}

/** Kernels that the script carries, and a reason that says what came instead of the file. */
async function expectEmbedded(report: PageReport, came: string | RegExp): Promise<void> {
  expect(report.error).toBeUndefined();
  await expectTrainedOnWasm(report, 1);
  expect(report.reason).toContain(EMBEDDED);
  expect(report.reason).toMatch(came);
}

const isolated = { isolated: true };

function writePage(folder: string, script: string): void {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'index.html'), `<!doctype html><script type="module" src="${script}"></script>`);
}

/** That nothing of Node's is in what was bundled for a page. */
function expectPortable(folder: string): void {
  for (const script of readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.js'))) {
    expect(readFileSync(join(folder, script), 'utf8')).not.toMatch(/["'`]node:/);
  }
}

function bundleWithEsbuild(page: string, ...options: string[]): string {
  const folder = join(app, `esbuild-${page}-${options.length}`);
  run(app, binary('esbuild'), [`${page}.js`, '--bundle', '--format=esm', '--minify', `--outdir=${folder}`, ...options]);
  writePage(folder, `${page}.js`);
  return folder;
}

describe.each(VITES)('a page by %s', (vite) => {
  testWith(['Chromium', vite], 'built: the kernels are copied', async () => {
    run(app, process.execPath, [tool(vite, 'bin/vite.js'), 'build', '--outDir', vite, '--logLevel', 'warn']);
    expectPortable(join(app, vite));
    await expectFilesServed(await openPage(join(app, vite), 'index.html', isolated));
  });

  testWith(['Chromium', vite], 'from its development server trains, on files or on the embedded kernels', async () => {
    const server = await startVite(vite);
    try {
      const report = await openPage(server.url, 'index.html', isolated);
      if (report.reason?.includes(EMBEDDED)) await expectEmbedded(report, /content type text\/html.*begin 3c 21 64 6f/);
      else await expectFilesServed(report);
    } finally {
      server.stop();
    }
  });

  testWith([vite], 'builds a worker that imports it', () => {
    const folder = join(app, `worker-of-${vite}`);
    mkdirSync(folder, { recursive: true });
    writePage(folder, 'page.js');
    writeFileSync(join(folder, 'page.js'), "new Worker(new URL('./worker.js', import.meta.url), { type: 'module' });");
    writeFileSync(join(folder, 'worker.js'), "import { Network } from 'chainrule'; postMessage(Network.name);");
    run(folder, process.execPath, [tool(vite, 'bin/vite.js'), 'build', '--logLevel', 'warn']);
    expect(readdirSync(join(folder, 'dist/assets')).some((name) => name.startsWith('worker'))).toBe(true);
  });
});

/** The server with a cache of its own, once it says where it listens. */
async function startVite(vite: string): Promise<{ url: string; stop(): void }> {
  rmSync(join(app, 'node_modules/.vite'), { recursive: true, force: true });
  const server = spawn(process.execPath, [tool(vite, 'bin/vite.js'), '--host', '127.0.0.1', '--port', '0', '--force'], {
    cwd: app,
    env: { ...process.env, NO_COLOR: '1' },
  });
  let said = '';
  for await (const chunk of server.stdout) {
    said += chunk;
    const [url] = /http:\/\/127\.0\.0\.1:\d+/.exec(said) ?? [];
    if (url) return { url, stop: () => server.kill() };
  }
  throw new Error(`${vite} ended before it listened: ${said}`);
}

describe('a page by', () => {
  testWith(['Chromium', 'esbuild'], 'esbuild, which copies no file', async () => {
    await expectEmbedded(await openPage(bundleWithEsbuild('page'), 'index.html', isolated), 'status 404');
  });

  testWith(['Chromium', 'esbuild'], 'esbuild as a classic script, which has no address', async () => {
    const folder = bundleWithEsbuild('page', '--format=iife');
    await expectEmbedded(await openPage(folder, 'index.html', isolated), EMBEDDED);
  });

  testWith(['Chromium', 'esbuild'], 'esbuild, the kernels inline', async () => {
    const report = await openPage(bundleWithEsbuild('page-inline'), 'index.html', isolated);
    expect(report.error).toBeUndefined();
    await expectTrainedOnWasm(report, 1);
  });

  testWith(['Chromium', 'esbuild'], 'esbuild, the kernels a file of its own', async () => {
    const report = await openPage(bundleWithEsbuild('page-url', '--loader:.wasm=file'), 'index.html', isolated);
    expect(report.error).toBeUndefined();
    await expectTrainedOnWasm(report, 2);
  });

  testWith(['Chromium', 'rollup'], 'Rollup, which copies no file, into a single one', async () => {
    const folder = join(app, 'rollup-build');
    const plugin = tool('@rollup/plugin-node-resolve', 'dist/es/index.js');
    writeFileSync(
      join(app, 'rollup.config.mjs'),
      `import resolve from '${plugin}';\nexport default { input: 'page.js', output: { file: '${folder}/page.js' }, plugins: [resolve({ browser: true })] };`,
    );
    run(app, process.execPath, [tool('rollup', 'dist/bin/rollup'), '-c', '--silent']);
    writePage(folder, 'page.js');
    expectPortable(folder);
    await expectEmbedded(await openPage(folder, 'index.html', isolated), 'status 404');
  });

  testWith(['Chromium', 'webpack'], 'webpack 5, which copies the kernels', async () => {
    const folder = join(app, 'webpack-build');
    const options = { mode: 'production', context: app, entry: './page.js', output: { path: folder, filename: 'page.js' } };
    const program = `require('${tool('webpack', 'lib/index.js')}')(${JSON.stringify(options)}, (error, stats) => {
      if (error || stats.hasErrors()) { console.error(error ?? stats.toString()); process.exit(1); }
    });`;
    run(app, process.execPath, ['--input-type=commonjs', '--eval', program]);
    writePage(folder, 'page.js');
    expectPortable(folder);
    await expectFilesServed(await openPage(folder, 'index.html', isolated));
  });

  testWith(['Chromium', 'parcel'], 'Parcel 2', async () => {
    const folder = join(app, 'parcel-app');
    writePage(folder, 'page.js');
    for (const name of ['page.js', 'report.js', 'train.js']) cpSync(join(app, name), join(folder, name));
    writeFileSync(join(folder, 'package.json'), '{ "private": true, "type": "module" }');
    run(
      folder,
      process.execPath,
      [tool('parcel', 'lib/bin.js'), 'build', 'index.html', '--no-cache', '--no-source-maps', '--public-url', './'],
      {
        NODE_ENV: 'production',
      },
    );
    const report = await openPage(join(folder, 'dist'), 'index.html', isolated);
    expect(report.error).toBeUndefined();
    expect(report).toMatchObject({ xor: [0, 1, 1, 0], backend: 'wasm' });
  });
});

describe('a page by Next', () => {
  const folders: string[] = [];
  afterAll(() => {
    for (const folder of folders) rmSync(folder, { recursive: true, force: true });
  });

  testWith(['Chromium', 'next'], 'is built, with a server component that imports it, and trains', async () => {
    // Beside the tools, where Next finds itself and React.
    const folder = mkdtempSync(join(toolsFolder, 'page-next-'));
    folders.push(folder);
    writeNextProject(folder);
    run(folder, process.execPath, [tool('next', 'dist/bin/next'), 'build'], { NEXT_TELEMETRY_DISABLED: '1' });
    expect(readFileSync(join(folder, 'out/server.html'), 'utf8')).toContain('wasm');
    const report = await openPage(join(folder, 'out'), 'index.html', isolated);
    expect(report.error).toBeUndefined();
    expect(report).toMatchObject({ xor: [0, 1, 1, 0], backend: 'wasm' });
  });
});

function writeNextProject(folder: string): void {
  cpSync(join(app, 'node_modules'), join(folder, 'node_modules'), { recursive: true });
  mkdirSync(join(folder, 'app/server'), { recursive: true });
  for (const name of ['report.js', 'train.js']) cpSync(join(app, name), join(folder, name));
  const files = {
    'package.json': '{ "private": true, "type": "module" }',
    // Without a root Next takes the repository, a package of the same name, for the project's workspace.
    'next.config.mjs': `export default { output: 'export', turbopack: { root: ${JSON.stringify(toolsFolder)} } };`,
    'app/layout.js': 'export default ({ children }) => <html lang="en"><body>{children}</body></html>;',
    'app/page.js': `'use client';
import * as chainrule from 'chainrule';
import { useEffect } from 'react';
import { reportOf } from '../report.js';

export default function Page() {
  useEffect(() => void reportOf(chainrule), []);
  return <main />;
}`,
    'app/server/page.js': `import { dense, Network } from 'chainrule';

export default async function Page() {
  const network = await Network.create({ input: [2], layers: [dense(1)], loss: 'halfSquaredError', backend: 'wasm' });
  return <main>{network.backend.name}: {String(network.predict([[1, 2]]).data[0])}</main>;
}`,
  };
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
}
