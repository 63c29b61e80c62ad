/** Predictions that many callers ask for at once: batches, bits, errors, order, disposal, statistics. */
import {
  conv2d,
  DataError,
  defineLayer,
  dense,
  flatten,
  type History,
  lstm,
  mean,
  multiHeadAttention,
  Network,
  type NetworkOptions,
  OptionError,
  ShapeError,
  StateError,
  subtract,
  type Tensor,
} from 'chainrule';
import { describe, expect, it } from 'vitest';
import { Slices } from '../../src/event-loop/slices.ts';
import { Requests } from '../../src/inference/requests.ts';
import { BACKEND_NAMES, createOn, FASTEST, onBackend, spread, spreadTensor } from '../support/networks.ts';

const FEATURES = 40;
/** Products whose order of sums native chooses by the number of rows, where it may. */
const dense3 = (options: Partial<NetworkOptions> = {}) => ({
  input: [FEATURES],
  layers: [dense(48, { activation: 'tanh' }), dense(30, { activation: 'relu' }), dense(3)],
  loss: 'softmaxCrossEntropy' as const,
  ...options,
});
const rowOf = (i: number, shape: readonly number[] = [FEATURES]) => spreadTensor([1, ...shape], i + 1);
const times = <T>(count: number, make: (i: number) => T): T[] => Array.from({ length: count }, (_, i) => make(i));
const values = ({ data }: Tensor) => Array.from(data);

const NETWORKS: readonly [string, Omit<NetworkOptions, 'backend'>, isTogetherOnNative: boolean][] = [
  ['dense layers', dense3(), true],
  ['dense layers, reproducible', dense3({ reproducible: true }), true],
  ['dense layers, bfloat16', dense3({ precision: 'bfloat16' }), false],
  ['a recurrence', { input: [6, 30], layers: [lstm(33), dense(3)], loss: 'meanSquaredError' }, true],
  ['attention', { input: [7, 32], layers: [multiHeadAttention(4), flatten(), dense(3)], loss: 'meanSquaredError' }, true],
  ['convolutions', { input: [3, 8, 8], layers: [conv2d(8, 3), flatten(), dense(3)], loss: 'meanSquaredError' }, false],
];

describe.each(BACKEND_NAMES)('requests at once on %s', (backend) => {
  it.each(NETWORKS)('have the bits of requests alone: %s', async (_, options, isTogetherOnNative) => {
    using network = await createOn(backend, options);
    const rows = times(backend === 'reference' ? 8 : 70, (i) => rowOf(i, options.input));
    const alone: number[][] = [];
    for (const row of rows) alone.push(values(await network.predictAsync(row)));
    const before = network.statistics().predictions;
    expect(before.batches).toBe(rows.length);
    const together = await Promise.all(rows.map((row) => network.predictAsync(row)));
    expect(together.map(values)).toEqual(alone);
    const after = network.statistics().predictions;
    expect(after.calls).toBe(2 * rows.length);
    const rounds = backend === 'native' && options.precision === undefined ? isTogetherOnNative : backend !== 'native';
    if (rounds) expect(after.batches - before.batches).toBe(Math.ceil(rows.length / 64));
    else
      expect(after.batches - before.batches).toBe(
        options.precision && network.backend.isa !== 'avx512bf16' ? expect.any(Number) : rows.length,
      );
  });

  it('of several inputs and outputs get theirs, probabilities or not', async () => {
    using network = await onBackend(backend, () =>
      Network.create({
        inputs: { left: [3], right: [2, 2] },
        build: ({ left, right }) => ({ class: dense(4)(dense(5)(left)), value: dense(2)(flatten()(right)) }),
        losses: { class: 'softmaxCrossEntropy', value: 'meanSquaredError' },
        backend,
      }),
    );
    const calls = times(9, (i) => ({
      x: { left: rowOf(i, [3]), right: rowOf(i + 50, [2, 2]) },
      probabilities: i % 4 === 3,
    }));
    const answers = await Promise.all(calls.map(({ x, probabilities }) => network.predictAsync(x, { probabilities })));
    for (const [i, { x, probabilities }] of calls.entries()) {
      const { class: classes, value } = await network.predictAsync(x, { probabilities });
      expect([values(answers[i].class), values(answers[i].value)]).toEqual([values(classes), values(value)]);
      if (probabilities) expect(values(classes).reduce((sum, p) => sum + p, 0)).toBeCloseTo(1, 5);
    }
    expect(new Set(answers.map((answer) => values(answer.class).join())).size).toBe(9);
  });

  it('are each alone where a layer looks at the whole batch', async () => {
    const centred = defineLayer({ type: 'centred' }, (_, x) => subtract(x, mean(x, [0])));
    using network = await createOn(backend, { input: [2], layers: [centred], loss: 'meanSquaredError' });
    const [one, two] = await Promise.all([
      network.predictAsync([[1, 2]]),
      network.predictAsync([
        [3, 8],
        [5, 2],
      ]),
    ]);
    expect([values(one), values(two)]).toEqual([
      [0, 0],
      [-1, 3, 1, -3],
    ]);
  });

  it('have one snapshot of the weights in a batch, while a fit changes them', async () => {
    using network = await createOn(backend, dense3());
    const stop = new AbortController();
    const data = { x: spreadTensor([20, FEATURES]), y: times(20, (i) => i % 3) };
    let fit: Promise<History> | undefined;
    // Requests come while it takes steps: before, it may not have begun when the last one is answered.
    await new Promise<void>((begun) => {
      fit = network.fit(data, { epochs: 1e6, signal: stop.signal, onEpoch: () => begun() });
    });
    for (let round = 0; round < 5; round++) {
      const before = network.statistics().predictions.batches;
      const answers = await Promise.all(times(12, () => network.predictAsync(rowOf(3))));
      expect(network.statistics().predictions.batches).toBe(before + 1);
      expect(new Set(answers.map((answer) => values(answer).join())).size).toBe(1);
    }
    stop.abort();
    expect((await fit)?.losses.length).toBeGreaterThan(0);
  });
});

describe('a request', () => {
  it('that is wrong leaves the others as they are', async () => {
    using network = await createOn(FASTEST, dense3());
    const good = times(4, (i) => rowOf(i));
    const expected = await Promise.all(good.map((row) => network.predictAsync(row)));
    const settled = await Promise.allSettled([
      network.predictAsync(good[0]),
      network.predictAsync([[1, 2]]),
      network.predictAsync(good[1]),
      network.predictAsync({ shape: [1, FEATURES], data: new Float32Array(FEATURES).fill(Number.NaN) }),
      network.predictAsync(good[2]),
      network.predictAsync(good[3], { probability: true } as object),
      network.predictAsync(good[3]),
    ]);
    const answers = settled.filter((one) => one.status === 'fulfilled').map(({ value }) => values(value));
    expect(answers).toEqual(expected.map(values));
    const errors = settled.filter((one) => one.status === 'rejected').map(({ reason }) => reason);
    expect(errors.map((error) => error.constructor)).toEqual([ShapeError, DataError, OptionError]);
    expect(network.statistics().predictions).toMatchObject({ calls: 8, rows: 8, batches: 2 });
  });

  it('is answered after those before it, whatever their sizes', async () => {
    using network = await createOn(FASTEST, dense3());
    const order: number[] = [];
    const sizes = [1, 300, 1, 70, 2, 64, 1];
    const asked = sizes.map(async (rows, i) => {
      const x = { shape: [rows, FEATURES], data: spread(rows * FEATURES, i + 1) };
      const { shape } = await network.predictAsync(x, { probabilities: i === 4 });
      order.push(i);
      expect(shape).toEqual([rows, 3]);
    });
    await Promise.all(asked);
    expect(order).toEqual(sizes.map((_, i) => i));
  });

  it.each([
    [3, [1, 1, 1, 1, 1, 1, 1], 3],
    [3, [2, 2, 1, 3, 1], 4],
    [3, [5, 1, 1], 2],
    [1, [1, 1, 1], 3],
    [256, times(300, () => 1), 2],
  ])('is in a batch of at most %i rows: %j take %i', async (maximumBatch, sizes, batches) => {
    using network = await createOn(FASTEST, dense3({ maximumBatch }));
    await Promise.all(sizes.map((rows) => network.predictAsync(spreadTensor([rows, FEATURES]))));
    const rows = sizes.reduce((sum, one) => sum + one, 0);
    const { seconds, ...counts } = network.statistics().predictions;
    expect(counts).toEqual({ calls: sizes.length, rows, batches, meanBatch: rows / batches });
    expect(seconds).toBeGreaterThan(0);
  });

  it.each([0, 257, 1.5, '8', null])('may not be served with maximumBatch %j', async (maximumBatch) => {
    const wrong = { ...dense3(), maximumBatch } as unknown as NetworkOptions;
    await expect(Network.create(wrong)).rejects.toThrow(OptionError);
    await expect(Network.create(wrong)).rejects.toThrow('maximumBatch: expected');
    await expect(Network.fromBytes(new Uint8Array(8), { maximumBatch } as object)).rejects.toThrow('Network.fromBytes.maximumBatch');
  });

  it('that waits or is computed when the network is disposed of is refused, and all others with it', async () => {
    const network = await createOn(FASTEST, dense3({ maximumBatch: 2 }));
    const first = network.predictAsync(rowOf(0));
    const rest = times(6, (i) => network.predictAsync(rowOf(i + 1)));
    await Promise.all([first, rest[0]]);
    network.dispose();
    const settled = await Promise.allSettled(rest.slice(1));
    for (const one of settled) expect(one).toEqual({ status: 'rejected', reason: new StateError('this network is disposed') });
  });
});

describe('a batch', () => {
  it('is made of what comes from many callers, after one has long been alone, too', async () => {
    const sizes: number[] = [];
    const requests = new Requests({
      together: 4,
      answer: async (batch) => {
        sizes.push(batch.length);
        return batch.map(() => []);
      },
    });
    const ask = () => requests.add(Promise.resolve({ rows: 1, inputs: [] }), false);
    for (let i = 0; i < 100; i++) await ask();
    expect(sizes).toEqual(times(100, () => 1));
    await Promise.all(times(200, () => new Promise((resolve) => setImmediate(() => resolve(ask())))));
    expect(sizes.slice(100).reduce((sum, size) => sum + size, 0)).toBe(200);
    expect(sizes.slice(-20)).toEqual(times(20, () => 4));
  });
});

describe('a fit in the same process', () => {
  it('gives way to what is urgent between its calls, and not to what becomes so meanwhile', async () => {
    const slices = new Slices(
      () => 0,
      async () => undefined,
    );
    const events: string[] = [];
    const release = slices.hurry();
    const waiting = slices.giveWay().then(() => events.push('fit'));
    await Promise.resolve();
    const later = slices.hurry();
    await Promise.resolve();
    events.push('prediction');
    release();
    await waiting;
    later();
    expect(events).toEqual(['prediction', 'fit']);
    await slices.giveWay();
  });
});

describe('statistics', () => {
  it('are a plain object of what has been done so far', async () => {
    using network = await createOn(FASTEST, dense3());
    const none = network.statistics();
    expect(none).toEqual({
      predictions: { calls: 0, rows: 0, batches: 0, meanBatch: 0, seconds: 0 },
      training: { steps: 0, fits: 0, seconds: 0 },
    });
    network.predict(spreadTensor([300, FEATURES]));
    await network.predictAsync(rowOf(1));
    await network.fit({ x: spreadTensor([20, FEATURES]), y: times(20, (i) => i % 3) }, { epochs: 2, batchSize: 10 });
    await network.fit({ x: [[1]] } as never).catch(() => undefined);
    const some = network.statistics();
    expect(some.predictions).toMatchObject({ calls: 2, rows: 301, batches: 3, meanBatch: 301 / 3 });
    expect(some.training).toMatchObject({ steps: 4, fits: 2 });
    expect(some.training.seconds).toBeGreaterThan(0);
    expect(none.predictions.calls).toBe(0);
    expect(JSON.parse(JSON.stringify(some))).toEqual(some);
    expect(Object.getPrototypeOf(some)).toBe(Object.prototype);
  });
});
