/**
 * The networks that chainrule is compared on beside those of workloads.ts. `peers/torch_networks.py` and `peers/jax_networks.py` have the
 * same ones: layers in the same order, so that the weights which a network begins with fit all of them one after the other.
 */
import {
  adam,
  add,
  batchNorm,
  conv1d,
  conv2d,
  convTranspose2d,
  dense,
  embedding,
  flatten,
  type GraphValue,
  globalAveragePool2d,
  gru,
  type Layer,
  layerNorm,
  maxPool2d,
  mean,
  multiHeadAttention,
  positionalEncoding,
  relu,
  sgd,
} from 'chainrule';
import { drawnClasses, drawnIndices, drawnValues } from './drawn.ts';
import { type PredictionWorkload, TRAINING, type TrainingWorkload } from './workloads.ts';

const CLASSES = 10;
const momentum = sgd({ learningRate: 0.01, momentum: 0.9 });
/** Distinct mini-batches in the data of a network. */
const BATCHES = 16;

/** Layers one after the other, as one. */
function chain(...layers: readonly Layer[]): Layer {
  return (x: GraphValue) => layers.reduce<GraphValue>((value, layer) => layer(value), x);
}

type ConvolutionOptions = NonNullable<Parameters<typeof conv2d>[2]>;

/** A convolution without bias and batchNorm, which adds one. */
function normalized(filters: number, kernel: number, options: ConvolutionOptions): Layer {
  return chain(conv2d(filters, kernel, { padding: Math.floor(kernel / 2), bias: false, ...options }), batchNorm());
}

/** relu(F(x) + x) with two convolutions in F, and a 1 × 1 convolution on x where the sizes differ (He et al. 2016). */
function residualBlock(filters: number, stride: number): Layer {
  const [first, second] = [normalized(filters, 3, { stride }), normalized(filters, 3, {})];
  const shortcut = stride === 1 ? undefined : normalized(filters, 1, { stride });
  return (x: GraphValue) => {
    const inner = second(relu(first(x)));
    return relu(add(inner, shortcut ? shortcut(x) : x));
  };
}

/** A filter for each channel, then 1 × 1 (Howard et al. 2017). */
function separable(channels: number, filters: number, stride: number): Layer {
  return chain(normalized(channels, 3, { stride, groups: 'depthwise' }), relu, normalized(filters, 1, {}), relu);
}

/** x + attention(norm x), then the same with two dense layers in place of attention. */
function transformerBlock(features: number, heads: number, causal: boolean): Layer {
  const attention = multiHeadAttention(heads, { causal });
  const [before, between] = [layerNorm(), layerNorm()];
  const [wide, narrow] = [dense(4 * features, { activation: 'gelu' }), dense(features)];
  return (x: GraphValue) => {
    const attended = add(x, attention(before(x)));
    return add(attended, narrow(wide(between(attended))));
  };
}

interface Given extends Pick<TrainingWorkload, 'id' | 'description' | 'input' | 'layers' | 'batch' | 'optimizer' | 'inputs'> {
  readonly loss?: TrainingWorkload['loss'];
  readonly data?: TrainingWorkload['data'];
}

/** A network that learns classes of noise, unless it says otherwise. */
function network(given: Given): TrainingWorkload {
  const rows = BATCHES * given.batch;
  const noise = async () => ({ x: drawnValues([rows, ...given.input]), y: drawnClasses(rows, CLASSES) });
  return { loss: 'softmaxCrossEntropy', shuffle: true, data: noise, ...given };
}

const VOCABULARY = { encoder: 1000, causal: 512, bag: 100_000 } as const;
const tokens = (steps: number, count: number) => async () => ({
  x: drawnIndices([BATCHES * 16, steps], count),
  y: drawnClasses(BATCHES * 16, CLASSES),
});

export const NETWORKS: readonly TrainingWorkload[] = [
  network({
    id: 'residual',
    description: 'residual network, 3×32×32, a block each of 16, 32, 64 channels, batchNorm',
    input: [3, 32, 32],
    inputs: 'channels',
    layers: () => [
      normalized(16, 3, {}),
      relu,
      residualBlock(16, 1),
      residualBlock(32, 2),
      residualBlock(64, 2),
      globalAveragePool2d(),
      dense(CLASSES),
    ],
    batch: 32,
    optimizer: momentum,
  }),
  network({
    id: 'mobilenet',
    description: 'MobileNet-like, 3×32×32, depthwise 3×3 + 1×1, 32 to 256 channels, batchNorm',
    input: [3, 32, 32],
    inputs: 'channels',
    layers: () => [
      normalized(32, 3, {}),
      relu,
      separable(32, 64, 1),
      separable(64, 128, 2),
      separable(128, 128, 1),
      separable(128, 256, 2),
      separable(256, 256, 1),
      globalAveragePool2d(),
      dense(CLASSES),
    ],
    batch: 32,
    optimizer: momentum,
  }),
  network({
    id: 'strided',
    description: 'conv 7×7×64 stride 2 on 3×96×96, max pool 3 stride 2, conv 3×3×128 stride 2',
    input: [3, 96, 96],
    inputs: 'channels',
    layers: () => [
      conv2d(64, 7, { stride: 2, padding: 3, activation: 'relu' }),
      maxPool2d(3, { stride: 2, padding: 1 }),
      conv2d(128, 3, { stride: 2, padding: 1, activation: 'relu' }),
      globalAveragePool2d(),
      dense(CLASSES),
    ],
    batch: 8,
    optimizer: momentum,
  }),
  network({
    id: 'autoencoder',
    description: 'autoencoder, 28×28, convolutions 3×3 stride 2 of 16 and 32, and their transposes',
    input: [1, 28, 28],
    inputs: 'channels',
    layers: () => [
      conv2d(16, 3, { stride: 2, padding: 1, activation: 'relu' }),
      conv2d(32, 3, { stride: 2, padding: 1, activation: 'relu' }),
      convTranspose2d(16, 3, { stride: 2, padding: 1, outputPadding: 1, activation: 'relu' }),
      convTranspose2d(1, 3, { stride: 2, padding: 1, outputPadding: 1 }),
    ],
    loss: 'meanSquaredError',
    batch: 64,
    optimizer: adam({ learningRate: 1e-3 }),
    data: async () => {
      const x = drawnValues([BATCHES * 64, 1, 28, 28]);
      return { x, y: x };
    },
  }),
  network({
    id: 'conv1d',
    description: 'convolutions of 9 stride 2 along 1024 samples, 32, 64, 128 filters',
    input: [1, 1024],
    inputs: 'channels',
    layers: () => [
      ...[32, 64, 128].map((filters) => conv1d(filters, 9, { stride: 2, padding: 4, activation: 'relu' })),
      (x: GraphValue) => mean(x, [2]),
      dense(CLASSES),
    ],
    batch: 32,
    optimizer: adam({ learningRate: 1e-3 }),
  }),
  network({
    id: 'encoder',
    description: 'transformer encoder, 64 steps, 128 features, 4 heads, 2 blocks, mean over the steps',
    input: [64],
    inputs: 'indices',
    layers: () => [
      embedding(VOCABULARY.encoder, 128),
      positionalEncoding({ learned: true }),
      transformerBlock(128, 4, false),
      transformerBlock(128, 4, false),
      layerNorm(),
      (x: GraphValue) => mean(x, [1]),
      dense(CLASSES),
    ],
    batch: 16,
    optimizer: adam({ learningRate: 1e-3 }),
    data: tokens(64, VOCABULARY.encoder),
  }),
  network({
    id: 'causal',
    description: 'causal transformer, 128 steps, 192 features, 6 heads, 4 blocks, the next of 512 tokens at every step',
    input: [128],
    inputs: 'indices',
    layers: () => [
      embedding(VOCABULARY.causal, 192),
      positionalEncoding({ learned: true }),
      ...Array.from({ length: 4 }, () => transformerBlock(192, 6, true)),
      layerNorm(),
      dense(VOCABULARY.causal),
    ],
    batch: 8,
    optimizer: adam({ learningRate: 1e-3 }),
    data: async () => ({
      x: drawnIndices([BATCHES * 8, 128], VOCABULARY.causal),
      y: drawnIndices([BATCHES * 8, 128], VOCABULARY.causal),
    }),
  }),
  network({
    id: 'lenet',
    description: 'LeNet, 28×28, conv 5×5×6, pool 2, conv 5×5×16, pool 2, dense 120, 84, 10',
    input: [1, 28, 28],
    inputs: 'channels',
    layers: () => [
      conv2d(6, 5, { padding: 2, activation: 'relu' }),
      maxPool2d(2),
      conv2d(16, 5, { activation: 'relu' }),
      maxPool2d(2),
      flatten(),
      dense(120, { activation: 'relu' }),
      dense(84, { activation: 'relu' }),
      dense(CLASSES),
    ],
    batch: 64,
    optimizer: momentum,
  }),
  network({
    id: 'embedding',
    description: 'mean of 8 rows of a table of 100 000 × 64, dense 10',
    input: [8],
    inputs: 'indices',
    layers: () => [embedding(VOCABULARY.bag, 64), (x: GraphValue) => mean(x, [1]), dense(CLASSES)],
    batch: 256,
    optimizer: adam({ learningRate: 1e-3 }),
    data: async () => ({ x: drawnIndices([BATCHES * 256, 8], VOCABULARY.bag), y: drawnClasses(BATCHES * 256, CLASSES) }),
  }),
  network({
    id: 'embedding-lazy',
    description: 'the same, of whose table the rows that a mini-batch names are updated',
    input: [8],
    inputs: 'indices',
    layers: () => [embedding(VOCABULARY.bag, 64), (x: GraphValue) => mean(x, [1]), dense(CLASSES)],
    batch: 256,
    optimizer: adam({ learningRate: 1e-3, lazy: true }),
    data: async () => ({ x: drawnIndices([BATCHES * 256, 8], VOCABULARY.bag), y: drawnClasses(BATCHES * 256, CLASSES) }),
  }),
  network({
    id: 'normalized',
    description: '1000-1000-1000-1000-10, batchNorm, ReLU',
    input: [1000],
    layers: () => [...[1, 2, 3].flatMap(() => [dense(1000), batchNorm(), relu]), dense(CLASSES)],
    batch: 64,
    optimizer: adam({ learningRate: 1e-3 }),
  }),
  network({
    id: 'gru',
    description: 'GRU of 128 units on 28 steps of 28, dense 10',
    input: [28, 28],
    layers: () => [gru(128), dense(CLASSES)],
    batch: 64,
    optimizer: adam({ learningRate: 1e-3 }),
  }),
];

/** Everything that is trained. */
export const ALL: readonly TrainingWorkload[] = [...TRAINING, ...NETWORKS];

/** Predictions of one row. */
export const PREDICTIONS: readonly PredictionWorkload[] = NETWORKS.filter(({ id }) =>
  ['residual', 'encoder', 'lenet', 'gru'].includes(id),
).map((of) => ({ id: `predict-${of.id}`, of, rows: 1 }));
