/** Networks of general graphs: several inputs and heads, shared layers, layers and ops of a user's own. */
import {
  adam,
  add,
  BackendError,
  batchNorm,
  concatenate,
  customOp,
  defineLayer,
  dense,
  dropout,
  flatten,
  frozen,
  type GraphValue,
  multiply,
  Network,
  named,
  OptionError,
  sgd,
  split,
  square,
  subtract,
  tanh,
  tensor,
} from 'chainrule';
import { describe, expect, it } from 'vitest';
import { expectClose } from '../support/compare.ts';
import { BACKEND_NAMES, FASTEST, onBackend, spread, spreadTensor } from '../support/networks.ts';

const ROWS = 13;

const options = {
  inputs: { image: [1, 4, 4], meta: [3] },
  build: ({ image, meta }: { image: GraphValue; meta: GraphValue }) => {
    const a = dense(4, { activation: 'relu' })(image);
    const b = add(a, dropout(0.2)(dense(4)(a)));
    const [left, right] = split(flatten()(b), 2);
    const shared = named('shared', dense(5, { activation: 'tanh', l2: 0.01 }));
    const h = concatenate(shared(left), shared(right), multiply(subtract(meta, 1), 0.5));
    return { digit: dense(3)(h), parity: dense(1)(h) };
  },
  losses: {
    digit: 'softmaxCrossEntropy',
    parity: { loss: 'sigmoidCrossEntropy', weight: 0.3, metrics: ['meanAbsoluteError'] },
  },
  seed: 5,
} as const;

const create = (backend: (typeof BACKEND_NAMES)[number] = FASTEST, reproducible = false) =>
  onBackend(backend, () => Network.create({ ...options, losses: options.losses as never, backend, reproducible }));

const x = { image: tensor(spread(ROWS * 16), [ROWS, 1, 4, 4]), meta: spreadTensor([ROWS, 3], 7) };
const y = {
  digit: Array.from({ length: ROWS }, (_, i) => i % 3),
  parity: tensor(
    Float64Array.from({ length: ROWS }, (_, i) => i % 2),
    [ROWS, 1],
  ),
};
const data = { x, y };

describe.each(BACKEND_NAMES)('a network of several inputs and heads on %s', (backend) => {
  it('trains, evaluates each head, and predicts by name', async () => {
    using network = await create(backend);
    const before = await network.evaluate(data);
    await network.fit(data, {
      epochs: 120,
      batchSize: 5,
      optimizer: adam({ learningRate: 0.02 }),
      validation: data,
      earlyStopping: { patience: 50 },
    });
    const after = await network.evaluate(data);
    expect(after.loss).toBeLessThan(before.loss / 2);
    expect(after.accuracy).toBeUndefined();
    const { digit, parity } = after.outputs ?? {};
    const weight = (network.parameters().get('shared.weight')?.data ?? []) as Float64Array;
    const penalty = 0.01 * weight.reduce((sum: number, w: number) => sum + w * w, 0);
    expectClose([digit.loss + 0.3 * parity.loss + penalty], [after.loss], 1e-5, 'the weighted sum');
    expect(digit.accuracy).toBeGreaterThan(0.6);
    const predictions = network.predict(x, { probabilities: true });
    expect(predictions.digit.shape).toEqual([ROWS, 3]);
    expect(predictions.parity.shape).toEqual([ROWS, 1]);
    const errors = Array.from(predictions.parity.data, (p, i) => Math.abs(p - (i % 2)));
    expectClose([errors.reduce((sum, e) => sum + e, 0) / ROWS], [parity.metrics.meanAbsoluteError as number], 1e-4, 'metric');
    const apart = await network.predictAsync(x, { probabilities: true });
    expect(Array.from(apart.digit.data)).toEqual(Array.from(predictions.digit.data));
  });

  it('is read back without its build function, and continues exactly', async () => {
    using network = await create(backend);
    await network.fit(data, { batchSize: 5, epochs: 2 });
    using again = await onBackend(backend, () =>
      Network.fromBytes<typeof options.inputs, { digit: number[]; parity: number[] }>(network.toBytes(), { backend }),
    );
    expect(again.summary()).toBe(network.summary());
    for (const one of [network, again]) await one.fit(data, { batchSize: 5, epochs: 2 });
    for (const [name, { data: values }] of network.parameters()) expect(again.parameters().get(name)?.data).toEqual(values);
    expect(again.predict(x).digit.data).toEqual(network.predict(x).digit.data);
  });
});

it('gives the same bits on every backend in reproducible mode', async () => {
  const fast = BACKEND_NAMES.filter((name) => name !== 'reference');
  const weights = await Promise.all(
    fast.map(async (backend) => {
      using network = await create(backend, true);
      await network.fit(data, { epochs: 5, batchSize: 4, accumulate: 2, clip: { norm: 1 } });
      return [...network.parameters()].map(([name, { data: values }]) => [name, [...values]]);
    }),
  );
  for (const one of weights) expect(one).toEqual(weights[0]);
});

it('has gradients that finite differences confirm, for a shared layer the sum of its δ’s', async () => {
  using network = await create('reference');
  const { maxRelativeError, worst } = await network.checkGradients(data);
  expect(maxRelativeError, JSON.stringify(worst)).toBeLessThan(1e-6);
  expect([...network.parameters().keys()].filter((name) => name.startsWith('shared'))).toEqual(['shared.weight', 'shared.bias']);
});

it('of one input and one output is the same thing as a stack of layers', async () => {
  const layers = () => [dense(4, { activation: 'tanh' }), dropout(0.3), dense(2)];
  const common = { seed: 8, backend: FASTEST };
  using stack = await onBackend(FASTEST, () => Network.create({ input: [3], layers: layers(), loss: 'meanSquaredError', ...common }));
  const build = ({ v }: { v: GraphValue }) => ({ y: layers().reduce((value, layer) => layer(value), v) });
  using graph = await onBackend(FASTEST, () => Network.create({ inputs: { v: [3] }, build, losses: { y: 'meanSquaredError' }, ...common }));
  const [samples, targets] = [spreadTensor([9, 3]), spreadTensor([9, 2], 3)];
  await stack.fit({ x: samples, y: targets }, { epochs: 3, batchSize: 4 });
  await graph.fit({ x: { v: samples }, y: { y: targets } }, { epochs: 3, batchSize: 4 });
  expect([...graph.parameters()]).toEqual([...stack.parameters()]);
});

it('refuses data, losses and builds that do not fit', async () => {
  using network = await create();
  const wrong = async (bad: unknown, message: RegExp) => expect(network.fit(bad as typeof data)).rejects.toThrow(message);
  await wrong({ x: { image: x.image }, y }, /expected \{ image, meta \}, got \{ image \}/);
  await wrong({ x: { ...x, other: x.meta }, y }, /got \{ image, meta, other \}/);
  await wrong({ x: { ...x, meta: spreadTensor([ROWS, 4]) }, y }, /fit.x.meta: expected shape \[rows, 3\]/);
  await wrong({ x: { ...x, meta: spreadTensor([ROWS - 1, 3]) }, y }, /as many rows as image/);
  await wrong({ x, y: { digit: y.digit } }, /expected \{ digit, parity \}, got \{ digit \}/);
  await wrong({ x, y: y.digit }, /expected \{ digit, parity \}/);
  const build = (make: (value: GraphValue) => unknown, losses: unknown = { y: 'meanSquaredError' }) =>
    Network.create({ inputs: { v: [2] }, build: ({ v }) => make(v) as { y: GraphValue }, losses: losses as { y: 'meanSquaredError' } });
  await expect(build((v) => v)).rejects.toThrow(OptionError);
  await expect(build(() => ({}))).rejects.toThrow(/named outputs/);
  await expect(build((v) => ({ y: v, z: v }))).rejects.toThrow(/a loss for output 'z'/);
  await expect(build((v) => ({ y: v }), { y: 'huber', z: 'huber' })).rejects.toThrow(/got one for z/);
  await expect(build((v) => ({ y: v }), { y: { loss: 'huber', weight: -1 } })).rejects.toThrow(/losses.y.weight/);
  await expect(build((v) => ({ y: add(v, v.graph.parameter('p', [2])) }))).rejects.toThrow(/defineLayer/);
  await expect(build((v) => ({ y: dense(2)(named('a', dense(2))(named('a', dense(2))(v))) }))).rejects.toThrow(/a twice/);
});

/** Counts how often it was trained with, in a state of its own. */
const counting = (step: number) =>
  defineLayer({ type: 'counting', step }, (scope, value: GraphValue) => {
    const count = scope.state('count', [1], 'zeros');
    scope.assign(count, add(scope.latest(count), step));
    return multiply(value, scope.parameter('scale', [1], 'ones'));
  });
const makers = { counting: ({ step }: Record<string, unknown>) => counting(step as number) };

describe('a layer of a user’s own', () => {
  it.each(BACKEND_NAMES)('on %s keeps its state through training, saving and loading', async (backend) => {
    const layer = counting(2);
    using network = await onBackend(backend, () =>
      Network.create({ inputs: { v: [3] }, build: ({ v }) => ({ y: layer(tanh(layer(v))) }), losses: { y: 'meanSquaredError' }, backend }),
    );
    const set = { x: { v: spreadTensor([8, 3]) }, y: { y: spreadTensor([8, 3], 4) } };
    network.predict(set.x);
    network.gradients(set);
    await network.evaluate(set);
    await network.fit(set, { epochs: 3, batchSize: 4 });
    // Used twice in each of six steps.
    expect([...(network.parameters().get('0.count')?.data ?? [])]).toEqual([24]);
    expect(network.gradients(set).gradients.has('0.count')).toBe(false);
    const bytes = network.toBytes();
    await expect(Network.fromBytes(bytes)).rejects.toThrow(/counting/);
    using again = await onBackend(backend, () => Network.fromBytes<{ v: number[] }, { y: number[] }>(bytes, { backend, layers: makers }));
    await again.fit(set, { epochs: 1, batchSize: 4 });
    expect([...(again.parameters().get('0.count')?.data ?? [])]).toEqual([32]);
    await expect(Network.fromBytes(bytes, { layers: { dense: () => dense(1) } })).rejects.toThrow(/chainrule's own/);
    await expect(Network.fromBytes(bytes, { backend })).rejects.toThrow(/a file's own layer needs its maker, \{ layers: \{ \w+: /);
  });
});

describe('an op of a user’s own', () => {
  const cube = customOp({
    name: 'cube',
    inputs: 1,
    evaluate: ([values], out) => {
      values.forEach((value, i) => {
        out[i] = value ** 3;
      });
    },
    gradient: ([value], _, delta) => [multiply(delta, multiply(square(value), 3))],
  });
  const make = (backend: (typeof BACKEND_NAMES)[number]) =>
    onBackend(backend, () => Network.create({ input: [3], layers: [dense(4), cube, dense(2)], loss: 'meanSquaredError', backend }));
  const set = { x: spreadTensor([6, 3]), y: spreadTensor([6, 2], 3) };

  it('runs and is differentiated on the reference', async () => {
    using network = await make('reference');
    expect((await network.checkGradients(set)).maxRelativeError).toBeLessThan(1e-6);
    await network.fit(set, { epochs: 2, batchSize: 4 });
  });

  it.each(BACKEND_NAMES.filter((name) => name !== 'reference'))('is refused by %s', async (backend) => {
    using network = await make(backend);
    expect(() => network.predict(set.x)).toThrow(BackendError);
    await expect(network.fit(set)).rejects.toThrow(/cube/);
  });
});

describe('freezing', () => {
  const train = async (network: Network) => {
    await network.fit(
      { x: spreadTensor([8, 3]), y: spreadTensor([8, 2], 3) },
      { epochs: 2, optimizer: sgd({ learningRate: 0.1, weightDecay: 0.1 }) },
    );
    return network.parameters();
  };
  const changed = (a: ReturnType<Network['parameters']>, b: ReturnType<Network['parameters']>) =>
    [...a].filter(([name, { data: values }]) => values.some((v, i) => v !== b.get(name)?.data[i])).map(([name]) => name);

  it.each(BACKEND_NAMES)('on %s leaves parameters as they are, files remember it', async (backend) => {
    const layers = [dense(4, { activation: 'tanh' }), frozen(dense(4)), dense(2)];
    using network = await onBackend(backend, () => Network.create({ input: [3], layers, loss: 'meanSquaredError', backend }));
    network.freeze('0.weight', '2');
    expect(network.frozen).toEqual(['0.weight', '2.weight', '2.bias']);
    const before = network.parameters();
    expect(changed(before, await train(network))).toEqual(['0.bias']);
    using again = await onBackend(backend, () => Network.fromBytes(network.toBytes(), { backend }));
    again.unfreeze('2.*');
    const start = again.parameters();
    expect(changed(start, await train(again))).toEqual(['0.bias', '2.weight', '2.bias']);
    expect(() => again.freeze('nothing')).toThrow(OptionError);
  });

  it.each(BACKEND_NAMES)('on %s reaches layers within layers, and running statistics', async (backend) => {
    const block = () => {
      const [inner, norm] = [dense(4), batchNorm()];
      return defineLayer({ type: 'block' }, (_, v: GraphValue) => norm(inner(v)));
    };
    const layers = [frozen(block()), block(), block(), dense(2)];
    using network = await onBackend(backend, () => Network.create({ input: [3], layers, loss: 'meanSquaredError', backend }));
    network.freeze('1', '2.1.running_*');
    const before = network.parameters();
    const left = ['2.0.weight', '2.0.bias', '2.1.weight', '2.1.bias', '3.weight', '3.bias'];
    expect(changed(before, await train(network))).toEqual(left);
    network.unfreeze('1', '2');
    const own = [...before.keys()].filter((name) => !name.startsWith('0.'));
    expect(changed(network.parameters(), await train(network))).toEqual(own);
  });
});

it.each(BACKEND_NAMES)('on %s, maxNorm limits what flows into each unit', async (backend) => {
  const layers = [dense(6, { activation: 'tanh', maxNorm: 0.5, l2: 0.001 }), dense(2)];
  using network = await onBackend(backend, () => Network.create({ input: [3], layers, loss: 'meanSquaredError', backend }));
  await network.fit(
    { x: spreadTensor([8, 3]), y: spreadTensor([8, 2], 3) },
    { epochs: 5, batchSize: 4, optimizer: sgd({ learningRate: 0.5 }) },
  );
  const { data: weight } = network.parameters().get('0.weight') ?? tensor([], [0]);
  const norms = Array.from({ length: 6 }, (_, unit) => Math.hypot(...weight.slice(3 * unit, 3 * unit + 3)));
  for (const norm of norms) expect(norm).toBeLessThan(0.5 + 1e-6);
  expect(Math.max(...norms)).toBeGreaterThan(0.5 - 1e-6);
});
