/** Normalisation as a network sees it: gradients, what training leaves in the running statistics, and options that are refused. */
import {
  activation,
  batchNorm,
  conv2d,
  dense,
  flatten,
  frozen,
  groupNorm,
  type Layer,
  layerFromConfig,
  layerNorm,
  Network,
  OptionError,
  reshape,
  rmsNorm,
  ShapeError,
  sgd,
  spatialDropout,
} from 'chainrule';
import { describe, expect, it } from 'vitest';
import { BACKEND_NAMES, createOn, FASTEST, spreadTensor } from '../support/networks.ts';

const ROWS = 6;
const EPSILON = 1e-5;

async function largestError(layers: readonly Layer[]): Promise<number> {
  using network = await createOn('reference', { input: [8], layers: [...layers, dense(2)], loss: 'halfSquaredError', seed: 3 });
  const { maxRelativeError } = await network.checkGradients({ x: spreadTensor([ROWS, 8], 2), y: spreadTensor([ROWS, 2], 7) });
  return maxRelativeError;
}

const images = [dense(16), reshape([4, 2, 2])];

describe('gradients', () => {
  it.each<[string, Layer[]]>([
    ['batchNorm of features', [dense(5), batchNorm(), activation('tanh')]],
    ['batchNorm of channels', [...images, batchNorm(), activation('tanh'), flatten()]],
    ['batchNorm twice', [dense(5), batchNorm({ epsilon: 0.1 }), activation('tanh'), dense(4), batchNorm({ momentum: 0.5 })]],
    ['layerNorm', [dense(5), layerNorm(), activation('tanh')]],
    ['layerNorm of sequences', [dense(12), reshape([3, 4]), layerNorm({ epsilon: 1e-3 }), activation('tanh'), flatten()]],
    ['groupNorm', [...images, groupNorm(2), activation('tanh'), flatten()]],
    ['groupNorm of single channels', [...images, groupNorm(4), activation('tanh'), flatten()]],
    ['rmsNorm', [dense(5), rmsNorm(), activation('tanh')]],
    ['spatialDropout', [...images, spatialDropout(0.4), activation('tanh'), flatten()]],
  ])('%s', async (_, layers) => {
    expect(await largestError(layers)).toBeLessThan(1e-6);
  });

  it('of a layer used twice are the sums of both uses', async () => {
    const shared = batchNorm();
    expect(await largestError([dense(5), shared, activation('tanh'), dense(5), shared])).toBeLessThan(1e-6);
  });
});

describe.each(BACKEND_NAMES)('batchNorm on %s', (backend) => {
  const data = { x: spreadTensor([ROWS, 3], 4), y: spreadTensor([ROWS, 3], 9) };
  const columns = [0, 1, 2].map((j) => Array.from({ length: ROWS }, (_, i) => data.x.data[3 * i + j]));
  const means = columns.map((values) => values.reduce((sum, value) => sum + value, 0) / ROWS);
  const squares = columns.map((values, j) => values.reduce((sum, value) => sum + (value - means[j]) ** 2, 0));

  it('follows the statistics of the batches, and predicts with them', async () => {
    using network = await createOn(backend, { input: [3], layers: [batchNorm()], loss: 'halfSquaredError' });
    const before = (await network.predict(data.x)).data;
    before.forEach((y, i) => {
      expect(y).toBeCloseTo(data.x.data[i] / Math.sqrt(1 + EPSILON), 5);
    });
    await network.fit(data, { epochs: 2, batchSize: ROWS, optimizer: sgd({ learningRate: 1e-9 }) });
    const parameters = network.parameters();
    const [mean, variance] = ['0.running_mean', '0.running_var'].map((name) => Array.from(parameters.get(name)?.data ?? []));
    means.forEach((value, j) => {
      expect(mean[j]).toBeCloseTo((1 - 0.9 ** 2) * value, 5);
      expect(variance[j]).toBeCloseTo(0.81 + (0.19 * squares[j]) / (ROWS - 1), 5);
    });
    const after = (await network.predict(data.x)).data;
    after.forEach((y, i) => {
      expect(y).toBeCloseTo((data.x.data[i] - mean[i % 3]) / Math.sqrt(variance[i % 3] + EPSILON), 4);
    });
  });

  it('keeps its statistics in a model file', async () => {
    using network = await createOn(backend, { input: [3], layers: [dense(4), batchNorm(), dense(3)], loss: 'halfSquaredError' });
    await network.fit(data, { epochs: 3, batchSize: 4, optimizer: sgd({ learningRate: 0.1 }) });
    using again = await Network.fromBytes(network.toBytes(), { backend });
    expect([...again.parameters().keys()]).toContain('1.running_var');
    expect((await again.predict(data.x)).data).toEqual((await network.predict(data.x)).data);
    expect(await again.evaluate(data)).toEqual(await network.evaluate(data));
  });

  it('behind a layer predicts with the current weights', async () => {
    using network = await createOn(backend, { input: [3], layers: [dense(2), batchNorm()], loss: 'halfSquaredError' });
    const tensor = (...data: number[]) => ({ shape: [2], data: Float64Array.from(data) });
    network.setParameters(new Map([['1.running_var', tensor(0.25, 4)]]));
    const { data: before } = network.predict(data.x);
    network.setParameters(
      new Map([
        ['1.weight', tensor(2, 0)],
        ['1.running_mean', tensor(0.5, 3)],
        ['1.bias', tensor(0.75, -1)],
      ]),
    );
    const { data: after } = network.predict(data.x);
    const { data: alone } = network.predict({ shape: [1, 3], data: data.x.data.subarray(0, 3) });
    after.forEach((y, i) => {
      expect(y).toBeCloseTo(i % 2 ? -1 : 2 * (before[i] - 0.5 / Math.sqrt(0.25 + EPSILON)) + 0.75, 5);
    });
    expect(Array.from(alone)).toEqual(Array.from(after.subarray(0, 2), (y) => expect.closeTo(y, 5)));
    const { loss } = await network.evaluate({ x: data.x, y: { shape: [ROWS, 2], data: new Float64Array(2 * ROWS) } });
    expect(loss).toBeCloseTo(Math.hypot(...after) ** 2 / 2 / ROWS, 4);
  });
});

it('batchNorm behind a layer predicts the same bits on native and WebAssembly in a reproducible network', async () => {
  const layers = () => [conv2d(5, 3, { padding: 1 }), batchNorm(), activation('relu'), flatten(), dense(7), batchNorm()];
  const predictions = await Promise.all(
    BACKEND_NAMES.filter((name) => name !== 'reference').map(async (backend) => {
      using network = await createOn(backend, { input: [2, 6, 6], layers: layers(), loss: 'halfSquaredError', reproducible: true });
      await network.fit({ x: spreadTensor([12, 2, 6, 6], 3), y: spreadTensor([12, 7]) }, { epochs: 3, batchSize: 5 });
      return Array.from(network.predict(spreadTensor([ROWS, 2, 6, 6], 2)).data);
    }),
  );
  for (const prediction of predictions) expect(prediction).toEqual(predictions[0]);
});

it('normalisation layers are made again from their configs', () => {
  const layers = [
    batchNorm({ momentum: 0.2, epsilon: 1e-3 }),
    batchNorm(),
    layerNorm({ epsilon: 1e-4 }),
    rmsNorm(),
    groupNorm(4, { epsilon: 1e-3 }),
    spatialDropout(0.25),
    frozen(layerNorm()),
  ];
  for (const layer of layers) expect(layerFromConfig(JSON.parse(JSON.stringify(layer.config))).config).toEqual(layer.config);
});

describe('bad input', () => {
  it.each<[string, () => unknown]>([
    ['batchNorm.epsilon', () => batchNorm({ epsilon: 0 })],
    ['batchNorm.momentum', () => batchNorm({ momentum: 1.5 })],
    ["unknown option 'size'", () => layerNorm({ size: 3 } as object)],
    ['rmsNorm.epsilon', () => rmsNorm({ epsilon: Number.NaN })],
    ['groupNorm(groups)', () => groupNorm(0)],
    ['spatialDropout(rate)', () => spatialDropout(1)],
  ])('%s is named', (message, make) => {
    expect(make).toThrow(OptionError);
    expect(make).toThrow(message);
  });

  it.each<[string, readonly number[], Layer]>([
    ['groupNorm: expected channels that 3 groups divide evenly', [4, 2], groupNorm(3)],
    ['spatialDropout: expected an input of [batch, channels, …]', [4], spatialDropout(0.5)],
  ])('%s', async (message, input, layer) => {
    const create = createOn(FASTEST, { input, layers: [layer, flatten(), dense(1)], loss: 'halfSquaredError' });
    await expect(create).rejects.toThrow(ShapeError);
    await expect(create).rejects.toThrow(message);
  });
});
