/** Names of layers, outputs and metrics are told apart, and decide nothing. */
import {
  adam,
  batchNorm,
  DivergedError,
  defineLayer,
  dense,
  exp,
  type GraphValue,
  type LossOption,
  layerFromConfig,
  type MetricOption,
  Network,
  named,
  OptionError,
  sgd,
  sqrt,
} from 'chainrule';
import { describe, expect, it } from 'vitest';
import { BACKEND_NAMES, createOn, FASTEST, onBackend, spreadTensor, weightsOf } from '../support/networks.ts';

/** What the parts of a step are called, and other words that a program or a message has. */
const WORDS = [
  'batch',
  'loss',
  'penalty',
  'record',
  'metrics',
  'clip',
  'accumulate',
  'state',
  'update',
  'measure',
  'backward',
  'step',
  'y',
];

const data = { x: spreadTensor([24, 3]), y: spreadTensor([24, 2], 5) };

describe.each(BACKEND_NAMES)('layers on %s', (backend) => {
  const create = (first: string, last: string) =>
    createOn(backend, {
      input: [3],
      layers: [named(first, dense(4, { activation: 'tanh', l2: 0.01, maxNorm: 2 })), batchNorm(), named(last, dense(2))],
      loss: 'meanSquaredError',
      seed: 3,
    });

  it.each(WORDS)('called %s train as others do, with clipping and accumulation', async (word) => {
    const options = { epochs: 2, batchSize: 4, accumulate: 3, clip: { norm: 0.1 }, optimizer: adam() } as const;
    const trained = async (first: string, last: string) => {
      using network = await create(first, last);
      const { losses } = await network.fit(data, options);
      return [[...losses], Object.values(weightsOf(network))];
    };
    const expected = await trained('first', 'last');
    expect(await trained(word, 'last')).toEqual(expected);
    expect(await trained('first', word)).toEqual(expected);
  });

  it.each(WORDS)('called %s are blamed for what they compute, and for nothing else', async (word) => {
    const blamed = async (layer: ReturnType<typeof dense>, x: number[][]) => {
      using network = await createOn(backend, { input: [1], layers: [layer], loss: 'meanSquaredError' });
      const error = await network.fit({ x, y: [[0]] }, { optimizer: sgd({ learningRate: 0 }) }).catch((thrown: unknown) => thrown);
      expect(error, String(error)).toBeInstanceOf(DivergedError);
      return (error as DivergedError).layer;
    };
    const overflowing = backend === 'reference' ? 1e160 : 1e20;
    expect(await blamed(named(word, dense(1, { initializer: [[1]] })), [[overflowing]])).toBe('the loss');
    const own = defineLayer({ type: 'exp', name: word }, (_, x: GraphValue) => exp(x));
    expect(await blamed(own as never, [[800]])).toBe(`layer ${word} (exp)`);
  });

  it('within others are blamed by their paths, on the way back too', async () => {
    const within = (inner: (x: GraphValue) => GraphValue) =>
      defineLayer({ type: 'outer', name: 'loss' }, (_, x: GraphValue) =>
        named(
          'update',
          defineLayer({ type: 'inner' }, (__, z: GraphValue) => inner(z)),
        )(x),
      );
    const blamed = async (inner: (x: GraphValue) => GraphValue, weight: number) => {
      const layers = [dense(1, { initializer: [[weight]] }), within(inner) as never, dense(1, { initializer: [[1]] })];
      using network = await createOn(backend, { input: [1], layers, loss: 'meanSquaredError' });
      const error = await network.fit({ x: [[1]], y: [[1]] }).catch((thrown: unknown) => thrown);
      return (error as DivergedError).layer;
    };
    expect(await blamed((x) => exp(x), 800)).toBe('layer loss (outer).update');
    // √0 is a number, and its slope is none.
    expect(await blamed((x) => sqrt(x), 0)).toBe('layer loss (outer).update backward');
  });
});

it.each([
  ['a.b', "got 'a.b'"],
  ['a b', "got 'a b'"],
  ['', "got ''"],
  [3, 'got 3'],
])('a layer of a name that is none, %j, is refused wherever it is given', (name, got) => {
  const message = `expected a name of a letter and letters, digits, _ and -, at most 128 characters, ${got}`;
  for (const [where, make] of [
    ['named', () => named(name as string, dense(1))],
    ['named', () => layerFromConfig({ type: 'dense', units: 1, name: name as string })],
    ['defineLayer.name', () => defineLayer({ type: 'own', name: name as string }, (_, x: GraphValue) => x)],
  ] as const) {
    expect(make).toThrow(OptionError);
    expect(make).toThrow(`${where}: ${message}`);
  }
});

describe('metrics', () => {
  const create = (loss: LossOption, metrics: readonly MetricOption[]) =>
    onBackend(FASTEST, () =>
      Network.create({
        inputs: { v: [3] },
        build: ({ v }) => ({ out: dense(2)(v) }),
        losses: { out: { loss, metrics } },
        backend: FASTEST,
        seed: 2,
      }),
    );
  const named = { x: { v: data.x }, y: { out: data.y } };
  const near = { type: 'huber', delta: 0.1, name: 'near' } as const;

  it('of one loss go by the names that they are given, in a file too', async () => {
    using network = await create('meanSquaredError', ['huber', near, { type: 'huber', delta: 0.2, name: 'a little farther' }]);
    const { out } = (await network.evaluate(named)).outputs ?? {};
    const errors = [...network.predict(named.x).out.data].map((prediction, i) => Math.abs(prediction - data.y.data[i]));
    const huber = (delta: number) =>
      errors.reduce((sum, e) => sum + (e < delta ? (e * e) / 2 : delta * (e - delta / 2)), 0) / errors.length;
    const expected = { huber: huber(1), near: huber(0.1), 'a little farther': huber(0.2) };
    expect(Object.keys(out.metrics)).toEqual(Object.keys(expected));
    for (const [name, value] of Object.entries(expected)) expect(out.metrics[name], name).toBeCloseTo(value, 5);
    using again = await onBackend(FASTEST, () =>
      Network.fromBytes<{ v: number[] }, { out: number[] }>(network.toBytes(), { backend: FASTEST }),
    );
    expect((await again.evaluate(named)).outputs?.out).toEqual(out);
  });

  it.each<[string, LossOption, readonly MetricOption[], string]>([
    [
      'two of one loss',
      'meanSquaredError',
      ['huber', { type: 'huber', delta: 0.1 }],
      "got 'huber' twice; the option name gives one another",
    ],
    ['the same twice', 'meanSquaredError', ['huber', 'huber'], "expected metrics of different names, got 'huber' twice"],
    [
      'one called like another',
      'meanSquaredError',
      ['meanAbsoluteError', { ...near, name: 'meanAbsoluteError' }],
      "'meanAbsoluteError' twice",
    ],
    ['a name of none', 'meanSquaredError', [{ ...near, name: '' }], "losses.out.metrics.name: expected a name, got ''"],
    ['a name that is a number', 'meanSquaredError', [{ ...near, name: 3 as never }], 'losses.out.metrics.name: expected a name, got 3'],
  ])('with %s are refused', async (_, loss, metrics, message) => {
    await expect(create(loss, metrics)).rejects.toThrow(OptionError);
    await expect(create(loss, metrics)).rejects.toThrow(message);
  });

  it('of a named loss ignore what it ignores', async () => {
    using network = await create({ type: 'softmaxCrossEntropy', ignore: -1 }, [
      'softmaxCrossEntropy',
      { type: 'softmaxCrossEntropy', labelSmoothing: 0.1, name: 'smooth' },
    ]);
    const y = { out: Array.from({ length: 24 }, (_, i) => (i % 3) - 1) };
    const { out } = (await network.evaluate({ ...named, y: y as never })).outputs ?? {};
    expect(out.metrics.softmaxCrossEntropy).toBeCloseTo(out.loss, 6);
    const logits = network.predict(named.x).out.data;
    const ofRow = (i: number) => {
      const [a, b] = [logits[2 * i], logits[2 * i + 1]];
      return Math.log(Math.exp(a) + Math.exp(b)) - (a + b) / 2;
    };
    const counted = y.out.flatMap((index, i) => (index < 0 ? [] : [ofRow(i)]));
    const even = counted.reduce((sum, one) => sum + one, 0) / counted.length;
    expect(out.metrics.smooth).toBeCloseTo(0.9 * out.loss + 0.1 * even, 5);
  });
});
