/**
 * The time before the first step: of the import, of `Network.create`, of a trainer (its compilation) and of one step, each in fresh processes, on what
 * `npm run build` has made. The least of some processes each, in milliseconds; processor time beside the import.
 *
 *   npm run bench:start -- [--network W4,residual,causal] [--rounds N]
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { build } from 'esbuild';
import { round } from './report.ts';
import type { StartTimes } from './start/child.ts';

const options = {
  network: { type: 'string', default: 'W4,residual,causal' },
  rounds: { type: 'string', default: '8' },
} as const;

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));
const library = here('../dist/bundled/node.js');

/** The program of a child, for the library as it is installed; the networks, which import that too, are a file beside it. */
async function childIn(folder: string): Promise<string> {
  const settings = { bundle: true, splitting: true, format: 'esm', platform: 'node', outExtension: { '.js': '.mjs' } } as const;
  await build({ entryPoints: [here('start/child.ts')], outdir: folder, ...settings, alias: { chainrule: library }, external: [library] });
  return join(folder, 'child.mjs');
}

function startOf(child: string, network: string): StartTimes {
  const { status, stdout, stderr } = spawnSync(process.execPath, [child, library, network], { encoding: 'utf8' });
  if (status !== 0) throw new Error(`${network}: ${stderr}`);
  return JSON.parse(stdout) as StartTimes;
}

function least(all: readonly StartTimes[]): StartTimes {
  const names = Object.keys(all[0]) as (keyof StartTimes)[];
  return Object.fromEntries(names.map((name) => [name, Math.min(...all.map((one) => one[name]))])) as unknown as StartTimes;
}

const { values } = parseArgs({ options });
const folder = mkdtempSync(join(tmpdir(), 'chainrule-start-'));
try {
  const child = await childIn(folder);
  for (const network of values.network.split(',')) {
    const times = least(Array.from({ length: Number(values.rounds) }, () => startOf(child, network)));
    const shown = Object.entries(times).map(([name, milliseconds]) => `${name} ${round(milliseconds)}`);
    console.log(`${network}: ${shown.join(', ')}`);
  }
} finally {
  rmSync(folder, { recursive: true });
}
