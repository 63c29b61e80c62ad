/** Networks, optimisers and rates far too large: what a divergence must not cost. */
import {
  adagrad,
  adam,
  adamw,
  batchNorm,
  conv2d,
  DivergedError,
  dense,
  embedding,
  flatten,
  globalAveragePool2d,
  layerNorm,
  lstm,
  type NetworkOptions,
  type Optimizer,
  OptionError,
  rmsprop,
  sgd,
  type Tensor,
} from 'chainrule';
import { expect } from 'vitest';
import type { BackendName } from '../../src/backends/backend.ts';
import { createOn, spreadTensor } from './networks.ts';

const ROWS = 24;
const classes = Array.from({ length: ROWS }, (_, i) => (7 * i) % 3);

interface Kind {
  readonly options: Omit<NetworkOptions, 'backend'>;
  readonly x: Tensor;
  readonly y: Tensor | readonly number[];
}

export const NETWORKS: Readonly<Record<string, () => Kind>> = {
  'tanh, squared error': () => ({
    options: { input: [4], layers: [dense(6, { activation: 'tanh' }), dense(2)], loss: 'meanSquaredError' },
    x: spreadTensor([ROWS, 4]),
    y: spreadTensor([ROWS, 2], 3),
  }),
  'deep relu, cross-entropy': () => ({
    options: {
      input: [4],
      layers: [...[8, 8, 8].map((units) => dense(units, { activation: 'relu' })), dense(3)],
      loss: 'softmaxCrossEntropy',
    },
    x: spreadTensor([ROWS, 4]),
    y: classes,
  }),
  'convolution with batchNorm': () => ({
    options: {
      input: [1, 5, 5],
      layers: [conv2d(4, 3, { activation: 'relu' }), batchNorm(), conv2d(3, 2), globalAveragePool2d(), dense(3)],
      loss: 'softmaxCrossEntropy',
    },
    x: spreadTensor([ROWS, 1, 5, 5]),
    y: classes,
  }),
  'lstm, huber': () => ({
    options: { input: [5, 2], layers: [lstm(4), dense(1)], loss: 'huber' },
    x: spreadTensor([ROWS, 5, 2]),
    y: spreadTensor([ROWS, 1], 3),
  }),
  'embedding with layerNorm': () => ({
    options: { input: [3], layers: [embedding(7, 4), layerNorm(), flatten(), dense(3)], loss: 'softmaxCrossEntropy' },
    x: { shape: [ROWS, 3], data: Float32Array.from({ length: 3 * ROWS }, (_, i) => (5 * i) % 7) },
    y: classes,
  }),
  'two labels by sigmoids, penalised': () => ({
    options: {
      input: [4],
      layers: [dense(6, { activation: 'silu', l2: 1e-3 }), dense(2)],
      loss: 'sigmoidCrossEntropy',
    },
    x: spreadTensor([ROWS, 4]),
    y: { shape: [ROWS, 2], data: Float32Array.from({ length: 2 * ROWS }, (_, i) => Number(i % 3 === 0)) },
  }),
};

export const OPTIMIZERS: Readonly<Record<string, (learningRate: number) => Optimizer>> = {
  sgd: (learningRate) => sgd({ learningRate }),
  momentum: (learningRate) => sgd({ learningRate, momentum: 0.9, nesterov: true }),
  adagrad: (learningRate) => adagrad({ learningRate }),
  rmsprop: (learningRate) => rmsprop({ learningRate }),
  adam: (learningRate) => adam({ learningRate }),
  adamw: (learningRate) => adamw({ learningRate }),
};

export const RATES = [1e10, 1e30, 1e38, 1e300];

export type Outcome = 'diverged' | 'refused' | 'ended';

/**
 * Trains a little, then at the rate, watched or not. After a divergence predictions must be finite, the loss on the training data no worse
 * than before, and a fit at a small rate must work.
 */
export async function survives(
  backend: BackendName,
  kind: Kind,
  make: (learningRate: number) => Optimizer,
  rate: number,
): Promise<Outcome> {
  const { options, x, y } = kind;
  const data = { x, y };
  using network = await createOn(backend, { ...options, seed: 3 });
  await network.fit(data, { epochs: 3, batchSize: 8, optimizer: make(0.01) });
  const { loss } = await network.evaluate(data);
  const watching = rate < 1e35 ? { onEpoch: () => undefined } : {};
  const error: unknown = await network.fit(data, { epochs: 40, batchSize: 8, optimizer: make(rate), ...watching }).then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (error === undefined) return 'ended';
  if (!(error instanceof OptionError)) expect(error).toBeInstanceOf(DivergedError);
  expect((await network.evaluate(data)).loss, 'the loss afterwards').toBeLessThanOrEqual(loss);
  expect((network.predict(x).data as Float32Array).every(Number.isFinite), 'finite predictions').toBe(true);
  for (const [name, values] of network.parameters()) expect((values.data as Float32Array).every(Number.isFinite), name).toBe(true);
  const { losses } = await network.fit(data, { epochs: 5, batchSize: 8, optimizer: make(1e-5) });
  expect(losses.every(Number.isFinite), 'finite losses of a fit at a small rate').toBe(true);
  expect((await network.evaluate(data)).loss).toBeLessThan(1.01 * loss + 1e-3);
  return error instanceof OptionError ? 'refused' : 'diverged';
}
