/** The random graphs of `npm test` and many more. */
import { describe, vi } from 'vitest';

describe('a thousand', async () => {
  vi.stubEnv('CHAINRULE_RANDOM_GRAPHS', '1000');
  await import('../../compiler/random-graphs.test.ts');
  vi.unstubAllEnvs();
});
