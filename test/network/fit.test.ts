/** What fit does with seeds, rows, optimisers, clips and metrics, on every backend. */
import { adam, type DataSet, dense, digits, dropout, type FitOptions, sgd, tensor } from 'chainrule';
import { describe, expect, it } from 'vitest';
import { expectClose } from '../support/compare.ts';
import { BACKEND_NAMES, createOn, FASTEST, spreadTensor, weightsOf } from '../support/networks.ts';

const ROWS = 30;
const data: DataSet = { x: spreadTensor([ROWS, 4]), y: Array.from({ length: ROWS }, (_, i) => i % 3) };
const create = (backend = FASTEST, seed = 1) =>
  createOn(backend, { input: [4], layers: [dense(8, { activation: 'relu' }), dropout(0.2), dense(3)], loss: 'softmaxCrossEntropy', seed });

async function trained(backend = FASTEST, seed = 1, options: FitOptions = {}) {
  using network = await create(backend, seed);
  const before = weightsOf(network);
  const history = await network.fit(data, { epochs: 3, batchSize: 8, optimizer: sgd({ learningRate: 0.1 }), ...options });
  return { before, after: weightsOf(network), history };
}

describe.each(BACKEND_NAMES)('the seed on %s', (backend) => {
  it('decides everything random, to the bit', async () => {
    const one = await trained(backend, 5);
    const same = await trained(backend, 5);
    expect([same.before, same.after]).toEqual([one.before, one.after]);
    expect(same.history.epochs.map(({ accuracy }) => accuracy)).toEqual(one.history.epochs.map(({ accuracy }) => accuracy));
    expect([...same.history.losses]).toEqual([...one.history.losses]);
  });

  it('changed, changes everything random', async () => {
    const one = await trained(backend, 5);
    const other = await trained(backend, 6);
    expect(other.before['0.weight']).not.toEqual(one.before['0.weight']);
    expect(other.after['2.bias']).not.toEqual(one.after['2.bias']);
  });

  it('of more than 32 bits counts in full', async () => {
    const one = await trained(backend, 2 ** 53 - 1);
    const other = await trained(backend, 2 ** 53 - 1 - 2 ** 40);
    expect(other.before).not.toEqual(one.before);
  });
});

it('rows come, masks fall and weights begin alike on every backend', async () => {
  const [expected, ...others] = await Promise.all(BACKEND_NAMES.map((backend) => trained(backend, 11, { epochs: 4 })));
  for (const { before, history } of others) {
    for (const [name, values] of Object.entries(before)) expectClose(values, expected.before[name], 1e-6, name);
    expectClose(history.losses, expected.history.losses, 1e-4, 'losses');
  }
});

describe.each(BACKEND_NAMES)('mini-batches on %s', (backend) => {
  /** With a prediction that stays at 0, a batch's loss is the mean of its rows' targets: each target a power of 4 tells who was in it. */
  async function batches(rows: number, batchSize: number, options: FitOptions = {}): Promise<number[][]> {
    using network = await createOn(backend, {
      input: [1],
      layers: [dense(1, { initializer: 'zeros' })],
      loss: 'meanAbsoluteError',
      seed: 2,
    });
    const set = {
      x: tensor(new Float32Array(rows), [rows, 1]),
      y: tensor(
        Float32Array.from({ length: rows }, (_, i) => 4 ** i),
        [rows, 1],
      ),
    };
    const { losses } = await network.fit(set, { batchSize, optimizer: sgd({ learningRate: 0 }), ...options });
    return Array.from(losses, (loss, step) => {
      const size = Math.min(batchSize, rows - (step % Math.ceil(rows / batchSize)) * batchSize);
      const sum = Math.round(loss * size);
      return Array.from({ length: rows }, (_, i) => i).filter((i) => Math.floor(sum / 4 ** i) % 4 === 1);
    });
  }

  it('in order without shuffling, the last one smaller', async () =>
    expect(await batches(5, 2, { shuffle: false, epochs: 2 })).toEqual([[0, 1], [2, 3], [4], [0, 1], [2, 3], [4]]));

  it('shuffled: every row once an epoch, each epoch in another order', async () => {
    const steps = await batches(10, 3, { epochs: 4 });
    expect(steps.map(({ length }) => length)).toEqual([3, 3, 3, 1, 3, 3, 3, 1, 3, 3, 3, 1, 3, 3, 3, 1]);
    const epochs = [0, 4, 8, 12].map((start) => steps.slice(start, start + 4));
    for (const epoch of epochs) expect(epoch.flat().sort((a, b) => a - b)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    expect(new Set(epochs.map((epoch) => JSON.stringify(epoch))).size).toBe(4);
  });

  it('the batch size defaults to 32 or all rows', async () =>
    expect(await batches(3, 3, { batchSize: undefined, shuffle: false })).toEqual([[0, 1, 2]]));

  it('a smaller last batch has its own mean: gradients of the rows that came', async () => {
    using network = await createOn(backend, { input: [4], layers: [dense(3)], loss: 'softmaxCrossEntropy' });
    const last = { x: spreadTensor([ROWS, 4]).data.slice(28 * 4), y: [1, 2] };
    await network.fit(data, { batchSize: 28, shuffle: false, optimizer: sgd({ learningRate: 0 }) });
    const { loss, gradients } = network.gradients({ x: { shape: [2, 4], data: last.x }, y: last.y });
    const before = network.parameters();
    const { losses } = await network.fit(data, { batchSize: 28, shuffle: false, optimizer: sgd({ learningRate: 1e-12 }) });
    expectClose([losses[1]], [loss], 1e-5, 'loss of the last two rows');
    await network.fit({ x: { shape: [2, 4], data: last.x }, y: last.y }, { optimizer: sgd({ learningRate: 0.5 }) });
    const moved = Array.from(network.parameters().get('0.weight')!.data, (value, i) => (before.get('0.weight')!.data[i] - value) / 0.5);
    expectClose(moved, gradients.get('0.weight')!.data, 1e-4, 'step');
  });
});

describe('clipping', () => {
  /** How far one step at learning rate 1 moves each parameter: the gradient that the optimiser saw. */
  async function seen(backend: (typeof BACKEND_NAMES)[number], clip?: FitOptions['clip']): Promise<Record<string, number[]>> {
    using network = await createOn(backend, {
      input: [4],
      layers: [dense(5, { activation: 'tanh' }), dense(3)],
      loss: 'softmaxCrossEntropy',
    });
    const before = weightsOf(network);
    await network.fit(data, { batchSize: ROWS, optimizer: sgd({ learningRate: 1 }), clip });
    return Object.fromEntries(
      Object.entries(weightsOf(network)).map(([name, values]) => [name, values.map((value, i) => before[name][i] - value)]),
    );
  }
  const norm = (gradients: Record<string, number[]>) => Math.hypot(...Object.values(gradients).flat());

  it.each(BACKEND_NAMES)('by norm divides all by one factor, on %s', async (backend) => {
    const free = await seen(backend);
    const limit = norm(free) / 4;
    const clipped = await seen(backend, { norm: limit });
    expect(norm(clipped)).toBeCloseTo(limit, 4);
    for (const [name, values] of Object.entries(clipped))
      expectClose(
        values,
        free[name].map((value) => value / 4),
        1e-3,
        name,
      );
    expect(await seen(backend, { norm: 1e6 })).toEqual(free);
  });

  it.each(BACKEND_NAMES)('by value limits each by itself, on %s', async (backend) => {
    const free = await seen(backend);
    const limit = Math.max(...Object.values(free).flat().map(Math.abs)) / 3;
    for (const [name, values] of Object.entries(await seen(backend, { value: limit })))
      expectClose(
        values,
        free[name].map((value) => Math.max(-limit, Math.min(limit, value))),
        1e-3,
        name,
      );
  });
});

describe('a later fit', () => {
  const options = { batchSize: 8, optimizer: adam({ learningRate: 0.02 }) };

  it('with the same kind of optimiser goes on where the last one stopped', async () => {
    using parts = await create();
    for (let epoch = 0; epoch < 4; epoch++) await parts.fit(data, options);
    using whole = await create();
    await whole.fit(data, { ...options, epochs: 4 });
    expect(parts.toBytes()).toEqual(whole.toBytes());
  });

  it('starts its optimiser anew on request, or with another kind', async () => {
    const start = async () => {
      const network = await create();
      await network.fit(data, options);
      return network;
    };
    using fresh = await create();
    using restarted = await start();
    fresh.setParameters(restarted.parameters());
    await restarted.fit(data, { ...options, restart: true });
    await fresh.fit(data, options);
    expect(restarted.toBytes()).toEqual(fresh.toBytes());
    using continued = await start();
    await continued.fit(data, options);
    expect(weightsOf(continued)).not.toEqual(weightsOf(restarted));
    using other = await start();
    using beginning = await create();
    beginning.setParameters(other.parameters());
    for (const network of [other, beginning]) await network.fit(data, { optimizer: sgd({ learningRate: 0.1 }), batchSize: 8 });
    expect(weightsOf(other)).toEqual(weightsOf(beginning));
  });
});

describe('metrics', () => {
  it.each(BACKEND_NAMES)('of validation are those of evaluate, of training those of the steps, on %s', async (backend) => {
    using network = await create(backend);
    const validation = { x: spreadTensor([300, 4], 9), y: Array.from({ length: 300 }, (_, i) => i % 3) };
    const seen: unknown[] = [];
    const { losses, epochs } = await network.fit(data, {
      epochs: 3,
      batchSize: 8,
      validation,
      onEpoch: async ({ validationLoss, validationAccuracy }) => {
        seen.push({ loss: validationLoss, accuracy: validationAccuracy });
        expect(await network.evaluate(validation)).toEqual({ loss: validationLoss, accuracy: validationAccuracy });
      },
    });
    expect(seen.length).toBe(3);
    epochs.forEach(({ epoch, loss }, i) => {
      const [a, b, c, d] = losses.slice(4 * i, 4 * i + 4);
      expect(epoch).toBe(i + 1);
      expect(loss).toBeCloseTo((8 * (a + b + c) + 6 * d) / ROWS, 12);
    });
  });

  it('evaluate does not drop, fit does', async () => {
    using network = await createOn(FASTEST, { input: [4], layers: [dense(40), dropout(0.5), dense(3)], loss: 'softmaxCrossEntropy' });
    const still = { batchSize: ROWS, shuffle: false, optimizer: sgd({ learningRate: 0 }), epochs: 3 };
    const { losses } = await network.fit(data, still);
    const { loss } = await network.evaluate(data);
    expect(new Set([loss, ...losses]).size).toBe(4);
    expect(await network.evaluate(data)).toEqual(await network.evaluate(data));
  });

  it('penalties are part of the loss', async () => {
    using network = await createOn(FASTEST, {
      input: [1],
      layers: [dense(1, { initializer: [[3]], l1: 0.5, l2: 0.25 })],
      loss: 'meanSquaredError',
    });
    expect((await network.evaluate({ x: [[1], [2]], y: [3, 6] })).loss).toBeCloseTo(0.5 * 3 + 0.25 * 9, 6);
  });
});

it('digits reach 96 % on the fastest backend', async () => {
  const { train, test } = digits({ seed: 1 });
  using network = await createOn(FASTEST, {
    input: [64],
    layers: [dense(32, { activation: 'relu' }), dense(10)],
    loss: 'softmaxCrossEntropy',
    seed: 1,
  });
  await network.fit(train, { epochs: 30, optimizer: adam({ learningRate: 3e-3 }) });
  expect((await network.evaluate(test)).accuracy).toBeGreaterThan(0.96);
});
