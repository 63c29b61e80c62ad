/**
 * Trains networks that have every layer between them on the backend, instruction set and threads that the environment names, and prints
 * the SHA-256 of their parameters: run in a process of its own, since an instruction set is chosen when the addon loads.
 *
 *     train-and-hash.ts THREADS[,THREADS…] [BRIEFLY[,BRIEFLY…] [FUSED[,FUSED…]]]
 *
 * With the numbers of threads in the second list, it takes an epoch of each, of few mini-batches: for processors that are emulated, and for
 * more numbers of threads. With those in the third it does the same, and networks are `reproducible: 'fused'`. Any list may be empty.
 */
import { createHash } from 'node:crypto';
import {
  activation,
  adam,
  averagePool2d,
  batchNorm,
  conv1d,
  conv2d,
  convTranspose2d,
  dense,
  digits,
  dropout,
  flatten,
  globalAveragePool2d,
  groupNorm,
  type Layer,
  layerNorm,
  maxPool2d,
  multiHeadAttention,
  Network,
  positionalEncoding,
  reshape,
  rmsNorm,
  upsample2d,
  zeroPad2d,
} from 'chainrule';

/** Of the weights that training ends with, by number of threads. */
export interface Hashes {
  readonly whole: Readonly<Record<string, string>>;
  readonly brief: Readonly<Record<string, string>>;
  readonly fused: Readonly<Record<string, string>>;
}

const [whole, brief, fused] = [2, 3, 4].map((i) => (process.argv[i] ?? '').split(',').filter(Boolean).map(Number));

type Order = true | 'fused';

interface Training {
  readonly layers: readonly Layer[];
  /** How many of the digits, where not all. */
  readonly samples?: number;
  readonly epochs: number;
  readonly batchSize: number;
  readonly precision?: 'bfloat16';
}

/** Whatever has one axis of features. */
const DENSE: Training = {
  layers: [
    dense(96, { activation: 'gelu', l2: 1e-4 }),
    dropout(0.2),
    dense(80, { activation: 'tanh', l1: 1e-5 }),
    reshape([8, 10]),
    reshape([80]),
    batchNorm(),
    reshape([8, 10]),
    batchNorm(),
    positionalEncoding(),
    multiHeadAttention(2),
    layerNorm(),
    multiHeadAttention(5, { causal: true }),
    groupNorm(2),
    rmsNorm(),
    flatten(),
    dense(33, { initializer: 'orthogonal' }),
    activation('silu'),
    dense(10),
  ],
  // On WASM long enough for the helpers to start in the midst of it.
  epochs: 12,
  batchSize: 150,
};

/** Sums over k of more than one block, in every transposition. */
const LONG_SUMS: Training = {
  layers: [dense(33, { activation: 'tanh' }), dense(530), dense(10)],
  samples: 600,
  epochs: 1,
  batchSize: 600,
};

/** Of factors rounded to bfloat16. */
const ROUNDED: Training = {
  layers: [dense(70, { activation: 'tanh' }), reshape([1, 7, 10]), conv2d(6, 3, { activation: 'gelu' }), flatten(), dense(10)],
  samples: 330,
  epochs: 1,
  batchSize: 150,
  precision: 'bfloat16',
};

const CONVOLUTIONAL: Training = {
  layers: [
    reshape([1, 8, 8]),
    conv2d(9, 3, { padding: 'same', activation: 'relu' }),
    maxPool2d(2),
    conv2d(18, [3, 2], { padding: 1, stride: [1, 2], activation: 'tanh', l2: 1e-4 }),
    conv2d(36, 3, { padding: 'same', groups: 'depthwise', dilation: 2, activation: 'gelu' }),
    upsample2d(2),
    maxPool2d(3, { stride: 2, padding: 1 }),
    convTranspose2d(70, 3, { stride: 2, padding: 1, activation: 'elu' }),
    averagePool2d(2, { stride: 1, padding: 1 }),
    conv2d(17, 3, { groups: 1, activation: 'silu' }),
    zeroPad2d([0, 1, 2, 0]),
    reshape([17, 42]),
    conv1d(12, 5, { stride: 2, activation: 'softplus' }),
    reshape([12, 1, 19]),
    conv2d(20, 1),
    globalAveragePool2d(),
    flatten(),
    dense(10),
  ],
  samples: 220,
  epochs: 2,
  batchSize: 90,
};

/** Two mini-batches and a partial one, where there are as many. */
const shortened = (training: Training): Training => ({ ...training, samples: Math.min(training.samples ?? 330, 330), epochs: 1 });

const WHOLE = [DENSE, LONG_SUMS, ROUNDED, CONVOLUTIONAL];
const BRIEF = [shortened(DENSE), LONG_SUMS, ROUNDED, shortened(CONVOLUTIONAL)];

async function trainAndHash(trainings: readonly Training[], count: number, reproducible: Order): Promise<string> {
  const { train } = digits();
  const [, size] = train.x.shape;

  const hash = createHash('sha256');
  for (const { layers, samples = train.y.length, epochs, batchSize, precision } of trainings) {
    using network = await Network.create({
      ...{ input: [64], layers, loss: 'softmaxCrossEntropy' as const },
      ...{ seed: 5, threads: count, reproducible, precision },
    });
    const x = { shape: [samples, size], data: train.x.data.subarray(0, samples * size) };
    await network.fit(
      { x, y: train.y.slice(0, samples) },
      { epochs, batchSize, optimizer: adam({ learningRate: 3e-3 }), clip: { norm: 1 } },
    );
    for (const { data } of network.parameters().values()) hash.update(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
  }
  return hash.digest('hex');
}

async function hashes(trainings: readonly Training[], counts: readonly number[], order: Order = true): Promise<Record<string, string>> {
  const results: Record<string, string> = {};
  for (const count of counts) results[count] = await trainAndHash(trainings, count, order);
  return results;
}

const result: Hashes = {
  whole: await hashes(WHOLE, whole),
  brief: await hashes(BRIEF, brief),
  fused: await hashes(BRIEF, fused, 'fused'),
};
console.log(JSON.stringify(result));
