/** `chainrule/predict` of the packed package in runtimes, and how much a page carries by each entry. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';
import { describe, expect, inject, test } from 'vitest';
import { binary, run, testIn } from './support/runtimes.ts';

const app = inject('app');

function expectSamePredictions(output: string): void {
  const { network, bytes, file, isOneClass } = JSON.parse(output) as Record<string, number[]>;
  expect(network).toHaveLength(6);
  for (const predictions of [bytes, file]) for (const [i, value] of predictions.entries()) expect(value).toBeCloseTo(network[i], 6);
  expect(isOneClass).toBe(true);
}

describe('chainrule/predict', () => {
  const program = ['predict.js', join(app, 'predictor')];

  test('predicts as its network in this Node', () => {
    expectSamePredictions(run(app, process.execPath, program));
  });

  testIn(['Deno'], 'predicts as its network in Deno', () => {
    expectSamePredictions(run(app, binary('Deno'), ['run', '--no-prompt', '--allow-read', '--allow-write', ...program]));
  });

  testIn(['Bun'], 'predicts as its network in Bun', () => {
    expectSamePredictions(run(app, binary('Bun'), program));
  });
});

test('chainrule/train leaves the network that chainrule does, in this Node', () => {
  const trained = (entry: string, loss: string) =>
    run(app, process.execPath, [
      '--input-type=module',
      '--eval',
      `import { adam, dense, nadam, Network, ${entry === 'chainrule' ? '' : 'softmaxCrossEntropy, toBytes'} } from '${entry}';
const network = await Network.create({ input: [2], layers: [dense(4, { activation: 'tanh' }), dense(3)], loss: ${loss}, seed: 1 });
const data = { x: [[1, 2], [-1, 0.5], [0, 1]], y: [0, 2, 1], weight: [1, 2, 0.5] };
await network.fit(data, { epochs: 20, batchSize: 2, optimizer: adam() });
await network.fit(data, { epochs: 3, optimizer: nadam() });
console.log(Buffer.from(${entry === 'chainrule' ? 'network.toBytes()' : 'toBytes(network)'}).toString('base64'));`,
    ]);
  const small = trained('chainrule/train', 'softmaxCrossEntropy()');
  expect(small.length).toBeGreaterThan(100);
  expect(small).toBe(trained('chainrule', "'softmaxCrossEntropy'"));
});

/** Thousands of bytes of a page's script, minified and gzipped, without the kernels that it embeds: those have a limit by themselves. */
async function scriptOf(name: string, program: string): Promise<number> {
  const file = join(app, `${name}.js`);
  writeFileSync(file, program);
  const { outputFiles } = await build({
    entryPoints: [file],
    bundle: true,
    minify: true,
    format: 'esm',
    write: false,
    plugins: [
      {
        name: 'no embedded kernels',
        setup: ({ onLoad }) =>
          onLoad({ filter: /wasm[\\/]inline\.js$/ }, () => ({ contents: 'export const kernels = async () => undefined;' })),
      },
    ],
  });
  return gzipSync(outputFiles[0].contents, { level: 9 }).length / 1000;
}

const LOAD = `const predictor = await loadPredictor('model.predictor'); document.title = String(predictor.predict([[1, 2]]).data);`;
const TRAIN = `const network = await Network.create({ input: [2], layers: [dense(3), dense(1)], loss: 'halfSquaredError' });
await network.fit({ x: [[1, 2]], y: [[1]] }, { optimizer: adam() });`;
const SMALL = `const network = await Network.create({ input: [2], layers: [dense(3), dense(1)], loss: halfSquaredError() });
await network.fit({ x: [[1, 2]], y: [[1]] }, { optimizer: adam() });
document.title = String(network.predict([[1, 2]]).data);`;
const IMAGES = `const layers = [conv2d(8, 3, { activation: 'relu' }), flatten(), dense(10)];
const network = await Network.create({ input: [1, 28, 28], layers, loss: softmaxCrossEntropy() });
await network.fit({ x: images, y: labels }, { optimizer: adam() });`;
const KEPT = `localStorage.network = btoa(String.fromCharCode(...toBytes(network)));
export const kept = fromBytes(bytes, { layers: [CONV_2D, FLATTEN, DENSE], losses: [SOFTMAX_CROSS_ENTROPY] });`;

describe('a page carries in kilobytes, gzipped', () => {
  test('at most 10 where it only predicts', async () => {
    const kilobytes = await scriptOf('size-predict', `import { loadPredictor } from 'chainrule/predict';\n${LOAD}`);
    expect(kilobytes).toBeLessThan(10);
  });

  test('at most 84 where it trains dense layers by chainrule/train', async () => {
    const kilobytes = await scriptOf('size-small', `import { adam, dense, halfSquaredError, Network } from 'chainrule/train';\n${SMALL}`);
    expect(kilobytes).toBeLessThan(84);
  });

  test('at most 88.1 where it trains convolutions by chainrule/train, and at most 99.2 where it keeps them', async () => {
    const imports =
      'adam, CONV_2D, conv2d, DENSE, dense, FLATTEN, flatten, fromBytes, Network, SOFTMAX_CROSS_ENTROPY, softmaxCrossEntropy, toBytes';
    const program = (rest: string) => `import { ${imports} } from 'chainrule/train';\n${IMAGES}\n${rest}`;
    expect(await scriptOf('size-images', program(''))).toBeLessThan(88.1);
    expect(await scriptOf('size-kept', program(KEPT))).toBeLessThan(99.2);
  });

  test('at most 141 where it trains by chainrule', async () => {
    const kilobytes = await scriptOf('size-train', `import { adam, dense, Network } from 'chainrule';\n${TRAIN}`);
    expect(kilobytes).toBeLessThan(141);
  });

  test('the kernels of 48 besides, where they are fetched', () => {
    for (const variant of ['simd', 'relaxed'])
      expect(gzipSync(readFileSync(fileURLToPath(new URL(`../../wasm/chainrule.${variant}.wasm`, import.meta.url)))).length).toBeLessThan(
        48_000,
      );
  });
});
