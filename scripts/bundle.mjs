/**
 * Bundles what Node, Deno and Bun load, after TypeScript is compiled: a few files in place of three hundred, which took most of an import's time.
 * What several entries share is in chunks that they all import, so that classes and the platform are the same whichever is imported.
 */
import { chmodSync, rmSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const inDist = (path) => fileURLToPath(new URL(`../dist/${path}`, import.meta.url));
/** As deep below the package's root as src/node/package-folder.ts, which looks for it from there. */
const folder = inDist('bundled');

rmSync(folder, { recursive: true, force: true });
const options = { bundle: true, format: 'esm', platform: 'node', target: 'node20', packages: 'external', logLevel: 'warning' };
await build({
  ...options,
  entryPoints: {
    node: inDist('index.node.js'),
    wasm: inDist('entries/wasm-node.js'),
    native: inDist('entries/native.js'),
    reference: inDist('entries/reference.js'),
    inline: inDist('entries/inline.js'),
    predict: inDist('entries/predict-node.js'),
    train: inDist('entries/train-node.js'),
    data: inDist('entries/data-node.js'),
    worker: inDist('entries/in-worker-node.js'),
    cli: inDist('cli/main.js'),
  },
  outdir: folder,
  splitting: true,
});
// A worker shares nothing with the entries, which would be in more files for its sake.
for (const [name, entry] of [
  ['network-worker', 'network-worker-node'],
  ['reading-worker', 'reading-worker-node'],
])
  await build({ ...options, entryPoints: [inDist(`entries/${entry}.js`)], outfile: `${folder}/${name}.js` });
// The TypeScript compiler and the bundler give no run bit, and package managers set it only where they link the command.
chmodSync(`${folder}/cli.js`, 0o755);
