/** Files changed by chance are read or refused with a typed error: no other error, no hang. */
import { expect, it } from 'vitest';
import { READERS, readMutations } from './mutations.ts';

it.each(Object.keys(READERS))('%s', async (reader) => {
  const read = await readMutations(reader, 60, 15);
  expect(read).toBeGreaterThan(0);
  expect(read).toBeLessThan(60);
});
