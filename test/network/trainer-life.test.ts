/** A trainer from its beginning to its end: what it refuses, what it tells callbacks, how it diverges, and what it leaves. */
import {
  adam,
  BackendError,
  type Callback,
  cosineDecay,
  DataError,
  type DataSet,
  DivergedError,
  dense,
  earlyStopping,
  exp,
  Network,
  type NetworkOptions,
  OptionError,
  reduceOnPlateau,
  ShapeError,
  StateError,
  sgd,
  stepDecay,
  type Trainer,
  type TrainerOptions,
} from 'chainrule';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { extendPlatform } from '../../src/platform/platform.ts';
import type { FitSetup } from '../../src/training/events.ts';
import { BACKENDS } from '../support/backends.ts';
import { countingBackend, counts } from '../support/counted-sessions.ts';
import { deviceBackend } from '../support/device.ts';
import { BACKEND_NAMES, createOn, FASTEST, onBackend, spreadTensor, weightsOf } from '../support/networks.ts';

const native = BACKENDS.find(({ name }) => name === 'native');
const stack = { input: [3], layers: [dense(5, { activation: 'tanh' }), dense(2)], loss: 'softmaxCrossEntropy', seed: 4 } as const;
const batchOf = (rows: number, phase = 1): DataSet => ({
  x: spreadTensor([rows, 3], phase),
  y: Int32Array.from({ length: rows }, (_, i) => i % 2),
});
const batch = batchOf(4);
const create = (options: Omit<NetworkOptions, 'backend'> = stack) => createOn(FASTEST, options);
const immediate = () => new Promise<void>((resolve) => setImmediate(resolve));

describe('a trainer refuses', () => {
  it.each<[string, object, string]>([
    ['an unknown option', { epochs: 3 }, "trainer: unknown option 'epochs'"],
    ['no batch size', { batchSize: 0 }, 'trainer.batchSize: expected an integer'],
    ['no mini-batches', { accumulate: 0 }, 'trainer.accumulate: expected an integer'],
    ['what is no optimiser', { optimizer: 'adam' }, 'optimizer'],
    ['an impossible clip', { clip: { norm: 1, value: 1 } }, 'trainer.clip: expected { norm } or { value }'],
    ['a group of no parameter', { groups: [{ parameters: '9.*' }] }, 'trainer.groups.parameters'],
    ['groups in no list', { groups: {} }, 'trainer.groups: expected a list'],
    [
      'a rate that the backend cannot hold',
      { optimizer: sgd({ learningRate: 1e300 }) },
      'sgd.learningRate: expected a number within the range',
    ],
    [
      'a schedule of epochs',
      { schedule: stepDecay({ period: 3 }) },
      "trainer.schedule: expected a schedule of steps (per: 'step'), got one of epochs",
    ],
    ['a cosine of epochs', { schedule: cosineDecay({ period: 3 }) }, 'got one of epochs'],
    ['a schedule that watches epochs', { schedule: reduceOnPlateau() }, 'got reduceOnPlateau, which watches the ends of epochs'],
    ['a callback of epochs', { callbacks: [{ epoch: () => 1 }] }, 'trainer.callbacks[0]: expected a callback of steps, got one with epoch'],
    [
      'a callback of epochs that prepares itself',
      { callbacks: [{ step: () => 1 }, earlyStopping()] },
      'trainer.callbacks[1]: expected a callback of steps, got one with epoch',
    ],
    [
      'a callback that measures',
      { callbacks: [{ step: () => 1, measure: () => ({}) }] },
      'expected a callback of steps, got one with measure',
    ],
    [
      'a callback that prepares an evaluation',
      {
        callbacks: [
          {
            step: () => 1,
            *prepare(setup: FitSetup) {
              yield* setup.evaluation('own', batch);
            },
          },
        ],
      },
      'expected callbacks of steps, got one that prepares an evaluation',
    ],
    [
      'two callbacks of one name',
      {
        callbacks: [
          { name: 'a', step: () => 1 },
          { name: 'a', step: () => 1 },
        ],
      },
      "trainer.callbacks: expected callbacks of different names, got two of 'a'",
    ],
  ])('%s', async (_, options, message) => {
    using network = await create();
    const before = weightsOf(network);
    const error = await network.trainer(options as TrainerOptions).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(OptionError);
    expect((error as Error).message).toContain(message);
    expect(weightsOf(network)).toEqual(before);
    await network.fit(batch);
  });

  it.each<[string, unknown, new (message: string) => Error, string]>([
    ['no data', undefined, DataError, 'step'],
    ['no targets', { x: batch.x }, DataError, 'step'],
    ['a name that it does not know', { ...batch, z: 1 }, DataError, 'step'],
    ['rows of another shape', { ...batch, x: spreadTensor([4, 2]) }, ShapeError, 'step.x: expected shape [rows, 3], got [4, 2]'],
    ['no rows', { x: spreadTensor([0, 3]), y: [] }, DataError, 'step.x: expected at least one row'],
    ['NaN', { ...batch, x: [[1, 2, Number.NaN]] }, DataError, 'step.x: expected finite numbers'],
    ['other rows of targets', { ...batch, y: [1] }, DataError, 'step.y: expected one target for each of 4 rows'],
    ['a class that there is not', { x: [[1, 2, 3]], y: [2] }, DataError, 'step.y: expected class indices from 0 to 1'],
    [
      'more rows than a step takes',
      batchOf(9),
      DataError,
      'step: expected at most 8 rows, 2 mini-batches of 4, as the trainer was made for, got 9',
    ],
  ])('a batch with %s, and goes on', async (_, given, type, message) => {
    using network = await create();
    using other = await create();
    const options: TrainerOptions = { batchSize: 4, accumulate: 2 };
    using trainer = await network.trainer(options);
    using untouched = await other.trainer(options);
    expect(() => trainer.step(given as never)).toThrow(type);
    expect(() => trainer.step(given as never)).toThrow(message);
    await expect(trainer.stepAsync(given as never)).rejects.toThrow(type);
    expect(trainer.step(batch)).toEqual(untouched.step(batch));
    expect(weightsOf(network)).toEqual(weightsOf(other));
  });

  it('to share its network with a fit, another trainer, or what changes weights', async () => {
    using network = await create();
    const trainer = await network.trainer();
    const open = 'expected no trainer of this network to be open; dispose of it first';
    await expect(network.fit(batch)).rejects.toThrow(new StateError(`fit: ${open}`));
    await expect(network.trainer()).rejects.toThrow(new StateError(`trainer: ${open}`));
    expect(() => network.setParameters(network.parameters())).toThrow(new StateError(`setParameters: ${open}`));
    expect(() => network.freeze('0')).toThrow(new StateError(`freeze: ${open}`));
    expect(() => network.dispose()).toThrow(new StateError(`dispose: ${open}`));
    trainer.step(batch);
    trainer.dispose();
    const fit = network.fit(batch);
    await expect(network.trainer()).rejects.toThrow(new StateError('trainer: expected no fit to be running'));
    await fit;
    const opening = network.trainer();
    await expect(network.fit(batch)).rejects.toThrow(StateError);
    (await opening).dispose();
    network.dispose();
    await expect(network.trainer()).rejects.toThrow(new StateError('this network is disposed'));
  });

  it('steps once it is disposed of, any number of times, and the network goes on', async () => {
    using network = await create();
    const trainer = await network.trainer();
    trainer.step(batch);
    const weights = weightsOf(network);
    trainer.dispose();
    trainer.dispose();
    trainer[Symbol.dispose]();
    expect(() => trainer.step(batch)).toThrow(new StateError('this trainer is disposed'));
    await expect(trainer.stepAsync(batch)).rejects.toThrow(new StateError('this trainer is disposed'));
    expect(weightsOf(network)).toEqual(weights);
    expect(network.progress.step).toBe(1);
  });
});

describe('awaited steps', () => {
  it('run one after another, and none at once meanwhile', async () => {
    using network = await create();
    using trainer = await network.trainer();
    const steps = [1, 2, 3].map((phase) => trainer.stepAsync(batchOf(4, phase)));
    expect(() => trainer.step(batch)).toThrow(
      new StateError('step: expected no stepAsync of this trainer to be under way; await it first'),
    );
    expect((await Promise.all(steps)).map(({ step }) => step)).toEqual([1, 2, 3]);
    expect(trainer.step(batch).step).toBe(4);
  });

  it('copy typed arrays, which may be filled anew at once', async () => {
    using network = await create();
    using other = await create();
    using trainer = await network.trainer();
    using expected = await other.trainer();
    const [x, y] = [Float32Array.from(spreadTensor([4, 3]).data), Int32Array.of(0, 1, 0, 1)];
    const soft = new Float32Array(8).fill(0.5);
    const given: DataSet[] = [
      { x: { shape: [4, 3], data: x }, y },
      { x: { shape: [4, 3], data: x }, y: { shape: [4, 2], data: soft } },
    ];
    const first = given.map((one) => expected.step(one));
    const steps = given.map((one) => trainer.stepAsync(one));
    for (const array of [x, y, soft]) array.fill(1);
    expect(await Promise.all(steps)).toEqual(first);
  });

  it('let the event loop turn', async () => {
    using network = await createOn('reference', { input: [40], layers: [dense(300), dense(300), dense(2)], loss: 'meanSquaredError' });
    using trainer = await network.trainer({ batchSize: 64 });
    const data = { x: spreadTensor([64, 40]), y: spreadTensor([64, 2]) };
    let turns = 0;
    let isDone = false;
    const stepping = (async () => {
      for (let i = 0; i < 8; i++) await trainer.stepAsync(data);
      isDone = true;
    })();
    for (; !isDone; turns++) await immediate();
    await stepping;
    expect(turns).toBeGreaterThan(4);
  });

  it('that are short let the event loop turn too', async () => {
    let time = performance.now();
    using network = await create();
    using trainer = await network.trainer();
    vi.spyOn(performance, 'now').mockImplementation(() => {
      time += 3;
      return time;
    });
    let turns = 0;
    let isDone = false;
    const stepping = (async () => {
      for (let i = 0; i < 20; i++) await trainer.stepAsync(batch);
      isDone = true;
    })();
    for (; !isDone; turns++) await immediate();
    await stepping;
    vi.restoreAllMocks();
    expect(turns).toBeGreaterThan(4);
  });

  it('of a trainer that is disposed of end, those that wait are not taken', async () => {
    using network = await create();
    const trainer = await network.trainer();
    trainer.step(batch);
    const steps = [1, 2, 3].map((phase) => trainer.stepAsync(batchOf(4, phase)));
    const settled = Promise.allSettled(steps);
    trainer.dispose();
    const reasons = (await settled).map((one) => (one.status === 'rejected' ? String(one.reason) : one.value.step));
    expect(reasons.slice(1)).toEqual(['StateError: this trainer is disposed', 'StateError: this trainer is disposed']);
    expect(network.progress.step).toBe(reasons[0] === 2 ? 2 : 1);
    await network.fit(batch);
  });
});

describe('callbacks', () => {
  it('are told of the beginning, the steps, the weights that the network is given, and the end', async () => {
    using network = await create();
    const told: unknown[] = [];
    const callback: Callback = {
      stepsPerSecond: 'all',
      begin: ({ settings, data, progress }) => told.push(['begin', settings.epochs, settings.batchSize, data, progress.step]),
      step: ({ step, epoch, loss }, control) =>
        told.push(['step', step, epoch, Number.isFinite(loss), control.progress.step, control.learningRates]),
      published: ({ step }) => told.push(['published', step]),
      end: ({ progress, aborted, stoppedEarly, error }) => told.push(['end', progress.step, aborted, stoppedEarly, error]),
    };
    const trainer = await network.trainer({ batchSize: 9, optimizer: sgd({ learningRate: 0.5 }), callbacks: [callback] });
    trainer.step(batch);
    await trainer.stepAsync(batch);
    network.predict(batch.x);
    network.predict(batch.x);
    trainer.step(batch);
    trainer.dispose();
    expect(told).toEqual([
      ['begin', undefined, 9, undefined, 0],
      ['step', 1, 1, true, 1, [0.5]],
      ['step', 2, 1, true, 2, [0.5]],
      ['published', 2],
      ['step', 3, 1, true, 3, [0.5]],
      ['published', 3],
      ['end', 3, false, false, undefined],
    ]);
  });

  it('remember, and are reminded by a trainer that goes on', async () => {
    using network = await create();
    const counting = () => {
      let steps = 0;
      return {
        steps: () => steps,
        callback: {
          name: 'counter',
          stepsPerSecond: 'all',
          step: () => void steps++,
          remember: () => ({ notes: { steps } }),
          recall: ({ notes }) => {
            steps = notes.steps as number;
          },
        } satisfies Callback,
      };
    };
    const [first, second] = [counting(), counting()];
    const trainer = await network.trainer({ callbacks: [first.callback] });
    for (let i = 0; i < 3; i++) trainer.step(batch);
    using loaded = await onBackend(FASTEST, () => Network.fromBytes(network.toBytes()));
    trainer.dispose();
    using again = await loaded.trainer({ callbacks: [second.callback] });
    again.step(batch);
    expect(second.steps()).toBe(4);
  });

  it('that return promises are awaited by stepAsync and refused by step', async () => {
    using network = await create();
    let ended = false;
    const callback: Callback = {
      stepsPerSecond: 'all',
      async step() {
        await immediate();
        ended = true;
      },
    };
    using trainer = await network.trainer({ callbacks: [callback] });
    await trainer.stepAsync(batch);
    expect(ended).toBe(true);
    expect(() => trainer.step(batch)).toThrow(OptionError);
    expect(() => trainer.step(batch)).toThrow('stepAsync awaits it');
    expect(network.progress.step).toBe(3);
  });

  it('may scale rates, publish, take and restore snapshots, save nothing of epochs, and stop', async () => {
    using network = await create();
    const seen: number[] = [];
    const callback: Callback = {
      stepsPerSecond: 'all',
      step({ step }, control) {
        seen.push(...control.learningRates);
        if (step === 1) control.scaleLearningRates(0.1);
        if (step === 2) expect(() => control.noteBest(1)).toThrow(StateError);
        if (step === 4) control.stop();
      },
    };
    const trainer = await network.trainer({ optimizer: sgd({ learningRate: 0.5 }), callbacks: [callback] });
    for (let i = 0; i < 4; i++) trainer.step(batch);
    expect(seen).toEqual([0.5, 0.05, 0.05, 0.05]);
    expect(() => trainer.step(batch)).toThrow(new StateError('step: expected a trainer that goes on, got one that a callback has stopped'));
    trainer.dispose();
  });

  it('give the network a state that they kept', async () => {
    using network = await create();
    let restore = () => {};
    const callback: Callback = {
      stepsPerSecond: 'all',
      async step({ step }, control) {
        if (step !== 2) return;
        await control.publish();
        const kept = control.snapshot();
        restore = () => control.restore(kept);
      },
    };
    using trainer = await network.trainer({ callbacks: [callback] });
    const reports = [];
    for (let i = 0; i < 4; i++) reports.push(await trainer.stepAsync(batchOf(4, i)));
    restore();
    expect(network.progress.step).toBe(2);
    expect([await trainer.stepAsync(batchOf(4, 2)), await trainer.stepAsync(batchOf(4, 3))]).toEqual(reports.slice(2));
  });

  it('that throw leave the step taken and the trainer open, and cannot take steps', async () => {
    using network = await create();
    let trainer: Trainer | undefined;
    const callback: Callback = { stepsPerSecond: 'all', step: () => void trainer?.step(batch) };
    trainer = await network.trainer({ callbacks: [callback] });
    expect(() => trainer?.step(batch)).toThrow(StateError);
    expect(network.progress.step).toBe(1);
    await expect(trainer.stepAsync(batch)).rejects.toThrow(new StateError('step: expected no call of a callback'));
    expect(network.progress.step).toBe(2);
    trainer.dispose();
    const failing = network.trainer({ callbacks: [{ begin: () => Promise.reject(new Error('mine')) }] });
    await expect(failing).rejects.toThrow('mine');
    await network.fit(batch);
  });
});

describe.each(BACKEND_NAMES)('on %s, divergence', (backend) => {
  const overflowing = backend === 'reference' ? 1e160 : 1e20;
  const line = () => createOn(backend, { input: [1], layers: [dense(1, { initializer: [[1]], bias: false })], loss: 'meanSquaredError' });
  const point: DataSet = { x: [[1]], y: [0] };
  const weight = (network: Network) => network.parameters().get('0.weight')?.data[0];

  it.each<[string, TrainerOptions]>([
    ['a step', {}],
    ['a step of several mini-batches', { accumulate: 3 }],
  ])('of %s whose loss overflows leaves the best weights, and ends the trainer', async (_, options) => {
    using network = await line();
    const end = vi.fn();
    const trainer = await network.trainer({ optimizer: sgd({ learningRate: 1e6 }), callbacks: [{ end }], ...options });
    let last = 0;
    let taken = 0;
    const run = () => {
      for (;;) {
        last = trainer.step(point).loss;
        taken++;
      }
    };
    expect(run).toThrow(DivergedError);
    expect(taken).toBeGreaterThan(1);
    expect(end.mock.calls[0][0]).toMatchObject({
      progress: { step: 0 },
      error: expect.stringContaining(`training diverged at step ${taken + 1}`),
    });
    expect(weight(network)).toBe(1);
    expect(network.progress.step).toBe(0);
    expect(() => trainer.step(point)).toThrow(StateError);
    expect(last).toBeGreaterThan(1);
    await network.fit(point, { optimizer: sgd({ learningRate: 0.1 }) });
  });

  it('names the layer, keeps the steps before where the batch is to blame, and loses nothing', async () => {
    using network = await createOn(backend, {
      input: [1],
      layers: [dense(2, { initializer: [[1], [1]] }), (x) => exp(x), dense(1)],
      loss: 'meanSquaredError',
    });
    const trainer = await network.trainer({ optimizer: sgd({ learningRate: 1e-3 }) });
    for (let i = 0; i < 5; i++) trainer.step({ x: [[0.1]], y: [0.2] });
    const weights = weightsOf(network);
    const error = await trainer.stepAsync({ x: [[1e4]], y: [0] }).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(DivergedError);
    expect(error).toMatchObject({ step: 6, keptStep: 5, layer: expect.stringContaining('layer 1') });
    expect(weightsOf(network)).toEqual(weights);
    expect(network.progress.step).toBe(5);
  });

  it('of an update is told to whoever reads the weights first, and the network has those before', async () => {
    const make = async () => {
      const network = await line();
      const trainer = await network.trainer({ optimizer: sgd({ learningRate: overflowing }) });
      trainer.step({ x: [[overflowing ** 0.9]], y: [0] });
      return { network, trainer };
    };
    for (const read of [
      (network: Network) => network.predict([[1]]),
      (network: Network) => network.toBytes(),
      (network: Network) => network.parameters(),
    ]) {
      const { network } = await make();
      expect(() => read(network)).toThrow(DivergedError);
      expect(() => read(network)).not.toThrow();
      expect(weight(network)).toBe(1);
      network.dispose();
    }
    const { network, trainer } = await make();
    expect(() => trainer.dispose()).toThrow('layer 0 (dense) computed NaN or infinity in 0.weight');
    expect(weight(network)).toBe(1);
    network.dispose();
  });
});

describe('sessions', () => {
  beforeEach(() => extendPlatform({ loadNative: () => countingBackend }));
  afterEach(() => native && extendPlatform({ loadNative: () => native }));

  it('are one for many trainers, and none once the network is disposed of', async () => {
    counts.opened = 0;
    const network = await onBackend('native', () => Network.create({ ...stack, backend: 'native' }));
    for (let i = 0; i < 50; i++) {
      using trainer = await network.trainer({ optimizer: adam({ learningRate: 0.1 / (i + 1) }) });
      trainer.step(batch);
      await trainer.stepAsync(batch);
    }
    expect(counts).toMatchObject({ opened: 1, alive: 1, bound: 0 });
    const trainer = await network.trainer({ optimizer: sgd({ learningRate: 1e308 }) });
    expect(() => {
      for (;;) trainer.step(batch);
    }).toThrow(DivergedError);
    expect(counts.alive).toBe(0);
    network.dispose();
    expect(counts.alive).toBe(0);
  });
});

describe('on another device', () => {
  beforeEach(() => extendPlatform({ loadNative: () => deviceBackend() }));
  afterEach(() => native && extendPlatform({ loadNative: () => native }));
  const both = () =>
    Promise.all((['reference', 'native'] as const).map((backend) => onBackend(backend, () => Network.create({ ...stack, backend }))));

  it('steps are awaited, and come to the same bits', async () => {
    const [here, there] = await both();
    const options: TrainerOptions = { batchSize: 2, accumulate: 3, clip: { norm: 1 } };
    const [trainer, remote] = await Promise.all([here.trainer(options), there.trainer(options)]);
    expect(() => remote.step(batch)).toThrow(BackendError);
    expect(() => remote.step(batch)).toThrow('stepAsync awaits it');
    for (let i = 0; i < 5; i++) {
      expect(await remote.stepAsync(batchOf(5, i))).toEqual(trainer.step(batchOf(5, i)));
      expect(weightsOf(there)).toEqual(weightsOf(here));
    }
    remote.dispose();
    expect(weightsOf(there)).toEqual(weightsOf(here));
  });

  it('divergence leaves the same weights', async () => {
    const [here, there] = await both();
    const [trainer, remote] = await Promise.all(
      [here, there].map((network) => network.trainer({ optimizer: sgd({ learningRate: 1e308 }) })),
    );
    const errors = await Promise.all(
      [trainer, remote].map(async (one) => {
        for (;;)
          try {
            await one.stepAsync(batch);
          } catch (error) {
            return error as DivergedError;
          }
      }),
    );
    expect(errors[0]).toBeInstanceOf(DivergedError);
    expect(errors[1].message).toBe(errors[0].message);
    expect(weightsOf(there)).toEqual(weightsOf(here));
  });
});
