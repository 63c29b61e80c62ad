/** Rows of weight 0 whose predictions or losses are infinite or NaN: they leave no trace, in training, evaluation, metrics and gradients. */
import {
  abs,
  averagePrecision,
  confusionMatrix,
  type DataSet,
  defineLoss,
  dense,
  divide,
  type FitOptions,
  f1,
  type LossOption,
  log,
  type MetricOption,
  mean,
  multiply,
  pick,
  reshape,
  rocAuc,
  sgd,
  square,
  subtract,
  type Tensor,
  topK,
} from 'chainrule';
import { expect, it } from 'vitest';
import { expectClose } from '../support/compare.ts';
import { BACKEND_NAMES, createOn, spreadTensor, weightsOf } from '../support/networks.ts';

const ROWS = 12;
const WIDTH = 3;
/** The two kinds of what weighs nothing lie in the same and in different mini-batches. */
const WEIGHT = [1, 0, 2, 1, 0, 1, 0, 0, 1, 1, 2, 1];

interface Kind {
  readonly loss: LossOption;
  readonly units: number;
  readonly activation?: 'sigmoid';
  readonly y: Tensor;
  /** The targets of rows without weight, where values may be anything. */
  readonly away?: number;
  readonly metrics?: readonly MetricOption[];
}

const integers = (shape: readonly number[], element: (i: number) => number): Tensor => ({
  shape,
  data: Float64Array.from({ length: shape.reduce((size, one) => size * one, 1) }, (_, i) => element(i)),
});
const values = spreadTensor([ROWS, 2], 5);
const classes = integers([ROWS], (i) => i % 4);
const labels = integers([ROWS, 2], (i) => (i % 3 === 0 ? 1 : 0));

/** |ln of the share of a prediction in its target|: NaN for targets and predictions of 0. */
const ratio = defineLoss({ type: 'ratio' }, (x, y) => abs(subtract(log(abs(divide(x, y))), 1)), { targets: 'values' });
/** Infinite for inputs whose squares are. */
const scaled = defineLoss(
  { type: 'scaled' },
  (prediction, y, _, { x }) => multiply(abs(subtract(prediction, y)), reshape(mean(square(x), [1]), [x.shape[0], 1])),
  {
    targets: 'values',
    inputs: ['x'],
  },
);
/** Infinite for a probability of 0. */
const ofProbabilities = defineLoss({ type: 'ofProbabilities' }, (x, y) => multiply(log(pick(x, y)), -1), {
  targets: 'classes',
  probabilities: 'identity',
});

const KINDS: Readonly<Record<string, Kind>> = {
  meanSquaredError: { loss: 'meanSquaredError', units: 2, y: values, away: 3e30, metrics: ['meanAbsoluteError', 'r2', 'huber', ratio] },
  poisson: { loss: 'poisson', units: 2, y: labels, metrics: ['meanSquaredError', 'meanAbsoluteError', 'r2'] },
  gaussianNegativeLogLikelihood: {
    loss: 'gaussianNegativeLogLikelihood',
    units: 4,
    y: values,
    away: -2e30,
    metrics: ['meanSquaredError', 'r2'],
  },
  cosineSimilarity: { loss: 'cosineSimilarity', units: 2, y: values },
  sigmoidCrossEntropy: {
    loss: 'sigmoidCrossEntropy',
    units: 2,
    y: labels,
    metrics: [f1(), rocAuc(), averagePrecision({ exact: true }), confusionMatrix(), 'sigmoidFocal'],
  },
  softmaxCrossEntropy: {
    loss: 'softmaxCrossEntropy',
    units: 4,
    y: classes,
    metrics: [f1(), topK({ k: 2 }), rocAuc({ exact: true }), confusionMatrix(), 'perplexity'],
  },
  multiClassHinge: { loss: 'multiClassHinge', units: 4, y: classes, metrics: ['f1'] },
  'an own loss of values': { loss: ratio, units: 2, y: values, away: 0 },
  'an own loss that takes an input': { loss: scaled, units: 2, y: values },
  'an own loss of probabilities': { loss: ofProbabilities, units: 4, activation: 'sigmoid', y: classes, metrics: ['perplexity'] },
};

const FITS: Readonly<Record<string, FitOptions>> = {
  'mini-batches, one of them without weight': { epochs: 2, batchSize: 2, shuffle: false },
  'several mini-batches a step': { epochs: 2, batchSize: 2, accumulate: 3, shuffle: false },
};

/** Sums of three of these overflow, to infinities of both signs. */
const HUGE = { reference: 1e308, native: 3e38, wasm: 3e38 };
const weightOf = (units: number) => Array.from({ length: units }, (_, i) => new Array<number>(WIDTH).fill(i % 2 ? 0.9 : -0.8));

async function results(
  backend: (typeof BACKEND_NAMES)[number],
  { loss, units, activation, metrics = [] }: Kind,
  data: DataSet,
  options: FitOptions,
) {
  using network = await createOn(backend, { input: [WIDTH], layers: [dense(units, { activation })], loss, metrics, seed: 5 });
  network.setParameters(new Map([['0.weight', weightOf(units)]]));
  const evaluated = await network.evaluate(data);
  const { loss: ofRows, gradients } = network.gradients(data);
  const { losses, epochs } = await network.fit(data, { ...options, optimizer: sgd({ learningRate: 0.01 }) });
  const numbers = (value: unknown): number[] => (typeof value === 'number' ? [value] : Object.values(value ?? {}).flatMap(numbers));
  const last = epochs.map(({ loss, accuracy, metrics }) => [loss, accuracy, metrics]);
  return {
    evaluation: numbers([evaluated.loss, evaluated.accuracy, evaluated.metrics]),
    gradients: [ofRows, ...[...gradients.values()].flatMap((gradient) => [...gradient.data])],
    training: [...losses, ...numbers(last)],
    weights: Object.values(weightsOf(network)).flat(),
  };
}

/** With that element in rows without weight. */
const unweighed = ({ shape, data }: Tensor, element: number): Tensor => {
  const width = data.length / ROWS;
  return { shape, data: Float64Array.from(data, (value, i) => (WEIGHT[Math.floor(i / width)] ? value : element)) };
};

const CASES = BACKEND_NAMES.flatMap((backend) =>
  Object.keys(KINDS).flatMap((kind) => Object.keys(FITS).map((fit) => [kind, backend, fit] as const)),
);

it.each(CASES)('%s on %s: %s', async (name, backend, fit) => {
  const kind = KINDS[name];
  const x = spreadTensor([ROWS, WIDTH]);
  const far = { x: unweighed(x, HUGE[backend]), y: kind.away === undefined ? kind.y : unweighed(kind.y, kind.away) };
  const expected = await results(backend, kind, { x, y: kind.y, weight: WEIGHT }, FITS[fit]);
  const found = await results(backend, kind, { ...far, weight: WEIGHT }, FITS[fit]);
  for (const part of ['evaluation', 'gradients', 'training', 'weights'] as const) {
    expect(expected[part], part).toSatisfy((all: number[]) => all.every(Number.isFinite));
    expectClose(found[part], expected[part], 1e-6, part);
  }
});
