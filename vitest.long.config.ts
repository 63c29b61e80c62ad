import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';
import { longestFirst, resolve } from './vitest.config.ts';

/** Those of the drivers that run longest, in the order in which they start; the first two compile other drivers, so that neither waits for the other. */
const LONGEST = ['native/thread-sanitizer', 'native/neon', 'ops/sanitized', 'native/sanitized-addon', 'native/gemm-order'];
/** Kernels in drivers of their own, under sanitizers or emulated: nothing is measured in them. */
const DRIVERS = ['native', 'ops', 'program'].map((folder) => `test/long/${folder}/*.test.ts`);

/**
 * `npm run test:long`: what takes too long for every change, such as soaks, fuzzing at length, kernels under sanitizers or emulated,
 * bundlers and browsers. All of it together has 30 minutes on two cores. Files run one after another, so that none measures another's load;
 * those of the drivers, which come first, side by side.
 */
export default defineConfig({
  resolve,
  test: {
    testTimeout: 600_000,
    // Hooks build drivers: five minutes of a core where nothing runs beside them.
    hookTimeout: 1_500_000,
    pool: 'forks',
    maxWorkers: 1,
    sequence: { sequencer: longestFirst(LONGEST.map((name) => `test/long/${name}.test.ts`)) },
    setupFiles: ['test/support/equal-bits.ts', 'test/support/all-ops.ts'],
    projects: [
      {
        extends: true,
        test: { name: 'long-drivers', include: DRIVERS, maxWorkers: availableParallelism(), sequence: { groupOrder: 0 } },
      },
      {
        extends: true,
        test: {
          name: 'long',
          include: ['test/long/**/*.test.ts'],
          exclude: [...DRIVERS, 'test/long/package/**'],
          sequence: { groupOrder: 1 },
        },
      },
      {
        extends: true,
        test: {
          name: 'long-package',
          include: ['test/long/package/*.test.ts'],
          globalSetup: 'test/package/support/pack.ts',
          sequence: { groupOrder: 2 },
        },
      },
    ],
  },
});
