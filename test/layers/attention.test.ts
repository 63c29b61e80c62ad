/** Embedding, positional encoding and attention as a network sees them: gradients, masks, model files, and what is refused. */
import {
  activation,
  add,
  DataError,
  dense,
  embedding,
  type FitOptions,
  flatten,
  type GraphValue,
  layerFromConfig,
  layerNorm,
  multiHeadAttention,
  multiply,
  Network,
  OptionError,
  positionalEncoding,
  reshape,
  ShapeError,
  sgd,
} from 'chainrule';
import { describe, expect, it } from 'vitest';
import { expectClose } from '../support/compare.ts';
import { BACKEND_NAMES, createOn, FASTEST, onBackend, spreadTensor, weightsOf } from '../support/networks.ts';

const ROWS = 5;
const TIME = 4;
const FEATURES = 6;
const tokens = { shape: [ROWS, TIME], data: Float64Array.from({ length: ROWS * TIME }, (_, i) => (i * i) % 7) };
const y = spreadTensor([ROWS, 2], 7);

describe('gradients', () => {
  it('of an embedding, learned places and attention', async () => {
    using network = await createOn('reference', {
      input: [TIME],
      layers: [
        embedding(7, FEATURES),
        positionalEncoding({ learned: true }),
        multiHeadAttention(3, { causal: true }),
        layerNorm(),
        multiHeadAttention(2, { bias: false }),
        flatten(),
        dense(2),
      ],
      loss: 'halfSquaredError',
    });
    expect((await network.checkGradients({ x: tokens, y })).maxRelativeError).toBeLessThan(1e-6);
  });

  it('of attention to another sequence, masked', async () => {
    const network = await onBackend('reference', () =>
      Network.create({
        inputs: { x: [TIME, FEATURES], memory: [3, FEATURES], mask: [3] },
        build: ({ x, memory, mask }) => ({
          y: dense(2)(flatten()(multiHeadAttention(2, { masked: true })(x, dense(FEATURES)(memory), mask))),
        }),
        losses: { y: 'halfSquaredError' },
        backend: 'reference',
      }),
    );
    const mask = { shape: [ROWS, 3], data: Float64Array.from({ length: ROWS * 3 }, (_, i) => (i < 3 ? 0 : (i * 7) % 3 > 0 ? 1 : 0)) };
    const x = { x: spreadTensor([ROWS, TIME, FEATURES]), memory: spreadTensor([ROWS, 3, FEATURES], 5), mask };
    expect((await network.checkGradients({ x, y: { y } })).maxRelativeError).toBeLessThan(1e-6);
    network.dispose();
  });
});

describe.each(BACKEND_NAMES)('on %s', (backend) => {
  const sequence = spreadTensor([1, TIME, FEATURES], 3);
  const changed = (from: number) => ({ ...sequence, data: sequence.data.map((value, i) => (i >= from * FEATURES ? value + 1 : value)) });
  const outputs = async (network: Network, x: typeof sequence) => Array.from((await network.predict(x)).data);

  it('a causal step depends on no later one', async () => {
    const layers = [multiHeadAttention(2, { causal: true })];
    using network = await createOn(backend, { input: [TIME, FEATURES], layers, loss: 'halfSquaredError' });
    const [before, after] = [await outputs(network, sequence), await outputs(network, changed(2))];
    expect(after.slice(0, 2 * FEATURES)).toEqual(before.slice(0, 2 * FEATURES));
    expect(after.slice(2 * FEATURES)).not.toEqual(before.slice(2 * FEATURES));
  });

  it('a step that may attend to nothing gets zeros, and padding changes nothing', async () => {
    const network = await onBackend(backend, () =>
      Network.create({
        inputs: { x: [TIME, FEATURES], mask: [TIME] },
        build: ({ x, mask }) => ({ y: multiHeadAttention(3, { masked: true })(x, mask) }),
        losses: { y: 'halfSquaredError' },
        backend,
      }),
    );
    const run = async (x: typeof sequence, mask: number[]) =>
      Array.from(((await network.predict({ x, mask: [mask] })) as unknown as { y: { data: ArrayLike<number> } }).y.data);
    expect(await run(sequence, [0, 0, 0, 0])).toEqual(new Array(TIME * FEATURES).fill(0));
    const [before, after] = [await run(sequence, [1, 1, 0, 0]), await run(changed(2), [1, 1, 0, 0])];
    expect(after.slice(0, 2 * FEATURES)).toEqual(before.slice(0, 2 * FEATURES));
    network.dispose();
  });

  it('an embedding trains the rows that it looked up, and no others', async () => {
    using network = await createOn(backend, { input: [2], layers: [embedding(5, 3), flatten(), dense(1)], loss: 'halfSquaredError' });
    const before = Array.from(network.parameters().get('0.weight')?.data ?? []);
    await network.fit({ x: [[1, 3]], y: [[2]] }, { epochs: 1 });
    const after = Array.from(network.parameters().get('0.weight')?.data ?? []);
    const moved = [0, 1, 2, 3, 4].map((row) => before.slice(3 * row, 3 * row + 3).some((value, j) => value !== after[3 * row + j]));
    expect(moved).toEqual([false, true, false, true, false]);
    await expect(network.fit({ x: [[1, 5]], y: [[2]] }, { epochs: 1 })).rejects.toThrow(DataError);
  });

  it('an embedding trained by its rows is what one trained as a whole is', async () => {
    const layers = [embedding(7, 5), flatten(), dense(2)];
    const train = async (options: FitOptions) => {
      using network = await createOn(backend, { input: [TIME], layers, loss: 'halfSquaredError', seed: 3 });
      const before = weightsOf(network)['0.weight'];
      await network.fit({ x: tokens, y }, { epochs: 3, batchSize: 2, optimizer: sgd({ learningRate: 0.1 }), ...options });
      return { before, after: weightsOf(network)['0.weight'], bias: weightsOf(network)['2.bias'] };
    };
    const [rows, whole] = [await train({}), await train({ clip: { value: 1e9 } })];
    const untouched = (row: number) => rows.after.slice(5 * row, 5 * row + 5).every((value, j) => value === rows.before[5 * row + j]);
    expect([0, 1, 2, 3, 4, 5, 6].filter(untouched)).toEqual([3, 5, 6]);
    expectClose(rows.after, whole.after, 1e-6, 'table');
    expectClose(rows.bias, whole.bias, 1e-6, 'bias');
  });

  it('a network with attention is read back from its file', async () => {
    const layers = [
      embedding(7, FEATURES),
      positionalEncoding(),
      multiHeadAttention(2, { causal: true, bias: false }),
      flatten(),
      dense(2),
    ];
    using network = await createOn(backend, { input: [TIME], layers, loss: 'halfSquaredError' });
    await network.fit({ x: tokens, y }, { epochs: 2 });
    using again = await Network.fromBytes(network.toBytes(), { backend });
    expect((await again.predict(tokens)).data).toEqual((await network.predict(tokens)).data);
  });
});

it('positionalEncoding adds sines and cosines of falling frequency', async () => {
  using network = await createOn('reference', { input: [3, 4], layers: [positionalEncoding()], loss: 'halfSquaredError' });
  const { data } = await network.predict({ shape: [1, 3, 4], data: new Float64Array(12) });
  const expected = [0, 1, 2].flatMap((t) => [Math.sin(t), Math.cos(t), Math.sin(t / 100), Math.cos(t / 100)]);
  data.forEach((value, i) => {
    expect(value).toBeCloseTo(expected[i], 6);
  });
});

it('embedding and attention layers are made again from their configs', () => {
  const layers = [
    embedding(7, 3, { initializer: 'zeros' }),
    positionalEncoding({ learned: true }),
    multiHeadAttention(4, { causal: true, masked: true, bias: false, initializer: 'heNormal' }),
  ];
  for (const layer of layers) expect(layerFromConfig(JSON.parse(JSON.stringify(layer.config))).config).toEqual(layer.config);
});

describe('bad input', () => {
  it.each<[string, () => unknown]>([
    ['embedding(count)', () => embedding(0, 3)],
    ['embedding(size)', () => embedding(3, 1.5)],
    ['positionalEncoding.learned', () => positionalEncoding({ learned: 1 } as object)],
    ['multiHeadAttention(heads)', () => multiHeadAttention(0)],
    ['multiHeadAttention.causal', () => multiHeadAttention(2, { causal: 'yes' } as object)],
    ["unknown option 'dropout'", () => multiHeadAttention(2, { dropout: 0.1 } as object)],
  ])('%s is named', (message, make) => {
    expect(make).toThrow(OptionError);
    expect(make).toThrow(message);
  });

  const attempt = (input: readonly number[], layer: (x: GraphValue) => GraphValue) =>
    createOn(FASTEST, { input, layers: [layer, flatten(), dense(1)], loss: 'halfSquaredError' });

  it('heads that do not divide the features are refused', async () => {
    await expect(attempt([4, 6], multiHeadAttention(4))).rejects.toThrow(ShapeError);
    await expect(attempt([4, 6], multiHeadAttention(4))).rejects.toThrow('that 4 heads divide evenly, got [batch, 4, 6]');
  });

  it('a sequence of another size, no sequence and too many are refused', async () => {
    await expect(attempt([6], multiHeadAttention(2))).rejects.toThrow('expected [batch, time, features]');
    await expect(attempt([6], positionalEncoding())).rejects.toThrow('expected an input of [batch, time, features]');
    const heads = multiHeadAttention(2);
    await expect(attempt([4, 6], (x) => heads(x, x, x))).rejects.toThrow('expected one or two sequences, got 3 inputs');
    await expect(attempt([4, 6], multiHeadAttention(2, { masked: true }))).rejects.toThrow('one or two sequences and a mask, got 1 inputs');
  });

  it('a mask of another length is refused', async () => {
    const masked = multiHeadAttention(2, { masked: true });
    await expect(attempt([4, 6], (x) => masked(x, dense(3)(flatten()(x))))).rejects.toThrow('expected a mask of [batch, 4]');
  });
});

it('a block of a transformer is a composition', async () => {
  const block = (x: GraphValue) => {
    const attended = add(x, multiHeadAttention(2)(layerNorm()(x)));
    return add(attended, dense(FEATURES)(activation('gelu')(dense(2 * FEATURES)(multiply(layerNorm()(attended), 1)))));
  };
  using network = await createOn('reference', {
    input: [TIME * FEATURES],
    layers: [reshape([TIME, FEATURES]), block, flatten(), dense(2)],
    loss: 'halfSquaredError',
  });
  const x = spreadTensor([ROWS, TIME * FEATURES]);
  expect((await network.checkGradients({ x, y })).maxRelativeError).toBeLessThan(1e-6);
});
