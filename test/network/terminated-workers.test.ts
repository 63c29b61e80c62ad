/** A worker may be terminated in the midst of a fit on several threads: nothing hangs, and the process gets back its threads and memory. */
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import { BACKENDS } from '../support/backends.ts';
import type { Terminated } from '../support/terminate-workers.ts';

const script = fileURLToPath(new URL('../support/terminate-workers.ts', import.meta.url));
const TIMES = 5;

if (process.platform === 'linux') {
  it.each(BACKENDS.map(({ name }) => name).filter((name) => name !== 'reference'))('on %s', async (backend) => {
    const args = ['--import', 'tsx', script, backend, String(TIMES)];
    const { stdout } = await promisify(execFile)(process.execPath, args, { timeout: 110_000 });
    const { threads, bytes, networkBytes, steps }: Terminated = JSON.parse(stdout);
    expect(steps).toHaveLength(TIMES);
    expect(threads[1]).toBeLessThanOrEqual(threads[0]);
    // A worker that gives nothing back leaves at least the weights and a gradient, each time.
    expect(bytes[1] - bytes[0]).toBeLessThan(TIMES * networkBytes);
  });
}
