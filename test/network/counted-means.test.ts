/** Means over mini-batches are weighted by what each counted: epochs' losses, steps of several mini-batches, their gradients. */
import {
  type DataSet,
  dense,
  type FitOptions,
  flatten,
  type GraphValue,
  type MetricOption,
  Network,
  rocAuc,
  sgd,
  type Tensor,
} from 'chainrule';
import { describe, expect, it } from 'vitest';
import type { Run } from '../../src/backends/backend.ts';
import { LossTotals } from '../../src/metrics/loss-totals.ts';
import { StepRunner } from '../../src/training/step-runner.ts';
import { EvenTimeline } from '../../src/training/timeline.ts';
import { expectClose } from '../support/compare.ts';
import { BACKEND_NAMES, createOn, onBackend, spreadTensor, weightsOf } from '../support/networks.ts';

const ROWS = 14;
const STEPS = 3;
const IGNORED = -1;
const x = spreadTensor([ROWS, STEPS, 2]);

/** Rows with 0 to 3 classes that count; the fifth and sixth have none. */
const classes = (phase: number): Tensor => ({
  shape: [ROWS, STEPS],
  data: Float32Array.from({ length: ROWS * STEPS }, (_, i) => {
    const [row, step] = [Math.floor(i / STEPS), i % STEPS];
    return row === 4 || row === 5 || (row * phase) % 4 > step ? IGNORED : (i * phase) % 3;
  }),
});

type Backend = (typeof BACKEND_NAMES)[number];
const ignoring = { type: 'softmaxCrossEntropy', ignore: IGNORED } as const;
const tags = (l2 = 0) => dense(3, { l2 });

const NETWORKS: Readonly<Record<string, (backend: Backend) => Promise<{ network: Network<never, never>; data: DataSet }>>> = {
  'one head': async (backend) => ({
    network: (await Network.create({ input: [STEPS, 2], layers: [tags()], loss: ignoring, backend, seed: 5 })) as never,
    data: { x, y: classes(5) },
  }),
  'one head and a penalty': async (backend) => ({
    network: (await Network.create({ input: [STEPS, 2], layers: [tags(0.3)], loss: ignoring, backend, seed: 5 })) as never,
    data: { x, y: classes(5) },
  }),
  'several heads': async (backend) => ({
    network: (await Network.create({
      inputs: { x: [STEPS, 2] },
      build: (input) => {
        const hidden = dense(4, { activation: 'tanh', l2: 0.1 })(input.x);
        return { first: dense(3)(hidden), second: dense(3)(hidden), value: dense(2)(flatten()(hidden)), all: dense(3)(hidden) };
      },
      losses: {
        first: { loss: ignoring, weight: 2 },
        second: { loss: { ...ignoring, labelSmoothing: 0.1 }, weight: 0.5 },
        value: 'meanSquaredError',
        all: { loss: 'multiClassHinge', weight: 0.7 },
      },
      backend,
      seed: 5,
    })) as never,
    data: {
      x: { x },
      y: {
        first: classes(5),
        second: classes(7),
        value: spreadTensor([ROWS, 2], 3),
        all: { shape: [ROWS, STEPS], data: Float32Array.from({ length: ROWS * STEPS }, (_, i) => (i * i) % 3) },
      },
    } as unknown as DataSet,
  }),
};

const CASES = BACKEND_NAMES.flatMap((backend) => Object.entries(NETWORKS).map(([name, make]) => [name, backend, make] as const));

describe.each(CASES)('%s on %s', (_, backend, make) => {
  const open = () => onBackend(backend, () => make(backend));
  const tolerance = backend === 'reference' ? 1e-12 : 2e-5;
  const fit = ({ network, data }: Awaited<ReturnType<typeof open>>, options: FitOptions) => network.fit(data as never, options as never);

  it.each<[string, FitOptions]>([
    ['mini-batches', { batchSize: 4 }],
    ['mini-batches in their order', { batchSize: 4, shuffle: false }],
    ['single rows, some of which count nothing', { batchSize: 1 }],
    ['accumulated gradients', { batchSize: 2, accumulate: 3 }],
    ['watched epochs', { batchSize: 3, onEpoch: () => undefined }],
  ])('an epoch’s loss and accuracy over weights that stay are those of evaluate: %s', async (_name, options) => {
    const opened = await open();
    const expected = await opened.network.evaluate(opened.data as never);
    const { epochs } = await fit(opened, { ...options, epochs: 3, optimizer: sgd({ learningRate: 0 }) });
    for (const { loss, accuracy } of epochs) {
      expectClose([loss], [expected.loss], tolerance, 'loss');
      expect(accuracy).toBe(expected.accuracy);
    }
    opened.network.dispose();
  });

  it.each<[string, FitOptions, FitOptions]>([
    ['2 × 2 rows are 4', { batchSize: 2, accumulate: 2 }, { batchSize: 4 }],
    [
      '4 × 1, shuffled and clipped',
      { batchSize: 1, accumulate: 4, shuffle: true, clip: { norm: 0.2 } },
      { batchSize: 4, shuffle: true, clip: { norm: 0.2 } },
    ],
    ['5 × 3 are all', { batchSize: 3, accumulate: 5 }, { batchSize: ROWS }],
  ])('a step of several mini-batches is one of all their rows: %s', async (_name, small, large) => {
    const [parts, whole] = [await open(), await open()];
    const common: FitOptions = { epochs: 3, shuffle: false, optimizer: sgd({ learningRate: 0.1, momentum: 0.5 }) };
    const [one, other] = [await fit(parts, { ...common, ...small }), await fit(whole, { ...common, ...large })];
    expectClose(one.losses, other.losses, tolerance, 'losses of steps');
    expectClose(
      one.epochs.map(({ loss }) => loss),
      other.epochs.map(({ loss }) => loss),
      tolerance,
      'losses of epochs',
    );
    const [a, b] = [weightsOf(parts.network as never), weightsOf(whole.network as never)];
    for (const name of Object.keys(b)) expectClose(a[name], b[name], 10 * tolerance, name);
    for (const { network } of [parts, whole]) network.dispose();
  });
});

/** A place that does not depend on the rows. */
const place = (at: number) => ({ at, after: 0 });

describe('totals of losses', () => {
  it('weight a head whose rows weigh differently by what they weigh, the rest by rows', () => {
    const heads = [
      { head: 'a', weight: 2, loss: place(1), rows: place(2) },
      { head: 'b', weight: 0.5, loss: place(4), rows: place(3) },
    ];
    const totals = new LossTotals({ width: 5, heads });
    const records = Float64Array.of(...[2 * 3 + 0.5 * 4 + 10, 3, 1, 6, 4], ...[2 * 6 + 0.5 * 0 + 20, 6, 5, 0, 0], ...[7, 0, 0, 0, 0]);
    totals.add(records, 0, 4);
    totals.add(records, 5, 1);
    expect(totals.loss).toBeCloseTo(2 * 5.5 + 0.5 * 4 + 12, 12);
    expect(totals.sums).toMatchObject({ rows: 5, losses: [3 + 6 * 5, 4 * 6], weights: [6, 6] });
    expect([totals.meanOf(0), totals.meanOf(1)]).toEqual([5.5, 4]);
    totals.clear();
    totals.add(records, 10, 3);
    expect(totals.loss).toBe(7);
  });

  it('are of places that lie behind values of each row', () => {
    const heads = [{ head: 'a', weight: 1, loss: { at: 1, after: -2 }, rows: { at: 2, after: -2 } }];
    const totals = new LossTotals({ width: 7, heads });
    totals.add(Float64Array.of(3, 0, 0, 0, 0, 3, 4, 5, 0, 0, 5, 1, 0, 0), 0, 2);
    totals.add(Float64Array.of(3, 0, 0, 0, 0, 3, 4, 5, 0, 0, 5, 1, 0, 0), 7, 1);
    expect(totals.sums).toEqual({ rows: 3, rest: 0, losses: [3 * 4 + 5 * 1], weights: [5] });
  });

  it('weight a head whose rows all weigh the same by rows, and leave it in the whole', () => {
    const totals = new LossTotals({ width: 2, heads: [{ head: 'a', weight: 3, loss: place(1), rows: undefined }] });
    const records = Float64Array.of(10, 2, 25, 7);
    totals.add(records, 0, 4);
    totals.add(records, 2, 1);
    expect(totals.meanOf(0)).toBe((4 * 2 + 7) / 5);
    expect(totals.loss).toBe((4 * 10 + 25) / 5);
  });
});

describe.each(BACKEND_NAMES)('metrics that keep every row leave on %s', (backend) => {
  const area = rocAuc({ exact: true });
  const networks = (metrics: readonly MetricOption[]) => ({
    'one head': { input: [2], layers: [dense(3)], loss: ignoring, metrics },
    'several heads': {
      inputs: { x: [2] },
      build: ({ x }: { x: GraphValue }) => ({ first: dense(3)(x), second: dense(3)(x) }),
      losses: { first: { loss: ignoring, weight: 2, metrics }, second: { loss: 'softmaxCrossEntropy', metrics } },
    },
  });
  const y = Int32Array.from({ length: ROWS }, (_, i) => ((i * i) % 5 > 3 ? IGNORED : i % 3));
  const second = Int32Array.from({ length: ROWS }, (_, i) => i % 3);
  const rows = spreadTensor([ROWS, 2]);
  const weight = Array.from({ length: ROWS }, (_, i) => (i * i) % 3);
  const datas = { 'one head': { x: rows, y, weight }, 'several heads': { x: { x: rows }, y: { first: y, second }, weight } };

  it.each(Object.keys(datas) as (keyof typeof datas)[])('losses and accuracies as they are: %s', async (name) => {
    const results = async (metrics: readonly MetricOption[]) => {
      using network = await createOn(backend, { ...networks(metrics)[name], seed: 5 } as never);
      const data = datas[name] as never;
      const { loss, outputs = {} } = await network.evaluate(data);
      const found: number[] = [loss, ...Object.values(outputs).flatMap(({ loss, accuracy = 0 }) => [loss, accuracy])];
      for (const options of [{ batchSize: 4 }, { batchSize: 2, accumulate: 3 }]) {
        const { losses, epochs } = await network.fit(data, { ...options, epochs: 2, optimizer: sgd({ learningRate: 0.1 }) } as never);
        found.push(...losses, ...epochs.flatMap(({ loss, accuracy = 0 }) => [loss, accuracy]));
      }
      using trainer = await network.trainer({ batchSize: 5, accumulate: 3, optimizer: sgd({ learningRate: 0.1 }) } as never);
      const report = trainer.step(data);
      return [...found, report.loss, report.accuracy ?? 0];
    };
    expect(await results([area])).toEqual(await results([]));
  });
});

it('steps of heads that ignore some targets run many at once', async () => {
  const asked: number[] = [];
  const program = { code: new Int32Array(4), carried: new Map(), inputs: new Map(), recordWidth: 3 };
  const now = { run: ({ repeats }: Run) => asked.push(repeats as number) && repeats, records: (n: number) => new Float64Array(3 * n) };
  const timeline = new EvenTimeline({ epoch: 0, batch: 0, step: 0 }, { rows: 100, batchSize: 10, accumulate: 1, shuffle: true }, 9);
  const places = { width: 3, heads: [{ head: 'only', weight: 1, loss: place(1), rows: place(2) }] };
  const runner = new StepRunner({ program, now, records: async (n: number) => now.records(n) } as never, {
    timeline,
    rates: () => [],
    places,
    changes: 'never',
  });
  expect(runner.runNow(0, 64)).toMatchObject({ done: 64, batches: 1 });
  expect((await runner.run(64, 20, true)).records).toHaveLength(3 * 20);
  expect(asked).toEqual([64, 20]);
});

it.each(BACKEND_NAMES)('%s finds where a step of counted mini-batches diverges', async (backend) => {
  const { network, data } = await onBackend(backend, () => NETWORKS['several heads'](backend));
  const optimizer = sgd({ learningRate: backend === 'reference' ? 1e300 : 1e37 });
  await expect(network.fit(data as never, { epochs: 9, batchSize: 2, accumulate: 3, optimizer } as never)).rejects.toMatchObject({
    name: 'DivergedError',
  });
  network.dispose();
});
