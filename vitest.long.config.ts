import { defineConfig } from 'vitest/config';
import { resolve } from './vitest.config.ts';

/**
 * `npm run test:long`: what takes too long for every change, such as soaks, fuzzing at length, kernels under sanitizers or emulated,
 * bundlers and browsers. All of it together has 30 minutes on two cores. Files run one after another, so that none measures another's load.
 */
export default defineConfig({
  resolve,
  test: {
    testTimeout: 600_000,
    hookTimeout: 600_000,
    pool: 'forks',
    fileParallelism: false,
    projects: [
      { extends: true, test: { name: 'long', include: ['test/long/**/*.test.ts'], exclude: ['test/long/package/**'] } },
      {
        extends: true,
        test: { name: 'long-package', include: ['test/long/package/*.test.ts'], globalSetup: 'test/package/support/pack.ts' },
      },
    ],
  },
});
