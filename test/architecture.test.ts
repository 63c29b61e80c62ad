/** Who may import whom, and that what is generated is what the op table says. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { generatedFiles } from '../src/codegen/generate.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const source = join(root, 'src');

/** Modules that know nothing of networks; anyone may use them. */
const LEAVES = ['byte-source', 'callbacks', 'errors', 'globals', 'options', 'origin', 'tensor', 'nested', 'random', 'slices'];
const GRAPH_BUILDERS = ['graph', 'ops', ...LEAVES];
const TOP = [
  'backends',
  'compiler',
  'program',
  'graph',
  'ops',
  'layers',
  'losses',
  'optimizers',
  'schedules',
  'initializers',
  'training',
  'formats',
  'platform',
  ...LEAVES,
];

/** What scripts/embed-wasm.mjs writes: the only import from outside src. */
const EMBEDDED_KERNELS = '..';

/** What runs without Node, with everything that it imports. */
const PORTABLE = ['index', 'entries/browser', 'entries/worker', 'entries/reference', 'entries/inline'];

/** For each folder or file of src, the folders and files it may import from besides itself. */
const ALLOWED: Readonly<Record<string, readonly string[]>> = {
  errors: [],
  globals: [],
  callbacks: ['errors'],
  options: ['errors'],
  tensor: ['errors', 'options'],
  nested: ['errors', 'options', 'slices'],
  random: [],
  slices: [],
  origin: [],
  ops: ['errors', 'random'],
  graph: ['ops', 'callbacks', 'errors', 'options', 'origin'],
  program: ['ops', 'errors', 'origin'],
  compiler: ['graph', 'program', 'ops', 'errors', 'origin', 'slices'],
  // Only select.ts needs options, and platform with wasm.ts: what a runtime can load and start is for the platform to say.
  backends: ['program', 'ops', 'errors', 'globals', 'options', 'origin', 'slices', 'platform'],
  'byte-source': [],
  platform: ['backends', 'byte-source', 'options', 'web-files'],
  'web-files': ['errors', 'options'],
  'embedded-kernels': ['backends', EMBEDDED_KERNELS],
  'wasm-source': ['backends', 'errors', 'options', 'platform'],
  initializers: GRAPH_BUILDERS,
  layers: ['initializers', ...GRAPH_BUILDERS],
  losses: GRAPH_BUILDERS,
  optimizers: GRAPH_BUILDERS,
  schedules: LEAVES,
  data: LEAVES,
  formats: LEAVES,
  training: TOP,
  network: TOP,
  differentiate: TOP,
  index: [...TOP, 'network', 'differentiate', 'data', 'wasm-source'],
  node: ['backends', 'data', 'embedded-kernels', ...LEAVES],
  'index.node': ['index', 'node', 'platform'],
  entries: ['index', 'node', 'backends', 'errors', 'platform', 'embedded-kernels'],
  cli: ['index.node'],
  codegen: ['ops', 'program', 'random'],
};

function filesUnder(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    return entry.isDirectory() ? filesUnder(path) : entry.name.endsWith('.ts') ? [path] : [];
  });
}

function importsOf(file: string): string[] {
  const text = readFileSync(file, 'utf8');
  return [...text.matchAll(/(?:^|\n)(?:import|export)\s[^'";]*?from\s+'([^']+)'|import\(\s*'([^']+)'|(?:^|\n)import\s+'([^']+)'/g)].map(
    (match) => match[1] ?? match[2] ?? match[3],
  );
}

/** `ops` for src/ops/…, `network` for src/network.ts. */
function moduleOf(file: string): string {
  return relative(source, file).split(sep)[0].replace(/\.ts$/, '');
}

const files = filesUnder(source);

describe('who imports whom', () => {
  it.each(files.map((file) => [relative(root, file), file] as const))('%s', (_, file) => {
    const own = moduleOf(file);
    expect(ALLOWED, `a rule for ${own}`).toHaveProperty([own]);
    const local = importsOf(file).filter((name) => name.startsWith('.'));
    for (const name of local) {
      const target = moduleOf(join(dirname(file), name));
      if (target !== own) expect(ALLOWED[own], `${own} → ${target}`).toContain(target);
    }
  });

  it.each(PORTABLE)('keeps Node out of %s', (entry) => {
    const seen = new Set<string>();
    const visit = (file: string) => {
      if (seen.has(file) || moduleOf(file) === EMBEDDED_KERNELS) return;
      seen.add(file);
      for (const name of importsOf(file)) {
        if (name.startsWith('.')) visit(join(dirname(file), name));
        else expect.fail(`${relative(root, file)} imports ${name}`);
      }
    };
    visit(join(source, `${entry}.ts`));
    expect(seen.size).toBeGreaterThan(40);
  });
});

describe('generated files', () => {
  it.each([...generatedFiles()])('%s is what the op table says', (path, text) => {
    expect(existsSync(join(root, path))).toBe(true);
    expect(readFileSync(join(root, path), 'utf8')).toBe(text);
  });
});
