/** The most memory that a fresh process holds while a network is made and used, beyond what it holds once it has run a tiny one. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { BackendName } from '../../src/backends/backend.ts';

const SCRIPT = fileURLToPath(new URL('peak-memory-of.ts', import.meta.url));

/** As multiples of the weights' bytes. */
export interface Peaks {
  /** Each includes those before it; `watched` is a fit of several epochs whose ends somebody looks at. */
  readonly made: Readonly<Record<'create' | 'predict' | 'train' | 'watched', number>>;
  /** Of a network that is loaded from a file, and of one that is made of bytes, which do not count; then with predictions again and again. */
  readonly loaded: Loaded;
  readonly given: Loaded;
}

type Loaded = Readonly<Record<'load' | 'again', number>>;

/** Of a network of four square layers with so many parameters. */
export function peaksOf(backend: BackendName, parameters: number): Peaks {
  const folder = mkdtempSync(join(tmpdir(), 'chainrule-peak-'));
  const peaks = (stages: string) => run(backend, [String(parameters), stages, join(folder, 'model')]);
  try {
    return { made: peaks('made'), loaded: peaks('loaded'), given: peaks('given') };
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
