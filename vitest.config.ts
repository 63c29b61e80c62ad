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
  ...[
    'native/threads-option',
    'network/callbacks',
    'network/device',
    'network/in-worker',
    'network/fetched-files',
    'network/kept-sessions',
    'network/slices',
  ],
  ...['network/trainer-life', 'node/cpu-quota', 'ops/together', 'readme', 'wasm/load', 'wasm/revectorize', 'wasm/slices', 'wasm/source'],
  'wasm/threads',
  // They compute for seconds, most of it on the reference, whose code is slow for their programs once it has run those of other files.
  ...['compiler/element-runs', 'compiler/plan-memory', 'compiler/random-graphs', 'examples/examples', 'examples/image-folders'],
  ...['graph/autodiff', 'layers/attention', 'layers/frozen', 'layers/recurrent', 'metrics/golden', 'network/all-layers'],
  ...['network/gradient-check', 'network/op-files', 'network/resuming', 'network/row-weights', 'network/sequence-targets'],
  ...['ops/conformance', 'ops/expansions', 'ops/gradients', 'ops/sums', 'program/verify', 'train/parts'],
]);

/**
 * The files that run longest, in the order in which they start, those alone before those that share; all others follow. Started last, one of them would leave the other cores
 * without work at the end.
 */
const FIRST = files([
  'examples/examples',
  'ops/together',
  'package/entries',
  'network/files',
  'network/op-files',
  'ops/sums',
  'network/gradient-check',
  'network/resuming',
  'network/all-layers',
  'program/verify',
  'ops/gradients',
  'layers/recurrent',
  'ops/expansions',
  'package/bun',
  'package/workerd',
  'examples/image-folders',
  'native/reproducible',
  'network/peak-memory',
  'cli/main',
  'network/terminated-workers',
  'native/refused-threads',
  'native/gemm',
]);

/** Files alone, then those that share processes, which are handed on where the next file shares them too; of both the named ones first, in their order. */
export const longestFirst = (names: readonly string[]) =>
  class extends BaseSequencer {
    override async sort(specifications: TestSpecification[]): Promise<TestSpecification[]> {
      const sorted = await super.sort(specifications);
      const place = ({ moduleId, project }: TestSpecification) => {
        const first = names.findIndex((name) => moduleId.endsWith(`/${name}`));
        return (project.config.isolate ? 0 : names.length + 1) + (first < 0 ? names.length : first);
      };
      return sorted.toSorted((a, b) => place(a) - place(b));
    }
  };

const inSource = (name: string) => fileURLToPath(new URL(`./src/${name}`, import.meta.url));

/** `chainrule` is the sources. */
export const resolve = {
  alias: [
    { find: /^chainrule$/, replacement: inSource('index.node.ts') },
    { find: /^chainrule\/data$/, replacement: inSource('entries/data-node.ts') },
  ],
};

export default defineConfig({
  resolve,
  test: {
    testTimeout: 120_000,
    pool: 'forks',
    // By itself one less than there are cores: a single one of two, although whoever starts the tests does nothing but wait.
    maxWorkers: availableParallelism(),
    sequence: { sequencer: longestFirst(FIRST) },
    setupFiles: ['test/support/equal-bits.ts', 'test/support/all-ops.ts'],
    projects: [
      {
        extends: true,
        test: {
          name: 'sources',
          include: ['test/**/*.test.ts'],
          exclude: ['test/package/**', 'test/long/**', ...ALONE],
          isolate: false,
          setupFiles: ['test/support/equal-bits.ts', 'test/support/all-ops.ts', 'test/support/leave-as-found.ts'],
        },
      },
      { extends: true, test: { name: 'alone', include: ALONE } },
      { extends: true, test: { name: 'package', include: ['test/package/*.test.ts'], globalSetup: 'test/package/support/pack.ts' } },
    ],
  },
});
