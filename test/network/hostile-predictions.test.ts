/** What SECURITY.md says that a stranger's file can do, shown; and that the page names tests that are there. */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { Network, readIdx } from 'chainrule';
import { expect, it } from 'vitest';
import { encodeModel } from '../../src/formats/model.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const load = (config: object, tensors = new Map()) =>
  Network.fromBytes<Record<string, number[]>, Record<string, number[]>>(encodeModel({ config: { ...config }, tensors }), {
    backend: 'reference',
  });

it('the weights of a model file predict whatever their maker wants', async () => {
  const tensors = new Map([
    ['0.weight', { shape: [1, 1], data: Float32Array.of(0) }],
    ['0.bias', { shape: [1], data: Float32Array.of(-3e38) }],
  ]);
  const config = { input: [1], layers: [{ type: 'dense', units: 1 }], loss: 'meanSquaredError', seed: 0 };
  using network = await Network.fromBytes(encodeModel({ config, tensors }), { backend: 'reference' });
  expect(network.predict([[1]]).data[0]).toBeLessThan(-1e38);
});

it('within the limits of memory, a file of a kilobyte asks for more than 10¹¹ multiply-adds a row', async () => {
  const size = 5000;
  const nodes = [
    { op: 'fill', inputs: [], attributes: { shape: [size, size], value: 1 } },
    { op: 'matmul', inputs: [1, 1], attributes: {} },
    { op: 'sum', inputs: [2], attributes: { axis: 0, axes: 2 } },
    { op: 'add', inputs: [0, 3], attributes: {} },
  ];
  const config = { inputs: { x: [1] }, layers: [], nodes, outputs: { y: 4 }, losses: { y: 'meanSquaredError' }, seed: 0 };
  const bytes = encodeModel({ config, tensors: new Map() });
  expect(bytes.length).toBeLessThan(1024);
  expect(size ** 3).toBeGreaterThan(1e11);
  (await load(config)).dispose(); // It is read; predicting would take long.
});

it('readIdx without a limit reads all that the header says', () => {
  const folder = mkdtempSync(join(tmpdir(), 'chainrule-idx-'));
  const images = new Uint8Array(16 + 4_000_000);
  new DataView(images.buffer).setUint32(0, 0x0803);
  [4000, 10, 100].forEach((length, axis) => {
    new DataView(images.buffer).setUint32(4 + 4 * axis, length);
  });
  const labels = new Uint8Array(8 + 4000);
  new DataView(labels.buffer).setUint32(0, 0x0801);
  new DataView(labels.buffer).setUint32(4, 4000);
  try {
    for (const part of ['train', 't10k']) {
      writeFileSync(join(folder, `${part}-images-idx3-ubyte.gz`), gzipSync(images));
      writeFileSync(join(folder, `${part}-labels-idx1-ubyte.gz`), gzipSync(labels));
    }
    expect(readIdx(folder).train.x.data.length).toBe(4_000_000);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

it('every sentence of SECURITY.md on what files do names a test that is there', () => {
  const page = readFileSync(join(root, 'SECURITY.md'), 'utf8');
  const sentences = page
    .split('\n- ')
    .slice(1)
    .map((text) => text.split('\n\n')[0]);
  expect(sentences.length).toBeGreaterThan(12);
  for (const sentence of sentences) {
    const tests = [...sentence.matchAll(/`(test\/[\w./-]+)`/g)].map(([, path]) => path);
    expect(tests.length, sentence).toBeGreaterThan(0);
    for (const path of tests) expect(existsSync(join(root, path)), path).toBe(true);
  }
});
