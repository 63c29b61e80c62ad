/** The steps of ARCHITECTURE.md for a new op, followed in a copy of the repository: two edits, and nothing else knows of it. */
import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('../../', import.meta.url));
const copy = mkdtempSync(join(tmpdir(), 'chainrule-recipe-'));

/** The page's edits by the file that each goes into, without the indentation of the list that they stand in. */
const EDITS = new Map(
  [...readFileSync(join(root, 'ARCHITECTURE.md'), 'utf8').matchAll(/^( +)```\w+ op (\S+)\n([\s\S]*?)^\1```/gm)].map(
    ([, indentation, path, lines]) => [path, lines.replaceAll(new RegExp(`^${indentation}`, 'gm'), '')] as const,
  ),
);

/** What an edit is put in front of. */
const PLACES: Readonly<Record<string, RegExp>> = {
  'src/ops/functions.ts': /(?<=export const MATHEMATICS[^\n]*\n)/,
  'src/codegen/functions/element.ts': /(?=`;)/,
};

function edit(path: string): void {
  const file = join(copy, path);
  writeFileSync(
    file,
    readFileSync(file, 'utf8').replace(PLACES[path], () => EDITS.get(path) as string),
  );
}

/** Kernels are tested here, not measured: optimised less, they compile sooner. */
const env = { ...process.env, CXXFLAGS: '-O1' };
const npm = (script: string) => spawnSync('npm', ['run', '--silent', script], { cwd: copy, env, encoding: 'utf8' });

function succeed(script: string): void {
  const { status, stdout, stderr } = npm(script);
  expect(status, `${script}: ${stdout}${stderr}`).toBe(0);
}

/** How the tests of the copy end whose titles have the op's name, by title. */
function results(): Map<string, string> {
  const files = ['conformance', 'gradients'].map((name) => `test/ops/${name}.test.ts`);
  const vitest = join(root, 'node_modules', 'vitest', 'vitest.mjs');
  const report = join(copy, 'report.json');
  const chosen = ['--project', '!package', '--maxWorkers=1', '-t', 'softsign'];
  spawnSync(process.execPath, [vitest, 'run', ...files, ...chosen, '--reporter=json', `--outputFile=${report}`], { cwd: copy });
  const { testResults } = JSON.parse(readFileSync(report, 'utf8')) as {
    testResults: { assertionResults: { fullName: string; status: string }[] }[];
  };
  const all = testResults.flatMap(({ assertionResults }) => assertionResults);
  return new Map(all.filter(({ fullName }) => fullName.includes('softsign')).map(({ fullName, status }) => [fullName, status]));
}

beforeAll(() => {
  const files = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard', '-z'], { cwd: root, encoding: 'utf8' });
  for (const path of files.split('\0').filter((name) => name !== '')) {
    mkdirSync(dirname(join(copy, path)), { recursive: true });
    cpSync(join(root, path), join(copy, path));
  }
  // What `npm install` has built.
  cpSync(join(root, 'wasm'), join(copy, 'wasm'), { recursive: true });
  symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'));
});

afterAll(() => {
  rmSync(copy, { recursive: true, force: true });
});

describe('a new op', () => {
  it('is two edits on the page', () => {
    expect([...EDITS.keys()]).toEqual(Object.keys(PLACES));
  });

  it('is not generated as long as its function of vectors is missing', () => {
    edit('src/ops/functions.ts');
    const { status, stdout, stderr } = npm('generate');
    expect(status).not.toBe(0);
    expect(stdout + stderr).toContain('softsign');
  });

  it('compiles on every backend with both edits', () => {
    edit('src/codegen/functions/element.ts');
    succeed('generate');
    succeed('build');
  }, 1_200_000);

  it('passes the tests of ops, which find it by themselves', () => {
    const ended = results();
    expect([...new Set(ended.values())]).toEqual(['passed']);
    const groups = [/^softsign gives what its definition says/, /^gradient rules agree with central differences: softsign/];
    for (const group of groups) expect([...ended.keys()].some((title) => group.test(title))).toBe(true);
  });
});
