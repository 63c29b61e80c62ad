/** A divergence never costs the model: the network goes back to the best of the states that it had, its start included. */
import {
  adam,
  adamw,
  batchNorm,
  type DataSet,
  DivergedError,
  dense,
  digits,
  dropout,
  type FitOptions,
  type Network,
  OptionError,
  reduceOnPlateau,
  sgd,
} from 'chainrule';
import { describe, expect, it } from 'vitest';
import { copySnapshot, type Snapshot } from '../../src/model/weights.ts';
import { Fallback, type PublishedState } from '../../src/training/fallback.ts';
import { NETWORKS, OPTIMIZERS, RATES, survives } from '../support/diverging.ts';
import { BACKEND_NAMES, createOn, FASTEST, spreadTensor, weightsOf } from '../support/networks.ts';

async function diverge(network: Network, data: DataSet, options: FitOptions): Promise<DivergedError> {
  const error = await network.fit(data, options).catch((thrown: unknown) => thrown);
  expect(error, String(error)).toBeInstanceOf(DivergedError);
  return error as DivergedError;
}

const data: DataSet = { x: spreadTensor([24, 3]), y: spreadTensor([24, 2], 5) };
const create = (backend = FASTEST, loss: 'meanSquaredError' | 'huber' = 'meanSquaredError') =>
  createOn(backend, { input: [3], layers: [dense(4, { activation: 'relu' }), dense(2)], loss, seed: 4 });

describe('of states left behind', () => {
  const state = (step: number): Snapshot => ({
    parameters: new Map([['w', Float32Array.of(step)]]),
    state: new Map([['v/w', Float32Array.of(10 * step)]]),
    progress: { epoch: 0, batch: step, step },
  });
  /** Publishes state after state; after each, training finds losses. The last one is what diverges. */
  async function choose(stretches: readonly (readonly number[])[], measured: Readonly<Record<number, number>>, hasState = true) {
    const fallback = new Fallback(hasState);
    const published: PublishedState = {
      ...state(0),
      keep: (withState) => ({ ...copySnapshot(published), ...(withState ? {} : { state: new Map() }), free: () => undefined }),
    };
    stretches.forEach((losses, i) => {
      for (const loss of losses) fallback.note(loss);
      const leave = i < stretches.length - 1 ? 'leave' : 'leaveLast';
      fallback[leave](published);
      Object.assign(published, state(i + 1));
    });
    const asked: number[] = [];
    const chosen = await fallback.choose(async ({ progress: { step } }) => {
      asked.push(step);
      if (!(step in measured)) throw new Error('no memory');
      return measured[step];
    });
    return { chosen, asked };
  }

  it.each<[string, readonly (readonly number[])[], Readonly<Record<number, number>>, number, readonly number[]]>([
    ['only the start, which needs no measuring', [[1]], {}, 0, []],
    ['the last', [[3], [2], [9e9]], { 0: 3, 1: 2, 2: 1 }, 2, [0, 1, 2]],
    ['one in the middle, where the last is worse', [[3], [1], [2], [9e9]], { 0: 3, 1: 1, 3: 5e8 }, 1, [0, 1, 3]],
    ['the best by the mean of what followed', [[4, 4], [3, 1], [2.5, 2.5], [7]], { 0: 4, 1: 2, 3: 5 }, 1, [0, 1, 3]],
    ['the start, where others only seemed better', [[3], [1], [9]], { 0: 0.5, 1: 0.6, 2: 0.7 }, 0, [0, 1, 2]],
    ['the start, where others are as good', [[3], [1], [9]], { 0: 1, 1: 1, 2: 1 }, 0, [0, 1, 2]],
    ['the start, where another is NaN', [[3], [9]], { 0: Number.POSITIVE_INFINITY, 1: Number.NaN }, 0, [0, 1]],
    ['another, where the start is not finite', [[3], [9]], { 0: Number.NaN, 1: 1e30 }, 1, [0, 1]],
    ['the start, where measuring fails', [[3], [1], [9]], { 0: 9, 1: 1 }, 0, [0, 1, 2]],
  ])('it chooses %s', async (_, stretches, measured, expected, expectedAsked) => {
    const { chosen, asked } = await choose(stretches, measured);
    expect([chosen.progress.step, [...(chosen.parameters.get('w') ?? [])], [...(chosen.state.get('v/w') ?? [])]]).toEqual([
      expected,
      [expected],
      [10 * expected],
    ]);
    expect(asked).toEqual(expectedAsked);
  });

  it('the start has no state where the fit began with none', async () => {
    expect((await choose([[1], [9]], { 0: 1, 1: 2 }, false)).chosen.state.size).toBe(0);
  });
});

describe.each(BACKEND_NAMES)('on %s', (backend) => {
  const huge = backend === 'reference' ? 1e300 : 1e37;
  /** The rate explodes from that step on. */
  const explodesAt =
    (bad: number) =>
    ({ step }: { step: number }, rate: number) =>
      step < bad ? rate : huge;

  it('the state of the lowest loss comes back, with its optimiser’s, and is what a file holds', async () => {
    using network = await create(backend);
    const evaluated: number[] = [(await network.evaluate(data)).loss];
    const files: Uint8Array[] = [];
    // Steps of one batch, so that the loss of a step is that of the epoch's beginning. Epochs 5 to 8 make it worse, and the next ones explode.
    const schedule = ({ epoch }: { epoch: number }, rate: number) => (epoch < 5 ? rate : epoch < 8 ? 30 * rate : huge);
    const error = await diverge(network, data, {
      epochs: 100,
      batchSize: 24,
      optimizer: sgd({ learningRate: 0.05, momentum: 0.5 }),
      schedule,
      onEpoch: async () => {
        evaluated.push((await network.evaluate(data)).loss);
        files.push(network.toBytes());
      },
    });
    const lowest = Math.min(...evaluated.filter(Number.isFinite));
    const best = evaluated.indexOf(lowest);
    expect(best).toBeGreaterThan(1);
    expect(best).toBeLessThan(evaluated.length - 1);
    expect((await network.evaluate(data)).loss).toBe(lowest);
    expect(error.keptStep).toBe(best);
    expect(error.message).toContain(`the network is as it was after step ${best}, which had the lowest loss`);
    expect(network.toBytes()).toEqual(files[best - 1]);
  });

  it('before the first state is published there is only the start; the first fit’s has no optimiser state', async () => {
    using network = await create(backend);
    const before = network.toBytes();
    const error = await diverge(network, data, { batchSize: 8, optimizer: adam({ learningRate: huge }), epochs: 50 });
    expect(error.keptStep).toBe(0);
    expect(network.toBytes()).toEqual(before);
    await diverge(network, data, { batchSize: 8, optimizer: adam({ learningRate: huge }), epochs: 50, onEpoch: () => undefined });
    expect(network.toBytes()).toEqual(before);
  });

  it.each([false, true])('a trained network keeps what it has learnt, its optimiser’s state with it; restart: %s', async (restart) => {
    using network = await createOn(backend, {
      input: [3],
      layers: [dense(8, { activation: 'relu' }), batchNorm(), dropout(0.1), dense(2)],
      loss: 'meanSquaredError',
      seed: 4,
    });
    await network.fit(data, { epochs: 60, batchSize: 8, optimizer: adam({ learningRate: 0.01 }), schedule: reduceOnPlateau() });
    const { loss } = await network.evaluate(data);
    const before = network.toBytes();
    const error = await diverge(network, data, {
      ...{ epochs: 400, batchSize: 8, restart, onEpoch: () => undefined },
      optimizer: adam({ learningRate: 0.01 }),
      schedule: explodesAt(restart ? 30 : 200),
    });
    const after = await network.evaluate(data);
    expect(after.loss).toBeLessThanOrEqual(loss);
    if (error.keptStep === 0) expect(network.toBytes()).toEqual(before);
    const { losses } = await network.fit(data, { epochs: 20, batchSize: 8, optimizer: adam({ learningRate: 1e-4 }) });
    expect(losses.every(Number.isFinite)).toBe(true);
  });
});

/** A part of the table of test/long/diverging.test.ts: each network and each optimiser, at another rate on each backend. */
describe.each(BACKEND_NAMES.map((backend, i) => [backend, RATES[i % RATES.length], i] as const))('on %s at %d', (backend, rate, i) => {
  const optimizers = Object.keys(OPTIMIZERS);
  it.each(Object.keys(NETWORKS).map((network, k) => [network, optimizers[(k + 2 * i) % optimizers.length]] as const))(
    '%s by %s: a divergence costs nothing',
    async (network, optimizer) => {
      await survives(backend, NETWORKS[network](), OPTIMIZERS[optimizer], rate);
    },
  );
});

it('digits learnt to a small loss survive a rate of 20', async () => {
  const { train } = digits();
  const hidden = () => dense(64, { activation: 'leakyRelu' });
  using network = await createOn(FASTEST, { input: [64], layers: [hidden(), hidden(), dense(10)], loss: 'softmaxCrossEntropy' });
  await network.fit(train, { epochs: 12, optimizer: adam({ learningRate: 0.003 }) });
  const { loss } = await network.evaluate(train);
  expect(loss).toBeLessThan(0.055);
  for (const [learningRate, options] of [
    [20, {}],
    [20, { batchSize: 700, onEpoch: () => undefined }],
  ] as const) {
    await diverge(network, train, { ...options, epochs: 30, optimizer: sgd({ learningRate }) });
    expect((await network.evaluate(train)).loss).toBeLessThanOrEqual(loss);
  }
  const { losses } = await network.fit(train, { epochs: 2, optimizer: sgd({ learningRate: 1e-6 }) });
  expect(losses.every(Number.isFinite)).toBe(true);
});

describe('numbers that the backend’s do not hold are refused before anything is touched', () => {
  const rate = (learningRate: number) => ({ optimizer: sgd({ learningRate }) });
  const CASES: readonly [string, FitOptions, string][] = [
    ['a learning rate', rate(1e39), 'sgd.learningRate: expected a number within the range of float32, got 1e+39'],
    ['a learning rate that is 0 there', rate(1e-50), 'sgd.learningRate: expected a number within the range of float32, got 1e-50'],
    ['a weight decay', { optimizer: adamw({ weightDecay: 1e300 }) }, 'adamw.weightDecay'],
    ['a clip', { clip: { norm: 1e60 } }, 'fit.clip.norm'],
    ['a group’s rate', { groups: [{ parameters: '0', learningRate: 1e100 }] }, 'fit.groups.learningRate'],
    [
      'a schedule’s rate',
      { ...rate(1), schedule: ({ step }) => 10 ** (10 * step) },
      'schedule: the rate of step 5: expected a number within',
    ],
  ];
  it.each(CASES.flatMap((test) => BACKEND_NAMES.map((backend) => [...test, backend] as const)))(
    '%s: %s',
    async (_, options, message, backend) => {
      using network = await create(backend);
      const before = weightsOf(network);
      const fit = network.fit(data, { ...options, epochs: 6, batchSize: 24 }).catch((error: unknown) => error);
      const outcome = await fit;
      if (backend === 'reference') {
        expect(String(outcome)).not.toContain('within the range of');
        return;
      }
      expect(outcome).toBeInstanceOf(OptionError);
      expect(String(outcome)).toContain(message);
      if (!options.schedule) expect(weightsOf(network)).toEqual(before);
    },
  );

  it('so they are by diagnose', async () => {
    using network = await create(BACKEND_NAMES.find((name) => name !== 'reference'));
    await expect(network.diagnose(data, rate(1e39))).rejects.toThrow('sgd.learningRate: expected a number within the range of float32');
    await expect(network.diagnose(data, { clip: { value: 1e39 } })).rejects.toThrow('diagnose.clip.value');
  });
});
