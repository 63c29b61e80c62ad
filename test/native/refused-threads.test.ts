/** Where the system refuses threads, as at a limit of processes, training goes on with those that there are, to the same bits. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { BACKENDS } from '../support/backends.ts';
import { onPath } from './driver.ts';
import type { RefusedResult } from './train-refused.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const [script, source] = ['train-refused.ts', 'refuse_threads.c'].map((name) => fileURLToPath(new URL(name, import.meta.url)));

const canPreload = process.platform === 'linux' && onPath('gcc');
const backends = BACKENDS.map(({ name }) => name).filter((name) => name !== 'reference');

describe('a compiler and a loader that preloads', () => {
  it('are there on CI', () => {
    if (process.env.CI) expect(canPreload).toBe(true);
  });
});

if (canPreload) {
  describe.each(backends)('on %s', (backend) => {
    let folder: string;
    let all: RefusedResult;

    function trainRefused(granted: number): RefusedResult {
      const env = { ...process.env, CHAINRULE_BACKEND: backend, LD_PRELOAD: join(folder, 'refuse.so') };
      const args = ['--import', 'tsx', script, String(granted)];
      return JSON.parse(execFileSync(process.execPath, args, { cwd: root, encoding: 'utf8', env, timeout: 100_000 }));
    }

    beforeAll(() => {
      folder = mkdtempSync(join(tmpdir(), 'chainrule-refused-'));
      execFileSync('gcc', ['-shared', '-fPIC', '-O1', source, '-o', join(folder, 'refuse.so'), '-ldl']);
      all = trainRefused(1000);
    });

    afterAll(() => rmSync(folder, { recursive: true }));

    it('a fit learns with all threads that it asks for', () => {
      expect(all.backend.threads).toBe(4);
      const losses = all.refused as readonly number[];
      expect(losses.at(-1)).toBeLessThan(0.1 * losses[0]);
    });

    it.each([0, 2])('a fit that gets only %i more threads has the bits of one that gets all', (granted) => {
      const { backend: report, ...results } = trainRefused(granted);
      expect(results).toEqual({
        prediction: all.prediction,
        refused: all.refused,
        predictionAfter: all.predictionAfter,
        granted: all.granted,
      });
      if (backend === 'wasm') expect(report).toMatchObject({ threads: 1, reason: expect.stringContaining('a helper failed: ') });
    });
  });
}
