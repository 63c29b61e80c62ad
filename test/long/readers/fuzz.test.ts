/** 100 000 files changed by chance are read or refused with a typed error, in a minute, in bounded memory. */
import { expect, it } from 'vitest';
import { READERS, readMutations } from '../../readers/mutations.ts';

const names = Object.keys(READERS);
const EACH = Math.ceil(100_000 / names.length);

it.each(names)(`%s, ${EACH} times`, async (reader) => {
  const before = process.resourceUsage().maxRSS;
  const read = await readMutations(reader, EACH, 2026);
  expect(read).toBeGreaterThan(EACH / 200);
  expect(read).toBeLessThan(EACH);
  expect(process.resourceUsage().maxRSS - before, 'growth of the peak memory in kB').toBeLessThan(300_000);
});
