/** Packs the package as `npm publish` would and installs it, scripts off, in an empty folder: once for all tests of this folder. */
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { TestProject } from 'vitest/node';

const root = fileURLToPath(new URL('../../..', import.meta.url));

declare module 'vitest' {
  interface ProvidedContext {
    /** The packed tarball. */
    tarball: string;
    /** A folder with the tarball in its node_modules and the programs of programs/. */
    app: string;
  }
}

export default function setup({ provide }: TestProject): () => void {
  if (!existsSync(join(root, 'dist/index.node.js'))) throw new Error('no dist/: run npm run build');
  const folder = mkdtempSync(join(tmpdir(), 'chainrule-package-'));
  const [{ filename }] = JSON.parse(npm(root, 'pack', '--ignore-scripts', '--json', '--pack-destination', folder)) as [
    { filename: string },
  ];
  const tarball = join(folder, filename);
  const app = join(folder, 'app');
  mkdirSync(app);
  writeFileSync(join(app, 'package.json'), '{ "private": true, "type": "module" }');
  npm(app, 'install', '--ignore-scripts', '--prefer-offline', '--no-audit', '--no-fund', tarball);
  cpSync(join(root, 'test/package/programs'), app, { recursive: true });
  provide('tarball', tarball);
  provide('app', app);
  return () => rmSync(folder, { recursive: true });
}

function npm(cwd: string, ...args: string[]): string {
  const { status, stdout, stderr } = spawnSync('npm', args, { cwd, encoding: 'utf8' });
  if (status !== 0) throw new Error(`npm ${args[0]} failed: ${stderr}`);
  return stdout;
}
