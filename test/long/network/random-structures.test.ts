import { expect, it } from 'vitest';
import { acceptsStructure } from '../../support/random-structures.ts';

it('of 10 000 random structures, each that is created predicts, trains, is written and is read back', async () => {
  let accepted = 0;
  for (let seed = 1000; seed < 11_000; seed++) if (await acceptsStructure(seed)) accepted++;
  expect(accepted).toBeGreaterThan(3000);
});
