import { expect, it } from 'vitest';
import { killSavingProcesses } from '../../support/killed-saves.ts';

it('a hundred processes killed while they save: the old file or the new one, always whole', async () => {
  const killed = await killSavingProcesses(100);
  expect(killed.filter(({ acknowledged }) => acknowledged > 0).length, 'killed after an acknowledged save').toBeGreaterThanOrEqual(30);
  expect(killed.filter(({ unfinished }) => unfinished > 0).length, 'killed within a save').toBeGreaterThanOrEqual(10);
}, 900_000);
