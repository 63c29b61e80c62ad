/** Metrics of networks: in training, validation and evaluation, monitored, saved, of named outputs, and a user's own. */
import {
  averagePrecision,
  confusionMatrix,
  type DataSet,
  defineMetric,
  dense,
  embedding,
  f1,
  type Metric,
  type MetricRows,
  multiply,
  Network,
  type NetworkOptions,
  OptionError,
  perplexity,
  reduceOnPlateau,
  rocAuc,
  sgd,
  step,
  subtract,
  sum,
  topK,
} from 'chainrule';
import { describe, expect, it } from 'vitest';
import { BACKEND_NAMES, createOn, FASTEST, onBackend, spread, spreadTensor } from '../support/networks.ts';
import { type Case, expectRefused, titled } from '../support/refused.ts';

const ROWS = 50;
const data: DataSet = { x: spreadTensor([ROWS, 3]), y: Array.from({ length: ROWS }, (_, i) => (i * i + (i >> 2)) % 3) };
const other: DataSet = { x: spreadTensor([ROWS, 3], 7), y: Array.from({ length: ROWS }, (_, i) => i % 3) };
/** Training leaves the weights as they are. */
const still = sgd({ learningRate: 1e-30 });

/** The share of rows whose class has more than half of the probability: a metric of the user's own, with an option. */
const sureAbove = ({ threshold = 0.5, name = 'sure' }: { threshold?: number; name?: string } = {}) =>
  defineMetric(
    { name, type: 'sureAbove', better: 'higher', threshold },
    {
      targets: 'classes',
      sums: ({ probabilities, weight }) => ({ sure: sum(multiply(sum(step(subtract(probabilities, threshold)), [1]), weight)) }),
      result: ({ sure }, { weight }) => sure / weight,
    },
  );

const options: Omit<NetworkOptions, 'backend'> = {
  input: [3],
  layers: [dense(3)],
  loss: 'softmaxCrossEntropy',
  metrics: [
    'f1',
    topK({ k: 2 }),
    confusionMatrix(),
    rocAuc({ exact: true }),
    'perplexity',
    sureAbove(),
    { type: 'softmaxCrossEntropy', labelSmoothing: 0.1, name: 'smooth' },
  ],
};

/** Of the network's probabilities, by plain loops. */
function expected(network: Network, { x, y }: DataSet) {
  const { data: p } = network.predict(x, { probabilities: true });
  const targets = y as number[];
  const rows = targets.map((target, r) => ({ target, p: [...p.subarray(3 * r, 3 * r + 3)] }));
  const answers = rows.map(({ p: row }) => row.indexOf(Math.max(...row)));
  const pairs = [0, 1, 2].map((t) => [0, 1, 2].map((a) => rows.filter(({ target }, r) => target === t && answers[r] === a).length));
  const f1s = [0, 1, 2].map((c) => {
    const predicted = pairs.reduce((total, row) => total + row[c], 0);
    const actual = pairs[c].reduce((total, n) => total + n, 0);
    return predicted + actual ? (2 * pairs[c][c]) / (predicted + actual) : undefined;
  });
  const present = f1s.filter((one) => one !== undefined);
  const mean = (values: readonly number[]) => values.reduce((total, value) => total + value, 0) / values.length;
  return {
    f1: mean(present),
    topK: mean(rows.map(({ target, p: row }) => (row.filter((q) => q > row[target]).length < 2 ? 1 : 0))),
    confusionMatrix: pairs,
    rocAuc: mean(
      [0, 1, 2].map((c) => {
        const [inside, outside] = [rows.filter(({ target }) => target === c), rows.filter(({ target }) => target !== c)];
        return mean(inside.flatMap((a) => outside.map((b) => (a.p[c] > b.p[c] ? 1 : a.p[c] === b.p[c] ? 0.5 : 0))));
      }),
    ),
    perplexity: Math.exp(mean(rows.map(({ target, p: row }) => -Math.log(row[target])))),
    sure: mean(rows.map(({ p: row }) => (Math.max(...row) > 0.5 ? 1 : 0))),
  };
}

function expectMetrics(found: unknown, wanted: Readonly<Record<string, unknown>>): void {
  for (const [name, value] of Object.entries(wanted)) {
    const one = (found as Record<string, unknown>)[name];
    if (typeof value === 'number') expect(one, name).toBeCloseTo(value, 5);
    else expect(one, name).toEqual(value);
  }
}

describe.each(BACKEND_NAMES)('on %s', (backend) => {
  it('metrics are those of the predictions, in training, validation and evaluation', async () => {
    using network = await createOn(backend, options);
    const { metrics, accuracy } = await network.evaluate(data);
    expectMetrics(metrics, expected(network, data));
    expect(accuracy).toBeGreaterThan(0);
    const { epochs } = await network.fit(data, { optimizer: still, batchSize: 7, epochs: 2, validation: other, shuffle: false });
    for (const report of epochs) {
      expectMetrics(report.metrics, expected(network, data));
      expectMetrics(report.validationMetrics, expected(network, other));
      expect(report.metrics?.smooth).toBeCloseTo(metrics?.smooth as number, 5);
    }
    // Of one sort they are numbers in the log of epochs, of another they are kept: both are those of one step more.
    const { epochs: parts } = await network.fit(data, { optimizer: still, batchSize: 7, accumulate: 3, restart: true });
    expectMetrics(parts[0].metrics, expected(network, data));
  });

  it('targets that are ignored leave no trace, and steps of sequences are rows', async () => {
    const y = Array.from({ length: 8 }, (_, r) => [0, 1, 2, 3].map((t) => (t > r % 4 ? -1 : (r * 5 + t) % 3)));
    const x = y.map((row, r) => row.map((_, t) => (3 * r + t) % 6));
    using network = await createOn(backend, {
      input: [4],
      layers: [embedding(6, 3)],
      loss: { type: 'softmaxCrossEntropy', ignore: -1 },
      metrics: ['f1', 'accuracy', confusionMatrix(), perplexity(), rocAuc()],
    });
    const { metrics, accuracy, loss } = await network.evaluate({ x, y });
    const { data: p } = network.predict(x);
    const counted = y.flat().flatMap((target, i) => (target < 0 ? [] : [{ target, answer: argmax([...p.subarray(3 * i, 3 * i + 3)]) }]));
    const pairs = [0, 1, 2].map((t) => [0, 1, 2].map((a) => counted.filter((one) => one.target === t && one.answer === a).length));
    expect(metrics?.confusionMatrix).toEqual(pairs);
    expect(accuracy).toBeCloseTo((pairs[0][0] + pairs[1][1] + pairs[2][2]) / counted.length, 6);
    expect(metrics?.accuracy).toBe(accuracy);
    expect(metrics?.perplexity).toBeCloseTo(Math.exp(loss), 5);
    const { epochs } = await network.fit({ x, y }, { optimizer: still, batchSize: 3 });
    expectMetrics(epochs[0].metrics, metrics as never);
    expect(epochs[0].accuracy).toBeCloseTo(accuracy as number, 6);
  });

  it('the area by bins is within its bound', async () => {
    const make = (metrics: readonly Metric[]) =>
      createOn(backend, { input: [1], layers: [dense(1, { initializer: [[2]] })], loss: 'sigmoidCrossEntropy', metrics });
    const x = { shape: [4000, 1], data: spread(4000) };
    const y = Array.from(x.data, (value, i) => (value + 0.7 * Math.sin(37 * i) > 0 ? 1 : 0));
    for (const bins of [10, 100, 1000]) {
      using network = await make([
        rocAuc({ bins }),
        averagePrecision({ bins }),
        rocAuc({ exact: true, name: 'roc' }),
        averagePrecision({ exact: true, name: 'ap' }),
      ]);
      const { metrics } = await network.evaluate({ x, y });
      const { roc, ap } = boundsOf([...network.predict(x, { probabilities: true }).data], y, bins);
      const errorOf = (name: string, exact: string) => Math.abs((metrics?.[name] as number) - (metrics?.[exact] as number));
      expect(errorOf('rocAuc', 'roc'), `${bins} bins`).toBeLessThanOrEqual(roc + 1e-9);
      expect(errorOf('averagePrecision', 'ap'), `${bins} bins`).toBeLessThanOrEqual(ap + 1e-9);
      expect(roc).toBeLessThan(3 / bins);
    }
  });
});

const argmax = (row: readonly number[]) => row.indexOf(Math.max(...row));

/** The bounds that `rocAuc` and `averagePrecision` state. */
function boundsOf(scores: readonly number[], labels: readonly number[], bins: number) {
  const counts = Array.from({ length: bins }, () => ({ p: 0, n: 0 }));
  scores.forEach((score, i) => {
    counts[Math.min(Math.floor(score * bins), bins - 1)][labels[i] ? 'p' : 'n']++;
  });
  const P = labels.filter(Boolean).length;
  const N = labels.length - P;
  let [f, g, ap] = [0, 0, 0];
  for (const { p, n } of counts.reverse()) {
    if (p > 0) ap += (p / P) * ((f + p) / (f + p + g) - f / Math.max(f + g + n, 1));
    f += p;
    g += n;
  }
  return { roc: counts.reduce((total, { p, n }) => total + (p * n) / (2 * P * N), 0), ap };
}

describe('a monitor', () => {
  const create = (more: Partial<NetworkOptions> = {}) => createOn(FASTEST, { ...options, ...more } as NetworkOptions);

  it.each(['f1', 'validationF1', 'validationPerplexity', 'sure', 'validationSure', 'validationSmooth'])('may be %s', async (monitor) => {
    using network = await create();
    const fit = { epochs: 4, validation: other, earlyStopping: { monitor, patience: 9 }, schedule: reduceOnPlateau({ monitor }) };
    const { epochs, bestEpoch } = await network.fit(data, { ...fit, optimizer: sgd({ learningRate: 0.5 }) });
    const isOfValidation = monitor.startsWith('validation');
    const name = isOfValidation ? monitor.charAt(10).toLowerCase() + monitor.slice(11) : monitor;
    const values = epochs.map((report) => (isOfValidation ? report.validationMetrics : report.metrics)?.[name] as number);
    const best = /perplexity|smooth/i.test(monitor) ? Math.min(...values) : Math.max(...values);
    expect(bestEpoch).toBe(1 + values.indexOf(best));
  });

  it.each([
    ['a table', 'confusionMatrix', "expected a metric of one number with 'confusionMatrix', got a table"],
    [
      'what is not measured',
      'recall',
      "expected one of loss, accuracy, f1, topK, confusionMatrix, rocAuc, perplexity, sure, smooth, got 'recall'",
    ],
    ['what has no data', 'validationF1', "expected validation data with 'validationF1', got none"],
  ])('may not be %s', async (_, monitor, message) => {
    using network = await create();
    await expect(network.fit(data, { earlyStopping: { monitor } })).rejects.toThrow(`fit.earlyStopping.monitor: ${message}`);
    await expect(network.fit(data, { schedule: reduceOnPlateau({ monitor }) })).rejects.toThrow(OptionError);
  });
});

describe('named outputs', () => {
  const create = () =>
    onBackend(FASTEST, () =>
      Network.create({
        inputs: { x: [3] },
        build: ({ x }) => ({ digit: dense(3)(x), size: dense(1)(x) }),
        losses: {
          digit: { loss: 'softmaxCrossEntropy', metrics: ['f1', topK({ k: 2, name: 'top two' })] },
          size: {
            loss: 'meanSquaredError',
            weight: 0.5,
            metrics: ['r2', 'meanAbsoluteError', { type: 'huber', delta: 0.1, name: 'close' }],
          },
        },
        backend: FASTEST,
      }),
    );
  const named = { x: { x: data.x }, y: { digit: data.y, size: spread(ROWS, 3) } } as never;

  it('have metrics each, in training too, and are monitored by their names', async () => {
    using network = await create();
    const before = await network.evaluate(named);
    expect(Object.keys(before.outputs?.digit.metrics ?? {})).toEqual(['f1', 'top two']);
    const { epochs } = await network.fit(named, { optimizer: still, batchSize: 8, validation: named });
    const [{ outputs, validationOutputs, accuracy }] = epochs;
    expect(accuracy).toBeUndefined();
    for (const found of [outputs, validationOutputs])
      for (const head of ['digit', 'size']) {
        expect(found?.[head].loss).toBeCloseTo(before.outputs?.[head].loss as number, 5);
        expectMetrics(found?.[head].metrics, before.outputs?.[head].metrics as never);
      }
    expect(outputs?.digit.accuracy).toBe(before.outputs?.digit.accuracy);
    for (const monitor of ['digit.f1', 'digit.validationF1', 'size.r2', 'digit.accuracy', 'size.loss', 'digit.top two', 'size.close'])
      await network.fit(named, { validation: named, earlyStopping: { monitor } } as never);
    await expect(network.fit(named, { earlyStopping: { monitor: 'f1' } } as never)).rejects.toThrow(
      /expected one of loss, accuracy, digit.loss/,
    );
    using loaded = await Network.fromBytes(network.toBytes(), { backend: FASTEST });
    expect(await loaded.evaluate(named)).toEqual(await network.evaluate(named));
  });
});

describe('a model file', () => {
  it('has metrics, and the maker of a user’s own reads it back with its options', async () => {
    using network = await createOn(FASTEST, {
      ...options,
      metrics: [sureAbove({ threshold: 0.4, name: 'sure at 0.4' }), f1({ average: 'none', name: 'each' }), 'perplexity'],
    });
    const load = (metrics?: Record<string, never>) =>
      Network.fromBytes(network.toBytes(), { backend: FASTEST, ...(metrics && { metrics }) });
    using loaded = await load({ sureAbove } as never);
    const evaluation = await network.evaluate(data);
    expect(await loaded.evaluate(data)).toEqual(evaluation);
    expect(Object.keys(evaluation.metrics ?? {})).toEqual(['sure at 0.4', 'each', 'perplexity']);
    expect(evaluation.metrics?.each).toHaveLength(3);
    expect(loaded.toBytes()).toEqual(network.toBytes());
    await expect(load()).rejects.toThrow(/metrics: expected one of accuracy.*got 'sureAbove'; a file's own metric needs its maker/);
    await expect(load({ sureAbove: () => 3 } as never)).rejects.toThrow(
      /expected the maker of sureAbove to give what defineMetric makes, got 3/,
    );
    await expect(load({ sureAbove: () => f1() } as never)).rejects.toThrow(
      /expected the maker of sureAbove to give a metric of that type, got 'f1'/,
    );
  });
});

describe('refused', () => {
  const body = { targets: 'classes', sums: ({ weight }: MetricRows) => ({ all: sum(weight) }), result: () => 0 } as const;
  const network =
    (metrics: unknown, more: object = {}) =>
    () =>
      Network.create({ ...options, ...more, metrics, backend: FASTEST } as never);
  const numbers = { layers: [dense(1)], loss: 'meanSquaredError' };
  const CASES: readonly Case<() => unknown>[] = [
    ['no list', network('f1'), OptionError, "metrics: expected a list of metrics, got 'f1'"],
    ['an unknown one', network(['f2']), OptionError, 'metrics: expected one of accuracy, topK', "got 'f2'; defineMetric makes others"],
    ['a number', network([3]), OptionError, 'expected a name, { type }', 'got 3'],
    ['two of one name', network(['f1', f1({ average: 'micro' })]), OptionError, "different names, got 'f1' twice"],
    ['the name of the loss', network([f1({ name: 'loss' })]), OptionError, "other names than those of reports, got 'loss'"],
    ['an unknown option', network([{ type: 'topK', k: 2, l: 3 }]), OptionError, "unknown option 'l'"],
    ['k of 0', () => topK({ k: 0 }), OptionError, 'topK.k: expected an integer'],
    [
      'k of all classes',
      network([topK({ k: 3 })]),
      OptionError,
      'topK.k: expected fewer than the 3 classes, of which one is always right, got 3',
    ],
    [
      'k beyond the classes of a sequence',
      network([topK({ k: 9 })], { input: [5, 3], layers: [dense(4)] }),
      OptionError,
      'the 4 classes',
      'got 9',
    ],
    ['an area by a single bin', () => averagePrecision({ bins: 1 }), OptionError, 'averagePrecision.bins: expected an integer', 'got 1'],
    ['bins of an exact area', () => rocAuc({ bins: 10, exact: true }), OptionError, 'rocAuc.bins: expected none with exact', 'got 10'],
    ['an unknown average', () => f1({ average: 'mean' } as never), OptionError, 'f1.average'],
    [
      'topK of numbers',
      network([topK({ k: 2 })], numbers),
      OptionError,
      'topK: expected targets that are classes, got values with meanSquaredError',
    ],
    ['f1 of numbers', network(['f1'], numbers), OptionError, 'f1: expected targets that are classes or labels, got values'],
    [
      'perplexity of labels',
      network(['perplexity'], { layers: [dense(2)], loss: 'sigmoidCrossEntropy' }),
      OptionError,
      'expected targets that are classes, got labels or values',
    ],
    [
      'an area without probabilities',
      network(['rocAuc'], { loss: 'multiClassHinge' }),
      OptionError,
      'expected a loss whose predictions become probabilities, got multiClassHinge',
    ],
    [
      'binary of three classes',
      network([f1({ average: 'binary' })]),
      OptionError,
      "expected one label or two classes with 'binary', got 3 classes",
    ],
    [
      'a loss of other targets',
      network(['halfSquaredError']),
      OptionError,
      'expected losses of the classes that softmaxCrossEntropy takes, got halfSquaredError',
    ],
    [
      'errors of pairs, which estimate no target',
      network(['meanSquaredError'], { layers: [dense(4)], loss: 'contrastive' }),
      OptionError,
      'meanSquaredError: expected a loss whose predictions estimate its targets, got contrastive',
    ],
    [
      'a loss of targets of another shape',
      network(['halfSquaredError'], { layers: [dense(4)], loss: 'gaussianNegativeLogLikelihood' }),
      OptionError,
      'metrics: expected losses of targets [2], as gaussianNegativeLogLikelihood takes, got halfSquaredError of [4]',
    ],
    [
      'a config without a direction',
      () => defineMetric({ name: 'x' } as never, body),
      OptionError,
      "better to be 'higher' or 'lower', got undefined",
    ],
    [
      'a config without a name',
      () => defineMetric({ better: 'higher' } as never, body),
      OptionError,
      'expected a config { name, better, … }',
    ],
    [
      'unknown targets',
      () => defineMetric({ name: 'x', better: 'lower' }, { ...body, targets: 'images' } as never),
      OptionError,
      "classes, labels, values or a list of them, got 'images'",
    ],
    [
      'sums and rows',
      () => defineMetric({ name: 'x', better: 'lower' }, { ...body, rows: body.sums } as never),
      OptionError,
      'either sums or rows, got both',
    ],
    [
      'sums that are none',
      network([defineMetric({ name: 'x', better: 'lower' }, { ...body, sums: () => 3 } as never)]),
      OptionError,
      'expected graph values by name, { … }, got 3',
    ],
    [
      'sums of the batch’s size',
      network([defineMetric({ name: 'x', better: 'lower' }, { ...body, sums: ({ weight }: MetricRows) => ({ weight }) } as never)]),
      OptionError,
      'got weight of [-1]',
    ],
    [
      'a result that is text',
      network([defineMetric({ name: 'x', better: 'lower' }, { ...body, result: () => 'good' } as never)]),
      OptionError,
      "metric x: expected a result that is a number or arrays of numbers, got 'good'",
    ],
  ];

  it.each(titled(CASES))('%s', (_, test) => expectRefused(test[1], test));

  it('class indices for a mean squared error, when the fit begins', async () => {
    using network = await createOn(FASTEST, { ...options, metrics: ['meanSquaredError'] });
    await expect(network.fit(data)).rejects.toThrow(
      'meanSquaredError: expected targets that are values, got classes with softmaxCrossEntropy',
    );
    await expect(network.evaluate(data)).rejects.toThrow(OptionError);
    expect(network.progress.step).toBe(0);
  });
});
