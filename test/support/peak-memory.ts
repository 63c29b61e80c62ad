/** The most memory that a fresh process holds while a network is made and used, beyond what it holds once it has run a tiny one. */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { BackendName } from '../../src/backends/backend.ts';

const SCRIPT = fileURLToPath(new URL('peak-memory-of.ts', import.meta.url));

export const STAGES = ['create', 'predict', 'train'] as const;

/** By stage, as multiples of the weights' bytes: each stage includes those before it. */
export type Peaks = Readonly<Record<(typeof STAGES)[number], number>>;

/** Of a network of four square layers with so many parameters. */
export function peaksOf(backend: BackendName, parameters: number): Peaks {
  const env = { ...process.env, CHAINRULE_BACKEND: backend };
  const { stdout, stderr, status } = spawnSync(process.execPath, ['--import', 'tsx', SCRIPT, String(parameters)], {
    env,
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(`expected the peaks of ${backend}, got status ${status}: ${stderr}`);
  return JSON.parse(stdout);
}
