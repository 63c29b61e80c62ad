import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';
import { longestFirst, resolve } from './vitest.config.ts';

/** Those that run longest, in the order in which they start; the first two compile other drivers, so that neither waits for the other. */
const LONGEST = [
  ...['native/thread-sanitizer', 'native/neon', 'ops/sanitized', 'recipes', 'native/sanitized-addon', 'native/gemm-order'],
  ...['native/sanitizer', 'network/random-structures'],
];
/** Where nothing is measured: kernels in drivers, under sanitizers or emulated, and whatever is tried at random for long. */
const UNMEASURED = [
  ...['native/*', 'ops/*', 'program/*', 'compiler/*', 'readers/*', 'examples/*'],
  ...['recipes', 'diverging', 'network/random-structures'],
].map((name) => `test/long/${name}.test.ts`);

/**
 * `npm run test:long`: what takes too long for every change, such as soaks, fuzzing at length, kernels under sanitizers or emulated,
 * bundlers and browsers. All of it together has 30 minutes on two cores. Files in which nothing is measured come first, side by side; then the
 * others, one after another, so that none measures another's load.
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
        test: { name: 'long-unmeasured', include: UNMEASURED, maxWorkers: availableParallelism(), sequence: { groupOrder: 0 } },
      },
      {
        extends: true,
        test: {
          name: 'long',
          include: ['test/long/**/*.test.ts'],
          exclude: [...UNMEASURED, 'test/long/package/**'],
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
