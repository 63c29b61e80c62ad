/** Losses of classes over sequences: one class index a step, and indices that do not count. */
import { readFileSync } from 'node:fs';
import { adam, DataError, dense, type LossName, type LossOption, lstm, Network, OptionError, ShapeError, type Tensor } from 'chainrule';
import { describe, expect, it } from 'vitest';
import { differentiateGraph } from '../../src/graph/autodiff.ts';
import { Graph } from '../../src/graph/graph.ts';
import { lossFrom } from '../../src/losses/config.ts';
import { IGNORED } from '../../src/losses/loss.ts';
import { meanLoss } from '../../src/losses/rows.ts';
import { BATCH } from '../../src/ops/shape.ts';
import { BACKENDS, tolerance } from '../support/backends.ts';
import { expectClose } from '../support/compare.ts';
import { BACKEND_NAMES, createOn, FASTEST, onBackend, spreadTensor } from '../support/networks.ts';
import { runGraph } from '../support/run-graph.ts';

interface LossCase {
  readonly name: string;
  readonly loss: LossName;
  readonly prediction: Tensor & { readonly data: readonly number[] };
  readonly target: Tensor & { readonly data: readonly number[] };
  readonly value: number;
  readonly gradPrediction: { readonly data: readonly number[] };
}

const CLASS_LOSSES = ['softmaxCrossEntropy', 'negativeLogLikelihood', 'multiClassHinge'];
const { cases } = JSON.parse(readFileSync(new URL('../golden/losses.json', import.meta.url), 'utf8')) as { cases: LossCase[] };
const classCases = cases.filter(({ loss }) => CLASS_LOSSES.includes(loss));

/** Each of the rows in two steps of a sequence: as it is, and as `second` makes it. */
const doubled = (values: readonly number[], width: number, second: (row: readonly number[]) => readonly number[] = (row) => row) =>
  Array.from({ length: values.length / width }, (_, i) => values.slice(i * width, (i + 1) * width)).flatMap((row) => [
    ...row,
    ...second(row),
  ]);

describe.each(BACKENDS.map((backend) => [backend.name, backend] as const))('%s against PyTorch', (_, backend) => {
  function lossAndDelta(
    option: LossOption,
    [rows, ...shape]: readonly number[],
    form: 'classes' | 'values',
    prediction: number[],
    target: number[],
  ) {
    const graph = new Graph();
    const x = graph.input('prediction', [BATCH, ...shape]);
    const y = graph.input('target', [BATCH, ...(form === 'classes' ? shape.slice(0, -1) : shape)]);
    const loss = meanLoss(lossFrom(option), x, y, form);
    graph.outputs.set('loss', loss);
    graph.outputs.set('delta', differentiateGraph(loss, [x])[0]);
    const results = runGraph(backend, graph, { prediction, target }, { maximumRows: rows });
    return [results.get('loss'), results.get('delta')] as ArrayLike<number>[];
  }

  it.each(classCases.map((test) => [test.name, test] as const))('%s, over sequences of two steps', (_name, test) => {
    const [rows, classes] = test.prediction.shape;
    const form = test.target.shape.length === 1 ? 'classes' : 'values';
    const target = doubled(test.target.data, form === 'classes' ? 1 : classes);
    for (const shape of [
      [rows, 2, classes],
      [2, rows, classes],
    ]) {
      const [loss, delta] = lossAndDelta(test.loss, shape, form, doubled(test.prediction.data, classes), target);
      expectClose(loss, [test.value], tolerance(backend), 'loss');
      const expected = doubled(test.gradPrediction.data, classes).map((value) => value / 2);
      expectClose(delta, expected, tolerance(backend), 'δ of the prediction');
    }
  });

  it.each(classCases.filter(({ target }) => target.shape.length === 1).map((test) => [test.name, test] as const))(
    '%s, every other step ignored',
    (_name, test) => {
      const [rows, classes] = test.prediction.shape;
      const prediction = doubled(test.prediction.data, classes, (row) => row.map((x) => 0.5 - x));
      const target = doubled(test.target.data, 1, () => [IGNORED]);
      const [loss, delta] = lossAndDelta({ type: test.loss, ignore: -1 }, [rows, 2, classes], 'classes', prediction, target);
      expectClose(loss, [test.value], tolerance(backend), 'loss');
      const zeros = new Array<number>(classes).fill(0);
      expectClose(
        delta,
        doubled(test.gradPrediction.data, classes, () => zeros),
        tolerance(backend),
        'δ of the prediction',
      );
    },
  );

  it('a batch of which everything is ignored has no loss and no δ', () => {
    const [loss, delta] = lossAndDelta(
      { type: 'softmaxCrossEntropy', ignore: 0 },
      [2, 2, 3],
      'classes',
      [...spreadTensor([12]).data],
      [-1, -1, -1, -1],
    );
    expect(Array.from(loss)).toEqual([0]);
    expect(Array.from(delta).map(Math.abs)).toEqual(new Array(12).fill(0));
  });
});

const ROWS = 300;
const STEPS = 5;
const CLASSES = 4;
const PADDING = 3;

/** Sequences of numbers, whose class at each step is where their running sum lies; the last steps of some are padding. */
function sequences(rows = ROWS) {
  const x = spreadTensor([rows, STEPS, 2], 11);
  const y = new Int32Array(rows * STEPS);
  for (let row = 0; row < rows; row++) {
    let sum = 0;
    for (let step = 0; step < STEPS; step++) {
      sum += x.data[2 * (row * STEPS + step)];
      y[row * STEPS + step] = step > row % (STEPS + 1) ? PADDING : sum < -0.3 ? 0 : sum < 0.3 ? 1 : 2;
    }
  }
  return { x, y: { shape: [rows, STEPS], data: y } };
}

/** The mean cross-entropy and the share that is right, of the targets that count. */
function closedForm(logits: ArrayLike<number>, y: ArrayLike<number>, ignore?: number) {
  let loss = 0;
  let correct = 0;
  let counted = 0;
  for (let i = 0; i < y.length; i++) {
    if (y[i] === ignore) continue;
    const own = Array.from({ length: CLASSES }, (_, c) => logits[i * CLASSES + c]);
    loss += Math.log(own.reduce((sum, z) => sum + Math.exp(z), 0)) - own[y[i]];
    correct += Number(own.indexOf(Math.max(...own)) === y[i]);
    counted++;
  }
  return { loss: loss / counted, accuracy: correct / counted };
}

const layers = () => [lstm(8, { returnSequences: true }), dense(CLASSES)];

describe.each(BACKEND_NAMES)('a network over sequences on %s', (backend) => {
  it.each([
    ['all steps', undefined],
    ['all but padding', PADDING],
  ])('learns classes of %s, and is measured by them', async (_, ignore) => {
    const loss: LossOption = ignore === undefined ? 'softmaxCrossEntropy' : { type: 'softmaxCrossEntropy', ignore };
    using network = await createOn(backend, { input: [STEPS, 2], layers: layers(), loss, seed: 1 });
    const data = sequences();
    const before = await network.evaluate(data);
    const { epochs } = await network.fit(data, { epochs: 4, optimizer: adam({ learningRate: 0.02 }), validation: data });
    const after = await network.evaluate(data);
    const predictions = network.predict(data.x);
    expect(predictions.shape).toEqual([ROWS, STEPS, CLASSES]);
    const expected = closedForm(predictions.data, data.y.data, ignore);
    expect(after.loss).toBeCloseTo(expected.loss, 5);
    expect(after.accuracy).toBeCloseTo(expected.accuracy, 12);
    expect(epochs.at(-1)).toMatchObject({ validationLoss: after.loss, validationAccuracy: after.accuracy });
    expect(epochs.at(-1)?.accuracy).toBeGreaterThan(before.accuracy as number);
    expect(after.loss).toBeLessThan(before.loss);
    const probabilities = network.predict(data.x, { probabilities: true }).data;
    for (let i = 0; i < probabilities.length; i += CLASSES)
      expect([...probabilities.subarray(i, i + CLASSES)].reduce((sum, p) => sum + p, 0)).toBeCloseTo(1, 5);
  });

  it('counts what is right while it trains', async () => {
    using network = await createOn(backend, {
      input: [STEPS, 2],
      layers: layers(),
      loss: { type: 'softmaxCrossEntropy', ignore: PADDING },
    });
    const data = sequences(20);
    const { accuracy } = await network.evaluate(data);
    // One step of all rows: what it records is from before its update.
    const { epochs } = await network.fit(data, { epochs: 1, batchSize: 20 });
    expect(epochs[0].accuracy).toBeCloseTo(accuracy as number, 12);
  });

  it('names its heads, whose metrics ignore what their loss ignores', async () => {
    using network = await onBackend(backend, () =>
      Network.create({
        inputs: { x: [STEPS, 2] },
        build: ({ x }) => {
          const hidden = dense(6, { activation: 'tanh', l2: 0.01 })(x);
          return { tags: dense(CLASSES)(hidden), next: dense(2)(hidden) };
        },
        losses: {
          tags: { loss: { type: 'softmaxCrossEntropy', ignore: PADDING }, weight: 0.5, metrics: ['softmaxCrossEntropy'] },
          next: 'meanSquaredError',
        },
        backend,
      }),
    );
    const { x, y } = sequences();
    const data = { x: { x }, y: { tags: y, next: spreadTensor([ROWS, STEPS, 2], 5) } };
    await network.fit(data, { epochs: 1 });
    const { loss, outputs = {} } = await network.evaluate(data);
    const expected = closedForm(network.predict({ x }).tags.data, y.data, PADDING);
    expect(outputs.tags.loss).toBeCloseTo(expected.loss, 5);
    expect(outputs.tags.accuracy).toBeCloseTo(expected.accuracy, 12);
    expect(outputs.tags.metrics.softmaxCrossEntropy).toBeCloseTo(expected.loss, 5);
    expect(outputs.next.accuracy).toBeUndefined();
    const weight = [...(network.parameters().get('0.weight') as Tensor).data];
    const penalty = 0.01 * weight.reduce((sum, w) => sum + w * w, 0);
    expect(loss).toBeCloseTo(0.5 * outputs.tags.loss + outputs.next.loss + penalty, 5);
  });
});

it.each<[string, LossOption]>([
  ['softmaxCrossEntropy', 'softmaxCrossEntropy'],
  ['softmaxCrossEntropy that ignores', { type: 'softmaxCrossEntropy', ignore: PADDING }],
  ['softmaxCrossEntropy that ignores and smooths', { type: 'softmaxCrossEntropy', ignore: PADDING, labelSmoothing: 0.2 }],
  ['multiClassHinge that ignores', { type: 'multiClassHinge', ignore: PADDING }],
])('gradients of %s over sequences are those of central differences', async (_, loss) => {
  using network = await createOn('reference', { input: [STEPS, 2], layers: layers(), loss, seed: 2 });
  expect((await network.checkGradients(sequences(4))).maxRelativeError).toBeLessThan(1e-6);
});

it('takes class indices of each step for one-hot values under losses of values', async () => {
  using network = await createOn(FASTEST, { input: [STEPS, 2], layers: layers(), loss: 'sigmoidCrossEntropy', seed: 1 });
  const { x, y } = sequences();
  const hot = new Float32Array(y.data.length * CLASSES);
  y.data.forEach((index, i) => {
    hot[i * CLASSES + index] = 1;
  });
  const evaluation = await network.evaluate({ x, y });
  const { loss } = await network.evaluate({ x, y: { shape: [ROWS, STEPS, CLASSES], data: hot } });
  expect(evaluation.loss).toBe(loss);
  expect(evaluation.accuracy).toBeCloseTo(closedForm(network.predict(x).data, y.data).accuracy, 12);
});

it('is read back from a file, ignored class and all', async () => {
  const loss = { type: 'softmaxCrossEntropy', ignore: PADDING } as const;
  using network = await createOn(FASTEST, { input: [STEPS, 2], layers: layers(), loss, seed: 1 });
  using again = await onBackend(FASTEST, () => Network.fromBytes(network.toBytes(), { backend: FASTEST }));
  expect(await again.evaluate(sequences())).toEqual(await network.evaluate(sequences()));
});

describe('refuses', () => {
  const ignoring = { type: 'softmaxCrossEntropy', ignore: -100 } as const;
  const { x, y } = sequences(4);
  const shaped = (shape: readonly number[], value: number) => ({
    shape,
    data: new Float32Array(shape.reduce((product, size) => product * size, 1)).fill(value),
  });
  it.each([
    ['one class a row', 'softmaxCrossEntropy', [0, 1, 2, 3], ShapeError, 'class indices of shape [rows, 5], got [4]'],
    ['classes of other steps', 'multiClassHinge', shaped([4, 6], 0), ShapeError, '[rows, 5] for multiClassHinge, got shape [4, 6]'],
    ['a class that is none', 'softmaxCrossEntropy', { ...y, data: y.data.with(7, 4) }, DataError, '0 to 3, got 4 in row 1, place 2'],
    [
      'a class that is neither one nor ignored',
      ignoring,
      { ...y, data: y.data.with(7, -1) },
      DataError,
      '0 to 3, or -100, got -1 in row 1',
    ],
    ['nothing but ignored classes', ignoring, shaped([4, 5], -100), DataError, 'not all ignored, got only -100'],
    ['probabilities where some are ignored', ignoring, shaped([4, 5, 4], 0.25), ShapeError, 'softmaxCrossEntropy that ignores some'],
  ] as const)('%s', async (_, loss, wrong, kind, message) => {
    using network = await createOn(FASTEST, { input: [STEPS, 2], layers: layers(), loss });
    for (const call of [network.fit({ x, y: wrong }), network.evaluate({ x, y: wrong })]) {
      await expect(call).rejects.toThrow(kind);
      await expect(call).rejects.toThrow(message);
    }
  });

  it('a metric that ignores what its loss does not', async () => {
    const create = Network.create({
      inputs: { x: [STEPS, 2] },
      build: ({ x: steps }) => ({ tags: dense(CLASSES)(steps) }),
      losses: { tags: { loss: 'softmaxCrossEntropy', metrics: [{ type: 'softmaxCrossEntropy', ignore: 2 }] } },
    });
    await expect(create).rejects.toThrow(OptionError);
    await expect(create).rejects.toThrow('losses.tags.metrics: expected softmaxCrossEntropy to ignore what the loss does, nothing, got 2');
  });
});
