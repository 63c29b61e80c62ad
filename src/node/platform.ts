/** The platform of Node, Deno and Bun besides backends. */
import { availableParallelism } from 'node:os';
import { referenceBackend } from '../backends/reference.ts';
import { cpuQuota } from './cpu-quota.ts';
import { environment } from './environment.ts';
import { openBytes, writeBytes } from './files.ts';
import { revectorizationProblem } from './revectorize.ts';
import { startHelper } from './start-helper.ts';

export const nodePlatform = {
  ...{ environment, parallelism, startHelper },
  loadReference: () => referenceBackend,
  ...{ revectorizationProblem, openBytes, writeBytes },
};

let processors: number | undefined;

/** Processors that the process may use. Deno heeds quotas itself, and asks its user before a program reads them. */
function parallelism(): number {
  processors ??= Math.max(1, Math.min(availableParallelism(), Math.floor(('Deno' in globalThis ? undefined : cpuQuota()) ?? Infinity)));
  return processors;
}
