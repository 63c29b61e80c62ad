/** The pages of the repository: links lead somewhere, every room has its line, and what a page prints is what the code prints. */
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { LOSS_NAMES } from '../src/losses/index.ts';
import { METRIC_NAMES } from '../src/metrics/index.ts';
import { OPTIMIZER_TYPES } from '../src/optimizers/index.ts';
import { workedExample } from './support/worked-example.ts';

const root = new URL('../', import.meta.url);
const read = (page: string) => readFileSync(new URL(page, root), 'utf8');
const docs = readdirSync(new URL('docs/', root)).filter((name) => name.endsWith('.md'));
const PAGES = [
  ...['README.md', 'ARCHITECTURE.md', 'SECURITY.md', 'bench/README.md', 'test/README.md', 'test/golden/README.md'],
  ...docs.map((name) => `docs/${name}`),
];

/** The anchor that GitHub gives a heading. */
const anchorOf = (heading: string) =>
  heading
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N} _-]/gu, '')
    .replaceAll(' ', '-');
const anchorsOf = (text: string) => [...text.matchAll(/^#+ (.+)$/gm)].map((match) => anchorOf(match[1]));

describe.each(PAGES)('%s', (page) => {
  const text = read(page);
  const links = [...text.matchAll(/\]\(([^)\s]+)\)/g)].map((match) => match[1]).filter((link) => !link.includes(':'));

  it.each([...new Set(links)])('links to %s, which is there', (link) => {
    const [path, anchor] = link.split('#');
    const target = path === '' ? new URL(page, root) : new URL(path, new URL(page, root));
    expect(existsSync(target), path).toBe(true);
    if (anchor !== undefined) expect(anchorsOf(readFileSync(target, 'utf8'))).toContain(anchor);
  });

  it('names no file of the repository that is not there', () => {
    const paths = [
      ...text.matchAll(/`((?:src|test|native|assembly|scripts|docs|bench|examples)\/[\w./-]*\w\.(?:ts|h|cpp|md|mjs|py|json|inc))`/g),
    ];
    expect(paths.map((match) => match[1]).filter((path) => !existsSync(new URL(path, root)))).toEqual([]);
  });
});

/** Tests of a folder, and of those within it. */
const under = (folder: string): string[] =>
  readdirSync(new URL(folder, root), { withFileTypes: true }).flatMap(({ name }) =>
    name.endsWith('.test.ts') ? [`${folder}${name}`] : /^[a-z-]+$/.test(name) ? under(`${folder}${name}/`) : [],
  );

it('test/README.md says of every test what it tests: by the name of its file, or of its folder', () => {
  const map = read('test/README.md');
  const whole = ['cli', 'data', 'datasets', 'examples', 'formats', 'layers', 'optimizers', 'package', 'long/package'].map(
    (name) => `test/${name}/`,
  );
  for (const folder of whole) expect(map).toContain(`\`${folder}\``);
  expect(under('test/').filter((file) => !map.includes(`\`${file}\``) && !whole.some((folder) => file.startsWith(folder)))).toEqual([]);
});

it('README.md names every loss, metric and optimiser', () => {
  const [, list] = read('README.md').match(/\n(Layers: [\s\S]*?)\n## /) ?? [];
  const words = new Set(list?.match(/\w+/g));
  expect([...LOSS_NAMES, ...METRIC_NAMES, ...OPTIMIZER_TYPES].filter((name) => !words.has(name))).toEqual([]);
});

describe('ARCHITECTURE.md', () => {
  const page = 'ARCHITECTURE.md';

  it('links to every page of docs/ that is not a guide for users', () => {
    const guides = ['coming-from.md', 'recipes.md'];
    for (const name of docs) if (!guides.includes(name)) expect(read(page)).toContain(`(docs/${name})`);
  });

  it('says of every room of src what it is for', () => {
    const rooms = readdirSync(new URL('src/', root), { withFileTypes: true }).map((entry) => entry.name + (entry.isDirectory() ? '/' : ''));
    const tables = read(page).slice(read(page).indexOf('## The rooms'), read(page).indexOf('## One network, followed'));
    expect(rooms.filter((room) => !tables.includes(`\`${room}\``))).toEqual([]);
  });

  it('prints the worked example as the code does', async () => {
    const forms = await workedExample();
    const written = [...forms].reduce(
      (text, [name, form]) =>
        text.replace(new RegExp(`(\`\`\`\\w+ ${name}\\n)[^]*?(\`\`\`)`), (_, start, end) => `${start}${form}\n${end}`),
      read(page),
    );
    for (const name of forms.keys()) expect(written, `a block of ${name}`).toMatch(new RegExp(`\`\`\`\\w+ ${name}\\n`));
    // Set by whoever changed what the code prints: the page is written anew.
    if (process.env.UPDATE_PAGES) writeFileSync(new URL(page, root), written);
    expect(read(page)).toBe(written);
  });

  it('speaks of values, words and bytes that the worked example prints', () => {
    const section = read(page).slice(read(page).indexOf('## One network, followed'), read(page).indexOf('## A fit over time'));
    const blocks = [...section.matchAll(/```text[\s\S]*?```/g)].join('\n');
    const prose = section.replaceAll(/```[\s\S]*?```/g, '');
    const named = [...prose.matchAll(/`(%[\d.]+)`|(?:word|bytes|over) (\d+)/g)].map((match) => match[1] ?? match[2]);
    expect(named.length).toBeGreaterThan(5);
    for (const name of named) expect(blocks).toMatch(new RegExp(`(?<![\\d.])${name}(?![\\d.]\\d|\\d)`));
  });

  it('names in its recipes functions, types and tables that there are', () => {
    const recipes = read(page)
      .slice(read(page).indexOf('## Add an op'), read(page).indexOf('## Further pages'))
      .replaceAll(/```[\s\S]*?```/g, '');
    const sources = ['src', 'native', 'assembly', 'test'].flatMap((folder) =>
      readdirSync(new URL(folder, root), { recursive: true, encoding: 'utf8' }).map((path) => `${folder}/${path}`),
    );
    const words = new Set(sources.filter((path) => /\.(ts|h|cpp|py)$/.test(path)).flatMap((path) => read(path).match(/\w+/g) ?? []));
    // Words of code, and none that the page makes up: `NAMEDerivative`.
    const named = [...recipes.matchAll(/`([A-Za-z_]\w*)(?:\([^`]*\))?`/g)]
      .map((match) => match[1])
      .filter((name) => !name.startsWith('NAME'));
    expect(named.length).toBeGreaterThan(30);
    expect([...new Set(named)].filter((name) => !words.has(name))).toEqual([]);
  });
});
