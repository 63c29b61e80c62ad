/** Losses that users define: they train, are measured, saved and read as chainrule's are. */
import {
  abs,
  adam,
  add,
  defineLoss,
  dense,
  FormatError,
  type GraphValue,
  type Loss,
  type LossDefinition,
  type LossMakers,
  logSoftmax,
  lstm,
  multiply,
  Network,
  negate,
  OptionError,
  oneHot,
  pick,
  ShapeError,
  sgd,
  softplus,
  square,
  subtract,
  sum,
} from 'chainrule';
import { describe, expect, it } from 'vitest';
import { expectClose } from '../support/compare.ts';
import { BACKEND_NAMES, createOn, FASTEST, onBackend, spreadTensor, weightsOf } from '../support/networks.ts';
import { type Case, expectMessage, expectRefused, titled } from '../support/refused.ts';

/** ln cosh of the scaled error, from the formula that overflows for no number. */
const logCosh = ({ scale = 1 }: { scale?: number } = {}) =>
  defineLoss(
    { type: 'logCosh', scale },
    (prediction, target) => {
      const error = multiply(abs(subtract(prediction, target)), scale);
      return subtract(add(error, softplus(multiply(error, -2))), Math.LN2);
    },
    { targets: 'values' },
  );

/** Cross-entropy written out; `how` of two ways to find the class. */
const crossEntropy = ({ how = 'pick', ignore }: { how?: string; ignore?: number } = {}) =>
  defineLoss(
    { type: 'crossEntropy', how, ignore },
    (logits, classes) =>
      how === 'pick'
        ? negate(pick(logSoftmax(logits), classes))
        : negate(sum(multiply(logSoftmax(logits), oneHot(classes, logits.shape[1])), [1])),
    { targets: 'classes', probabilities: 'softmax', ignore },
  );

const makers: LossMakers = { logCosh, crossEntropy };
const squares = (definition: Partial<LossDefinition> = {}) =>
  defineLoss({ type: 'squares' }, (x, y) => square(subtract(x, y)), { targets: 'values', ...definition });

const numbers = { x: spreadTensor([24, 3]), y: spreadTensor([24, 2], 5) };
const stack = { input: [3], layers: [dense(4, { activation: 'tanh' }), dense(2)], seed: 3 };

describe.each(BACKEND_NAMES)('a loss of one’s own on %s', (backend) => {
  it('is the mean of what it says', async () => {
    using network = await createOn(backend, { ...stack, loss: logCosh({ scale: 2 }) });
    const data = [...network.predict(numbers.x).data];
    const expected = [...numbers.y.data].map((target, i) => Math.log(Math.cosh(2 * (data[i] - target))));
    const { loss, accuracy } = await network.evaluate(numbers);
    expectClose([loss], [expected.reduce((total, one) => total + one, 0) / expected.length], 1e-5, 'loss');
    expect(accuracy).toBeUndefined();
  });

  it.each<[string, Loss, 'meanSquaredError' | 'halfSquaredError']>([
    ['the mean over the outputs', squares(), 'meanSquaredError'],
    ['the sum over the outputs', squares({ outputs: 'sum', factor: 0.5 }), 'halfSquaredError'],
  ])('trains as chainrule’s does: %s', async (_, loss, same) => {
    const trained = async (option: Loss | typeof same) => {
      using network = await createOn(backend, { ...stack, loss: option });
      const { losses } = await network.fit(numbers, { epochs: 3, batchSize: 10, optimizer: adam() });
      return [...losses, ...Object.values(weightsOf(network)).flat()];
    };
    expectClose(await trained(loss), await trained(same), 1e-5, same);
  });

  it.each(['pick', 'oneHot'])('of classes takes sequences with padding, by %s', async (how) => {
    const data = { x: spreadTensor([12, 5, 2]), y: { shape: [12, 5], data: Int32Array.from({ length: 60 }, (_, i) => ((7 * i) % 5) - 1) } };
    const trained = async (loss: Loss | { type: 'softmaxCrossEntropy'; ignore: number }) => {
      using network = await createOn(backend, { input: [5, 2], layers: [lstm(4, { returnSequences: true }), dense(4)], loss, seed: 2 });
      const { losses } = await network.fit(data, { epochs: 2, batchSize: 5, accumulate: 2, optimizer: sgd({ learningRate: 0.3 }) });
      const { loss: mean, accuracy } = await network.evaluate(data);
      return [...losses, mean, accuracy as number];
    };
    const expected = await trained({ type: 'softmaxCrossEntropy', ignore: -1 });
    expectClose(await trained(crossEntropy({ how, ignore: -1 })), expected, 1e-5, 'losses and accuracy');
  });

  it('continues from a file as if nothing had happened', async () => {
    const options = { epochs: 2, batchSize: 7, optimizer: adam() };
    using network = await createOn(backend, { ...stack, loss: logCosh({ scale: 3 }) });
    await network.fit(numbers, options);
    using again = await onBackend(backend, () => Network.fromBytes(network.toBytes(), { backend, losses: makers }));
    expect([...(await again.fit(numbers, options)).losses]).toEqual([...(await network.fit(numbers, options)).losses]);
    expect(weightsOf(again)).toEqual(weightsOf(network));
  });
});

it('has its gradients checked', async () => {
  using network = await createOn(FASTEST, { ...stack, loss: logCosh() });
  expect((await network.checkGradients(numbers)).maxRelativeError).toBeLessThan(1e-6);
});

it('gives its output probabilities', async () => {
  using network = await createOn(FASTEST, { ...stack, loss: crossEntropy() });
  const { data } = network.predict([[1, 2, 3]], { probabilities: true });
  expect(data[0] + data[1]).toBeCloseTo(1, 6);
});

it('is a metric, by its own name, read back from a file', async () => {
  const network = await Network.create({
    inputs: { x: [3] },
    build: ({ x }) => ({ price: dense(2)(x) }),
    losses: { price: { loss: 'huber', metrics: [logCosh({ scale: 2 }), 'meanSquaredError', { type: 'huber', delta: 9, name: 'wide' }] } },
    backend: FASTEST,
  });
  const data = { x: { x: numbers.x }, y: { price: numbers.y } };
  const { outputs } = await network.evaluate(data);
  expect(Object.keys(outputs?.price.metrics ?? {})).toEqual(['logCosh', 'meanSquaredError', 'wide']);
  const again = await Network.fromBytes(network.toBytes(), { backend: FASTEST, losses: makers });
  expect((await again.evaluate(data as never)).outputs).toEqual(outputs);
});

describe('refuses', () => {
  const body = (x: GraphValue, y: GraphValue) => square(subtract(x, y));
  const values = { targets: 'values' } as const;
  const defined: readonly Case<() => Loss>[] = [
    [
      'a config without a type',
      () => defineLoss({} as never, body, values),
      OptionError,
      'defineLoss.type: expected a name, got undefined',
    ],
    ['no config', () => defineLoss(3 as never, body, values), OptionError, 'defineLoss: expected a config { type, … }, got 3'],
    ['a body that is none', () => defineLoss({ type: 'own' }, 3 as never, values), OptionError, 'own: expected a function, got 3'],
    ['no targets', () => defineLoss({ type: 'own' }, body, {} as never), OptionError, 'own.targets', 'got undefined'],
    [
      'targets of no form',
      () => defineLoss({ type: 'own' }, body, { targets: ['rows' as never] }),
      OptionError,
      'classes, values',
      "'rows'",
    ],
    ['no forms', () => defineLoss({ type: 'own' }, body, { targets: [] }), OptionError, 'own.targets', 'got []'],
    ['a fact that it does not know', () => defineLoss({ type: 'own' }, body, { ...values, axis: 1 } as never), OptionError, "'axis'"],
    ['a sum of what', () => defineLoss({ type: 'own' }, body, { ...values, outputs: 'max' as never }), OptionError, 'mean, sum', "'max'"],
    [
      'an answer without its threshold',
      () => defineLoss({ type: 'own' }, body, { ...values, answer: { by: 'threshold' } as never }),
      OptionError,
      "{ by: 'threshold', threshold }",
    ],
    ['values to ignore', () => defineLoss({ type: 'own' }, body, { ...values, ignore: 1 }), OptionError, 'ignore with losses of classes'],
  ];
  it.each(titled(defined))('a definition with %s', (_, test) => expectRefused(() => test[1](), test));

  const networks: readonly Case<() => unknown>[] = [
    [
      'a loss that gives one number',
      () => defineLoss({ type: 'own' }, (x, y) => sum(subtract(x, y)), values),
      ShapeError,
      'own: expected losses with the rows first, [batch] or more axes, got []',
    ],
    [
      'a loss that gives its targets the rows of steps',
      () => defineLoss({ type: 'own' }, (x, y) => sum(subtract(x, y), [0]), values),
      ShapeError,
      'got [2]',
    ],
    ['a loss that gives no graph value', () => defineLoss({ type: 'own' }, () => 3 as never, values), OptionError, 'own', 'got 3'],
    ['a maker in place of its loss', () => logCosh, OptionError, 'what defineLoss makes, got a function'],
    ['a name that no loss has', () => 'logCosh', OptionError, 'expected one of halfSquaredError', "'logCosh'", 'defineLoss makes others'],
  ];
  it.each(titled(networks))('a network with %s', (_, test) =>
    expectRefused(() => createOn(FASTEST, { ...stack, loss: test[1]() as Loss }), test),
  );

  const bytes = () => createOn(FASTEST, { ...stack, loss: logCosh() }).then((network) => network.toBytes());
  const loads: readonly Case<LossMakers | undefined>[] = [
    ['without its maker', undefined, FormatError, "got 'logCosh'", '{ losses: { logCosh: (options) => … } }'],
    ['with another maker alone', { other: () => logCosh() }, FormatError, 'expected one of other, halfSquaredError', "got 'logCosh'"],
    ['with a maker of something else', { logCosh: () => 'huber' as never }, FormatError, 'maker of logCosh', "got 'huber'"],
    [
      'with a maker of another type',
      { logCosh: () => squares() },
      FormatError,
      'the maker of logCosh to give a loss of that type',
      "got 'squares'",
    ],
    ['with a maker that is none', { logCosh: 3 as never }, OptionError, 'Network.fromBytes.losses.logCosh', 'got 3'],
  ];
  it.each(titled(loads))('a file %s', async (_, test) => {
    const file = await bytes();
    await expectRefused(() => Network.fromBytes(file, { losses: test[1] }), test);
  });

  it('a metric of its own that its head’s targets do not suit', async () => {
    const create = () =>
      Network.create({
        inputs: { x: [3] },
        build: ({ x }) => ({ kind: dense(2)(x) }),
        losses: { kind: { loss: 'negativeLogLikelihood', metrics: [logCosh()] } },
      });
    await expectMessage(
      create,
      OptionError,
      'losses.kind.metrics: expected losses of the classes that negativeLogLikelihood takes, got logCosh',
    );
  });
});

it('gives each row of classes its own loss, however they are spread', async () => {
  using network = await createOn(FASTEST, { input: [3], layers: [dense(4)], loss: crossEntropy(), seed: 4 });
  const y = Int32Array.from({ length: 24 }, (_, i) => i % 4);
  const data = [...network.predict(numbers.x).data];
  const expected = [...y].map((k, i) => {
    const row = data.slice(4 * i, 4 * i + 4);
    return Math.log(row.reduce((total, value) => total + Math.exp(value), 0)) - row[k];
  });
  const { loss } = await network.evaluate({ x: numbers.x, y: { shape: [24], data: y } });
  expectClose([loss], [expected.reduce((total, one) => total + one, 0) / 24], 1e-5, 'loss');
});
