import { expect, it } from 'vitest';
import { killSavingProcesses } from '../support/killed-saves.ts';

it('a process killed while it saves leaves the old file or the new one, whole', async () => {
  const killed = await killSavingProcesses(5);
  expect(killed.filter(({ acknowledged }) => acknowledged > 0).length).toBeGreaterThanOrEqual(3);
}, 120_000);
