import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

export default defineConfig({
  resolve: { alias: [{ find: /^chainrule$/, replacement: fileURLToPath(new URL('./src/index.node.ts', import.meta.url)) }] },
  test: {
    testTimeout: 120_000,
    pool: 'forks',
    projects: [
      { extends: true, test: { name: 'sources', include: ['test/**/*.test.ts'], exclude: ['test/package/**'] } },
      { extends: true, test: { name: 'package', include: ['test/package/*.test.ts'], globalSetup: 'test/package/support/pack.ts' } },
    ],
  },
});
