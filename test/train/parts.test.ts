/** Whatever part a page imports from `chainrule/train` brings all that it needs: each is used where nothing else has been. */
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { LAYERS } from '../../src/layers/index.ts';
import { LOSS_NAMES } from '../../src/losses/index.ts';
import { METRIC_NAMES } from '../../src/metrics/index.ts';
import { OPTIMIZER_TYPES } from '../../src/optimizers/index.ts';

type Train = typeof import('../../src/entries/train-node.ts');

interface Case {
  readonly input: readonly number[];
  readonly layers: (train: Train) => unknown[];
  readonly loss?: (train: Train) => unknown;
  readonly metrics?: (train: Train) => unknown[];
  readonly optimizer?: (train: Train) => unknown;
  readonly y?: unknown;
}

const ROWS = 4;

const numbers = (count: number, of = (i: number) => Math.sin(i)) => Float32Array.from({ length: count }, (_, i) => of(i));

/** A network of the part is trained, asked, evaluated, written and read. */
async function use(train: Train, { input, layers, loss, metrics, optimizer, y }: Case): Promise<void> {
  const size = input.reduce((product, one) => product * one, 1);
  const x = { shape: [ROWS, ...input], data: numbers(ROWS * size, (i) => Math.abs(i % 3)) };
  using network = await train.Network.create({
    input,
    layers: layers(train) as never,
    loss: (loss?.(train) ?? train.meanSquaredError()) as never,
    metrics: metrics?.(train) as never,
    backend: 'wasm',
    threads: 1,
  });
  const { shape } = network.predict(x as never);
  const data = { x, y: y ?? { shape, data: numbers(shape.reduce((product, one) => product * one, 1)) } } as never;
  const { epochs } = await network.fit(data, {
    optimizer: (optimizer?.(train) ?? train.sgd({ learningRate: 0.01 })) as never,
    batchSize: 2,
  });
  expect(epochs).toHaveLength(1);
  expect((await network.evaluate(data)).loss).toBeGreaterThan(Number.NEGATIVE_INFINITY);
  expect(train.toBytes(network).length).toBeGreaterThan(100);
}

let train: Train;

beforeEach(async () => {
  vi.resetModules();
  train = await import('../../src/entries/train-node.ts');
});

const SEQUENCE = [5, 2];
const IMAGE = [2, 6, 6];

const LAYER_CASES: Readonly<Record<string, Case>> = {
  dense: { input: [2], layers: ({ dense }) => [dense(3, { activation: 'relu' }), dense(1)] },
  conv1d: { input: [2, 6], layers: ({ conv1d }) => [conv1d(3, 2, { activation: 'relu' })] },
  conv2d: { input: IMAGE, layers: ({ conv2d }) => [conv2d(3, 2, { activation: 'tanh' }), conv2d(1, 2)] },
  convTranspose2d: { input: IMAGE, layers: ({ convTranspose2d }) => [convTranspose2d(3, 2, { stride: 2 }), convTranspose2d(1, 2)] },
  maxPool2d: { input: IMAGE, layers: ({ conv2d, maxPool2d }) => [conv2d(2, 1, { activation: 'relu' }), maxPool2d(2)] },
  averagePool2d: { input: IMAGE, layers: ({ conv2d, averagePool2d }) => [conv2d(2, 1), averagePool2d(2)] },
  globalAveragePool2d: { input: IMAGE, layers: ({ conv2d, globalAveragePool2d }) => [conv2d(2, 1), globalAveragePool2d()] },
  zeroPad2d: { input: IMAGE, layers: ({ zeroPad2d, flatten, dense }) => [zeroPad2d(1), flatten(), dense(1)] },
  upsample2d: { input: IMAGE, layers: ({ conv2d, upsample2d }) => [conv2d(1, 1), upsample2d(2)] },
  activation: { input: [2], layers: ({ dense, activation }) => [dense(3), activation('softmax')] },
  dropout: { input: [2], layers: ({ dense, dropout }) => [dense(4), dropout(0.5), dense(1)] },
  spatialDropout: { input: IMAGE, layers: ({ conv2d, spatialDropout }) => [conv2d(3, 2), spatialDropout(0.5)] },
  batchNorm: { input: [2], layers: ({ dense, batchNorm }) => [dense(3), batchNorm(), dense(1)] },
  layerNorm: { input: [2], layers: ({ dense, layerNorm }) => [dense(3), layerNorm()] },
  rmsNorm: { input: [2], layers: ({ dense, rmsNorm }) => [dense(3), rmsNorm()] },
  groupNorm: { input: IMAGE, layers: ({ conv2d, groupNorm }) => [conv2d(4, 1), groupNorm(2)] },
  embedding: { input: [3], layers: ({ embedding, flatten, dense }) => [embedding(5, 2), flatten(), dense(1)] },
  positionalEncoding: { input: SEQUENCE, layers: ({ positionalEncoding, dense }) => [positionalEncoding({ learned: true }), dense(1)] },
  multiHeadAttention: { input: [5, 4], layers: ({ multiHeadAttention, dense }) => [multiHeadAttention(2), dense(1)] },
  flatten: { input: IMAGE, layers: ({ flatten, dense }) => [flatten(), dense(1)] },
  reshape: { input: [6], layers: ({ reshape, dense }) => [reshape([3, 2]), dense(1)] },
  rnn: { input: SEQUENCE, layers: ({ rnn }) => [rnn(3)] },
  lstm: { input: SEQUENCE, layers: ({ lstm }) => [lstm(3)] },
  gru: { input: SEQUENCE, layers: ({ gru }) => [gru(3)] },
  bidirectional: { input: SEQUENCE, layers: ({ bidirectional, gru }) => [bidirectional(gru(3))] },
};

describe('a layer', () => {
  it('of each type has a case', () => expect(Object.keys(LAYER_CASES)).toEqual(LAYERS.map(({ type }) => type)));

  it.each(Object.keys(LAYER_CASES))('%s', (name) => use(train, LAYER_CASES[name]));
});

/** By the losses that take other targets than numbers of the prediction's shape. */
const TARGETS: Readonly<Record<string, Partial<Case>>> = {
  softmaxCrossEntropy: { y: [0, 1, 2, 1] },
  negativeLogLikelihood: { y: [0, 1, 2, 1], layers: ({ dense }) => [dense(3, { activation: 'logSoftmax' })] },
  multiClassHinge: { y: [0, 1, 2, 1] },
  softmaxFocal: { y: [0, 1, 2, 1] },
  binaryCrossEntropy: { layers: ({ dense }) => [dense(1, { activation: 'sigmoid' })], y: [[0], [1], [1], [0]] },
  sigmoidCrossEntropy: { layers: ({ dense }) => [dense(1)], y: [[0], [1], [1], [0]] },
  sigmoidFocal: { layers: ({ dense }) => [dense(1)], y: [[0], [1], [1], [0]] },
  kullbackLeibler: {
    layers: ({ dense }) => [dense(2, { activation: 'logSoftmax' })],
    y: [
      [0.5, 0.5],
      [1, 0],
      [0, 1],
      [0.2, 0.8],
    ],
  },
  poisson: { layers: ({ dense }) => [dense(1)], y: [[0], [1], [2], [3]] },
  gaussianNegativeLogLikelihood: { layers: ({ dense }) => [dense(2)], y: [[0], [1], [2], [3]] },
  contrastive: { layers: ({ dense }) => [dense(4)], y: [0, 1, 1, 0] },
  triplet: { layers: ({ dense }) => [dense(6)], y: [0, 0, 0, 0] },
  ctc: {
    input: SEQUENCE,
    layers: ({ dense }) => [dense(4)],
    y: [
      [1, 2],
      [3, -1],
      [1, -1],
      [2, 1],
    ],
  },
};

describe('a loss', () => {
  it.each(LOSS_NAMES)('%s', (name) =>
    use(train, { input: [2], layers: ({ dense }) => [dense(3)], loss: (from) => from[name](), ...TARGETS[name] }),
  );

  it.each([
    ['halfSquaredError', 'without a classification', {}],
    ['softmaxCrossEntropy', 'with smoothed labels', { labelSmoothing: 0.1 }],
  ] as const)('%s %s, with weights of rows', async (name, _, options) => {
    const y = name === 'softmaxCrossEntropy' ? [0, 1, 0, 1] : [[0], [1], [2], [3]];
    using network = await train.Network.create({
      input: [1],
      layers: [train.dense(name === 'softmaxCrossEntropy' ? 2 : 1)],
      loss: train[name](options),
      backend: 'wasm',
    });
    const { losses } = await network.fit({ x: [[1], [2], [3], [4]], y, weight: [1, 2, 0, 1] } as never, {
      optimizer: train.sgd({ learningRate: 0.1 }),
    });
    expect(losses).toHaveLength(1);
  });
});

const OF_CLASSES: Omit<Case, 'metrics'> = {
  input: [2],
  layers: ({ dense }) => [dense(3)],
  loss: ({ softmaxCrossEntropy }) => softmaxCrossEntropy(),
  y: [0, 1, 2, 1],
};
const OF_LABELS: Omit<Case, 'metrics'> = {
  input: [2],
  layers: ({ dense }) => [dense(1)],
  loss: ({ sigmoidCrossEntropy }) => sigmoidCrossEntropy(),
  y: [[0], [1], [1], [0]],
};
const OF_VALUES: Omit<Case, 'metrics'> = { input: [2], layers: ({ dense }) => [dense(1)], y: [[0], [1], [1], [0]] };
const METRIC_CASES: Readonly<Record<string, Omit<Case, 'metrics'>>> = {
  rocAuc: OF_LABELS,
  averagePrecision: OF_LABELS,
  meanSquaredError: OF_VALUES,
  meanAbsoluteError: OF_VALUES,
  r2: OF_VALUES,
};

describe('a metric', () => {
  it.each(METRIC_NAMES)('%s', (name) => {
    const metric = (from: Train) =>
      name === 'topK'
        ? from.topK({ k: 1 })
        : name === 'meanSquaredError' || name === 'meanAbsoluteError'
          ? from[`${name}Metric`]()
          : (from[name] as () => unknown)();
    return use(train, { ...(METRIC_CASES[name] ?? OF_CLASSES), metrics: (from) => [metric(from)] });
  });
});

describe('an optimiser', () => {
  it.each(OPTIMIZER_TYPES)('%s', (type) =>
    use(train, {
      input: [2],
      layers: ({ dense }) => [dense(1)],
      optimizer: (from) => (from as unknown as Record<string, (options: object) => unknown>)[type]({ learningRate: 0.01 }),
    }),
  );

  it.each(['sgd', 'adam'] as const)('%s of rows of a table', (type) =>
    use(train, {
      ...LAYER_CASES.embedding,
      optimizer: (from) => from[type]({ learningRate: 0.01, lazy: true }),
    }),
  );
});
