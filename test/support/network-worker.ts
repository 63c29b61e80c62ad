/** The script of workers that compute networks, made of the sources: a worker of Node's reads no TypeScript. */
import { rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

/** Writes it to a temporary file. Returns its path, and what removes it. */
export async function bundleNetworkWorker(): Promise<{ path: string; remove(): void }> {
  const path = join(tmpdir(), `chainrule-network-worker-${process.pid}.mjs`);
  await build({
    entryPoints: [fileURLToPath(new URL('../../src/entries/network-worker-node.ts', import.meta.url))],
    // The package says which modules of dist/ do something when they are loaded, not which of src/.
    ignoreAnnotations: true,
    ...{ outfile: path, bundle: true, format: 'esm', platform: 'node', target: 'node20', logLevel: 'error' },
  });
  return { path, remove: () => rmSync(path, { force: true }) };
}
