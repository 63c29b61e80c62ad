/** A fit that its signal stops at any step, saved, loaded and gone on with, equals one that was never stopped, bit for bit. */
import {
  adam,
  batchNorm,
  type Callback,
  confusionMatrix,
  cosineDecay,
  type DataSet,
  dense,
  dropout,
  type EpochReport,
  embedding,
  type FitOptions,
  FormatError,
  lstm,
  Network,
  type NetworkOptions,
  reduceOnPlateau,
  reshape,
  rocAuc,
  sgd,
} from 'chainrule';
import { describe, expect, it } from 'vitest';
import { BACKEND_NAMES, createOn, FASTEST, onBackend, spreadTensor, weightsOf } from '../support/networks.ts';

/** An epoch of eight steps of three mini-batches each, the last of which has fewer rows. */
const STEPS_OF_EPOCH = 8;
const ROWS = STEPS_OF_EPOCH * 3 * 4 - 2;
const data: DataSet = { x: spreadTensor([ROWS, 3]), y: Array.from({ length: ROWS }, (_, i) => (i * 7) % 3) };
const validation: DataSet = { x: spreadTensor([30, 3], 5), y: Array.from({ length: 30 }, (_, i) => i % 3) };
const EPOCHS = 3;
const STEPS = STEPS_OF_EPOCH * EPOCHS;

const options: Omit<NetworkOptions, 'backend'> = {
  input: [3],
  layers: [dense(6, { activation: 'tanh' }), dropout(0.3), batchNorm(), dense(3)],
  loss: 'softmaxCrossEntropy',
  seed: 11,
};

/** Everything that counts time or remembers: its best epoch is not its last. */
const settings: FitOptions = {
  batchSize: 4,
  accumulate: 3,
  optimizer: adam({ learningRate: 0.05 }),
  ema: 0.9,
  schedule: cosineDecay({ period: 20, per: 'step' }),
  earlyStopping: { patience: 9, monitor: 'accuracy' },
  validation,
};

/** Another schedule, which remembers, and early stopping by the training loss, half of whose epoch may lie before the stop. */
const watching: FitOptions = {
  ...settings,
  ema: undefined,
  schedule: reduceOnPlateau({ patience: 0, threshold: 0.5, factor: 0.5 }),
  earlyStopping: { patience: 9, monitor: 'loss' },
};

interface Outcome {
  readonly bytes: Uint8Array;
  readonly losses: readonly number[];
  readonly epochs: readonly Omit<EpochReport, 'seconds'>[];
  readonly bestEpoch: number | undefined;
}

const withoutSeconds = ({ seconds: _, ...report }: EpochReport) => report;

/** A fit of all epochs. */
async function uninterrupted(network: Network, given: DataSet, fit: FitOptions): Promise<Outcome> {
  const { losses, epochs, bestEpoch } = await network.fit(given, { ...fit, epochs: EPOCHS });
  return { bytes: network.toBytes(), losses: [...losses], epochs: epochs.map(withoutSeconds), bestEpoch };
}

/** The same fit, stopped after one of its steps; a file of it goes on. */
async function interrupted(network: Network, given: DataSet, fit: FitOptions, stop: number, backend = FASTEST): Promise<Outcome> {
  const controller = new AbortController();
  const onStep = ({ step }: { step: number }) => void (step === stop && controller.abort());
  const first = await network.fit(given, { ...fit, epochs: EPOCHS, onStep, signal: controller.signal });
  expect(network.progress.step).toBe(stop);
  using loaded = await onBackend(backend, () => Network.fromBytes(network.toBytes(), { backend, reproducible: true }));
  expect(loaded.progress).toEqual(network.progress);
  const rest = EPOCHS - loaded.progress.epoch;
  if (rest === 0) {
    const { bestEpoch } = first;
    return { bytes: loaded.toBytes(), losses: [...first.losses], epochs: first.epochs.map(withoutSeconds), bestEpoch };
  }
  const second = await loaded.fit(given, { ...fit, epochs: rest });
  return {
    bytes: loaded.toBytes(),
    losses: [...first.losses, ...second.losses],
    epochs: [...first.epochs, ...second.epochs].map(withoutSeconds),
    bestEpoch: second.bestEpoch,
  };
}

describe.each(BACKEND_NAMES)('on %s, a run stopped', (backend) => {
  const create = (more: Partial<NetworkOptions> = {}) => createOn(backend, { ...options, reproducible: true, ...more } as NetworkOptions);

  it.each([
    ['dropout, batchNorm, a cosine of steps, accumulation, averages of the weights, early stopping by accuracy', settings],
    ['reduceOnPlateau and early stopping by the training loss', watching],
  ])('at any of its 24 steps goes on as if it had not been: %s', { timeout: 120_000 }, async (_, fit) => {
    using whole = await create();
    const expected = await uninterrupted(whole, data, fit);
    for (let stop = 1; stop < STEPS; stop++) {
      using network = await create();
      expect(await interrupted(network, data, fit, stop, backend), `stopped after step ${stop}`).toEqual(expected);
    }
  });

  it('within an epoch of a stateful layer goes on with what that carries', async () => {
    const layers = [reshape([3, 1]), lstm(4, { stateful: true }), dense(2)];
    const given: DataSet = { x: spreadTensor([24, 3]), y: spreadTensor([24, 2], 3) };
    const make = () => create({ layers, loss: 'meanSquaredError' });
    const fit: FitOptions = { batchSize: 4, shuffle: false, optimizer: sgd({ learningRate: 0.1 }) };
    using whole = await make();
    const expected = await uninterrupted(whole, given, fit);
    for (const stop of [1, 4, 6, 8]) {
      using network = await make();
      expect(await interrupted(network, given, fit, stop, backend), `stopped after step ${stop}`).toEqual(expected);
    }
  });

  it('within an epoch has the metrics of all its rows, by sums and by rows', async () => {
    const make = () => create({ metrics: ['f1', confusionMatrix(), rocAuc({ exact: true })] });
    const fit: FitOptions = { batchSize: 4, accumulate: 3, validation, earlyStopping: { patience: 9, monitor: 'f1' } };
    using whole = await make();
    const expected = await uninterrupted(whole, data, fit);
    expect(expected.epochs[0].metrics?.rocAuc).toBeGreaterThan(0);
    for (const stop of [1, 7, 11]) {
      using network = await make();
      expect(await interrupted(network, data, fit, stop, backend), `stopped after step ${stop}`).toEqual(expected);
    }
  });

  it('within an epoch whose loss ignores some targets has that epoch’s loss', async () => {
    const words: DataSet = {
      x: { shape: [30, 5], data: Float32Array.from({ length: 150 }, (_, i) => (i * 3) % 7) },
      y: { shape: [30, 5], data: Float32Array.from({ length: 150 }, (_, i) => (i % 4 === 0 ? 9 : i % 3)) },
    };
    const make = () => create({ input: [5], layers: [embedding(7, 4), dense(3)], loss: { type: 'softmaxCrossEntropy', ignore: 9 } });
    const fit: FitOptions = { batchSize: 4, accumulate: 2, optimizer: adam() };
    using whole = await make();
    const expected = await uninterrupted(whole, words, fit);
    using network = await make();
    expect(await interrupted(network, words, fit, 3, backend)).toEqual(expected);
  });
});

describe('a fit after one that was stopped within an epoch', () => {
  const create = () => createOn(FASTEST, options as NetworkOptions);
  const stopAt = async (network: Network, stop: number, fit: FitOptions = { batchSize: 12 }) => {
    const controller = new AbortController();
    await network.fit(data, {
      ...fit,
      epochs: 9,
      signal: controller.signal,
      onStep: ({ step }) => void (step === stop && controller.abort()),
    });
  };

  it('takes the rest of that epoch as its first', async () => {
    using network = await create();
    await stopAt(network, 11);
    expect(network.progress).toEqual({ epoch: 1, batch: 3, step: 11 });
    const { losses, epochs } = await network.fit(data, { batchSize: 12 });
    expect([losses.length, epochs.map(({ epoch }) => epoch), network.progress]).toEqual([5, [2], { epoch: 2, batch: 0, step: 16 }]);
  });

  it.each<[string, FitOptions, FitOptions]>([
    ['momentum', { optimizer: sgd({ learningRate: 0.1, momentum: 0.9 }) }, { optimizer: sgd({ learningRate: 0.1 }) }],
    ['averages of the weights', { ema: 0.9 }, {}],
  ])('goes back to the best epoch of that, without its %s', async (_, before, after) => {
    using network = await create();
    const fit: FitOptions = { batchSize: 12, earlyStopping: { patience: 9, minimumChange: 100 } };
    const weights: unknown[] = [];
    await stopAt(network, 18, { ...fit, ...before, onEpoch: () => void weights.push(weightsOf(network)) });
    const { bestEpoch } = await network.fit(data, { ...fit, ...after, epochs: 2 });
    expect([bestEpoch, weightsOf(network)]).toEqual([1, weights[0]]);
  });

  it.each<[string, FitOptions, DataSet]>([
    ['another batchSize', { batchSize: 10 }, data],
    ['accumulation', { batchSize: 12, accumulate: 2 }, data],
    ['another order', { batchSize: 12, shuffle: false }, data],
    ['other data', { batchSize: 12 }, validation],
  ])('begins the next epoch with %s', async (_, fit, given) => {
    using network = await create();
    await stopAt(network, 11);
    const reports: number[] = [];
    await network.fit(given, { ...fit, onEpoch: ({ epoch }) => reports.push(epoch) });
    expect(reports).toEqual([3]);
    expect(network.progress).toMatchObject({ epoch: 3, batch: 0 });
  });

  it.each<[string, FitOptions]>([
    ['restart', { batchSize: 12, restart: true }],
    ['another optimiser', { batchSize: 12, optimizer: sgd({ learningRate: 0.1 }) }],
  ])('begins anew with %s', async (_, fit) => {
    using network = await create();
    await stopAt(network, 11);
    await network.fit(data, fit);
    expect(network.progress).toEqual({ epoch: 1, batch: 0, step: 8 });
  });
});

describe('a model file', () => {
  const create = () => createOn(FASTEST, options as NetworkOptions);
  const PROGRESS = String.raw`\"epoch\":1,\"batch\":3,\"step\":11`;

  it.each<[string, string]>([
    ['beyond its epoch', String.raw`\"epoch\":1,\"batch\":8,\"step\":9`],
    ['before its epoch could begin', String.raw`\"epoch\":1,\"batch\":3,\"step\":2`],
    ['within an epoch, at its beginning', String.raw`\"epoch\":1,\"batch\":0,\"step\":11`],
  ])('that says training is %s is read, and the next epoch begins', async (_, progress) => {
    using network = await create();
    const controller = new AbortController();
    const onStep = ({ step }: { step: number }) => void (step === 11 && controller.abort());
    await network.fit(data, { batchSize: 12, epochs: 9, signal: controller.signal, onStep });
    const text = new TextDecoder('latin1').decode(network.toBytes());
    expect(text).toContain(PROGRESS);
    const changed = text.replace(PROGRESS, progress.padEnd(PROGRESS.length));
    using loaded = await onBackend(FASTEST, () =>
      Network.fromBytes(
        Uint8Array.from(changed, (character) => character.charCodeAt(0)),
        { backend: FASTEST },
      ),
    );
    const { batch, epoch } = loaded.progress;
    const { losses } = await loaded.fit(data, { batchSize: 12 });
    expect([losses.length, loaded.progress.epoch, loaded.progress.batch]).toEqual([8, epoch + (batch > 0 ? 2 : 1), 0]);
  });
});

describe('what a callback remembers', () => {
  const create = () => createOn(FASTEST, options as NetworkOptions);
  /** Adds up steps. */
  function counter(): Callback & { count: number } {
    return {
      name: 'counter',
      count: 0,
      stepsPerSecond: 'all',
      step() {
        this.count++;
      },
      remember() {
        return { notes: { count: this.count }, tensors: new Map([['twice', { shape: [1], data: Float32Array.of(2 * this.count) }]]) };
      },
      recall({ notes, tensors }) {
        expect(tensors?.get('twice')?.data[0]).toBe(2 * Number(notes.count));
        this.count = Number(notes.count);
      },
    };
  }

  it('is in the model file, and the next fit of its network gives it back', async () => {
    using network = await create();
    await network.fit(data, { batchSize: 12, callbacks: [counter()] });
    using loaded = await onBackend(FASTEST, () => Network.fromBytes(network.toBytes(), { backend: FASTEST }));
    const again = counter();
    await loaded.fit(data, { batchSize: 12, callbacks: [again] });
    expect(again.count).toBe(16);
    const anew = counter();
    await loaded.fit(data, { batchSize: 12, callbacks: [anew], restart: true });
    expect(anew.count).toBe(8);
  });

  it('is kept once the fit is over, and not the callback', async () => {
    using network = await create();
    const callback = counter();
    await network.fit(data, { batchSize: 12, callbacks: [callback] });
    callback.count = 7;
    using loaded = await onBackend(FASTEST, () => Network.fromBytes(network.toBytes(), { backend: FASTEST }));
    const again = counter();
    await loaded.fit(data, { batchSize: 12, callbacks: [again] });
    expect(again.count).toBe(16);
  });

  it('is refused by early stopping where it is not its own', async () => {
    using network = await create();
    const controller = new AbortController();
    await network.fit(data, { epochs: 3, earlyStopping: {}, signal: controller.signal, onEpoch: () => controller.abort() });
    const bytes = network.toBytes();
    const changed = new TextDecoder('latin1').decode(bytes).replace('\\"epoch\\":1,\\"value\\"', '\\"epoch\\":0,\\"value\\"');
    using loaded = await onBackend(FASTEST, () =>
      Network.fromBytes(
        Uint8Array.from(changed, (character) => character.charCodeAt(0)),
        { backend: FASTEST },
      ),
    );
    await expect(loaded.fit(data, { earlyStopping: {} })).rejects.toThrow(FormatError);
    expect(loaded.progress.epoch).toBe(1);
  });
});
