import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

const files = (names: readonly string[]) => names.map((name) => `test/${name}.test.ts`);

/**
 * The files that have a process to themselves. All others share one for each core, where modules are loaded once: a file that is not here
 * leaves the process as it found it, which `test/support/leave-as-found.ts` checks.
 */
const ALONE = files([
  // They measure the process: its memory, its threads, what it allocates, how its time is divided.
  ...['data/files', 'native/large-arena', 'network/files', 'network/last-good', 'network/reading', 'network/running'],
  ...['network/shared-memory', 'network/tight-memory', 'network/watching', 'wasm/memory'],
  // They change it: its platform, modules, folder, environment, clock.
  ...['native/threads-option', 'network/callbacks', 'network/device', 'network/fetched-files', 'network/kept-sessions', 'network/slices'],
  ...['network/trainer-life', 'node/cpu-quota', 'ops/together', 'readme', 'wasm/load', 'wasm/revectorize', 'wasm/slices', 'wasm/source'],
  'wasm/threads',
]);

/**
 * The files that run longest, in the order in which they start; all others follow. Started last, one of them would leave the other cores
 * without work at the end.
 */
const FIRST = files([
  'native/reproducible',
  'cli/main',
  'ops/together',
  'examples/examples',
  'program/verify',
  'package/entries',
  'ops/sums',
  'wasm/threads',
  'package/bun',
  'package/workerd',
  'network/gradient-check',
  'native/gemm',
  'layers/recurrent',
  'examples/image-folders',
]);

/** Files alone, then those that share processes, which are handed on where the next file shares them too. */
class LongestFirst extends BaseSequencer {
  override async sort(specifications: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(specifications);
    const place = ({ moduleId, project }: TestSpecification) => {
      const first = FIRST.findIndex((name) => moduleId.endsWith(`/${name}`));
      return (project.config.isolate ? 0 : FIRST.length + 1) + (first < 0 ? FIRST.length : first);
    };
    return sorted.toSorted((a, b) => place(a) - place(b));
  }
}

/** `chainrule` is the sources. */
export const resolve = { alias: [{ find: /^chainrule$/, replacement: fileURLToPath(new URL('./src/index.node.ts', import.meta.url)) }] };

export default defineConfig({
  resolve,
  test: {
    testTimeout: 120_000,
    pool: 'forks',
    // By itself one less than there are cores: a single one of two, although whoever starts the tests does nothing but wait.
    maxWorkers: availableParallelism(),
    sequence: { sequencer: LongestFirst },
    setupFiles: 'test/support/equal-bits.ts',
    projects: [
      {
        extends: true,
        test: {
          name: 'sources',
          include: ['test/**/*.test.ts'],
          exclude: ['test/package/**', 'test/long/**', ...ALONE],
          isolate: false,
          setupFiles: ['test/support/equal-bits.ts', 'test/support/leave-as-found.ts'],
        },
      },
      { extends: true, test: { name: 'alone', include: ALONE } },
      { extends: true, test: { name: 'package', include: ['test/package/*.test.ts'], globalSetup: 'test/package/support/pack.ts' } },
    ],
  },
});
