/** The script of the threads that read files, made of the sources: a worker of Node's reads no TypeScript. */
import { mkdirSync, rmSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { setReadingScript } from '../../src/readers/thread/off-thread.ts';

/** Writes it where packages are found from, and says so to the readers. Gives what undoes both. */
export async function bringReadingWorker(): Promise<() => void> {
  // Its packages are those of the folder that it lies in.
  const folder = new URL('../../node_modules/.cache/', import.meta.url);
  mkdirSync(folder, { recursive: true });
  const script = new URL(`chainrule-reading-worker-${process.pid}.mjs`, folder);
  await build({
    entryPoints: [fileURLToPath(new URL('../../src/entries/reading-worker-node.ts', import.meta.url))],
    // The package says which modules of dist/ do something when they are loaded, not which of src/.
    ignoreAnnotations: true,
    ...{
      outfile: fileURLToPath(script),
      bundle: true,
      format: 'esm',
      platform: 'node',
      target: 'node20',
      packages: 'external',
      logLevel: 'error',
    },
  });
  const before = setReadingScript(script);
  return () => {
    setReadingScript(before);
    rmSync(script, { force: true });
  };
}
