/** The network of `chainrule/train` is that of `chainrule` without what a page seldom needs. */
import { diagnosing, FormatError, Network as FullNetwork, OptionError, reduceOnPlateau } from 'chainrule';
import { describe, expect, it } from 'vitest';
import {
  adam,
  cosineDecay,
  DENSE,
  DROPOUT,
  dense,
  dropout,
  earlyStopping,
  F1,
  f1,
  fromBytes,
  Network,
  SOFTMAX_CROSS_ENTROPY,
  softmaxCrossEntropy,
  toBytes,
  validation,
} from '../../src/train/exports.ts';

const x = Array.from({ length: 12 }, (_, i) => [Math.sin(i), Math.cos(i)]);
const y = x.map(([a, b]) => (a > b ? 2 : a > 0 ? 1 : 0));
const layers = () => [dense(6, { activation: 'tanh' }), dropout(0.2), dense(3)];

const create = () =>
  Network.create({ input: [2], layers: layers(), loss: softmaxCrossEntropy({ labelSmoothing: 0.1 }), metrics: [f1()], seed: 3 });
const createFull = () =>
  FullNetwork.create({
    input: [2],
    layers: layers(),
    loss: { type: 'softmaxCrossEntropy', labelSmoothing: 0.1 },
    metrics: ['f1'],
    seed: 3,
  });

const fitting = { epochs: 4, batchSize: 5, optimizer: adam({ learningRate: 0.05 }), schedule: cosineDecay({ period: 4 }) };
const PARTS = { layers: [DENSE, DROPOUT], losses: [SOFTMAX_CROSS_ENTROPY], metrics: [F1] };

describe('the network of chainrule/train', () => {
  it('trains, predicts and evaluates to the bit as that of chainrule, and writes the same file', async () => {
    using small = await create();
    using full = await createFull();
    const [history, expected] = [await small.fit({ x, y }, fitting), await full.fit({ x, y }, fitting)];
    expect(history.losses).toEqual(expected.losses);
    expect(history.epochs.at(-1)?.metrics).toEqual(expected.epochs.at(-1)?.metrics);
    expect(small.predict(x, { probabilities: true }).data).toEqual(full.predict(x, { probabilities: true }).data);
    expect((await small.predictAsync(x)).data).toEqual(full.predict(x).data);
    expect(await small.evaluate({ x, y })).toEqual(await full.evaluate({ x, y }));
    expect(small.parameters()).toEqual(full.parameters());
    expect(small.progress).toEqual(full.progress);
    expect(toBytes(small)).toEqual(full.toBytes());
  });

  it('goes on from its bytes as if there had been no stop, and each network reads what the other writes', async () => {
    using whole = await create();
    await whole.fit({ x, y }, fitting);
    await whole.fit({ x, y }, fitting);
    using first = await create();
    await first.fit({ x, y }, fitting);
    using second = await fromBytes<readonly [2]>(toBytes(first), PARTS);
    using full = await FullNetwork.fromBytes(toBytes(first));
    await second.fit({ x, y }, fitting);
    await full.fit({ x, y }, fitting);
    expect(toBytes(second)).toEqual(toBytes(whole));
    expect(full.toBytes()).toEqual(toBytes(whole));
    using back = await fromBytes(full.toBytes(), PARTS);
    expect(back.predict(x as never).data).toEqual(whole.predict(x).data);
  });

  it('takes callbacks', async () => {
    using network = await create();
    const callbacks = [validation({ x, y }), earlyStopping({ patience: 1, monitor: 'validationLoss' })];
    const { epochs } = await network.fit({ x, y }, { ...fitting, epochs: 3, callbacks });
    expect(epochs[0].validationLoss).toBeGreaterThan(0);
  });
});

describe('refused is', () => {
  const bytes = async () => {
    using network = await create();
    return toBytes(network);
  };

  it.each([
    [
      'layer',
      { ...PARTS, layers: [DENSE] },
      /layer: expected a type among those given to fromBytes, dense, got 'dropout'; import its definition/,
    ],
    ['loss', { ...PARTS, losses: [] }, /loss: expected a type among those given to fromBytes, none, got 'softmaxCrossEntropy'/],
    ['metric', { ...PARTS, metrics: [] }, /metrics: expected a type among those given to fromBytes, none, got 'f1'/],
  ])('a file with a %s that the page does not carry', async (_, parts, message) => {
    const given = await bytes();
    await expect(fromBytes(given, parts)).rejects.toThrow(FormatError);
    await expect(fromBytes(given, parts)).rejects.toThrow(message);
  });

  it('a file with named inputs', async () => {
    using network = await FullNetwork.create({
      inputs: { a: [2] },
      build: ({ a }) => ({ b: dense(3)(a) }),
      losses: { b: 'softmaxCrossEntropy' },
    });
    await expect(fromBytes(network.toBytes(), PARTS)).rejects.toThrow(/expected a stack of layers, got named inputs and outputs/);
  });

  it.each([
    ['definitions that are none', { ...PARTS, layers: [dense] }],
    ['no definitions', { losses: PARTS.losses }],
    ['an unknown option', { ...PARTS, seed: 1 }],
  ])('%s', async (_, options) => {
    await expect(fromBytes(await bytes(), options as never)).rejects.toThrow(OptionError);
  });

  it.each([
    ['a loss by name', { loss: 'softmaxCrossEntropy' }, /loss: expected a loss as softmaxCrossEntropy\(\) makes it/],
    ['a metric by name', { metrics: ['f1'] }, /metrics: expected a list of metrics/],
    ['an unknown option', { optimizer: adam() }, /optimizer/],
  ])('%s', async (_, options, message) => {
    const given = { input: [2], layers: layers(), loss: softmaxCrossEntropy(), ...options } as never;
    await expect(Network.create(given)).rejects.toThrow(OptionError);
    await expect(Network.create(given)).rejects.toThrow(message);
  });

  it.each([
    ['no optimiser', { optimizer: undefined }, /optimizer/],
    ['an optimiser by name', { optimizer: { type: 'adam' } }, /expected an optimizer such as adam\(\)/],
    ['an optimiser with another learning rate than a number', { optimizer: { ...adam(), learningRate: -1 } }, /learningRate/],
    ['a schedule of results', { schedule: reduceOnPlateau() }, /expected one that changes by the time/],
    ['an option of chainrule alone', { earlyStopping: {} }, /earlyStopping/],
    ['a diagnosis', { callbacks: [diagnosing()] }, /expected a network of 'chainrule' for a diagnosis/],
    ['a file', { callbacks: [{ epoch: (_: unknown, { save }: { save(path: string): unknown }) => save('x') }] }, /control\.save/],
  ])('in a fit %s', async (_, options, message) => {
    using network = await create();
    await expect(network.fit({ x, y }, { ...fitting, ...options } as never)).rejects.toThrow(message);
  });

  it('what is no network, by toBytes', () => {
    for (const value of [undefined, {}, 'x']) expect(() => toBytes(value as never)).toThrow(OptionError);
  });
});
