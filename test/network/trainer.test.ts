/** Steps from outside: a trainer takes the steps that a fit takes, one on each batch that it is given. */
import {
  adam,
  adamw,
  batchNorm,
  confusionMatrix,
  cosineDecay,
  type DataSet,
  dense,
  dropout,
  embedding,
  type FitOptions,
  f1,
  flatten,
  layerNorm,
  lstm,
  Network,
  type NetworkOptions,
  nadam,
  oneCycle,
  reshape,
  sgd,
  type TrainerOptions,
} from 'chainrule';
import { describe, expect, it } from 'vitest';
import { BACKEND_NAMES, createOn, onBackend, spreadTensor, weightsOf } from '../support/networks.ts';

type Options = Omit<NetworkOptions, 'backend'>;

const ROWS = 26;
const BATCH = 4;
const classesOf = (classes: number, rows = ROWS) => Int32Array.from({ length: rows }, (_, i) => (i * i + i) % classes);
const numbers: DataSet = { x: spreadTensor([ROWS, 3]), y: classesOf(3) };
const common = { seed: 7, reproducible: true } as const;
const stack: Options = {
  ...common,
  input: [3],
  layers: [dense(6, { activation: 'tanh' }), dropout(0.3), batchNorm(), dense(3)],
  loss: 'softmaxCrossEntropy',
};
const plain: Options = { ...stack, layers: [dense(6, { activation: 'relu' }), dense(3)] };
const ignoring: Options = { ...plain, loss: { type: 'softmaxCrossEntropy', ignore: 2 } };
const values: DataSet = { x: numbers.x, y: spreadTensor([ROWS, 3], 3) };
const weighted: DataSet = { ...numbers, weight: Float32Array.from({ length: ROWS }, (_, i) => (i % 5) / 2) };
const words: DataSet = { x: { shape: [ROWS, 5], data: Float32Array.from({ length: ROWS * 5 }, (_, i) => (i * 7) % 11) }, y: classesOf(3) };
const tagging: Options = {
  ...common,
  input: [5],
  layers: [embedding(11, 4), layerNorm(), flatten(), dense(3)],
  loss: 'softmaxCrossEntropy',
};
const stateful: Options = { ...common, input: [3], layers: [reshape([3, 1]), lstm(4, { stateful: true }), dense(3)], loss: 'huber' };

/** Rows from one to the one behind another of data in one form. */
function rowsOf({ x, y, weight }: DataSet, start: number, end: number): DataSet {
  const part = (value: unknown) => {
    if (value instanceof Int32Array || value instanceof Float32Array) return value.slice(start, end);
    const { shape, data } = value as { shape: number[]; data: Float64Array };
    const width = data.length / shape[0];
    return { shape: [end - start, ...shape.slice(1)], data: data.slice(start * width, end * width) };
  };
  return { x: part(x), y: part(y), ...(weight && { weight: part(weight) }) } as DataSet;
}

/** The batches of an epoch in the order of the rows. */
function batchesOf(data: DataSet, size: number, rows = ROWS): DataSet[] {
  return Array.from({ length: Math.ceil(rows / size) }, (_, i) => rowsOf(data, i * size, Math.min(rows, (i + 1) * size)));
}

const CASES: readonly [string, Options, DataSet, TrainerOptions][] = [
  ['alone', plain, numbers, {}],
  ['with dropout and statistics', stack, numbers, {}],
  ['with a schedule and a clipped norm', plain, numbers, { schedule: cosineDecay({ period: 5, per: 'step' }), clip: { norm: 0.1 } }],
  [
    'with a schedule that is a function, and clipped values',
    plain,
    numbers,
    { schedule: ({ step }, rate) => rate / (1 + step), clip: { value: 0.01 } },
  ],
  [
    'with groups',
    plain,
    numbers,
    {
      groups: [
        { parameters: '0', learningRate: 0.1 },
        { parameters: '*.bias', weightDecay: 0.1 },
      ],
    },
  ],
  ['of several mini-batches', stack, numbers, { accumulate: 3 }],
  ['of targets of which some are ignored', ignoring, numbers, {}],
  ['of several mini-batches of targets of which some are ignored', ignoring, numbers, { accumulate: 3, clip: { norm: 1 } }],
  ['on rows that weigh', stack, weighted, {}],
  ['of several mini-batches of rows that weigh', plain, weighted, { accumulate: 3, clip: { norm: 1 } }],
  ['on values', { ...plain, loss: 'huber' }, values, { optimizer: sgd({ learningRate: 0.1, momentum: 0.9 }) }],
  [
    'on classes that become values',
    { ...plain, loss: 'meanSquaredError' },
    numbers,
    { optimizer: adamw({ learningRate: 0.01, weightDecay: 0.1 }) },
  ],
  [
    'on values where the loss has classes too',
    plain,
    { x: numbers.x, y: { shape: [ROWS, 3], data: new Float32Array(ROWS * 3).fill(1 / 3) } },
    {},
  ],
  ['by an optimiser in graph functions', stack, numbers, { optimizer: nadam({ learningRate: 0.01 }) }],
  ['with averages of the weights', stack, numbers, { ema: 0.9 }],
  ['on indices', tagging, words, {}],
];

describe.each(BACKEND_NAMES)('on %s', (backend) => {
  const create = (options: Options) => createOn(backend, options);
  const settingsOf = (more: TrainerOptions): TrainerOptions => ({ batchSize: BATCH, optimizer: adam({ learningRate: 0.01 }), ...more });

  it.each(CASES)('steps %s are those of a fit, bit for bit', async (_, options, data, more) => {
    using fitted = await create(options);
    using network = await create(options);
    const settings = settingsOf(more);
    const { losses } = await fitted.fit(data, { ...(settings as FitOptions), shuffle: false });
    using trainer = await network.trainer(settings);
    const batches = batchesOf(data, BATCH * (more.accumulate ?? 1));
    const reports = batches.map((batch) => trainer.step(batch));
    expect(reports.map(({ loss }) => loss)).toEqual([...losses]);
    expect(reports.map(({ step }) => step)).toEqual(batches.map((_, i) => i + 1));
    expect(weightsOf(network)).toEqual(weightsOf(fitted));
    expect(trainer.progress).toEqual({ epoch: 0, batch: 0, step: batches.length });
    expect(network.progress).toEqual(trainer.progress);
  });

  it.each([1, 3])('a step of %i mini-batches has the accuracy and the metrics of an epoch of its rows', async (accumulate) => {
    const options = { ...plain, metrics: [f1(), confusionMatrix()] };
    using fitted = await create(options);
    using network = await create(options);
    const settings = { batchSize: Math.ceil(ROWS / accumulate), accumulate };
    const { losses, epochs } = await fitted.fit(numbers, { ...settings, shuffle: false });
    using trainer = await network.trainer(settings);
    const { accuracy, metrics } = epochs[0];
    expect(accuracy).toBeGreaterThan(0);
    expect(trainer.step(numbers)).toEqual({ step: 1, epoch: 1, loss: losses[0], accuracy, metrics });
  });

  it('steps of a layer that hands its state on are those of an epoch', async () => {
    const data = { x: spreadTensor([24, 3]), y: spreadTensor([24, 3], 5) };
    using fitted = await create(stateful);
    using network = await create(stateful);
    await fitted.fit(data, { batchSize: BATCH, shuffle: false });
    using trainer = await network.trainer({ batchSize: BATCH });
    for (const batch of batchesOf(data, BATCH, 24)) trainer.step(batch);
    expect(weightsOf(network)).toEqual(weightsOf(fitted));
  });

  it.each(CASES.slice(0, 7))('steps %s that are awaited are the same', async (_, options, data, more) => {
    using network = await create(options);
    using other = await create(options);
    using trainer = await network.trainer(settingsOf(more));
    using awaited = await other.trainer(settingsOf(more));
    const batches = batchesOf(data, BATCH);
    const reports = await Promise.all(batches.map((batch) => awaited.stepAsync(batch)));
    expect(reports).toEqual(batches.map((batch) => trainer.step(batch)));
    expect(weightsOf(other)).toEqual(weightsOf(network));
  });

  it('a trainer goes on where a fit ended, and a fit where a trainer did', async () => {
    const settings = settingsOf({ schedule: oneCycle({ period: 30 }) });
    using again = await create(plain);
    using whole = await create(plain);
    await whole.fit(numbers, { ...(settings as FitOptions), epochs: 3, shuffle: false });
    await again.fit(numbers, { ...(settings as FitOptions), shuffle: false });
    const between = await again.trainer(settings);
    for (const batch of batchesOf(numbers, BATCH)) between.step(batch);
    expect(again.progress).toEqual({ epoch: 1, batch: 0, step: 14 });
    between.dispose();
    await again.fit(numbers, { ...(settings as FitOptions), shuffle: false });
    expect(weightsOf(again)).toEqual(weightsOf(whole));
    expect(again.progress).toEqual({ epoch: 2, batch: 0, step: 21 });
  });

  it.each<[string, Options, TrainerOptions]>([
    ['with dropout, statistics, a schedule', stack, { schedule: cosineDecay({ period: 9, per: 'step' }) }],
    ['of several mini-batches', stack, { accumulate: 2 }],
    ['of a layer that hands its state on', { ...stateful, loss: 'softmaxCrossEntropy' }, {}],
  ])('a trainer %s that is saved in its midst, loaded and continued equals one that was not', async (_, options, more) => {
    const settings = settingsOf(more);
    const batches = batchesOf(rowsOf(numbers, 0, 24), BATCH, 24);
    using whole = await create(options);
    using uninterrupted = await whole.trainer(settings);
    const losses = batches.map((batch) => uninterrupted.step(batch).loss);
    const expected = whole.toBytes();
    for (let stop = 0; stop <= batches.length; stop++) {
      using network = await create(options);
      using first = await network.trainer(settings);
      const before = batches.slice(0, stop).map((batch) => first.step(batch).loss);
      using loaded = await onBackend(backend, () => Network.fromBytes(network.toBytes(), { backend, reproducible: true }));
      expect(loaded.progress).toEqual(network.progress);
      using second = await loaded.trainer(settings);
      expect([...before, ...batches.slice(stop).map((batch) => second.step(batch).loss)], `after ${stop} steps`).toEqual(losses);
      expect(loaded.toBytes(), `after ${stop} steps`).toEqual(expected);
    }
  });

  it('predictions, evaluations and files between steps have the weights of the last one', async () => {
    using network = await create(plain);
    using fitted = await create(plain);
    using trainer = await network.trainer(settingsOf({}));
    for (const batch of batchesOf(numbers, BATCH)) {
      trainer.step(batch);
      await fitted.fit(batch, { ...(settingsOf({}) as FitOptions), shuffle: false });
      expect(network.predict(numbers.x)).toEqual(fitted.predict(numbers.x));
      expect(await network.predictAsync(numbers.x)).toEqual(fitted.predict(numbers.x));
      expect(await network.evaluate(numbers)).toEqual(await fitted.evaluate(numbers));
      expect(network.gradients(batch).loss).toBe(fitted.gradients(batch).loss);
      expect((await onBackend(backend, () => Network.fromBytes(network.toBytes()))).parameters()).toEqual(network.parameters());
    }
  });

  it('targets of another form take another program, and go on from the same state', async () => {
    using network = await create(plain);
    using fitted = await create(plain);
    const settings = settingsOf({});
    const soft = { x: numbers.x, y: { shape: [ROWS, 3], data: new Float32Array(ROWS * 3).fill(1 / 3) } };
    using trainer = await network.trainer(settings);
    for (const batch of [soft, numbers, soft, soft].flatMap((data) => batchesOf(data, BATCH).slice(0, 2))) {
      trainer.step(batch);
      await fitted.fit(batch, { ...(settings as FitOptions), shuffle: false });
    }
    expect(weightsOf(network)).toEqual(weightsOf(fitted));
  });
});
