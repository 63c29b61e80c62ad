/** The most memory that a fresh process holds while a network is made and used, beyond what it holds once it has run a tiny one. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { BackendName } from '../../src/backends/backend.ts';

const SCRIPT = fileURLToPath(new URL('peak-memory-of.ts', import.meta.url));

/** As multiples of the weights' bytes; each includes those before it. `watched` is a fit of several epochs whose ends somebody looks at. */
export type Made = Readonly<Record<'create' | 'predict' | 'train' | 'watched', number>>;
/** With predictions again and again. */
export type Loaded = Readonly<Record<'load' | 'again', number>>;

/** How a network is loaded: from a file; of bytes, which do not count; fetched, with the bytes that come. */
export const WAYS = ['loaded', 'given', 'fetched'] as const;
type Way = (typeof WAYS)[number];

/** Of a network of four square layers with so many parameters, that is made and then loaded. */
export function peaksOf<W extends Way>(
  backend: BackendName,
  parameters: number,
  ways: readonly W[],
): Readonly<Record<W, Loaded>> & { readonly made: Made } {
  const folder = mkdtempSync(join(tmpdir(), 'chainrule-peak-'));
  const peaks = (stages: Way | 'made') => [stages, run(backend, [String(parameters), stages, join(folder, 'model')])];
  try {
    return Object.fromEntries([peaks('made'), ...ways.map(peaks)]);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function run(backend: BackendName, args: readonly string[]) {
  const env = { ...process.env, CHAINRULE_BACKEND: backend };
  const { stdout, stderr, status } = spawnSync(process.execPath, ['--import', 'tsx', SCRIPT, ...args], { env, encoding: 'utf8' });
  if (status !== 0) throw new Error(`expected the peaks of ${backend}, got status ${status}: ${stderr}`);
  return JSON.parse(stdout);
}
