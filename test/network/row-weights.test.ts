/** What rows and classes weigh: in losses, gradients, means and evaluations; alone, in steps of several mini-batches, and from file to file. */
import {
  adam,
  batchNorm,
  type ClassWeights,
  DataError,
  type DataSet,
  dense,
  type FitControl,
  type FitOptions,
  flatten,
  type LossOption,
  lion,
  lstm,
  Network,
  type NetworkOptions,
  type Optimizer,
  OptionError,
  ShapeError,
  sgd,
  type Tensor,
  type TensorLike,
} from 'chainrule';
import { describe, expect, it } from 'vitest';
import { expectClose } from '../support/compare.ts';
import { BACKEND_NAMES, createOn, FASTEST, onBackend, spreadTensor, weightsOf } from '../support/networks.ts';
import { type Case, expectRefused, titled } from '../support/refused.ts';

const ROWS = 12;
const STEPS = 3;
const PADDING = -1;

/** Weights of rows: some are 0, some count twice. */
const WEIGHTS = [1, 0, 2, 1, 0, 1, 2, 0, 1, 1, 2, 1];

const rowsOf = ({ shape, data }: Tensor, rows: readonly number[]): Tensor => {
  const width = data.length / shape[0];
  return {
    shape: [rows.length, ...shape.slice(1)],
    data: Float64Array.from(rows.flatMap((row) => [...data.slice(row * width, (row + 1) * width)])),
  };
};

const integers = (shape: readonly number[], element: (i: number) => number): Tensor => ({
  shape,
  data: Float64Array.from({ length: shape.reduce((size, one) => size * one, 1) }, (_, i) => element(i)),
});

/** Rows of weight 0 are none, of weight 2 two. */
const REPEATED = WEIGHTS.flatMap((weight, row) => new Array<number>(weight).fill(row));

interface Kind {
  readonly network: Omit<NetworkOptions, 'backend'>;
  readonly x: Tensor;
  readonly y: Tensor;
}

const flat = (loss: LossOption, units: number, y: Tensor): Kind => ({
  network: { input: [3], layers: [dense(5, { activation: 'tanh' }), dense(units)], loss, seed: 5 },
  x: spreadTensor([ROWS, 3]),
  y,
});

const steps = (loss: LossOption, units: number, y: Tensor): Kind => ({
  network: { input: [STEPS, 2], layers: [lstm(4, { returnSequences: true }), dense(units)], loss, seed: 5 },
  x: spreadTensor([ROWS, STEPS, 2]),
  y,
});

const shares = (values: Tensor): Tensor => ({ shape: values.shape, data: Float64Array.from(values.data, (value) => value * value) });

const KINDS: Readonly<Record<string, Kind>> = {
  meanSquaredError: flat('meanSquaredError', 2, spreadTensor([ROWS, 2], 5)),
  halfSquaredError: flat('halfSquaredError', 2, spreadTensor([ROWS, 2], 5)),
  huber: flat({ type: 'huber', delta: 0.2 }, 2, spreadTensor([ROWS, 2], 5)),
  sigmoidCrossEntropy: flat('sigmoidCrossEntropy', 2, shares(spreadTensor([ROWS, 2], 5))),
  softmaxCrossEntropy: flat(
    'softmaxCrossEntropy',
    4,
    integers([ROWS], (i) => i % 4),
  ),
  'softmaxCrossEntropy of probabilities': flat({ type: 'softmaxCrossEntropy', labelSmoothing: 0.1 }, 4, shares(spreadTensor([ROWS, 4], 5))),
  'meanAbsoluteError of sequences': steps('meanAbsoluteError', 2, spreadTensor([ROWS, STEPS, 2], 5)),
  'multiClassHinge of sequences': steps(
    'multiClassHinge',
    3,
    integers([ROWS, STEPS], (i) => (i * i) % 3),
  ),
  'softmaxCrossEntropy of sequences with padding': steps(
    { type: 'softmaxCrossEntropy', ignore: PADDING },
    3,
    integers([ROWS, STEPS], (i) => ((5 * i) % 4) - 1),
  ),
  'ctc of sequences of none to two labels': steps(
    'ctc',
    3,
    integers([ROWS, 2], (i) => (i % 8 < 2 || i % 6 === 5 ? PADDING : 1 + ((i * i) % 2))),
  ),
};

/** Several outputs, with weights for each or all. */
const several = () =>
  Network.create({
    inputs: { x: [STEPS, 2] },
    build: ({ x }) => {
      const hidden = dense(4, { activation: 'tanh', l2: 0.1 })(x);
      return { tags: dense(3)(hidden), value: dense(2)(flatten()(hidden)), all: dense(3)(hidden) };
    },
    losses: {
      tags: {
        loss: { type: 'softmaxCrossEntropy', ignore: PADDING },
        weight: 2,
        metrics: [{ type: 'softmaxCrossEntropy', labelSmoothing: 0.2, name: 'smooth' }],
      },
      value: { loss: 'meanSquaredError', metrics: ['huber', 'meanAbsoluteError'] },
      all: { loss: 'multiClassHinge', weight: 0.7 },
    },
    backend: FASTEST,
    seed: 5,
  });
const severalData = {
  x: { x: spreadTensor([ROWS, STEPS, 2]) },
  y: {
    tags: integers([ROWS, STEPS], (i) => ((5 * i) % 4) - 1),
    value: spreadTensor([ROWS, 2], 3),
    all: integers([ROWS, STEPS], (i) => (i * i) % 3),
  },
};
const severalRows = (rows: readonly number[]) => ({
  x: { x: rowsOf(severalData.x.x, rows) },
  y: { tags: rowsOf(severalData.y.tags, rows), value: rowsOf(severalData.y.value, rows), all: rowsOf(severalData.y.all, rows) },
});

const KINDS_ON = BACKEND_NAMES.flatMap((backend) => Object.entries(KINDS).map(([name, kind]) => [name, backend, kind] as const));
const WHOLE: FitOptions = { epochs: 4, batchSize: 64, shuffle: false, optimizer: sgd({ learningRate: 0.2, momentum: 0.5 }) };

async function trained(backend: (typeof BACKEND_NAMES)[number], kind: Kind, data: DataSet, options = WHOLE) {
  using network = await createOn(backend, kind.network);
  const { losses, epochs } = await network.fit(data, options);
  const { loss, accuracy } = await network.evaluate(data);
  return { losses: [...losses], epochs: epochs.map((one) => one.loss), loss, accuracy, weights: weightsOf(network) };
}

type Trained = Awaited<ReturnType<typeof trained>>;

function expectSame(actual: Trained, expected: Trained, tolerance: number): void {
  expectClose(actual.losses, expected.losses, tolerance, 'losses of steps');
  expectClose(actual.epochs, expected.epochs, tolerance, 'losses of epochs');
  expectClose([actual.loss], [expected.loss], tolerance, 'loss of the evaluation');
  if (expected.accuracy === undefined) expect(actual.accuracy).toBeUndefined();
  else expectClose([actual.accuracy as number], [expected.accuracy], tolerance, 'accuracy');
  for (const name of Object.keys(expected.weights)) expectClose(actual.weights[name], expected.weights[name], 10 * tolerance, name);
}

describe.each(KINDS_ON)('%s on %s', (_, backend, kind) => {
  const tolerance = backend === 'reference' ? 1e-10 : 3e-5;
  const data = { x: kind.x, y: kind.y };

  it('a row of weight 0 leaves no trace, one of weight 2 is two', async () => {
    const repeated = { x: rowsOf(kind.x, REPEATED), y: rowsOf(kind.y, REPEATED) };
    expectSame(await trained(backend, kind, { ...data, weight: WEIGHTS }), await trained(backend, kind, repeated), tolerance);
  });

  it('rows of weight 0 may hold anything', async () => {
    const x = { shape: kind.x.shape, data: Float64Array.from(kind.x.data) };
    const width = x.data.length / ROWS;
    for (const [row, weight] of WEIGHTS.entries()) if (weight === 0) x.data.fill(1000 * row + 7, row * width, (row + 1) * width);
    const expected = await trained(backend, kind, { ...data, weight: WEIGHTS });
    expectSame(await trained(backend, kind, { x, y: kind.y, weight: WEIGHTS }), expected, tolerance);
  });

  it('weights that are all the same change nothing', async () => {
    const expected = await trained(backend, kind, data);
    expectSame(await trained(backend, kind, { ...data, weight: new Float32Array(ROWS).fill(0.25) }), expected, tolerance);
  });

  it('their scale does not matter, to the bit where it is a power of two', async () => {
    const options: FitOptions = { epochs: 2, batchSize: 5, optimizer: adam() };
    const expected = await trained(backend, kind, { ...data, weight: WEIGHTS }, options);
    expect(await trained(backend, kind, { ...data, weight: WEIGHTS.map((weight) => weight / 4096) }, options)).toEqual(expected);
  });

  it('a step of several mini-batches is one of all their rows', async () => {
    const whole = await trained(backend, kind, { ...data, weight: WEIGHTS }, { ...WHOLE, batchSize: 6 });
    const parts = await trained(backend, kind, { ...data, weight: WEIGHTS }, { ...WHOLE, batchSize: 2, accumulate: 3 });
    expectSame(parts, whole, tolerance);
  });

  it('an epoch over parameters that stay has the loss and the accuracy of an evaluation', async () => {
    using network = await createOn(backend, kind.network);
    const { loss, accuracy } = await network.evaluate({ ...data, weight: WEIGHTS });
    const optimizer = sgd({ learningRate: 0 });
    for (const options of [{ batchSize: 1 }, { batchSize: 5 }, { batchSize: 2, accumulate: 3 }]) {
      const { epochs } = await network.fit({ ...data, weight: WEIGHTS }, { ...options, optimizer, epochs: 2, shuffle: true });
      for (const epoch of epochs) {
        expectClose([epoch.loss], [loss], tolerance, 'loss');
        if (accuracy === undefined) expect(epoch.accuracy).toBeUndefined();
        else expectClose([epoch.accuracy as number], [accuracy], tolerance, 'accuracy');
      }
    }
  });

  it('gradients are those of the rows as often as they weigh', async () => {
    using network = await createOn(backend, kind.network);
    const { loss, gradients } = network.gradients({ ...data, weight: WEIGHTS });
    const expected = network.gradients({ x: rowsOf(kind.x, REPEATED), y: rowsOf(kind.y, REPEATED) });
    expectClose([loss], [expected.loss], tolerance, 'loss');
    for (const [name, gradient] of expected.gradients) expectClose((gradients.get(name) as Tensor).data, gradient.data, tolerance, name);
  });
});

/** The second mini-batch weighs nothing: its step is one with gradients of 0. */
describe.each(BACKEND_NAMES)('a mini-batch without weight on %s', (backend) => {
  const kind = KINDS.meanSquaredError;
  const half = ROWS / 2;
  const first = { x: rowsOf(kind.x, [0, 1, 2, 3, 4, 5]), y: rowsOf(kind.y, [0, 1, 2, 3, 4, 5]) };
  const weight = Array.from({ length: ROWS }, (_, i) => (i < half ? 1 : 0));
  const learningRate = 0.1;
  /** An optimiser, and an element after both steps, of its value after the first and its gradient in that. */
  const cases: readonly [string, Optimizer, (p: number, g: number) => number][] = [
    ['sgd', sgd({ learningRate }), (p) => p],
    ['sgd with momentum', sgd({ learningRate, momentum: 0.9 }), (p, g) => p - learningRate * 0.9 * g],
    ['sgd with weight decay', sgd({ learningRate, weightDecay: 0.01 }), (p) => p - learningRate * 0.01 * p],
    [
      'adam',
      adam({ learningRate }),
      (p, g) => p - (learningRate * ((0.9 * 0.1 * g) / 0.19)) / (Math.sqrt((0.999 * 0.001 * g * g) / (1 - 0.999 ** 2)) + 1e-8),
    ],
    [
      'a weight decay beside the gradient',
      lion({ learningRate, weightDecay: 0.01 }),
      (p, g) => p * (1 - learningRate * 0.01) - learningRate * Math.sign(g),
    ],
  ];

  it.each(cases)('is a step with gradients of 0: %s', async (_, optimizer, next) => {
    using network = await createOn(backend, kind.network);
    const { gradients } = network.gradients(first);
    const after: Record<string, number[]>[] = [];
    const { losses } = await network.fit(
      { x: kind.x, y: kind.y, weight },
      { batchSize: half, shuffle: false, optimizer, callbacks: [{ stepsPerSecond: 'all', step: keep }] },
    );
    async function keep(_: unknown, control: FitControl) {
      await control.publish();
      after.push(weightsOf(network));
    }
    expect(losses[1]).toBe(0);
    for (const [name, values] of Object.entries(after[1])) {
      const g = (gradients.get(name) as Tensor).data;
      const expected = values.map((_, i) => next(after[0][name][i], g[i]));
      expectClose(values, expected, backend === 'reference' ? 1e-10 : 3e-5, name);
    }
  });
});

describe.each(BACKEND_NAMES)('weights of steps on %s', (backend) => {
  const tolerance = backend === 'reference' ? 1e-10 : 3e-5;
  const mask = integers([ROWS, STEPS], (i) => ((5 * i) % 4 === 0 ? 0 : 1));

  it('of 0 are what ignored classes are', async () => {
    const kind = KINDS['softmaxCrossEntropy of sequences with padding'];
    const classes = { shape: kind.y.shape, data: Float64Array.from(kind.y.data, (value) => Math.max(value, 0)) };
    const plain = { ...kind, network: { ...kind.network, loss: 'softmaxCrossEntropy' as const } };
    const weighted = await trained(backend, plain, { x: kind.x, y: classes, weight: mask });
    expectSame(weighted, await trained(backend, kind, { x: kind.x, y: kind.y }), tolerance);
  });

  it('leave steps of values out', async () => {
    const kind = KINDS['meanAbsoluteError of sequences'];
    using network = await createOn(backend, kind.network);
    const { data } = network.predict(kind.x);
    const { loss } = await network.evaluate({ x: kind.x, y: kind.y, weight: mask });
    let [errors, steps] = [0, 0];
    for (const [i, weight] of [...mask.data].entries()) {
      for (const j of [2 * i, 2 * i + 1]) errors += (weight * Math.abs(data[j] - kind.y.data[j])) / 2;
      steps += weight;
    }
    expectClose([loss], [errors / steps], tolerance, 'loss');
  });
});

describe.each(BACKEND_NAMES)('a trainer on %s', (backend) => {
  it.each(Object.keys(KINDS).filter((_, i) => i % 4 === 0))('takes the weights of its batches: %s', async (name) => {
    const { network: options, x, y } = KINDS[name];
    const optimizer = sgd({ learningRate: 0.2 });
    using fitted = await createOn(backend, options);
    const { losses } = await fitted.fit({ x, y, weight: WEIGHTS }, { optimizer, batchSize: 3, accumulate: 2, shuffle: false });
    using network = await createOn(backend, options);
    const trainer = await network.trainer({ optimizer, batchSize: 3, accumulate: 2 });
    const rows = [0, 1].map((step) => Array.from({ length: 6 }, (_, i) => 6 * step + i));
    const given = rows.map((some) => ({ x: rowsOf(x, some), y: rowsOf(y, some), weight: some.map((row) => WEIGHTS[row]) }));
    const taken = [trainer.step(given[0]).loss, (await trainer.stepAsync(given[1])).loss];
    trainer.dispose();
    expectClose(taken, losses, 1e-6, 'losses');
    const expected = weightsOf(fitted);
    for (const [path, values] of Object.entries(weightsOf(network))) expectClose(values, expected[path], 1e-5, path);
  });
});

it('a diagnosis is of the loss that rows weigh', async () => {
  const { network: options, x, y } = KINDS.softmaxCrossEntropy;
  using network = await createOn(FASTEST, options);
  const data = { x, y, weight: WEIGHTS };
  expectClose([(await network.diagnose(data)).loss], [(await network.evaluate(data)).loss], 1e-6, 'loss');
});

it('gradients with weights are checked', async () => {
  const { network: options, x, y } = KINDS['softmaxCrossEntropy of sequences with padding'];
  using network = await createOn(FASTEST, options);
  expect((await network.checkGradients({ x, y, weight: WEIGHTS })).maxRelativeError).toBeLessThan(1e-6);
});

it('batchNorm takes its statistics of all rows, whatever they weigh', async () => {
  const options = { input: [3], layers: [batchNorm(), dense(2)], loss: 'meanSquaredError', seed: 2 } as const;
  const data = { x: spreadTensor([ROWS, 3]), y: spreadTensor([ROWS, 2], 5) };
  const statistics = async (weight?: readonly number[]) => {
    using network = await createOn(FASTEST, options);
    await network.fit({ ...data, weight }, { epochs: 3, batchSize: 4, shuffle: false });
    return Object.entries(weightsOf(network)).filter(([name]) => name.includes('running'));
  };
  expect(await statistics(WEIGHTS)).toEqual(await statistics());
});

describe('of several outputs', () => {
  const outcome = async (data: object) => {
    const network = await several();
    const { losses } = await network.fit(data as never, WHOLE as never);
    const { loss, outputs } = await network.evaluate(data as never);
    const parts = Object.values(outputs ?? {}).flatMap((one) => [one.loss, one.accuracy ?? 0, ...Object.values(one.metrics)]);
    return [...losses, loss, ...(parts as number[]), ...Object.values(weightsOf(network as never)).flat()];
  };

  it('all take the weights of rows', async () => {
    expectClose(await outcome({ ...severalData, weight: WEIGHTS }), await outcome(severalRows(REPEATED)), 3e-5, 'outcome');
  });

  it('each takes its own, and those without a name weigh the same', async () => {
    const ones = new Array<number>(ROWS).fill(1);
    const named = await outcome({ ...severalData, weight: { tags: WEIGHTS } });
    expectClose(await outcome({ ...severalData, weight: { tags: WEIGHTS, value: ones, all: ones } }), named, 3e-5, 'outcome');
    expect(await outcome({ ...severalData, weight: { value: WEIGHTS } })).not.toEqual(named);
  });

  it('classes of one weigh by its name', async () => {
    const network = await several();
    const { outputs } = await network.evaluate(severalData as never, { classWeight: { all: [0, 1, 0] } });
    const alone = integers([ROWS, STEPS], (i) => ((i * i) % 3 === 1 ? 1 : 0));
    const { outputs: expected } = await network.evaluate({ ...severalData, weight: { all: alone } } as never);
    expect(outputs).toEqual(expected);
  });
});

describe('weights of classes', () => {
  const each = (kind: Kind, weightOf: (k: number) => number): Tensor => ({
    shape: kind.y.shape,
    data: Float64Array.from(kind.y.data, weightOf),
  });
  const cases: readonly [string, Kind, ClassWeights, (y: Tensor) => number[]][] = [
    ['indices', KINDS.softmaxCrossEntropy, [1, 2, 0, 3], (y) => Array.from(y.data, (k) => [1, 2, 0, 3][k])],
    ['indices of sequences', KINDS['multiClassHinge of sequences'], [0.5, 2, 1], (y) => Array.from(y.data, (k) => [0.5, 2, 1][k])],
    [
      'probabilities',
      KINDS['softmaxCrossEntropy of probabilities'],
      [1, 2, 0, 3],
      (y) =>
        Array.from({ length: ROWS }, (_, i) => {
          const row = [...y.data.slice(4 * i, 4 * i + 4)];
          return [1, 2, 0, 3][row.indexOf(Math.max(...row))];
        }),
    ],
    [
      'one label',
      flat(
        'sigmoidCrossEntropy',
        1,
        integers([ROWS], (i) => (i % 3 === 0 ? 1 : 0)),
      ),
      [1, 5],
      (y) => Array.from(y.data, (k) => [1, 5][k]),
    ],
    [
      'indices of outputs that are labels',
      flat(
        'sigmoidCrossEntropy',
        3,
        integers([ROWS], (i) => i % 3),
      ),
      [1, 0, 4],
      (y) => Array.from(y.data, (k) => [1, 0, 4][k]),
    ],
  ];

  it.each(cases)('are those of rows: %s', async (_, kind, classWeight, rows) => {
    const weight: TensorLike =
      kind.y.shape.length > 1 && kind.y.shape[1] === STEPS ? { shape: kind.y.shape, data: Float64Array.from(rows(kind.y)) } : rows(kind.y);
    const outcome = async (data: DataSet, options: { classWeight?: ClassWeights }) => {
      using network = await createOn(FASTEST, kind.network);
      const { losses } = await network.fit(data, { ...options, epochs: 3, batchSize: 5 });
      return [[...losses], await network.evaluate(data, options), weightsOf(network)];
    };
    const data = { x: kind.x, y: kind.y };
    expect(await outcome(data, { classWeight })).toEqual(await outcome({ ...data, weight }, {}));
  });

  it('multiply those of rows', async () => {
    const kind = KINDS.softmaxCrossEntropy;
    using network = await createOn(FASTEST, kind.network);
    const weight = WEIGHTS.map((one, i) => one * [1, 2, 0.5, 3][i % 4]);
    const { loss } = await network.evaluate({ x: kind.x, y: kind.y, weight: WEIGHTS }, { classWeight: [1, 2, 0.5, 3] });
    expect(loss).toBe((await network.evaluate({ x: kind.x, y: kind.y, weight })).loss);
  });

  it.each<[string, number[], number[]]>([
    ['N / (classes · count), as scikit-learn has it', [0, 0, 0, 0, 0, 0, 1, 1, 1, 2, 2, 2], [12 / (3 * 6), 12 / (3 * 3), 12 / (3 * 3), 0]],
    ['of the classes that occur', [3, 3, 3, 0, 3, 3, 3, 3, 3, 3, 3, 3], [12 / 2, 0, 0, 12 / (2 * 11)]],
  ])('balanced are %s', async (_, classes, weights) => {
    const kind = flat(
      'softmaxCrossEntropy',
      4,
      integers([ROWS], (i) => classes[i]),
    );
    using network = await createOn(FASTEST, kind.network);
    const data = { x: kind.x, y: kind.y };
    expect(await network.evaluate(data, { classWeight: 'balanced' })).toEqual(await network.evaluate(data, { classWeight: weights }));
    const { losses } = await network.fit(data, { classWeight: 'balanced', batchSize: 64, optimizer: sgd({ learningRate: 0 }) });
    expectClose(losses, [(await network.evaluate({ ...data, weight: classes.map((k) => weights[k]) })).loss], 1e-6, 'loss of a step');
  });

  it('balanced count what is not ignored', async () => {
    const kind = KINDS['softmaxCrossEntropy of sequences with padding'];
    const counts = [0, 1, 2].map((k) => kind.y.data.filter((value: number) => value === k).length);
    const total = counts[0] + counts[1] + counts[2];
    using network = await createOn(FASTEST, kind.network);
    const data = { x: kind.x, y: kind.y };
    const weights = each(kind, (k) => (k < 0 ? 9 : total / (3 * counts[k])));
    expectClose(
      [(await network.evaluate(data, { classWeight: 'balanced' })).loss],
      [(await network.evaluate({ ...data, weight: weights })).loss],
      1e-6,
      'loss',
    );
  });

  it('of training leave validation as it is, which has weights of rows', async () => {
    const kind = KINDS.softmaxCrossEntropy;
    using network = await createOn(FASTEST, kind.network);
    const data = { x: kind.x, y: kind.y, weight: WEIGHTS };
    const { epochs } = await network.fit(data, { epochs: 1, validation: data, classWeight: [1, 2, 3, 4] });
    expect(epochs[0].validationLoss).toBe((await network.evaluate(data)).loss);
  });
});

describe.each(BACKEND_NAMES)('a fit with weights that is stopped on %s', (backend) => {
  it.each(Object.keys(KINDS).filter((_, i) => i % 4 === 0))('goes on as if it had not been: %s', async (name) => {
    const { network: options, x, y } = KINDS[name];
    const data = { x, y, weight: WEIGHTS };
    const fit: FitOptions = { batchSize: 2, accumulate: 2, optimizer: adam(), epochs: 3 };
    using whole = await createOn(backend, options);
    const expected = await whole.fit(data, fit);
    for (let stop = 1; stop < expected.losses.length; stop++) {
      using first = await createOn(backend, options);
      const controller = new AbortController();
      await first.fit(data, { ...fit, onStep: ({ step }) => void (step === stop && controller.abort()), signal: controller.signal });
      using again = await onBackend(backend, () => Network.fromBytes(first.toBytes(), { backend }));
      const { epochs } = await again.fit(data, { ...fit, epochs: 3 - again.progress.epoch });
      expect(again.toBytes(), `stopped after ${stop}`).toEqual(whole.toBytes());
      expect(epochs.at(-1)?.loss).toBe(expected.epochs.at(-1)?.loss);
    }
  });
});

describe('refuses', () => {
  const numbers = flat('meanSquaredError', 2, spreadTensor([ROWS, 2], 5));
  const classes = KINDS.softmaxCrossEntropy;
  const sequences = KINDS['softmaxCrossEntropy of sequences with padding'];
  const ones = new Array<number>(ROWS).fill(1);
  type Given = readonly [Kind, unknown];
  const rows: readonly Case<Given>[] = [
    ['fewer weights than rows', [classes, ones.slice(1)], ShapeError, '.weight: expected shape [12], a weight for each row', 'got [11]'],
    ['weights of a place', [numbers, spreadTensor([ROWS, 2])], ShapeError, 'expected shape [12]', 'got [12, 2]'],
    ['weights of other steps', [sequences, spreadTensor([ROWS, 4])], ShapeError, '[12] or [12, 3]', 'got [12, 4]'],
    ['a negative weight', [classes, ones.with(4, -0.5)], DataError, 'weights of at least 0, got -0.5 in row 4'],
    ['a negative weight of a step', [sequences, integers([ROWS, STEPS], (i) => (i === 7 ? -1 : 1))], DataError, 'got -1 in row 2, place 1'],
    ['NaN', [classes, ones.with(3, Number.NaN)], DataError, 'finite numbers', 'NaN in row 3'],
    ['infinity', [classes, ones.with(3, Number.POSITIVE_INFINITY)], DataError, 'finite numbers', 'row 3'],
    ['nothing but zeros', [classes, new Float32Array(ROWS)], DataError, '.weight: expected a weight above 0 for some target that counts'],
    [
      'zeros for all that is not ignored',
      [sequences, integers([ROWS, STEPS], (i) => ((5 * i) % 4 === 0 ? 1 : 0))],
      DataError,
      'a weight above 0 for some target that counts, got none',
    ],
    ['words', [classes, 'heavy'], DataError, ".weight: expected numbers in nested arrays, got 'heavy'"],
    ['weights by name without names', [classes, { y: ones }], DataError, '.weight: expected numbers', 'an object'],
    [
      'weights of steps for a sum over them',
      [steps('halfSquaredError', 2, spreadTensor([ROWS, STEPS, 2], 5)), spreadTensor([ROWS, STEPS], 9)],
      DataError,
      'at least 0',
    ],
    [
      'weights of steps for a loss that adds them',
      [steps('halfSquaredError', 2, spreadTensor([ROWS, STEPS, 2], 5)), integers([ROWS, STEPS], () => 1)],
      ShapeError,
      'one weight a row for halfSquaredError, which adds the losses of a row, got 3',
    ],
  ];
  it.each(titled(rows))('%s', async (_, test) => {
    const [{ network: options, x, y }, weight] = test[1];
    using network = await createOn(FASTEST, options);
    const before = weightsOf(network);
    const data = { x, y, weight: weight as TensorLike };
    await expectRefused(() => network.fit(data), test);
    await expectRefused(() => network.evaluate(data), test);
    await expectRefused(() => network.gradients(data), test);
    await expectRefused(() => network.fit({ x, y }, { validation: data }), test);
    expect(weightsOf(network)).toEqual(before);
  });

  const labels = flat(
    'sigmoidCrossEntropy',
    3,
    integers([ROWS, 3], (i) => i % 2),
  );
  const ofClasses: readonly Case<Given>[] = [
    ['too few', [classes, [1, 2]], OptionError, '.classWeight: expected a weight for each of 4 classes, got 2'],
    ['a word', [classes, 'equal'], OptionError, "'balanced' or a list with a weight for each class, got 'equal'"],
    ['names without names', [classes, { y: 'balanced' }], OptionError, "'balanced' or a list", 'an object'],
    ['a negative one', [classes, [1, 1, -1, 1]], OptionError, '.classWeight[2]', 'got -1'],
    ['NaN', [classes, [1, 1, Number.NaN, 1]], OptionError, '.classWeight[2]', 'got NaN'],
    ['nothing but zeros', [classes, [0, 0, 0, 0]], OptionError, 'one is above 0, got only 0'],
    [
      'a weight for no class that occurs',
      [flat('softmaxCrossEntropy', 5, classes.y), [0, 0, 0, 0, 1]],
      DataError,
      'some target that counts',
    ],
    ['numbers', [numbers, [1, 2]], OptionError, 'expected targets that name classes, got numbers of meanSquaredError'],
    ['balanced numbers', [numbers, 'balanced'], OptionError, 'got numbers of meanSquaredError'],
    ['several labels', [labels, [1, 2]], OptionError, 'got 3 labels a row of sigmoidCrossEntropy'],
  ];
  it.each(titled(ofClasses))('class weights: %s', async (_, test) => {
    const [{ network: options, x, y }, classWeight] = test[1];
    using network = await createOn(FASTEST, options);
    await expectRefused(() => network.fit({ x, y }, { classWeight: classWeight as ClassWeights }), test);
    await expectRefused(() => network.evaluate({ x, y }, { classWeight: classWeight as ClassWeights }), test);
  });

  const named: readonly Case<object>[] = [
    [
      'weights of an output that is none',
      { weight: { tag: ones } },
      DataError,
      'fit.weight: expected { tags?, value?, all? }, got { tag }',
    ],
    ['a wrong weight by name', { weight: { value: ones.slice(2) } }, ShapeError, 'fit.weight.value: expected shape [12]', 'got [10]'],
    [
      'weights of steps for an output without',
      { weight: integers([ROWS, STEPS], () => 1) },
      ShapeError,
      'fit.weight: expected shape [12],',
    ],
  ];
  it.each(titled(named))('%s', async (_, test) => {
    const network = await several();
    await expectRefused(() => network.fit({ ...severalData, ...test[1] } as never), test);
  });

  it('class weights of all outputs where one has numbers', async () => {
    const network = await several();
    const call = () => network.fit(severalData as never, { classWeight: 'balanced' } as never);
    await expectRefused(call, ['', undefined, OptionError, 'fit.classWeight', 'got numbers of meanSquaredError']);
  });
});
