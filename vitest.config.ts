import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/**
 * The files that run longest, in the order in which they start; all others follow. Started last, one of them would leave the other cores
 * without work at the end.
 */
const FIRST = [
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
].map((name) => `/test/${name}.test.ts`);

class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    const named = FIRST.flatMap((name) => sorted.filter(({ moduleId }) => moduleId.endsWith(name)));
    return [...named, ...sorted.filter((file) => !named.includes(file))];
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
    projects: [
      { extends: true, test: { name: 'sources', include: ['test/**/*.test.ts'], exclude: ['test/package/**', 'test/long/**'] } },
      { extends: true, test: { name: 'package', include: ['test/package/*.test.ts'], globalSetup: 'test/package/support/pack.ts' } },
    ],
  },
});
