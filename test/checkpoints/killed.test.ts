import { expect, it } from 'vitest';
import { killTrainingProcesses } from '../support/killed-runs.ts';
import { Chance } from '../support/randomness.ts';

it('a run whose process is killed goes on from its checkpoints, and ends with the bits of one that nobody killed', async () => {
  const { ended, ofResumed } = await killTrainingProcesses(3, 100, 'stream', new Chance(5));
  expect(ended).toBe(1);
  expect(ofResumed).toBeGreaterThanOrEqual(1);
}, 120_000);
