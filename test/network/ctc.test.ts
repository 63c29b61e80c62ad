/** Connectionist temporal classification: PyTorch's losses and gradients, a network that learns to read, and what data is refused. */
import { readFileSync } from 'node:fs';
import {
  adam,
  DataError,
  type DataSet,
  defineLoss,
  dense,
  gru,
  type LossOption,
  logSoftmax,
  multiply,
  Network,
  type NetworkOptions,
  OptionError,
  ShapeError,
  sequenceMask,
  sgd,
  sum,
  type Tensor,
} from 'chainrule';
import { describe, expect, it } from 'vitest';
import { differentiateGraph } from '../../src/graph/autodiff.ts';
import { Graph } from '../../src/graph/graph.ts';
import { lossFrom } from '../../src/losses/config.ts';
import { lossesPerRow, lossOf, rowsOf } from '../../src/losses/rows.ts';
import { BATCH } from '../../src/ops/shape.ts';
import { BACKENDS, tolerance } from '../support/backends.ts';
import { expectClose, type GoldenTensor } from '../support/compare.ts';
import { BACKEND_NAMES, createOn, FASTEST, onBackend, spreadTensor, weightsOf } from '../support/networks.ts';
import { type Case, expectRefused, titled } from '../support/refused.ts';
import { runGraph } from '../support/run-graph.ts';

interface CtcCase {
  readonly name: string;
  readonly loss: LossOption;
  readonly prediction: GoldenTensor;
  readonly target: GoldenTensor;
  readonly lengths?: GoldenTensor;
  readonly losses: GoldenTensor;
  readonly gradPrediction: GoldenTensor;
}

const { sequences } = JSON.parse(readFileSync(new URL('../golden/further-losses.json', import.meta.url), 'utf8')) as {
  sequences: CtcCase[];
};

it('there is a case of everything', () => expect(sequences).toHaveLength(17));

describe.each(BACKENDS.map((backend) => [backend.name, backend] as const))('%s against PyTorch', (_, backend) => {
  it.each(sequences.map((test) => [test.name, test] as const))('%s', (_name, test) => {
    const { prediction, target, lengths } = test;
    const [rows] = prediction.shape;
    const loss = lossFrom(test.loss);
    const graph = new Graph();
    const x = graph.input('prediction', [BATCH, ...prediction.shape.slice(1)]);
    const y = graph.input('target', [BATCH, target.shape[1]], 'index');
    const inputs = lengths && { lengths: graph.input('lengths', [BATCH]) };
    const batch = rowsOf(loss, x, y, 'sequences', { inputs });
    graph.outputs.set('losses', lossesPerRow(loss, batch));
    graph.outputs.set('delta', differentiateGraph(lossOf(loss, batch), [x])[0]);
    const values = { prediction: prediction.data, target: target.data, ...(lengths && { lengths: lengths.data }) };
    const results = runGraph(backend, graph, values, { maximumRows: rows });
    expectClose(results.get('losses') as ArrayLike<number>, test.losses.data, tolerance(backend), 'losses');
    expectClose(results.get('delta') as ArrayLike<number>, test.gradPrediction.data, tolerance(backend), 'δ of the prediction');
  });
});

const STEPS = 12;
const SYMBOLS = 3;
const ROWS = 120;
const PADDING = -1;

/** Symbols that last for one or two steps with a pause behind each, and which they are; rows end at any step. */
function writing(rows = ROWS): { x: Tensor; lengths: number[]; y: number[][] } {
  const noise = spreadTensor([rows, STEPS, SYMBOLS], 11);
  const x = { shape: noise.shape, data: Float64Array.from(noise.data, (value) => 0.1 * value) };
  const labels: number[][] = [];
  const lengths: number[] = [];
  for (let row = 0; row < rows; row++) {
    const own: number[] = [];
    let step = row % 3;
    for (let i = 0; i < 1 + (row % 4); i++) {
      const symbol = (row * row + i * (1 + (row % 5))) % SYMBOLS;
      const end = Math.min(step + 1 + ((row + i) % 2), STEPS);
      for (; step < end; step++) x.data[(row * STEPS + step) * SYMBOLS + symbol] += 1;
      step++;
      own.push(symbol + 1);
    }
    labels.push(own);
    lengths.push(Math.min(step, STEPS));
  }
  const most = Math.max(...labels.map(({ length }) => length));
  return { x, lengths, y: labels.map((own) => [...own, ...new Array<number>(most - own.length).fill(PADDING)]) };
}

/** The largest class of each step, repeats merged and blanks left out. */
function read({ shape: [, steps, classes], data }: Tensor, row: number, length = steps): number[] {
  const best = Array.from({ length }, (_, step) => {
    const logits = Array.from(data.slice((row * steps + step) * classes, (row * steps + step + 1) * classes));
    return logits.indexOf(Math.max(...logits));
  });
  return best.filter((label, i) => label !== 0 && label !== best[i - 1]);
}

const labelsOf = (row: readonly number[]) => row.filter((label) => label !== PADDING);
const reader = (loss: LossOption, units = 10): Omit<NetworkOptions, 'backend'> => ({
  input: [STEPS, SYMBOLS],
  layers: [gru(units, { returnSequences: true }), dense(SYMBOLS + 1)],
  loss,
  seed: 3,
});

/** A network with an input that says how many steps count, for its layers and for its loss. */
const readerOfLengths = (backend: (typeof BACKEND_NAMES)[number], loss: LossOption = { type: 'ctc', lengths: 'lengths' }) =>
  Network.create({
    backend,
    inputs: { x: [STEPS, SYMBOLS], lengths: [] },
    build: ({ x, lengths }) => ({
      text: dense(SYMBOLS + 1)(gru(8, { returnSequences: true, masked: true })(x, sequenceMask(lengths, STEPS))),
    }),
    losses: { text: loss },
    seed: 3,
  });

describe.each(BACKEND_NAMES)('on %s', (backend) => {
  it('a network learns to read what nobody has placed in time, and a file keeps it', async () => {
    const { x, y } = writing();
    using network = await createOn(backend, reader('ctc'));
    const first = await network.evaluate({ x, y });
    expect(first.accuracy).toBeUndefined();
    await network.fit({ x, y }, { epochs: 30, batchSize: 20, optimizer: adam({ learningRate: 0.02 }), validation: { x, y } });
    const { loss } = await network.evaluate({ x, y });
    expect(loss).toBeLessThan(0.1 * first.loss);
    const predicted = network.predict(x);
    const right = y.filter((row, i) => read(predicted, i).join() === labelsOf(row).join()).length;
    expect(right / ROWS).toBeGreaterThan(0.9);
    const bytes = network.toBytes();
    using loaded = await onBackend(backend, () => Network.fromBytes(bytes, { backend }));
    expect((await loaded.evaluate({ x, y })).loss).toBe(loss);
  });

  it('steps behind a row’s length change nothing, and the loss is that of the row alone', async () => {
    const { x, lengths, y } = writing(8);
    using network = await readerOfLengths(backend);
    const data = { x: { x, lengths }, y: { text: y } };
    const { loss, gradients } = network.gradients(data);
    const other = { shape: x.shape, data: Float64Array.from(x.data) };
    lengths.forEach((length, row) => {
      other.data.fill(7, (row * STEPS + length) * SYMBOLS, (row + 1) * STEPS * SYMBOLS);
    });
    const again = network.gradients({ x: { x: other, lengths }, y: { text: y } });
    expect(again.loss).toBe(loss);
    for (const [name, { data: values }] of gradients) expectClose(again.gradients.get(name)?.data ?? [], values, 1e-6, name);
    const logits = network.predict({ x, lengths }).text;
    const alone = await Promise.all(
      lengths.map(async (length, row) => {
        using single = await createOn(backend, { input: [length, SYMBOLS + 1], layers: [(value) => multiply(value, 1)], loss: 'ctc' });
        const start = row * STEPS * (SYMBOLS + 1);
        const own = { shape: [1, length, SYMBOLS + 1], data: logits.data.slice(start, start + length * (SYMBOLS + 1)) };
        return (await single.evaluate({ x: own, y: [labelsOf(y[row])] })).loss;
      }),
    );
    expectClose([loss], [alone.reduce((total, one) => total + one, 0) / lengths.length], 1e-5, 'loss');
  });

  it('the padding, and how much of it there is, change nothing', async () => {
    const { x, y } = writing(10);
    const losses: number[] = [];
    for (const [ignore, more] of [
      [-1, 0],
      [-1, 5],
      [0, 1],
      [99, 0],
    ]) {
      using network = await createOn(backend, reader({ type: 'ctc', ignore }));
      const padded = y.map((row) => [...row.map((label) => (label === PADDING ? ignore : label)), ...new Array<number>(more).fill(ignore)]);
      losses.push((await network.evaluate({ x, y: padded })).loss);
    }
    expect(new Set(losses).size).toBe(1);
  });

  it('a trainer takes batches whose sequences are of any length', async () => {
    const { x, y } = writing(6);
    using network = await createOn(backend, reader('ctc'));
    using fitted = await createOn(backend, reader('ctc'));
    const optimizer = sgd({ learningRate: 0.1 });
    const { losses } = await fitted.fit({ x, y }, { optimizer, batchSize: 3, shuffle: false, epochs: 1 });
    const trainer = await network.trainer({ optimizer, batchSize: 3 });
    const rows = (from: number): DataSet => {
      const size = STEPS * SYMBOLS;
      const own = y.slice(from, from + 3);
      const most = Math.max(...own.map((row) => labelsOf(row).length));
      return {
        x: { shape: [3, STEPS, SYMBOLS], data: x.data.slice(from * size, (from + 3) * size) },
        y: own.map((row) => row.slice(0, most)),
      };
    };
    const steps = [trainer.step(rows(0)).loss, trainer.step(rows(3)).loss];
    trainer.dispose();
    expectClose(steps, losses, 1e-6, 'losses');
    for (const [name, values] of Object.entries(weightsOf(fitted))) expectClose(weightsOf(network)[name], values, 1e-5, name);
  });
});

it('gradients are those of differences, with lengths and without', async () => {
  const { x, lengths, y } = writing(3);
  using plain = await createOn('reference', reader('ctc', 4));
  expect((await plain.checkGradients({ x, y })).maxRelativeError).toBeLessThan(1e-6);
  using network = await readerOfLengths('reference');
  expect((await network.checkGradients({ x: { x, lengths }, y: { text: y } })).maxRelativeError).toBeLessThan(1e-6);
});

it('it is measured as a metric, beside another loss of sequences', async () => {
  const { x, y } = writing(6);
  using network = await createOn(FASTEST, { ...reader(bag()), metrics: ['ctc'] });
  using plain = await createOn(FASTEST, reader('ctc'));
  const { metrics } = await network.evaluate({ x, y });
  expectClose([metrics?.ctc as number], [(await plain.evaluate({ x, y })).loss], 1e-6, 'ctc');
});

/** A user's own loss of sequences: how likely each label is anywhere, without order. */
const bag = (most = STEPS) =>
  defineLoss({ type: 'bag' }, (x) => multiply(sum(logSoftmax(x), [1, 2]), -0.01), { targets: 'sequences', target: () => [most] });

describe('refuses', () => {
  const networks: readonly Case<Omit<NetworkOptions, 'backend'>>[] = [
    ['predictions without steps', { input: [3], layers: [dense(4)], loss: 'ctc' }, ShapeError, '[batch, steps, classes], got [batch, 4]'],
    ['a single class', { input: [5, 3], layers: [dense(1)], loss: 'ctc' }, ShapeError, '[batch, steps, classes], got [batch, 5, 1]'],
    ['a blank beyond the classes', reader({ type: 'ctc', blank: 4 }), ShapeError, 'a blank below the number of classes, 4, got 4'],
    ['a blank that is no class', reader({ type: 'ctc', blank: -1 }), OptionError, 'loss.blank', 'got -1'],
    ['no labels', reader({ type: 'ctc', longest: 0 }), OptionError, 'loss.longest', 'got 0'],
    ['more labels than anybody has', reader({ type: 'ctc', longest: 1e9 }), OptionError, 'at most 65536 labels a row, got 1000000000'],
    ['lengths that are no name', reader({ type: 'ctc', lengths: 3 as never }), OptionError, 'loss.lengths', 'the name of an input, got 3'],
    ['lengths that are no input', reader({ type: 'ctc', lengths: 'steps' }), OptionError, 'inputs among x for ctc', 'steps'],
    ['a blank with another loss', reader({ type: 'huber', blank: 1 } as never), OptionError, 'blank with ctc only, got it with huber'],
    ['accuracy', { ...reader('ctc'), metrics: ['accuracy'] }, OptionError, 'targets that are classes or labels, got sequences with ctc'],
    ['perplexity', { ...reader('ctc'), metrics: ['perplexity'] }, OptionError, 'targets that are classes, got sequences with ctc'],
    ['a loss of classes as a metric', { ...reader('ctc'), metrics: ['softmaxCrossEntropy'] }, OptionError, 'the sequences that ctc takes'],
    [
      'a metric that ignores something else',
      { ...reader('ctc'), metrics: [{ type: 'ctc', ignore: 0 }] },
      OptionError,
      'to ignore what the loss does, -1, got 0',
    ],
  ];
  it.each(titled(networks))('%s', (_, test) => expectRefused(() => createOn(FASTEST, test[1]), test));

  const SAMPLE = spreadTensor([2, 4, 2]);
  const targets: readonly Case<readonly [LossOption, unknown]>[] = [
    ['one class a row', ['ctc', [1, 2]], ShapeError, 'y: expected shape [rows, labels] for ctc', 'got [2]'],
    ['another number of rows', ['ctc', [[1]]], DataError, 'one target for each of 2 rows'],
    [
      'a class that is none',
      [
        'ctc',
        [
          [1, 2],
          [1, 3],
        ],
      ],
      DataError,
      'class indices from 0 to 2, and -1 behind them',
      'got 3 in row 1, element 1',
    ],
    [
      'half a class',
      [
        'ctc',
        [
          [1, 0.5],
          [1, 1],
        ],
      ],
      DataError,
      'got 0.5 in row 0, element 1',
    ],
    [
      'a blank',
      [
        'ctc',
        [
          [1, 2],
          [1, 0],
        ],
      ],
      DataError,
      'labels other than the blank 0 for ctc, got 0 in row 1, element 1',
    ],
    [
      'labels behind the end',
      [
        'ctc',
        [
          [1, -1],
          [-1, 1],
        ],
      ],
      DataError,
      'nothing but -1 behind the end of a sequence',
      'got 1 in row 1, element 1',
    ],
    [
      'more labels than steps',
      [
        'ctc',
        [
          [1, 2, 1, 2, 1],
          [1, -1, -1, -1, -1],
        ],
      ],
      DataError,
      'at most 4 labels a row for ctc, got 5 in row 0',
    ],
    [
      'more labels than asked for',
      [
        { type: 'ctc', longest: 1 },
        [
          [1, 2],
          [1, -1],
        ],
      ],
      DataError,
      'at most 1 labels a row for ctc, got 2 in row 0',
    ],
    [
      'repeats without a step between',
      [
        'ctc',
        [
          [1, 2, 1, 2],
          [1, 1, 1, -1],
        ],
      ],
      DataError,
      'at most 4 labels and repeats, one for each step for ctc, got 3 labels of which 2 repeat the one before in row 1',
    ],
  ];
  it.each(titled(targets))('targets: %s', async (_, test) => {
    using network = await createOn(FASTEST, { input: [4, 2], layers: [dense(3)], loss: test[1][0] });
    await expectRefused(() => network.evaluate({ x: SAMPLE, y: test[1][1] as never }), test);
  });

  it('labels without room in a row’s own steps, and lengths beyond the steps', async () => {
    const { x, y } = writing(4);
    using network = await readerOfLengths(FASTEST, { type: 'ctc', lengths: 'lengths' });
    const evaluate = (lengths: number[]) => network.evaluate({ x: { x, lengths }, y: { text: y } });
    await expect(evaluate([12, 12, 12, 3])).rejects.toThrow(
      /at most 3 labels and repeats, one for each step for ctc, got 4 labels.* in row 3/,
    );
    await expect(evaluate([12, 13, 12, 12])).rejects.toThrow(/lengths of 0 to 12 whole steps for .*, got 13 in row 1/);
  });

  it('lengths beyond the steps where the loss alone takes them', async () => {
    const { x, y } = writing(4);
    using network = await Network.create({
      backend: FASTEST,
      inputs: { x: [STEPS, SYMBOLS], lengths: [] },
      build: ({ x }) => ({ text: dense(SYMBOLS + 1)(x) }),
      losses: { text: { type: 'ctc', lengths: 'lengths' } },
    });
    const evaluate = (lengths: number[]) => network.evaluate({ x: { x, lengths }, y: { text: y } });
    await expect(evaluate([12, 12, 2.5, 12])).rejects.toThrow(/lengths of 0 to 12 whole steps for ctc, got 2.5 in row 2/);
    expect((await evaluate([12, 11, 10, 12])).loss).toBeGreaterThan(0);
  });

  it('weights of steps and of classes', async () => {
    const { x, y } = writing(4);
    using network = await createOn(FASTEST, reader('ctc'));
    const weight = { shape: [4, STEPS], data: new Float64Array(4 * STEPS).fill(1) };
    await expect(network.evaluate({ x, y, weight })).rejects.toThrow(/one weight a row for ctc, which takes a row as a whole, got 12/);
    await expect(network.fit({ x, y }, { classWeight: [1, 2, 1, 1] })).rejects.toThrow(/targets that name classes, got sequences of ctc/);
  });

  it('a loss of sequences and others, or of no shape', () => {
    const define = (facts: object) => () => defineLoss({ type: 'own' }, (x) => sum(x, [1]), facts as never);
    expect(define({ targets: ['classes', 'sequences'] })).toThrow(/sequences alone, got classes and sequences/);
    expect(define({ targets: 'sequences' })).toThrow(/target, the shape \[the most labels\] of a sequence, got none/);
    expect(define({ targets: 'values', inputs: 'x' })).toThrow(/a list of names of inputs, got x|got 'x'|got "x"/);
  });
});

it('with zeroInfinity labels without room have no loss and no gradient', async () => {
  using network = await createOn(FASTEST, {
    input: [2, 2],
    layers: [dense(3)],
    loss: { type: 'ctc', zeroInfinity: true, longest: 3 },
    seed: 1,
  });
  const x = spreadTensor([2, 2, 2]);
  const { loss, gradients } = network.gradients({
    x,
    y: [
      [1, 1, 1],
      [2, 2, -1],
    ],
  });
  expect(loss).toBe(0);
  for (const { data } of gradients.values()) expect(Array.from(data).map(Math.abs)).toEqual(new Array(data.length).fill(0));
});
