/** Losses with their options and with weights of rows: values and gradients of PyTorch, on every backend; at their limits they are numbers. */
import { readFileSync } from 'node:fs';
import {
  adam,
  concatenate,
  type DataSet,
  dense,
  type LossOption,
  Network,
  type NetworkOptions,
  OptionError,
  ShapeError,
  sgd,
} from 'chainrule';
import { describe, expect, it } from 'vitest';
import { differentiateGraph } from '../../src/graph/autodiff.ts';
import { Graph } from '../../src/graph/graph.ts';
import { lossFrom } from '../../src/losses/config.ts';
import { LOSS_NAMES } from '../../src/losses/index.ts';
import { meanLoss } from '../../src/losses/rows.ts';
import { BATCH } from '../../src/ops/shape.ts';
import { BACKENDS, tolerance } from '../support/backends.ts';
import { expectClose, type GoldenTensor } from '../support/compare.ts';
import { BACKEND_NAMES, createOn, FASTEST, spreadTensor } from '../support/networks.ts';
import { type Case, expectRefused, titled } from '../support/refused.ts';
import { runGraph } from '../support/run-graph.ts';

interface LossCase {
  readonly name: string;
  readonly loss: LossOption;
  readonly prediction: GoldenTensor;
  readonly target: GoldenTensor;
  readonly weight?: GoldenTensor;
  readonly value: number;
  readonly gradPrediction: GoldenTensor;
}

/** `sequences` are read by test/network/ctc.test.ts. */
const { options, weighted, sequences } = JSON.parse(
  readFileSync(new URL('../golden/further-losses.json', import.meta.url), 'utf8'),
) as Record<'options' | 'weighted' | 'sequences', LossCase[]>;

const rowsOf = ({ shape }: GoldenTensor) => [BATCH, ...shape.slice(1)];

/** Whether its targets are class indices: none of these losses has one value a row but of a shape that says so. */
const hasClasses = ({ loss, target }: LossCase) => lossFrom(loss).takesClasses && target.shape.length === 1;

describe.each(BACKENDS.map((backend) => [backend.name, backend] as const))('%s against PyTorch', (_, backend) => {
  it.each([...options, ...weighted].map((test) => [test.name, test] as const))('%s', (_name, test) => {
    for (const optimize of [true, false]) {
      const graph = new Graph();
      const loss = lossFrom(test.loss);
      const x = graph.input('prediction', rowsOf(test.prediction));
      const classes = hasClasses(test);
      const y = graph.input('target', rowsOf(test.target), classes ? 'index' : 'number');
      const weights = test.weight && graph.input('weight', rowsOf(test.weight));
      const value = meanLoss(loss, x, y, classes ? 'classes' : 'values', { weights });
      graph.outputs.set('loss', value);
      graph.outputs.set('delta', differentiateGraph(value, [x])[0]);
      const target = classes ? test.target.data.map((index) => (index === loss.ignore ? -1 : index)) : test.target.data;
      const values = { prediction: test.prediction.data, target, ...(test.weight && { weight: test.weight.data }) };
      const results = runGraph(backend, graph, values, { maximumRows: test.prediction.shape[0], optimize });
      expectClose(results.get('loss') as ArrayLike<number>, [test.value], tolerance(backend), 'loss');
      expectClose(results.get('delta') as ArrayLike<number>, test.gradPrediction.data, tolerance(backend), 'δ of the prediction');
    }
  });
});

it('every built-in loss has values from outside, here, in test/network/ctc.test.ts or in test/network/golden.test.ts', () => {
  expect([options.length, weighted.length]).toEqual([39, 12]);
  const { cases } = JSON.parse(readFileSync(new URL('../golden/losses.json', import.meta.url), 'utf8')) as { cases: LossCase[] };
  const typed = new Set([...options, ...weighted, ...sequences, ...cases].map(({ loss }) => lossFrom(loss).name));
  expect([...typed].sort()).toEqual([...LOSS_NAMES].sort());
});

const LIMITS: readonly [LossOption, readonly number[], readonly number[] | number][] = [
  [{ type: 'sigmoidCrossEntropy', posWeight: 5 }, [-1e4, 1e4, 0], [1, 0, 1]],
  [{ type: 'sigmoidFocal', gamma: 0.5 }, [-1e4, 1e4, 200], [1, 0, 1]],
  [{ type: 'sigmoidFocal', gamma: 0.5 }, [1e4, -1e4, -200], [1, 0, 0]],
  [{ type: 'sigmoidFocal' }, [-1e4, 1e4, 0], [0.5, 0.5, 0.5]],
  [{ type: 'softmaxFocal', gamma: 0.5 }, [1e4, -1e4, 0], 0],
  [{ type: 'softmaxFocal', gamma: 0.5 }, [1e4, -1e4, 0], 1],
  [{ type: 'softmaxFocal', gamma: 3 }, [0, 0, 0], [0, 0, 1]],
  [{ type: 'poisson', full: true }, [-80, 0, 20], [0, 1, 1e6]],
  [{ type: 'poisson', logInput: false }, [0, -1, 1e6], [0, 3, 1e6]],
  ['cosineSimilarity', [0, 0, 0], [0, 0, 0]],
  ['cosineSimilarity', [1e-12, 0, 0], [1e6, 1e6, 0]],
];

describe.each(BACKENDS.map((backend) => [backend.name, backend] as const))('on %s a loss at its limits', (_, backend) => {
  const lossAndDelta = (option: LossOption, prediction: readonly number[], target: readonly number[] | number) => {
    const graph = new Graph();
    const loss = lossFrom(option);
    const x = graph.input('prediction', [BATCH, prediction.length]);
    const classes = typeof target === 'number';
    const y = classes ? graph.input('target', [BATCH], 'index') : graph.input('target', [BATCH, ...loss.targetShape([prediction.length])]);
    const value = meanLoss(loss, x, y, classes ? 'classes' : 'values');
    graph.outputs.set('loss', value);
    graph.outputs.set('delta', differentiateGraph(value, [x])[0]);
    const results = runGraph(backend, graph, { prediction, target: classes ? [target] : target }, { maximumRows: 1 });
    return [...(results.get('loss') as ArrayLike<number> as number[]), ...(results.get('delta') as ArrayLike<number> as number[])];
  };

  it.each(LIMITS)('%j of %j and %j is a number, and so is its gradient', (...test) => {
    for (const value of lossAndDelta(...test)) expect(value).toSatisfy(Number.isFinite);
  });

  it('of embeddings at the same place is one too', () => {
    for (const same of [0, 1])
      for (const [loss, place] of [['contrastive', [1, 2, 1, 2]] as const, ['triplet', [1, 2, 1, 2, 1, 2]] as const])
        for (const value of lossAndDelta(loss, place, [same])) expect(value).toSatisfy(Number.isFinite);
  });

  it('of a mean that is exactly right, with a variance that vanishes, ends at the least variance', () => {
    const option = { type: 'gaussianNegativeLogLikelihood', epsilon: 1e-4 } as const;
    expectClose(lossAndDelta(option, [3, -1e4], [3]), [0.5 * Math.log(1e-4), 0, 0], 1e-6, 'loss and δ');
  });
});

describe.each(BACKEND_NAMES)('on %s', (backend) => {
  it('a network learns a mean and a variance', async () => {
    const rows = 400;
    const x = spreadTensor([rows, 1]);
    const noise = spreadTensor([rows, 1], 7);
    const y = { shape: [rows, 1], data: Float64Array.from(x.data, (value, i) => 2 * value + 0.1 * noise.data[i]) };
    using network = await createOn(backend, { input: [1], layers: [dense(2)], loss: 'gaussianNegativeLogLikelihood', seed: 1 });
    const data = { x, y } as DataSet;
    await network.fit(data, { epochs: 120, batchSize: 40, optimizer: adam({ learningRate: 0.02 }) });
    const residuals = [...noise.data].reduce((sum, value) => sum + (0.1 * value) ** 2, 0) / rows;
    const { data: predicted } = network.predict([[0]]);
    expect(predicted[0]).toBeCloseTo(0, 1);
    expect(Math.exp(predicted[1]) / residuals).toBeGreaterThan(0.5);
    expect(Math.exp(predicted[1]) / residuals).toBeLessThan(2);
  });
});

it('two embeddings by the same layers come together where they are the same, and apart where not', async () => {
  const network = await Network.create({
    inputs: { a: [2], b: [2] },
    build: ({ a, b }) => {
      const embed = dense(2, { activation: 'tanh' });
      return { pair: concatenate(embed(a), embed(b)) };
    },
    losses: { pair: { type: 'contrastive', margin: 1 } },
    backend: FASTEST,
    seed: 1,
  });
  const a = Array.from({ length: 40 }, (_, i) => [Math.sin(i), (i % 2) * 0.5]);
  const b = Array.from({ length: 40 }, (_, i) => [Math.cos(3 * i), ((i >> 1) % 2) * 0.5]);
  const pair = a.map((row, i): number => (row[1] === b[i][1] ? 1 : 0));
  const data = { x: { a, b }, y: { pair } };
  await network.fit(data, { epochs: 150, optimizer: sgd({ learningRate: 0.2, momentum: 0.9 }) });
  const { pair: embedded } = network.predict({ a, b });
  const distance = (i: number) =>
    Math.hypot(embedded.data[4 * i] - embedded.data[4 * i + 2], embedded.data[4 * i + 1] - embedded.data[4 * i + 3]);
  const mean = (same: number) =>
    pair.reduce((sum, one, i) => sum + (one === same ? distance(i) : 0), 0) / pair.filter((one) => one === same).length;
  expect(mean(1)).toBeLessThan(0.35);
  expect(mean(0)).toBeGreaterThan(0.7);
});

it('three embeddings by the same layers: what belongs to the anchor comes nearer than what does not', async () => {
  const rows = 60;
  const kinds = 3;
  const sample = (i: number, kind: number) => [Math.sin(5 * i), kind === 0 ? 0.4 : 0, kind === 1 ? 0.4 : 0, Math.cos(3 * i)];
  using network = await Network.create({
    inputs: { anchor: [4], b: [4], c: [4] },
    build: ({ anchor, b, c }) => {
      const embed = dense(2, { activation: 'tanh' });
      return { nearer: concatenate(embed(anchor), embed(b), embed(c)) };
    },
    losses: { nearer: { type: 'triplet', margin: 0.5 } },
    backend: FASTEST,
    seed: 1,
  });
  const first = Array.from({ length: rows }, (_, i): number => i % 2);
  const [anchor, b, c] = [0, 1, 2].map((part) =>
    first.map((isFirst, i) => sample(3 * i + part, (i + (part === 0 || (part === 1) === (isFirst === 1) ? 0 : 1)) % kinds)),
  );
  const data = { x: { anchor, b, c }, y: { nearer: first } };
  const before = await network.evaluate(data);
  await network.fit(data, { epochs: 150, optimizer: adam({ learningRate: 0.03 }) });
  expect((await network.evaluate(data)).loss).toBeLessThan(0.25 * before.loss);
});

describe('refuses', () => {
  const stack = (loss: unknown, units = 4): Omit<NetworkOptions, 'backend'> => ({
    input: [3],
    layers: [dense(units)],
    loss: loss as LossOption,
  });
  const networks: readonly Case<Omit<NetworkOptions, 'backend'>>[] = [
    [
      'posWeight of other outputs',
      stack({ type: 'sigmoidCrossEntropy', posWeight: [1, 2] }),
      ShapeError,
      'posWeight',
      'each of 4 outputs, got 2',
    ],
    ['a negative posWeight', stack({ type: 'sigmoidCrossEntropy', posWeight: -1 }), OptionError, 'loss.posWeight', 'got -1'],
    [
      'posWeight with another loss',
      stack({ type: 'huber', posWeight: 1 }),
      OptionError,
      'posWeight with sigmoidCrossEntropy only, got it with huber',
    ],
    ['alpha above 1', stack({ type: 'sigmoidFocal', alpha: 2 }), OptionError, 'loss.alpha', 'from 0 to 1, got 2'],
    ['a negative gamma', stack({ type: 'softmaxFocal', gamma: -1 }), OptionError, 'loss.gamma', 'got -1'],
    ['one alpha for several classes', stack({ type: 'softmaxFocal', alpha: 0.5 }), OptionError, 'a number for each class, got 0.5'],
    ['alpha of other classes', stack({ type: 'softmaxFocal', alpha: [1, 2, 3] }), ShapeError, 'each of 4 classes, got 3'],
    ['means without variances', stack('gaussianNegativeLogLikelihood', 3), ShapeError, 'as many logarithms of variances', '[3]'],
    ['half an embedding', stack('contrastive', 5), ShapeError, 'two embeddings of the same size', '[5]'],
    ['two of three embeddings', stack('triplet', 4), ShapeError, 'triplet: expected three embeddings of the same size', '[4]'],
    ['a margin of 0', stack({ type: 'contrastive', margin: 0 }), OptionError, 'loss.margin', 'above 0, got 0'],
    ['a variance of 0', stack({ type: 'gaussianNegativeLogLikelihood', epsilon: 0 }), OptionError, 'loss.epsilon', 'got 0'],
  ];
  it.each(titled(networks))('%s', (_, test) => expectRefused(() => createOn(FASTEST, test[1]), test));

  const targets: readonly Case<readonly [unknown, readonly unknown[]]>[] = [
    ['negative counts', ['poisson', [[1, 2, 3, -1]]], Error as never, 'targets of at least 0 for poisson, got -1 in row 0, element 3'],
    ['labels beyond 1', [{ type: 'sigmoidFocal' }, [[1, 0, 0, 1.5]]], Error as never, 'targets from 0 to 1 for sigmoidFocal, got 1.5'],
    ['as many numbers as outputs', ['gaussianNegativeLogLikelihood', [[1, 2, 3, 4]]], ShapeError, 'expected shape [rows, 2], got [1, 4]'],
    ['a pair’s likeness for each element', ['contrastive', [[1, 0]]], ShapeError, 'expected shape [rows], got [1, 2]'],
  ];
  it.each(titled(targets))('targets: %s', async (_, test) => {
    using network = await createOn(FASTEST, stack(test[1][0]));
    await expectRefused(() => network.evaluate({ x: [[1, 2, 3]], y: test[1][1] as never }), test);
  });
});
