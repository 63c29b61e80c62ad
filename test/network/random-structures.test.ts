import { expect, it } from 'vitest';
import { acceptsStructure } from '../support/random-structures.ts';

it('of 150 random structures, each that is created predicts, trains, is written and is read back', async () => {
  let accepted = 0;
  for (let seed = 0; seed < 150; seed++) if (await acceptsStructure(seed)) accepted++;
  expect(accepted).toBeGreaterThan(50);
  expect(accepted).toBeLessThan(150);
});
