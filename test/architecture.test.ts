/** Who may import whom, that none needs itself by way of others, and that what is generated is what the op table says. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { generatedFiles } from '../src/codegen/generate.ts';
import { circles, type Needs } from './support/circles.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const source = join(root, 'src');
const assembly = join(root, 'assembly');

/** Modules that know nothing of networks; anyone may use them. */
const LEAVES = ['clock', 'errors', 'sent-errors', 'globals', 'event-loop', 'options', 'origin', 'tensor', 'nested', 'random'];
const GRAPH_BUILDERS = ['graph', 'ops', ...LEAVES];
const LOWER_HOUSE = ['backends', 'compiler', 'program', 'graph', 'ops', ...LEAVES];
const DESCRIPTIONS = ['layers', 'losses', 'optimizers', 'schedules', 'initializers'];
/** What knows what a network is. */
const UPPER_HOUSE = ['model', 'data', 'datasets', 'preparation', 'metrics', ...DESCRIPTIONS, 'platform', ...LOWER_HOUSE];
const API = [...UPPER_HOUSE, 'formats', 'training', 'callbacks', 'inference', 'inspection', 'inspection/diagnosis'];

/** What scripts/embed-wasm.mjs writes: the only import from outside src. */
const EMBEDDED_KERNELS = '..';

/** What runs without Node, with everything that it imports. */
const PORTABLE = [
  'index',
  ...['browser', 'worker', 'reference', 'inline', 'predict', 'train', 'train-worker', 'data', 'in-worker', 'network-worker'].map(
    (name) => `entries/${name}`,
  ),
];

/** For each room of src, a folder or a file, the rooms that it may import from besides itself. */
const ALLOWED: Readonly<Record<string, readonly string[]>> = {
  clock: [],
  errors: [],
  'sent-errors': ['errors'],
  globals: [],
  options: ['errors', 'globals'],
  tensor: ['errors', 'options'],
  nested: ['errors', 'options', 'event-loop'],
  random: [],
  origin: [],
  'event-loop': ['errors'],
  ops: ['errors', 'random'],
  graph: ['ops', 'event-loop', 'errors', 'options', 'origin'],
  program: ['ops', 'errors', 'origin'],
  compiler: ['graph', 'program', 'ops', 'errors', 'origin', 'event-loop'],
  backends: ['backends/wasm', 'program', 'ops', 'clock', 'errors', 'options', 'origin', 'event-loop', 'globals'],
  'backends/wasm': ['backends', 'program', 'ops', 'clock', 'errors', 'options', 'event-loop', 'globals'],
  'backends/worker': ['backends', 'backends/wasm', 'program', 'ops', 'errors', 'sent-errors', 'event-loop', 'globals'],
  platform: ['backends', 'backends/wasm', 'backends/worker', 'errors', 'options', EMBEDDED_KERNELS],
  initializers: GRAPH_BUILDERS,
  layers: ['initializers', ...GRAPH_BUILDERS],
  losses: GRAPH_BUILDERS,
  optimizers: GRAPH_BUILDERS,
  metrics: ['losses', ...GRAPH_BUILDERS],
  schedules: ['metrics', ...LEAVES],
  // Rows as they are read, which know of no network.
  datasets: LEAVES,
  // What becomes of raw rows before a network sees them.
  preparation: ['datasets', ...LEAVES],
  data: ['datasets', 'model', 'metrics', 'losses', 'ops', 'backends', ...LEAVES],
  formats: ['platform', ...LEAVES],
  model: ['formats', 'metrics', 'preparation', ...DESCRIPTIONS, 'platform', ...LOWER_HOUSE],
  predictor: ['data', 'model', 'backends', 'backends/wasm', 'program', ...LEAVES],
  inference: ['predictor', ...UPPER_HOUSE],
  inspection: ['training', ...UPPER_HOUSE],
  'inspection/diagnosis': ['inspection', 'training', ...UPPER_HOUSE],
  callbacks: ['training', ...UPPER_HOUSE],
  training: UPPER_HOUSE,
  network: ['network-base', 'network-copies', 'network-core', 'network-options', 'fit-options', 'trainer', 'door', ...API],
  'network-copies': ['network-core', ...API],
  'network-base': ['network-core', 'common-options', 'dataset-services', ...API],
  'network-core': ['common-options', 'common-fit-options', 'dataset-services', 'door', ...API],
  'common-options': API,
  'common-fit-options': API,
  'common-fit-table': ['common-fit-options', ...API],
  door: UPPER_HOUSE,
  'dataset-services': ['common-options', 'door', ...API],
  'network-datasets': ['dataset-services', 'common-options', 'door', ...API],
  'network-options': ['common-options', ...API],
  'fit-options': ['common-fit-options', 'common-fit-table', 'door', ...API],
  train: ['network-base', 'network-core', 'common-options', 'common-fit-options', 'common-fit-table', 'backends/wasm', ...API],
  trainer: ['door', ...API],
  search: ['common-options', 'fit-options', 'random', ...API],
  differentiate: ['platform', ...LOWER_HOUSE],
  index: [
    ...API,
    'search',
    'common-options',
    'network',
    'network-options',
    'fit-options',
    'trainer',
    'door',
    'differentiate',
    'backends/wasm',
  ],
  node: ['backends', 'backends/wasm', 'backends/worker', 'data', 'platform', ...LEAVES],
  // What writes and reads files of a run, on Node alone.
  checkpoints: ['callbacks', 'training', 'node', 'formats', ...UPPER_HOUSE],
  loggers: ['node', 'training', 'metrics', ...LEAVES],
  // What reads files as datasets, on Node alone.
  readers: ['readers/thread', 'datasets', 'data', 'formats', 'node', ...LEAVES],
  'readers/thread': ['readers', 'datasets', 'node', ...LEAVES],
  'index.node': ['index', 'checkpoints', 'loggers', 'model', 'node', 'preparation', 'training', 'platform'],
  entries: [
    'index',
    'checkpoints',
    'loggers',
    'node',
    'training',
    'backends',
    'backends/wasm',
    'backends/worker',
    'ops',
    'data',
    'datasets',
    'model',
    'preparation',
    'dataset-services',
    'network-datasets',
    'formats',
    'errors',
    'options',
    'platform',
    'predictor',
    'readers',
    'readers/thread',
    'train',
  ],
  cli: ['index.node'],
  codegen: ['ops', 'program', 'random'],
};

/** Folders that are rooms within rooms. */
const INNER_ROOMS = Object.keys(ALLOWED).filter((room) => room.includes('/'));

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

/** `ops` for src/ops/…, `backends/wasm` for src/backends/wasm/…, `network` for src/network.ts. */
function roomOf(file: string): string {
  const path = relative(source, file).split(sep);
  const inner = path.slice(0, 2).join('/');
  return INNER_ROOMS.includes(inner) ? inner : path[0].replace(/\.ts$/, '');
}

/** A file's text but for its comments. */
function withoutComments(file: string): string {
  return readFileSync(file, 'utf8').replace(/\/\*[\s\S]*?\*\/|\/\/.*/g, '');
}

/** What each file imports of the others, types included. */
function importsAmong(files: readonly string[]): Needs {
  const local = (file: string) => importsOf(file).filter((name) => name.startsWith('.'));
  const path = (file: string, name: string) => join(dirname(file), name).replace(/(\.ts)?$/, '.ts');
  return new Map(files.map((file) => [relative(root, file), local(file).map((name) => relative(root, path(file, name)))]));
}

describe('circles', () => {
  it.each<[string, Record<string, string[]>, string[][]]>([
    ['none in a chain', { a: ['b', 'c'], b: ['c'], c: [] }, []],
    ['of two', { a: ['b'], b: ['a'], c: ['a'] }, [['a', 'b']]],
    ['by way of a third, beside others', { a: ['b', 'd'], b: ['c'], c: ['a', 'd'], d: [] }, [['a', 'b', 'c']]],
    ['of one with itself', { a: ['a'] }, [['a']]],
    [
      'two apart',
      { a: ['b'], b: ['a', 'c'], c: ['d'], d: ['c'] },
      [
        ['c', 'd'],
        ['a', 'b'],
      ],
    ],
  ])('are found: %s', (_, needs, expected) => {
    expect(circles(new Map(Object.entries(needs)))).toEqual(expected);
  });

  it.each([
    ['src', source, 200],
    ['assembly', assembly, 60],
  ])('are none among the files of %s', (_, folder, least) => {
    const imports = importsAmong(filesUnder(folder));
    expect([...imports.values()].flatMap((names) => [...names]).filter((name) => imports.has(name)).length).toBeGreaterThan(least);
    expect(circles(imports)).toEqual([]);
  });

  it('are none among the rooms; one within another is part of it', () => {
    const outer = (room: string) => (INNER_ROOMS.includes(room) ? room.split('/')[0] : room);
    const rooms = new Map<string, string[]>();
    for (const [room, allowed] of Object.entries(ALLOWED)) {
      const own = outer(room);
      rooms.set(own, [...(rooms.get(own) ?? []), ...allowed.map(outer).filter((other) => other !== own)]);
    }
    expect(circles(rooms)).toEqual([]);
  });
});

describe('who imports whom', () => {
  const files = filesUnder(source);
  const targets = (file: string) => [
    ...new Set(importsOf(file).flatMap((name) => (name.startsWith('.') ? roomOf(join(dirname(file), name)) : []))),
  ];

  it.each(files.map((file) => [relative(root, file), file] as const))('%s', (_, file) => {
    const own = roomOf(file);
    expect(ALLOWED, `a rule for ${own}`).toHaveProperty([own]);
    for (const target of targets(file)) if (target !== own) expect(ALLOWED[own], `${own} → ${target}`).toContain(target);
  });

  it('whether a network has names is known to its facade and to its file alone', () => {
    const knowing = files.filter((file) => /\bisNamed\b/.test(withoutComments(file))).map((file) => relative(source, file));
    expect(knowing.sort()).toEqual([
      ...['common-options.ts', 'door.ts', 'inference/predictor-file.ts', 'model/model-file.ts', 'network-copies.ts', 'network-core.ts'],
      ...[
        'network-options.ts',
        'network.ts',
        'predictor/file.ts',
        'predictor/predictor.ts',
        'predictor/write.ts',
        'train/bytes.ts',
        'train/options.ts',
      ],
    ]);
  });

  it('offsets into an arena are known to programs, their compiler and backends alone', () => {
    const below = ['predictor', 'program', 'compiler', 'backends', 'backends/wasm', 'backends/worker', 'ops', 'codegen'];
    const knowing = files.filter((file) => !below.includes(roomOf(file)) && /(\.|\{[^{}]*\b)offset\b/.test(withoutComments(file)));
    expect(knowing.map((file) => relative(source, file))).toEqual([]);
  });

  it.each(PORTABLE)('keeps Node out of %s', (entry) => {
    const seen = new Set<string>();
    const visit = (file: string) => {
      if (seen.has(file) || roomOf(file) === EMBEDDED_KERNELS) return;
      seen.add(file);
      for (const name of importsOf(file)) {
        if (name.startsWith('.')) visit(join(dirname(file), name));
        else expect.fail(`${relative(root, file)} imports ${name}`);
      }
    };
    visit(join(source, `${entry}.ts`));
    // Readers are few.
    expect(seen.size).toBeGreaterThan(entry === 'entries/data' ? 5 : 40);
  });
});

describe('generated files', () => {
  it.each([...generatedFiles()])('%s is what the op table says', (path, text) => {
    expect(existsSync(join(root, path))).toBe(true);
    expect(readFileSync(join(root, path), 'utf8')).toBe(text);
  });
});

describe('kernels', () => {
  const filesOf = (folder: string) => readdirSync(join(root, folder)).map((name) => name.replace(/\.(h|ts)$/, ''));
  const native = filesOf('native/kernels');
  const portable = filesOf('assembly/kernels');
  const files = readFileSync(join(root, 'docs/wasm.md'), 'utf8').split('## Files')[1]!;
  const rows = files.split('\n').filter((line) => line.startsWith('| `'));
  const named = (column: number) => rows.flatMap((row) => [...row.split('|')[column]!.matchAll(/`(\w+)`/g)].map((match) => match[1]!));

  it('have files of the same names in C++ and AssemblyScript, or docs/wasm.md says why not', () => {
    expect(native.filter((name) => !portable.includes(name) && !named(1).includes(name))).toEqual([]);
    expect(portable.filter((name) => !native.includes(name) && !named(2).includes(name))).toEqual([]);
  });

  it('exist where docs/wasm.md names them', () => {
    expect(named(1).filter((name) => !native.includes(name))).toEqual([]);
    expect(named(2).filter((name) => !portable.includes(name))).toEqual([]);
  });
});
