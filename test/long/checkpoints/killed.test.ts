import { expect, it } from 'vitest';
import { killTrainingProcesses } from '../../support/killed-runs.ts';
import { Chance } from '../../support/randomness.ts';

it('two hundred processes killed while they train: every one goes on, and every run ends with the bits of one that nobody killed', async () => {
  const runs = await Promise.all(
    (['tensors', 'stream'] as const).map((data, i) => killTrainingProcesses(100, 150, data, new Chance(7 + i))),
  );
  for (const { kills, ofResumed, ended } of runs) {
    expect(kills).toBe(100);
    expect(ended).toBeGreaterThanOrEqual(1);
    expect(ofResumed).toBeGreaterThanOrEqual(30);
  }
  expect(
    runs.reduce((sum, { unfinished }) => sum + unfinished, 0),
    'killed within a write',
  ).toBeGreaterThanOrEqual(5);
}, 600_000);
