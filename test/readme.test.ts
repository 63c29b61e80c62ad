/** Every program in the README runs as it stands. */
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';

const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8');
const programs = [...readme.matchAll(/```ts\n([\s\S]*?)```/g)].map((match) => match[1]);
const folder = fileURLToPath(new URL('./.snippets/', import.meta.url));

describe('README', () => {
  const start = process.cwd();
  beforeAll(() => {
    mkdirSync(folder, { recursive: true });
    process.chdir(folder);
  });
  afterAll(() => {
    process.chdir(start);
    rmSync(folder, { recursive: true, force: true });
  });

  it('has programs', () => {
    expect(programs.length).toBeGreaterThanOrEqual(2);
  });

  it.each(programs.map((program, i) => [i + 1, program] as const))('program %i runs and prints', async (i, program) => {
    const file = `${folder}program-${i}.ts`;
    writeFileSync(file, program);
    const log = vi.spyOn(console, 'log').mockImplementation(() => undefined);
    await import(/* @vite-ignore */ pathToFileURL(file).href);
    expect(log).toHaveBeenCalled();
    for (const [...values] of log.mock.calls) expect(values).not.toContain(Number.NaN);
    log.mockRestore();
  });
});
