/** What is given where data or a model is expected is named as what it is. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { deflateRawSync, gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadData } from '../../src/cli/data.ts';
import { whatIs } from '../../src/cli/found.ts';
import { planJob } from '../../src/cli/job.ts';
import { loadModel } from '../../src/cli/model.ts';
import { predictLines } from '../../src/cli/predict.ts';
import { DataError, dense, type LossOption, Network, tensor } from '../../src/index.node.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'chainrule-found-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

const latin = (text: string) => Buffer.from(text, 'latin1');

/** Each with the files that are written and the path that is given, in a folder of its own. */
const CASES: readonly (readonly [words: string, given: string, files: Readonly<Record<string, string | Uint8Array>>])[] = [
  ['not there', 'nowhere', {}],
  ['not there', 'a.txt/b', { 'a.txt': 'text' }],
  ['an empty file', 'empty.csv', { 'empty.csv': '' }],
  ['a CSV file', 'data.csv', { 'data.csv': 'alone\n1\n2\n' }],
  ['a CSV file', 'data.TSV', { 'data.TSV': 'a\tb\n' }],
  ['a CSV file', 'iris.data', { 'iris.data': '5.1,3.5,setosa\n4.9,3.0,setosa\n4.7,3.2,set' }],
  ['a CSV file', 'long', { long: '0.5;0.25;é\n'.repeat(2000) }],
  ['a text file', 'notes.txt', { 'notes.txt': 'One, two.\nThree.\n' }],
  ['a text file', 'one-line', { 'one-line': 'a,b' }],
  ['a JSON file', 'rows.json', { 'rows.json': ' [[1, 2]]' }],
  ['a picture', 'seven.png', { 'seven.png': latin('\x89PNG\r\n\x1a\n') }],
  ['a picture', 'renamed.dat', { 'renamed.dat': latin('\xff\xd8\xff\xe0') }],
  ['a picture', 'seven.bmp', { 'seven.bmp': latin('BM\0\0\0\0\0\0') }],
  ['an IDX file, of which an MNIST folder has four', 'images', { images: Uint8Array.from([0, 0, 8, 3, 0, 0, 0, 1]) }],
  ['a gzip file', 'images.gz', { 'images.gz': gzipSync('text') }],
  ['a ZIP archive', 'weights.npz', { 'weights.npz': latin('PK\x03\x04') }],
  ['a NumPy file', 'x.npy', { 'x.npy': latin('\x93NUMPY\x01\0') }],
  ['an HDF5 file', 'keras.h5', { 'keras.h5': latin('\x89HDF\r\n') }],
  ['a Parquet file', 'train.parquet', { 'train.parquet': latin('PAR1\x15') }],
  ['a file of another format', 'noise', { noise: deflateRawSync('x'.repeat(99)) }],
  ['an empty folder', '.', {}],
  ['a folder of pictures', 'digits7', { 'digits7/1.jpg': 'x', 'digits7/labels.csv': '1,7' }],
  ['a folder of folders of pictures', 'classes', { 'classes/cat/1.webp': 'x', 'classes/dog/1.webp': 'x' }],
  ['a folder without any of the MNIST files', 'raw', { 'raw/train.csv': '1,2' }],
];

function write(place: string, files: (typeof CASES)[number][2]): void {
  mkdirSync(place);
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(dirname(join(place, name)), { recursive: true });
    writeFileSync(join(place, name), content);
  }
}

describe.each(CASES.map(([words, given, files], i) => [words, given, files, i] as const))('%s: %s', (words, given, files, i) => {
  let path: string;
  beforeAll(() => {
    write(join(folder, String(i)), files);
    path = join(folder, String(i), given);
  });

  it('as data', () => {
    expect(() => loadData(path)).toThrow(DataError);
    expect(() => loadData(path)).toThrow(`${path} is ${words}: expected digits or a folder of the four MNIST files`);
  });

  it('as a model', async () => {
    await expect(loadModel(path, {})).rejects.toThrow(`${path} is ${words}: expected a model file`);
  });
});

describe('what stands at a path', () => {
  it('is taken where it is a model file, and named where one is given for data', async () => {
    const path = join(folder, 'model');
    const network = await Network.create({ input: [2], layers: [dense(1)], loss: 'meanSquaredError', backend: 'reference' });
    await network.save(path);
    expect((await loadModel(path, { backend: 'reference' })).output).toEqual([1]);
    expect(() => planJob(path, {})).toThrow(/is a model file: expected digits, a folder .* or a \.json description of a network$/);
  });

  it('is an MNIST folder that lacks a file: the missing file is named', () => {
    const place = join(folder, 'partial');
    write(place, { 'train-images.idx3-ubyte.gz': 'x' });
    expect(whatIs(place).kind).toBe('MNIST folder');
    expect(() => loadData(place)).toThrow(`expected ${join(place, 'train-labels-idx1-ubyte')} (or `);
  });

  it('is not opened where it is no regular file', () => {
    expect(whatIs('/dev/null')).toEqual({ kind: 'stream', words: 'no regular file' });
  });
});

describe('predictLines', () => {
  const samples = { x: tensor([1, 2, -1, 0.5], [2, 2]), y: Int32Array.from([2, 0]) };
  const data = { train: samples, test: samples };

  /** z = (x₀, x₁, 0), cut to as many outputs. */
  async function lines(units: number, loss: LossOption): Promise<string[]> {
    const network = await Network.create({ input: [2], layers: [dense(units)], loss, backend: 'reference' });
    const weight = [
      [1, 0],
      [0, 1],
      [0, 0],
    ].slice(0, units);
    network.setParameters(new Map([['0.weight', weight]]));
    return predictLines(network, data);
  }

  it.each([
    // e²/(e + e² + 1) and e^0.5/(e^−1 + e^0.5 + 1)
    ['the class and its probability', 3, 'softmaxCrossEntropy', ['1 0.6652', '1 0.5465']],
    // 1/(1 + e^−2) and 1/(1 + e^−0.5)
    ['labels, each with a probability: the likeliest', 3, 'sigmoidCrossEntropy', ['1 0.8808', '1 0.6225']],
    ['the class and its output where there are no probabilities', 3, 'meanSquaredError', ['1 2.0000', '1 0.5000']],
    ['all outputs where they are not as many as the classes', 2, 'meanSquaredError', ['1 2', '-1 0.5']],
    ['one output', 1, 'sigmoidCrossEntropy', ['0.731059', '0.268941']],
  ] as const)('%s', async (_, units, loss, expected) => {
    expect(await lines(units, loss)).toEqual(expected);
  });
});
