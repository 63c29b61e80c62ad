/** The workloads that chainrule and its peers are measured on: the same networks, data, batches and updates everywhere. */
import {
  type ActivationName,
  adam,
  conv2d,
  dense,
  flatten,
  type LabelledData,
  type Layer,
  type LossOption,
  lstm,
  maxPool2d,
  type Optimizer,
  readIdx,
  reshape,
  sgd,
  type Tensor,
  xor,
} from 'chainrule';

export interface TrainingWorkload {
  readonly id: string;
  readonly description: string;
  readonly input: readonly number[];
  /** What a sample is: indices, or values of channels at every place; default other values. */
  readonly inputs?: 'indices' | 'channels' | 'values';
  readonly layers: () => Layer[];
  readonly loss: LossOption;
  readonly optimizer: Optimizer;
  readonly batch: number;
  readonly shuffle: boolean;
  /** Floating-point operations of the matrix products in one step; absent where nobody counted them. */
  readonly flop?: number;
  readonly data: (folder: string) => Promise<{ x: Tensor; y: Tensor | Int32Array }>;
}

/** A prediction of so many rows. */
export interface PredictionWorkload {
  readonly id: string;
  readonly of: TrainingWorkload;
  readonly rows: number;
  /** Floating-point operations of the matrix products; absent where nobody counted them. */
  readonly flop?: number;
}

/** Sizes of the square matrix products. */
export const GEMM_SIZES = [64, 256, 512, 1024, 2048] as const;

/** Forward, weight gradient, and δ for every layer but the first. */
function denseFlop(widths: readonly number[], batch: number): number {
  return widths.slice(1).reduce((total, width, i) => total + 2 * batch * widths[i] * width * (i === 0 ? 2 : 3), 0);
}

/** Multiply-adds of one sample in each layer of W6; the first layer has no δ to hand on. */
const CONVOLUTIONAL = [784 * 9 * 32, 196 * 288 * 64, 3136 * 128, 128 * 10];
const convolutionalFlop = (batch: number) => CONVOLUTIONAL.reduce((total, size, i) => total + 2 * batch * size * (i === 0 ? 2 : 3), 0);
/** An LSTM and a dense layer on its last step; δ of the states passes all steps but one, and none goes to the input. */
export function lstmFlop(steps: number, features: number, units: number, outputs: number, batch: number): number {
  const gates = 4 * units;
  return 2 * batch * (steps * features * gates * 2 + (3 * steps - 2) * units * gates + 3 * units * outputs);
}

const images = async (folder: string): Promise<LabelledData> => {
  const { train } = await readIdx(folder);
  return { x: { shape: [train.x.shape[0], 784], data: train.x.data }, y: train.y };
};

function perceptron(
  id: string,
  widths: readonly number[],
  batch: number,
  activations: readonly ActivationName[],
  rest: Pick<TrainingWorkload, 'loss' | 'optimizer'>,
): TrainingWorkload {
  return {
    id,
    description: widths.join('-'),
    input: [widths[0]],
    layers: () => widths.slice(1).map((width, i) => dense(width, { activation: activations[i] ?? 'identity' })),
    batch,
    shuffle: true,
    flop: denseFlop(widths, batch),
    data: images,
    ...rest,
  };
}

export const TRAINING: readonly TrainingWorkload[] = [
  perceptron('W1', [784, 50, 10], 100, ['relu'], { loss: 'softmaxCrossEntropy', optimizer: sgd({ learningRate: 0.1 }) }),
  perceptron('W2', [784, 30, 10], 10, ['sigmoid', 'sigmoid'], { loss: 'halfSquaredError', optimizer: sgd({ learningRate: 3 }) }),
  {
    ...perceptron('W3', [2, 3, 1], 4, ['sigmoid'], { loss: 'halfSquaredError', optimizer: sgd({ learningRate: 0.1 }) }),
    shuffle: false,
    data: async () => xor(),
  },
  perceptron('W4', [784, 512, 512, 10], 128, ['relu', 'relu'], { loss: 'softmaxCrossEntropy', optimizer: adam({ learningRate: 1e-3 }) }),
  perceptron('W5', [784, 2048, 2048, 10], 256, ['relu', 'relu'], {
    loss: 'softmaxCrossEntropy',
    optimizer: sgd({ learningRate: 0.01, momentum: 0.9 }),
  }),
  {
    id: 'W6',
    description: 'conv 3×3×32, pool 2, conv 3×3×64, pool 2, dense 128, dense 10',
    input: [1, 28, 28],
    inputs: 'channels',
    layers: () => [
      conv2d(32, 3, { padding: 'same', activation: 'relu' }),
      maxPool2d(2),
      conv2d(64, 3, { padding: 'same', activation: 'relu' }),
      maxPool2d(2),
      flatten(),
      dense(128, { activation: 'relu' }),
      dense(10),
    ],
    loss: 'softmaxCrossEntropy',
    optimizer: adam({ learningRate: 1e-3 }),
    batch: 64,
    shuffle: true,
    flop: convolutionalFlop(64),
    data: async (folder) => {
      const { train } = await readIdx(folder);
      return { x: { shape: [train.x.shape[0], 1, 28, 28], data: train.x.data }, y: train.y };
    },
  },
  {
    id: 'W7',
    description: 'LSTM of 128 units on 28 steps of 28, 10',
    input: [784],
    layers: () => [reshape([28, 28]), lstm(128), dense(10)],
    loss: 'softmaxCrossEntropy',
    optimizer: adam({ learningRate: 1e-3 }),
    batch: 64,
    shuffle: true,
    flop: lstmFlop(28, 28, 128, 10, 64),
    data: images,
  },
];

const inferred = perceptron('W8', [784, 512, 512, 10], 128, ['relu', 'relu'], {
  loss: 'softmaxCrossEntropy',
  optimizer: adam({ learningRate: 1e-3 }),
});

/** W8: predictions of 1, 32 and 1024 rows. */
export const INFERENCE: readonly PredictionWorkload[] = [1, 32, 1024].map((rows) => ({
  id: 'W8',
  of: inferred,
  rows,
  flop: 2 * rows * (784 * 512 + 512 * 512 + 512 * 10),
}));
