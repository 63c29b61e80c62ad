/** What tests of readers have in common: files in a folder that goes with the test, and all rows of a dataset. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll } from 'vitest';
import { type Chunk, isNumeric, rowsOf } from '../../src/datasets/chunk.ts';
import { FIRST, type HasSource, SOURCE } from '../../src/datasets/source.ts';

/** A folder for the tests of a file. Gives a function that writes a file there and gives its path. */
export function testFolder(): (name: string, content: string | Uint8Array) => string {
  let folder = '';
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'chainrule-readers-'));
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  return (name, content) => {
    const path = join(folder, name);
    writeFileSync(path, content);
    return path;
  };
}

/** All chunks of a pass. */
export async function chunks(dataset: HasSource, skip = 0): Promise<Chunk[]> {
  const all: Chunk[] = [];
  for await (const chunk of dataset[SOURCE].read({ ...FIRST, skip })) all.push(chunk);
  return all;
}

/** The numbers of a chunk's first column. */
export const numbers = ({ columns: [column] }: Chunk): number[] => (isNumeric(column) ? Array.from(column.data) : []);

/** All rows of a pass, typed arrays as lists. */
export async function rows(dataset: HasSource, skip = 0): Promise<unknown[]> {
  return (await chunks(dataset, skip)).flatMap(rowsOf).map(plain);
}

function plain(value: unknown): unknown {
  if (ArrayBuffer.isView(value)) return Array.from(value as never as ArrayLike<number>);
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, plain(one)]));
}

/** Files that this process holds open. */
export { openFiles } from './open-files.ts';
