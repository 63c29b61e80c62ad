/** `precision: 'bfloat16'`: products of factors rounded to bfloat16, forward and backward, against PyTorch's, and what does not change. */
import { readFileSync } from 'node:fs';
import { adam, dense, digits, embedding, lstm, Network, OptionError, type Tensor } from 'chainrule';
import { describe, expect, it } from 'vitest';
import { layerFromConfig } from '../../src/layers/config.ts';
import { toBfloat16 } from '../../src/ops/functions.ts';
import { expectClose } from '../support/compare.ts';
import { BACKEND_NAMES, createOn, FASTEST, onBackend, spreadTensor, weightsOf } from '../support/networks.ts';

interface Case {
  readonly name: string;
  readonly layers: readonly { readonly type: string }[];
  readonly parameters: Readonly<Record<string, Tensor>>;
  readonly x: Tensor;
  readonly target: Tensor;
  readonly prediction: Tensor;
  readonly loss: number;
  readonly gradients: Readonly<Record<string, Tensor>>;
}

const { cases } = JSON.parse(readFileSync(new URL('../golden/bfloat16.json', import.meta.url), 'utf8')) as { cases: Case[] };

/**
 * Sums that differ in their last bits may lie on both sides of where bfloat16 rounds the other way: then a factor of the next layer is
 * 2⁻⁸ larger or smaller. Unrounded products are farther away than this by far: the last test of these says how far.
 */
const ALLOWED = 1e-3;

async function networkOf(test: Case, backend: (typeof BACKEND_NAMES)[number], precision: 'float32' | 'bfloat16', reproducible = false) {
  const layers = test.layers.map((config) => layerFromConfig(config));
  const network = await createOn(backend, { input: test.x.shape.slice(1), layers, loss: 'halfSquaredError', precision, reproducible });
  network.setParameters(new Map(Object.entries(test.parameters)));
  return network;
}

describe.each(BACKEND_NAMES)('on %s', (backend) => {
  describe.each(cases.map((test) => [test.name, test] as const))('a %s network', (_, test) => {
    it.each([false, true])('predicts what PyTorch computes of rounded factors (reproducible: %s)', async (reproducible) => {
      using network = await networkOf(test, backend, 'bfloat16', reproducible);
      expectClose(network.predict(test.x).data, test.prediction.data, ALLOWED, 'prediction');
      // A single row takes other paths.
      const width = test.x.data.length / test.x.shape[0];
      const row = { shape: [1, ...test.x.shape.slice(1)], data: test.x.data.slice(0, width) };
      const outputs = test.prediction.shape[1];
      expectClose(network.predict(row).data, test.prediction.data.slice(0, outputs), 2 * ALLOWED, 'prediction of one row');
    });

    it('has the gradients of products of rounded factors', async () => {
      using network = await networkOf(test, backend, 'bfloat16');
      const { loss, gradients } = network.gradients({ x: test.x, y: test.target });
      expectClose([loss], [test.loss], ALLOWED, 'loss');
      for (const [name, expected] of Object.entries(test.gradients))
        expectClose((gradients.get(name) as Tensor).data, expected.data, 2 * ALLOWED, name);
    });

    it('is not what float32 computes', async () => {
      using network = await networkOf(test, backend, 'float32');
      const { data } = network.predict(test.x);
      const most = Math.max(...test.prediction.data.map(Math.abs));
      const distance = Math.max(...test.prediction.data.map((value, i) => Math.abs(value - data[i]))) / most;
      expect(distance).toBeGreaterThan(1.5 * ALLOWED);
    });
  });

  it('the first layer is exact where sums are short', async () => {
    using network = await createOn(backend, { input: [2], layers: [dense(3)], loss: 'halfSquaredError', precision: 'bfloat16' });
    const weight = [1.00390625, 1.01171875, 0.1, -3.3, 1e30, 1 / 3];
    network.setParameters(new Map([['0.weight', { shape: [3, 2], data: weight }]]));
    const x = [1 + 2 ** -8, -2.7];
    const expected = [0, 1, 2].map((i) => x.reduce((sum, value, j) => sum + toBfloat16(value) * toBfloat16(weight[2 * i + j]), 0));
    const { data } = network.predict({ shape: [1, 2], data: x });
    expected.forEach((value, i) => {
      expect(Math.abs(data[i] - value)).toBeLessThanOrEqual(2 ** -23 * Math.abs(value));
    });
  });
});

describe('rounding to bfloat16', () => {
  it.each([
    [1, 1],
    // Half-way between two: the even one.
    [1 + 2 ** -8, 1],
    [1 + 3 * 2 ** -8, 1 + 2 ** -6],
    [1 + 2 ** -8 + 2 ** -20, 1 + 2 ** -7],
    [-(1 + 3 * 2 ** -8), -(1 + 2 ** -6)],
    [3.4028234663852886e38, Infinity],
    [-Infinity, -Infinity],
    [Number.NaN, Number.NaN],
    [-0, -0],
    [2 ** -133, 2 ** -133],
    [2 ** -135, 0],
  ])('makes of %s %s', (x, expected) => expect(toBfloat16(x)).toBe(expected));
});

describe('training in bfloat16', () => {
  const train = async (precision: 'float32' | 'bfloat16') => {
    using network = await createOn(FASTEST, {
      input: [64],
      layers: [dense(48, { activation: 'relu' }), dense(32, { activation: 'tanh' }), dense(10)],
      loss: 'softmaxCrossEntropy',
      seed: 7,
      precision,
    });
    const { train: data, test } = await digits();
    const { losses } = await network.fit(data, { epochs: 8, batchSize: 32, optimizer: adam({ learningRate: 0.002 }) });
    const { loss, accuracy } = await network.evaluate(test);
    return { losses, loss, accuracy };
  };

  it('follows the losses of float32 on the digits, and ends beside them', async () => {
    const [float32, bfloat16] = [await train('float32'), await train('bfloat16')];
    bfloat16.losses.forEach((loss, epoch) => {
      expect(Math.abs(loss - float32.losses[epoch]), `epoch ${epoch}`).toBeLessThan(0.02 * float32.losses[0]);
    });
    expect(bfloat16.losses).not.toEqual(float32.losses);
    expect(Math.abs(bfloat16.loss - float32.loss)).toBeLessThan(0.03);
    expect(Math.abs((bfloat16.accuracy as number) - (float32.accuracy as number))).toBeLessThan(0.02);
  });
});

describe('the precision', () => {
  const options = { input: [5], layers: [dense(4, { activation: 'relu' }), dense(2)], loss: 'halfSquaredError', seed: 3 } as const;

  it('is an option of the run: a file has float32 weights, and is the same for both', async () => {
    using rounded = await createOn(FASTEST, { ...options, precision: 'bfloat16' });
    using plain = await createOn(FASTEST, options);
    expect(weightsOf(rounded)).toEqual(weightsOf(plain));
    expect(rounded.toBytes()).toEqual(plain.toBytes());
    using loaded = await onBackend(FASTEST, () => Network.fromBytes(rounded.toBytes(), { precision: 'bfloat16' }));
    using default32 = await onBackend(FASTEST, () => Network.fromBytes(rounded.toBytes()));
    const x = spreadTensor([6, 5]);
    expect(loaded.predict(x).data).toEqual(rounded.predict(x).data);
    expect(default32.predict(x).data).toEqual(plain.predict(x).data);
    expect(default32.predict(x).data).not.toEqual(rounded.predict(x).data);
  });

  it.each([['int4'], [16], [null]])('refuses %s', async (precision) => {
    const wrong = Network.create({ ...options, precision: precision as never });
    await expect(wrong).rejects.toThrow(OptionError);
    await expect(wrong).rejects.toThrow(/precision: expected/);
  });

  it('of weights that changed is that of the new ones', async () => {
    using network = await createOn(FASTEST, { ...options, precision: 'bfloat16' });
    using other = await createOn(FASTEST, { ...options, seed: 4, precision: 'bfloat16' });
    const x = spreadTensor([6, 5]);
    for (let i = 0; i < 3; i++) network.predict(x);
    network.setParameters(other.parameters());
    expect(network.predict(x).data).toEqual(other.predict(x).data);
  });

  it('leaves gradients to be checked in float64', async () => {
    using network = await createOn(FASTEST, { ...options, precision: 'bfloat16' });
    const { maxRelativeError } = await network.checkGradients({ x: spreadTensor([4, 5]), y: spreadTensor([4, 2]) });
    expect(maxRelativeError).toBeLessThan(1e-6);
  });

  it('serves networks of any layers', async () => {
    using network = await createOn(FASTEST, {
      input: [6],
      layers: [embedding(11, 8), lstm(7), dense(3)],
      loss: 'halfSquaredError',
      precision: 'bfloat16',
    });
    const x = { shape: [4, 6], data: Array.from({ length: 24 }, (_, i) => (7 * i) % 11) };
    const { loss } = network.gradients({ x, y: spreadTensor([4, 3]) });
    expect(loss).toBeGreaterThan(0);
  });
});
