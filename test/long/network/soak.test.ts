/**
 * Networks used at random for a minute, or for CHAINRULE_SOAK_SECONDS: they are trained, aborted, fed by datasets that throw, asked, cloned and disposed of,
 * beside workers that are terminated. Nothing crashes or hangs, and memory stays.
 */
import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const SCRIPT = fileURLToPath(new URL('../../support/soak.mjs', import.meta.url));
const SECONDS = Number(process.env.CHAINRULE_SOAK_SECONDS ?? 60);
/** How much more memory there may be in the last fifth than in the middle one: the heap and its arenas come to their size within some minutes. */
const GROWTH = SECONDS < 300 ? 1.2 : 1.05;

interface Soaked {
  /** How often each action was done. */
  readonly done: Readonly<Record<string, number>>;
  readonly memory: readonly { readonly second: number; readonly rss: number }[];
}

const median = (values: readonly number[]) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];

describe('networks that are used at random', () => {
  it(
    'neither crash nor hang, and keep to their memory',
    () => {
      const output = execFileSync(process.execPath, ['--expose-gc', SCRIPT, String(SECONDS)], { encoding: 'utf8', maxBuffer: 2 ** 26 });
      const { done, memory } = JSON.parse(output) as Soaked;
      expect(Object.keys(done).length).toBe(14);
      for (const [action, count] of Object.entries(done)) expect(count, action).toBeGreaterThan(SECONDS / 10);
      const part = (from: number, to: number) =>
        median(memory.filter(({ second }) => second >= from * SECONDS && second < to * SECONDS).map(({ rss }) => rss));
      expect(part(0.8, 1) / part(0.4, 0.6)).toBeLessThan(GROWTH);
    },
    (SECONDS + 60) * 1000,
  );
});
