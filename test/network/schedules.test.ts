/** Learning rates against PyTorch's schedulers, and what a fit makes of them. */
import { readFileSync } from 'node:fs';
import {
  cosineDecay,
  type DataSet,
  dense,
  exponentialDecay,
  type Monitor,
  Network,
  OptionError,
  oneCycle,
  reduceOnPlateau,
  type ScheduleConfig,
  scheduleFrom,
  sgd,
  stepDecay,
} from 'chainrule';
import { describe, expect, it } from 'vitest';
import { referenceBackend } from '../../src/backends/reference.ts';
import { BestEpoch } from '../../src/callbacks/early-stopping.ts';
import { type PlateauState, watchPlateau } from '../../src/callbacks/plateau.ts';
import { type Monitored, monitorsOf } from '../../src/metrics/monitors.ts';
import { LearningRates } from '../../src/training/learning-rates.ts';
import { expectClose } from '../support/compare.ts';
import { BACKEND_NAMES, createOn, FASTEST, onBackend, spreadTensor, weightsOf } from '../support/networks.ts';

interface Case {
  readonly schedule: ScheduleConfig;
  readonly base: number;
  readonly rates: readonly number[];
  readonly monitor?: Monitor;
  readonly values?: readonly number[];
}

const { schedules } = JSON.parse(readFileSync(new URL('../golden/schedules.json', import.meta.url), 'utf8')) as { schedules: Case[] };

/** As a network with class targets has it. */
function monitorNamed(name: Monitor): Monitored {
  const heads = [{ name: 'y', metrics: [], tables: new Set<string>(), hasAnswers: true }];
  return [false, true].flatMap((ofValidation) => monitorsOf(heads, false, ofValidation)).find((one) => one.name === name) as Monitored;
}

const optionsOf = (schedule: ScheduleConfig) => schedule as unknown as Parameters<typeof watchPlateau>[0];

const data: DataSet = { x: spreadTensor([24, 3]), y: spreadTensor([24, 2], 5) };
const layers = () => [dense(4, { activation: 'tanh' }), dense(2)];
const create = (backend = FASTEST) => createOn(backend, { input: [3], layers: layers(), loss: 'meanSquaredError', seed: 4 });

describe('rates are PyTorch’s', () => {
  it.each(schedules.map((test, i) => [`${i} ${test.schedule.type}`, test] as const))(
    '%s',
    (_, { schedule, base, rates, monitor, values }) => {
      const filled = scheduleFrom(schedule) as ScheduleConfig;
      const { minimum } = optionsOf(filled);
      let plateau: PlateauState | undefined;
      const learningRates = new LearningRates(
        { optimizer: sgd({ learningRate: base }), groups: undefined, schedule: filled },
        { at: (t) => ({ step: t, batch: 0, epoch: t }) },
        referenceBackend,
      );
      const found = rates.map((_rate, t) => {
        const [rate] = learningRates.at(t);
        if (values && monitor) plateau = watchPlateau(optionsOf(filled), monitorNamed(monitor), values[t], plateau);
        if (plateau) learningRates.scale(plateau.factor, minimum);
        return rate;
      });
      found.forEach((rate, t) => {
        expectClose([rate], [rates[t]], 1e-12, `rate ${t}`);
      });
    },
  );
});

/** A value each epoch, patience 1: the factors after each. */
describe('what counts as better than the best', () => {
  it.each<[string, Monitor, number, readonly number[], readonly number[]]>([
    ['a loss above 0 that stays', 'loss', 0.1, [4, 4, 4], [1, 1, 0.5]],
    ['a loss above 0 that falls by less', 'loss', 0.1, [4, 3.7, 3.65], [1, 1, 0.5]],
    ['a loss above 0 that falls by more', 'loss', 0.1, [4, 3.5, 3.1], [1, 1, 1]],
    ['a loss below 0 that stays', 'loss', 0.1, [-4, -4, -4], [1, 1, 0.5]],
    ['a loss below 0 that rises', 'validationLoss', 0.1, [-4, -3.9, -3.8], [1, 1, 0.5]],
    ['a loss below 0 that falls by less', 'loss', 0.1, [-4, -4.3, -4.35], [1, 1, 0.5]],
    ['a loss below 0 that falls by more', 'loss', 0.1, [-4, -4.5, -5], [1, 1, 1]],
    ['a loss that falls below 0', 'loss', 0.1, [1, -1, -3], [1, 1, 1]],
    ['a loss of 0 that stays', 'loss', 0.1, [0, 0, 0], [1, 1, 0.5]],
    ['without a threshold, a loss below 0 that stays', 'loss', 0, [-4, -4, -4], [1, 1, 0.5]],
    ['an accuracy that rises by less', 'accuracy', 0.1, [0.5, 0.54, 0.545], [1, 1, 0.5]],
    ['an accuracy that rises by more', 'validationAccuracy', 0.1, [0.5, 0.56, 0.62], [1, 1, 1]],
    ['an accuracy of 0 that rises', 'accuracy', 0.1, [0, 0.01, 0.02], [1, 1, 1]],
    ['a loss that becomes a number late', 'loss', 0.1, [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY, 4, 3], [1, 0.5, 0.5, 0.5]],
  ])('for reduceOnPlateau: %s', (_, monitor, threshold, values, factors) => {
    const schedule = reduceOnPlateau({ threshold, patience: 1, factor: 0.5 }) as ScheduleConfig;
    let plateau: PlateauState | undefined;
    const found = values.map((value) => {
      plateau = watchPlateau(optionsOf(schedule), monitorNamed(monitor), value, plateau);
      return plateau.factor;
    });
    expect(found).toEqual(factors);
  });

  it.each<[string, Monitor, readonly number[], number]>([
    ['a loss above 0', 'loss', [4, 3.8, 3.4, 3.2], 3],
    ['a loss below 0', 'validationLoss', [-4, -4.2, -4.6, -4.8], 3],
    ['a loss below 0 that rises', 'loss', [-4, -3.4, -2, -1], 1],
    ['an accuracy', 'accuracy', [0.1, 0.2, 0.7, 0.9], 3],
  ])('for early stopping by a minimum change of 0.5: %s', (_, monitor, values, best) => {
    const search = new BestEpoch(9, 0.5);
    values.forEach((value, i) => {
      search.take(i + 1, value, monitorNamed(monitor));
    });
    expect(search.epoch).toBe(best);
  });
});

describe('a fit', () => {
  it('whose loss is below 0 reduces its rate where that stays', async () => {
    // Σ y·(ln y − x) of "log-probabilities" above 0.
    const layer = dense(2, { initializer: 'zeros', biasInitializer: [5, 5] });
    using network = await createOn(FASTEST, { input: [1], layers: [layer], loss: 'kullbackLeibler' });
    network.freeze('*');
    const schedule = reduceOnPlateau({ patience: 1, factor: 0.5 });
    const { epochs } = await network.fit({ x: [[1]], y: [[1, 0]] }, { epochs: 6, optimizer: sgd({ learningRate: 1 }), schedule });
    expect(epochs.map(({ loss }) => loss)).toEqual([-5, -5, -5, -5, -5, -5]);
    expect(epochs.map(({ learningRate }) => learningRate)).toEqual([1, 1, 1, 0.5, 0.5, 0.25]);
  });

  it('that has monitored no number yet keeps its rate in a checkpoint', async () => {
    using network = await create();
    network.setParameters(new Map([['1.bias', [3e20, 3e20]]])); // The validation loss overflows, that of the training does not.
    const options = { validation: data, schedule: reduceOnPlateau({ patience: 1, factor: 0.5 }), optimizer: sgd({ learningRate: 0 }) };
    const far = { x: data.x, y: { shape: [24, 2], data: new Float64Array(48).fill(3e20) } };
    const { epochs } = await network.fit(far, { ...options, epochs: 4 });
    expect(epochs.map(({ validationLoss }) => validationLoss)).toEqual(new Array(4).fill(Number.POSITIVE_INFINITY));
    expect(new TextDecoder().decode(network.toBytes())).toContain(String.raw`\"factor\":0.25`);
    using again = await onBackend(FASTEST, () => Network.fromBytes(network.toBytes(), { backend: FASTEST }));
    expect(new TextDecoder().decode(again.toBytes())).toContain(String.raw`\"factor\":0.25`);
  });

  it.each(BACKEND_NAMES)('on %s with a schedule takes the steps of fits with each rate', async (backend) => {
    using scheduled = await create(backend);
    using manual = await create(backend);
    const options = { batchSize: 10, shuffle: false } as const;
    const { epochs } = await scheduled.fit(data, {
      ...options,
      epochs: 4,
      optimizer: sgd({ learningRate: 0.1 }),
      schedule: exponentialDecay({ factor: 0.5 }),
    });
    for (const learningRate of [0.1, 0.05, 0.025, 0.0125]) await manual.fit(data, { ...options, optimizer: sgd({ learningRate }) });
    expect(weightsOf(scheduled)).toEqual(weightsOf(manual));
    expect(epochs.map(({ learningRate }) => learningRate)).toEqual([0.1, 0.05, 0.025, 0.0125]);
  });

  it.each([
    ['an epoch', cosineDecay({ period: 6, warmup: 2 })],
    ['a step', oneCycle({ period: 18 })],
    ['a function', ({ step, epoch }: { step: number; epoch: number }, rate: number) => rate / (1 + step + epoch)],
    ['a plateau', reduceOnPlateau({ patience: 1, threshold: 0.2, factor: 0.3 })],
  ] as const)('changed by %s continues from a checkpoint as if it had not stopped', async (_, schedule) => {
    const options = { batchSize: 8, optimizer: sgd({ learningRate: 0.05, momentum: 0.9 }), schedule };
    using whole = await create();
    using first = await create();
    const { epochs } = await whole.fit(data, { ...options, epochs: 6 });
    await first.fit(data, { ...options, epochs: 3 });
    using second = await onBackend(FASTEST, () => Network.fromBytes(first.toBytes(), { backend: FASTEST }));
    await second.fit(data, { ...options, epochs: 3 });
    expect(weightsOf(second)).toEqual(weightsOf(whole));
    expect(new Set(epochs.map(({ learningRate }) => learningRate)).size).toBeGreaterThan(1);
  });

  it('gives a group its own rate, changed alike, and its own weight decay', async () => {
    using network = await create();
    const before = weightsOf(network);
    const groups = [
      { parameters: '0', learningRate: 0 },
      { parameters: ['*.bias'], learningRate: 0.02, weightDecay: 0 },
    ];
    await network.fit(data, {
      optimizer: sgd({ learningRate: 0.1, weightDecay: 0.5 }),
      groups,
      batchSize: 24,
      schedule: stepDecay({ period: 1 }),
    });
    const after = weightsOf(network);
    expect(after['0.weight']).toEqual(before['0.weight']);
    expect(after['0.bias']).toEqual(before['0.bias']);
    using alone = await create();
    const { gradients } = alone.gradients(data);
    const step = (name: string, rate: number, decay: number) =>
      before[name].map((p, i) => p - rate * ((gradients.get(name)?.data[i] ?? 0) + decay * p));
    expectClose(after['1.weight'], step('1.weight', 0.1, 0.5), 1e-6, 'weight');
    expectClose(after['1.bias'], step('1.bias', 0.02, 0), 1e-6, 'bias');
  });

  it('refuses values that are no schedule', async () => {
    expect(() => stepDecay({ period: 0 })).toThrow(OptionError);
    expect(() => cosineDecay({ period: 3, growth: 0.5 })).toThrow(/growth/);
    expect(() => scheduleFrom({ type: 'linear' })).toThrow(/schedule.type/);
    expect(() => scheduleFrom({ type: 'constant', monitor: 'loss' })).toThrow(/reduceOnPlateau only/);
    using network = await create();
    await expect(network.fit(data, { schedule: reduceOnPlateau({ monitor: 'validationLoss' }) })).rejects.toThrow(/validation data/);
    await expect(network.fit(data, { schedule: () => Number.NaN })).rejects.toThrow(OptionError);
    await expect(network.fit(data, { groups: [{ parameters: '7' }] })).rejects.toThrow(/'7'/);
  });
});

describe('a batch of more rows than there are', () => {
  it.each(BACKEND_NAMES)('is one of all rows on %s', async (backend) => {
    using all = await create(backend);
    using more = await create(backend);
    const one = await all.fit(data, { epochs: 3, batchSize: 24 });
    const other = await more.fit(data, { epochs: 3, batchSize: 1000 });
    expect(other.losses).toEqual(one.losses);
    expect(weightsOf(more)).toEqual(weightsOf(all));
  });
});

describe('gradient accumulation', () => {
  it.each(BACKEND_NAMES)('on %s equals the larger batch', async (backend) => {
    using large = await create(backend);
    using small = await create(backend);
    const options = { epochs: 3, clip: { norm: 0.3 }, shuffle: true } as const;
    // 24 rows in batches of 10: the last step of an epoch has 4, and its second mini-batch none.
    const one = await large.fit(data, { ...options, batchSize: 10 });
    const two = await small.fit(data, { ...options, batchSize: 5, accumulate: 2 });
    expect(two.losses).toHaveLength(one.losses.length);
    const allowed = backend === 'reference' ? 1e-12 : 1e-4;
    expectClose(two.losses, one.losses, allowed, 'losses');
    const [a, b] = [weightsOf(small), weightsOf(large)];
    for (const name of Object.keys(b)) expectClose(a[name], b[name], allowed, name);
  });

  it('resumes from a file to the bit', async () => {
    const options = { batchSize: 5, accumulate: 3 };
    using whole = await create();
    using parts = await create();
    await whole.fit(data, { ...options, epochs: 4 });
    for (let i = 0; i < 2; i++) await parts.fit(data, { ...options, epochs: 2 });
    expect(weightsOf(parts)).toEqual(weightsOf(whole));
  });

  it('finds where a step diverges', async () => {
    using network = await create();
    const huge = sgd({ learningRate: 1e30 });
    await expect(network.fit(data, { batchSize: 5, accumulate: 2, optimizer: huge, epochs: 5 })).rejects.toMatchObject({
      name: 'DivergedError',
    });
    for (const values of Object.values(weightsOf(network))) expect(values.every(Number.isFinite)).toBe(true);
  });
});

describe('early stopping', () => {
  it.each(BACKEND_NAMES)('on %s gives the best weights back', async (backend) => {
    using network = await create(backend);
    const validation: DataSet = { x: spreadTensor([24, 3], 2), y: spreadTensor([24, 2], 9) };
    const seen: { loss: number; weights: Record<string, number[]> }[] = [];
    const history = await network.fit(data, {
      epochs: 400,
      validation,
      optimizer: sgd({ learningRate: 0.3 }),
      earlyStopping: { patience: 4 },
      onEpoch: ({ validationLoss }) => void seen.push({ loss: validationLoss as number, weights: weightsOf(network) }),
    });
    const best = seen.reduce((least, one) => (one.loss < least.loss ? one : least));
    expect(history.stoppedEarly).toBe(true);
    expect(history.aborted).toBe(false);
    expect(history.epochs).toHaveLength((history.bestEpoch as number) + 4);
    expect(seen.indexOf(best)).toBe((history.bestEpoch as number) - 1);
    expect(weightsOf(network)).toEqual(best.weights);
  });

  it('keeps the last weights where told to, and refuses what it does not know', async () => {
    using network = await create();
    const earlyStopping = { monitor: 'loss', patience: 1, minimumChange: 1e9, restoreBest: false } as const;
    let last: Record<string, number[]> = {};
    const keep = () => {
      last = weightsOf(network);
    };
    const { epochs } = await network.fit(data, { epochs: 9, earlyStopping, onEpoch: keep });
    expect(epochs).toHaveLength(2);
    expect(weightsOf(network)).toEqual(last);
    await expect(network.fit(data, { earlyStopping: { patience: 0 } })).rejects.toThrow(/patience/);
    await expect(network.fit(data, { earlyStopping: { monitor: 'x' as 'loss' } })).rejects.toThrow(/monitor/);
  });

  it('refuses an accuracy that the targets do not have', async () => {
    using network = await create();
    const before = weightsOf(network);
    const earlyStopping = { monitor: 'accuracy' } as const;
    await expect(network.fit(data, { earlyStopping })).rejects.toThrow(
      "fit.earlyStopping.monitor: expected class targets of a single output with 'accuracy', got values",
    );
    const schedule = reduceOnPlateau({ monitor: 'validationAccuracy' });
    await expect(network.fit(data, { schedule, validation: data })).rejects.toThrow(
      /fit.schedule.monitor.*'validationAccuracy', got values/,
    );
    expect(weightsOf(network)).toEqual(before);
  });

  it('takes any number for better than infinity', () => {
    const search = new BestEpoch(2, 0);
    const infinite = Number.POSITIVE_INFINITY;
    const stops = [infinite, 5, infinite, 4, 6, 7].map((value, i) => {
      search.take(i + 1, value, monitorNamed('validationLoss'));
      return search.isOver(i + 1);
    });
    expect(stops).toEqual([false, false, false, false, false, true]);
    expect(search.epoch).toBe(4);
  });
});
