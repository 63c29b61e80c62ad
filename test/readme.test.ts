/** Every program in README.md and the guides runs as it stands, one after the other in one folder. */
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { digits, encodeSafetensors, type LabelledData, tensor } from '../src/index.ts';

const root = new URL('../', import.meta.url);
const guides = ['coming-from', 'recipes', 'preparation', 'datasets', 'readers'].map((name) => `docs/${name}.md`);
const pages = ['README.md', ...guides, 'ARCHITECTURE.md'];
const folder = fileURLToPath(new URL('./.snippets/', import.meta.url));

/** The digits in the format of MNIST, in the middle of images of 28 × 28. */
function writeMnist(path: string): void {
  mkdirSync(path);
  const { train, test } = digits();
  for (const [name, { x, y }] of [['train', train] as const, ['t10k', test] as const]) {
    writeFileSync(`${path}/${name}-images-idx3-ubyte`, Buffer.concat([idxHeader([y.length, 28, 28]), images(x)]));
    writeFileSync(`${path}/${name}-labels-idx1-ubyte`, Buffer.concat([idxHeader([y.length]), Uint8Array.from(y)]));
  }
}

function idxHeader(shape: readonly number[]): Buffer {
  const header = Buffer.alloc(4 + 4 * shape.length);
  header.set([0, 0, 8, shape.length]);
  shape.forEach((size, axis) => {
    header.writeUInt32BE(size, 4 + 4 * axis);
  });
  return header;
}

function images({ shape: [rows], data }: LabelledData['x']): Uint8Array {
  const pixels = new Uint8Array(rows * 28 * 28);
  for (let i = 0; i < data.length; i++) {
    const [row, y, x] = [Math.floor(i / 64), Math.floor((i % 64) / 8), i % 8];
    pixels[(row * 28 + 10 + y) * 28 + 10 + x] = Math.round(255 * data[i]);
  }
  return pixels;
}

/** Two layers, 4-3-2, as PyTorch names them. */
function writeWeights(path: string): void {
  const shapes = { 'fc1.weight': [3, 4], 'fc1.bias': [3], 'fc2.weight': [2, 3], 'fc2.bias': [2] };
  const tensors = Object.entries(shapes).map(([name, shape]) => {
    const size = shape.reduce((product, one) => product * one, 1);
    return [
      name,
      tensor(
        Float32Array.from({ length: size }, (_, i) => (i + 1) / size),
        shape,
      ),
    ] as const;
  });
  writeFileSync(path, encodeSafetensors(new Map(tensors)));
}

describe.each(pages)('programs of %s', (page) => {
  const text = readFileSync(new URL(page, root), 'utf8');
  const programs = [...text.matchAll(/```ts\n([\s\S]*?)```/g)].map((match) => match[1]);

  const start = process.cwd();
  beforeAll(() => {
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(folder);
    process.chdir(folder);
    writeMnist('mnist');
    writeWeights('weights.safetensors');
  });
  afterAll(() => {
    process.chdir(start);
    rmSync(folder, { recursive: true, force: true });
  });

  it('has programs', () => {
    expect(programs.length).toBeGreaterThan(0);
  });

  it.each(programs.map((program, i) => [i + 1, program] as const))('program %i runs and prints', async (i, program) => {
    const file = `${folder}${page.replaceAll(/\W/g, '-')}-${i}.ts`;
    writeFileSync(file, program);
    const log = vi.spyOn(console, 'log').mockImplementation(() => undefined);
    await import(/* @vite-ignore */ pathToFileURL(file).href);
    expect(log).toHaveBeenCalled();
    for (const [...values] of log.mock.calls) expect(values).not.toContain(Number.NaN);
    log.mockRestore();
  });
});
