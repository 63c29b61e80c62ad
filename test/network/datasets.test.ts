/** Training, evaluating and predicting on datasets: the bits of tensors, no row lost or repeated, resumed anywhere. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { chunkOf } from '../../src/datasets/chunk.ts';
import { Dataset } from '../../src/datasets/dataset.ts';
import { CHUNK_ROWS, type Reading } from '../../src/datasets/source.ts';
import { classes, impute, oneHot, prepare, standardize } from '../../src/entries/data.ts';
import {
  adam,
  batchNorm,
  checkpoint,
  DataError,
  dense,
  dropout,
  type FitOptions,
  type History,
  Network,
  OptionError,
  StateError,
} from '../../src/index.node.ts';

const ROWS = 100;
const x = Array.from({ length: ROWS }, (_, i) => [Math.sin(i), Math.cos(3 * i), (i % 7) / 7]);
const y = Array.from({ length: ROWS }, (_, i) => i % 3);
const rows = x.map((sample, i) => ({ x: sample, y: y[i] }));

const create = (backend: 'native' | 'wasm' | 'reference' = 'native') =>
  Network.create({
    input: [3],
    layers: [dense(16, { activation: 'tanh' }), dropout(0.3), dense(3)],
    loss: 'softmaxCrossEntropy',
    seed: 7,
    backend,
  });

/** Rows that are read in order alone, of a number that is not known before, cut into chunks of some size. */
function stream<Row>(of: readonly Row[], chunkRows = 13, read: (reading: Reading) => void = () => {}): Dataset<Row> {
  return new Dataset<Row>({
    rows: undefined,
    isSteady: false,
    async *read(reading) {
      read(reading);
      for (let at = reading.skip; at < of.length; at += chunkRows) yield chunkOf(of.slice(at, at + chunkRows), at);
    },
  });
}

const weightsOf = (network: Network) => [...network.parameters()].map(([name, { data }]) => [name, Array.from(data)]);

const lossesOf = ({ losses }: History) => Array.from(losses);

const OPTIONS: FitOptions = { epochs: 3, batchSize: 8, optimizer: adam({ learningRate: 0.01 }) };

describe.each(['native', 'wasm', 'reference'] as const)('on %s a dataset', (backend) => {
  it.each([
    ['of one window', {}],
    ['in memory, of several windows', { windowRows: 16 }],
    ['in memory, of several windows, in its own order', { windowRows: 24, shuffle: false }],
  ])('%s gives the bits of tensors', async (_, options) => {
    const [one, other] = [await create(backend), await create(backend)];
    const { windowRows: __, ...ofTensors } = options as FitOptions;
    const expected = await one.fit({ x, y }, { ...OPTIONS, ...ofTensors });
    const found = await other.fit(Dataset.from(rows), { ...OPTIONS, ...options });
    expect(lossesOf(found)).toEqual(lossesOf(expected));
    expect(weightsOf(other)).toEqual(weightsOf(one));
    expect(found.epochs.map(({ loss, accuracy }) => [loss, accuracy])).toEqual(
      expected.epochs.map(({ loss, accuracy }) => [loss, accuracy]),
    );
  });

  it('is evaluated and predicted as tensors are', async () => {
    const network = await create(backend);
    expect(await network.evaluate(Dataset.from(rows))).toEqual(await network.evaluate({ x, y }));
    const predicted: number[] = [];
    for await (const { data } of network.predict(stream(rows), { batchSize: 9 })) predicted.push(...data);
    const expected = Array.from(network.predict(x).data);
    predicted.forEach((value, i) => {
      expect(value).toBeCloseTo(expected[i], 5);
    });
    expect(predicted.length).toBe(expected.length);
  });
});

describe('a stream', () => {
  it.each([
    ['shuffled', true],
    ['in order', false],
  ])('%s has the same steps, whatever its chunks', async (_, shuffle) => {
    const found = [];
    for (const chunkRows of [1, 13, 1000]) {
      const network = await create();
      const history = await network.fit(stream(rows, chunkRows), { ...OPTIONS, shuffle, windowRows: 16 });
      found.push([lossesOf(history), weightsOf(network)]);
    }
    expect(found[1]).toEqual(found[0]);
    expect(found[2]).toEqual(found[0]);
  });

  it('loses and repeats no row: each epoch sees every target once', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 60 }),
        fc.integer({ min: 1, max: 9 }),
        fc.integer({ min: 1, max: 3 }),
        fc.integer({ min: 1, max: 4 }),
        fc.boolean(),
        async (count, batchSize, accumulate, steps, shuffle) => {
          const network = await Network.create({
            input: [1],
            layers: [dense(1, { initializer: 'zeros' })],
            loss: 'meanSquaredError',
            backend: 'reference',
          });
          network.freeze('0.weight', '0.bias');
          network.unfreeze('0.bias');
          const some = Array.from({ length: count }, (_, i) => ({ x: [0], y: [Math.sqrt(2 ** (i % 40))] }));
          const sum = some.reduce((total, { y: [value] }) => total + value ** 2, 0);
          const { epochs } = await network.fit(stream(some, 5), {
            ...{ epochs: 2, batchSize, accumulate, shuffle, windowRows: batchSize * accumulate * steps },
            optimizer: adam({ learningRate: 1e-30 }),
          });
          for (const { loss } of epochs) expect(loss * count).toBeCloseTo(sum, 3 - Math.log10(sum));
        },
      ),
      { numRuns: 40 },
    );
  });

  it('tells how many steps an epoch has once it has come to its end', async () => {
    const network = await create();
    const seen: number[] = [];
    const { losses, epochs } = await network.fit(stream(rows), {
      ...{ epochs: 2, batchSize: 8, accumulate: 2, windowRows: 32 },
      onStep: ({ epoch }) => seen.push(epoch),
    });
    expect(losses.length).toBe(14);
    expect(epochs.length).toBe(2);
    expect(seen).toEqual([...new Array(7).fill(1), ...new Array(7).fill(2)]);
    expect(network.progress).toEqual({ epoch: 2, batch: 0, step: 14 });
  });
});

describe('a fit that is stopped anywhere on a dataset', () => {
  const some = { epochs: 3, batchSize: 8, windowRows: 32, optimizer: adam({ learningRate: 0.01 }) };
  const kinds: [string, () => Dataset, FitOptions][] = [
    ['a stream', () => stream(rows), some],
    ['a stream, with accumulated gradients', () => stream(rows), { ...some, accumulate: 2 }],
    ['rows in memory', () => Dataset.from(rows), some],
    ['a stream that is repeated for ever', () => stream(rows), { ...some, stepsPerEpoch: 9 }],
  ];

  it.each(kinds)('goes on as if it had not been: %s', async (_, dataset, options) => {
    const whole = await create();
    const { losses } = await whole.fit(dataset(), options);
    for (const stop of [1, 4, 8, 13, 14, 20]) {
      const network = await create();
      const abort = new AbortController();
      const first = await network.fit(dataset(), {
        ...options,
        signal: abort.signal,
        onStep: ({ step }) => void (step === stop && abort.abort()),
      });
      expect(first.aborted).toBe(true);
      expect(first.losses.length).toBe(stop);
      const copy = await Network.fromBytes(network.toBytes(), { backend: 'native' });
      const stepsDone = network.progress.epoch;
      // Within an epoch its windows are gone on with, though the default is another.
      const windowRows = network.progress.batch > 0 ? undefined : options.windowRows;
      const { epochs } = await copy.fit(dataset(), { ...options, windowRows, epochs: 3 - stepsDone } as FitOptions);
      expect(epochs.length).toBe(3 - stepsDone);
      if (options.stepsPerEpoch === undefined || stepsDone === 0) expect(weightsOf(copy)).toEqual(weightsOf(whole));
      expect(copy.progress.step).toBe(losses.length);
    }
  });

  describe('from a folder of checkpoints', () => {
    let folder: string;
    beforeEach(() => {
      folder = mkdtempSync(join(tmpdir(), 'chainrule-'));
    });
    afterEach(() => rmSync(folder, { recursive: true }));

    it.each(kinds)('goes on as if it had not been: %s', async (_, dataset, options) => {
      const whole = await create();
      await whole.fit(dataset(), options);
      const network = await create();
      const abort = new AbortController();
      const callbacks = [checkpoint({ folder, every: { epochs: 1 } })];
      await network.fit(dataset(), {
        ...options,
        callbacks,
        signal: abort.signal,
        onStep: ({ step }) => void (step === 17 && abort.abort()),
      });
      const other = await create();
      await other.fit(dataset(), { ...options, resume: folder });
      expect(weightsOf(other)).toEqual(weightsOf(whole));
      const { windowRows: _rows, ...defaults } = options;
      const another = await create();
      await another.fit(dataset(), { ...defaults, resume: folder });
      expect(weightsOf(another)).toEqual(weightsOf(whole));
      const refused = (await create()).fit(dataset(), { ...options, windowRows: 16, resume: folder });
      await expect(refused).rejects.toThrow(/expected windowRows 32 as in the run .* got 16/);
    });

    it.each(kinds)(
      'goes on behind an epoch in its windows, whatever the default is: %s',
      async (_, dataset, { windowRows, ...options }) => {
        const whole = await create();
        await whole.fit(dataset(), { ...options, windowRows } as FitOptions);
        const network = await create();
        await network.fit(dataset(), { ...options, windowRows, epochs: 2, callbacks: [checkpoint({ folder })] } as FitOptions);
        const other = await create();
        await other.fit(dataset(), { ...options, resume: folder });
        expect(weightsOf(other)).toEqual(weightsOf(whole));
      },
    );
  });
});

describe('a dataset without end', () => {
  it('is read on from epoch to epoch', async () => {
    let read = 0;
    const endless = new Dataset({
      rows: undefined,
      isSteady: false,
      async *read() {
        for (;;) {
          const at = read;
          read += CHUNK_ROWS / 32;
          yield chunkOf(Array.from({ length: CHUNK_ROWS / 32 }, (_, i) => ({ x: [at + i, 0, 1].map(Math.sin), y: (at + i) % 3 })));
        }
      },
    });
    const network = await create();
    const { losses } = await network.fit(endless, { epochs: 4, batchSize: 8, stepsPerEpoch: 5, windowRows: 16 });
    expect(losses.length).toBe(20);
    expect(read).toBeGreaterThanOrEqual(160);
    expect(read).toBeLessThan(300);
  });
});

describe('what is wrong', () => {
  it('a dataset that throws ends the fit with its error, and the weights as they were before', async () => {
    const network = await create();
    const broken = new Dataset({
      rows: undefined,
      isSteady: false,
      async *read() {
        yield chunkOf(rows.slice(0, 64));
        throw new RangeError('the disk is gone');
      },
    });
    await expect(network.fit(broken, { batchSize: 8, windowRows: 16 })).rejects.toThrow(new RangeError('the disk is gone'));
    // The window before the error is not known to be whole: what was read is lost with it.
    expect(network.progress.step).toBeGreaterThanOrEqual(6);
    await network.fit(Dataset.from(rows));
  });

  it.each([
    ['of other names', [{ a: 1 }], DataError, /expected rows of \{ x, y, weight\? \}, got rows of a/],
    ['of text', [{ x: ['a', 1, 2], y: 0 }], DataError, /fit\.x: expected/],
    ['without any', [], DataError, /at least one row, got none/],
    ['of another shape', [{ x: [1, 2], y: 0 }], Error, /expected shape \[rows, 3\], got \[1, 2\]/],
  ])('rows %s', async (_, some, kind, message) => {
    const network = await create();
    const before = weightsOf(network);
    await expect(network.fit(Dataset.from(some as never[]))).rejects.toThrow(kind);
    await expect(network.fit(Dataset.from(some as never[]))).rejects.toThrow(message);
    expect(weightsOf(network)).toEqual(before);
  });

  it('names the row of a later window', async () => {
    const network = await create();
    const bad = rows.map((row, i) => (i === 50 ? { x: [0, Number.NaN, 0], y: 0 } : row));
    await expect(network.fit(stream(bad), { batchSize: 8, windowRows: 16 })).rejects.toThrow(
      /got NaN in row 2, element 1; rows are counted from row 48 of the dataset/,
    );
    expect(network.progress.step).toBe(6);
  });

  it('options that are not for datasets, and those that are not for tensors', async () => {
    const network = await create();
    await expect(network.fit({ x, y }, { stepsPerEpoch: 3 })).rejects.toThrow(OptionError);
    await expect(network.fit({ x, y }, { windowRows: 32 })).rejects.toThrow(/fit\.windowRows: expected a dataset/);
    await expect(network.fit(stream(rows), { windowRows: 31 })).rejects.toThrow(/whole steps of batchSize · accumulate, 32 rows, got 31/);
    await expect(network.fit(stream(rows), { classWeight: 'balanced' })).rejects.toThrow(/fit\.classWeight/);
  });

  it('a last mini-batch that is too small for a layer', async () => {
    const network = await Network.create({ input: [3], layers: [dense(4), batchNorm(), dense(3)], loss: 'softmaxCrossEntropy' });
    await expect(network.fit(stream(rows.slice(0, 17)), { batchSize: 8, windowRows: 8 })).rejects.toThrow(DataError);
    expect(network.progress.step).toBe(2);
  });

  it('an abort while rows are awaited ends the fit', async () => {
    const network = await create();
    const stuck = new Dataset({
      rows: undefined,
      isSteady: false,
      async *read() {
        yield chunkOf(rows.slice(0, 64));
        await new Promise(() => {});
      },
    });
    const abort = new AbortController();
    const fitting = network.fit(stuck, { batchSize: 8, windowRows: 16, signal: abort.signal });
    setTimeout(() => abort.abort(), 50);
    const { aborted } = await fitting;
    expect(aborted).toBe(true);
    network.dispose();
    expect(() => network.predict(x)).toThrow(StateError);
  });

  it('an abort while the last rows of an epoch are awaited opens no further pass, and closes that one', async () => {
    const passes = { opened: 0, closed: 0 };
    const abort = new AbortController();
    const slow = new Dataset({
      rows: undefined,
      isSteady: false,
      async *read() {
        passes.opened++;
        try {
          yield chunkOf(rows.slice(0, 16));
          await sleep(50);
          if (passes.opened === 2) abort.abort();
          await sleep(50);
        } finally {
          passes.closed++;
        }
      },
    });
    const network = await create();
    const { aborted } = await network.fit(slow, { epochs: 9, batchSize: 8, windowRows: 16, signal: abort.signal });
    expect(aborted).toBe(true);
    await expect.poll(() => passes).toEqual({ opened: 2, closed: 2 });
  });

  it('targets of another kind in later rows that are evaluated', async () => {
    const wide = new Float32Array(4096).fill(0.01);
    const network = await Network.create({ input: [wide.length], layers: [dense(3)], loss: 'softmaxCrossEntropy' });
    const mixed = [...Array.from({ length: 768 }, () => 0), ...Array.from({ length: 100 }, () => [0, 1, 0])].map((y) => ({ x: wide, y }));
    await expect(network.evaluate(stream(mixed, 64) as never)).rejects.toThrow(
      /evaluate: expected targets and weights of one kind in all rows, got others from row 768/,
    );
  });
});

describe('raw rows of a dataset', () => {
  const people = Array.from({ length: ROWS }, (_, i) => ({
    x: { age: i % 11 === 0 ? null : 20 + (i % 50), job: ['clerk', 'cook', 'judge'][i % 3] },
    y: i % 4 ? 'no' : 'yes',
  }));
  const raw = { x: people.map((person) => person.x), y: people.map((person) => person.y) };
  const createPrepared = async () =>
    Network.create({
      input: await prepare(Dataset.from(people), { x: { age: [impute('median'), standardize()], job: oneHot() }, y: classes() }),
      layers: [dense(8), dropout(0.2), dense(2)],
      loss: 'softmaxCrossEntropy',
    });

  it.each([
    ['in one window', {}],
    ['in several', { windowRows: 16 }],
  ])('are prepared as rows given to fit are: %s', async (_, options) => {
    const [one, other] = [await createPrepared(), await createPrepared()];
    const expected = await one.fit(raw as never, OPTIONS as never);
    const found = await other.fit(Dataset.from(people), { ...OPTIONS, ...options } as never);
    expect(lossesOf(found)).toEqual(lossesOf(expected));
    expect(await other.evaluate(stream(people))).toEqual(await one.evaluate(raw as never));
    const predicted: number[] = [];
    for await (const { data } of other.predict(Dataset.from(raw.x), { batchSize: 32 })) predicted.push(...data);
    expect(predicted.length).toBe(2 * ROWS);
  });

  it('are named where they do not fit, by row and column', async () => {
    const network = await createPrepared();
    const bad = people.map((person, i) => (i === 50 ? { ...person, x: { ...person.x, job: null } } : person));
    await expect(network.fit(stream(bad), { batchSize: 8, windowRows: 16 })).rejects.toThrow(
      /job.*row 2.*; rows are counted from row 48 of the dataset/s,
    );
  });
});

describe('weights of rows', () => {
  it('may all be 0 in a window', async () => {
    const weighted = rows.map((row, i) => ({ ...row, weight: i < 32 ? 0 : 1 }));
    const network = await create();
    const { losses } = await network.fit(stream(weighted), { batchSize: 8, windowRows: 16, shuffle: false });
    expect(Array.from(losses.slice(0, 5), (loss) => loss > 0)).toEqual([false, false, false, false, true]);
    const nothing = rows.map((row) => ({ ...row, weight: 0 }));
    await expect(network.fit(Dataset.from(nothing))).rejects.toThrow(/a weight above 0/);
  });
});

describe('validation by a share of the rows', () => {
  it.each([
    ['of tensors', { x, y }],
    ['of a dataset in memory', Dataset.from(rows)],
  ])('%s: none of them is trained on', async (_, data) => {
    const network = await create();
    const { losses, epochs } = await network.fit(data as never, { epochs: 2, batchSize: 8, validationSplit: 0.25 });
    expect(losses.length).toBe(2 * Math.ceil(75 / 8));
    expect(epochs[1].validationLoss).toBeGreaterThan(0);
    const other = await create();
    const again = await other.fit(data as never, { epochs: 2, batchSize: 8, validationSplit: 0.25 });
    expect(again.epochs.map(({ validationLoss }) => validationLoss)).toEqual(epochs.map(({ validationLoss }) => validationLoss));
  });

  it('divides rows, targets and weights alike', async () => {
    const network = await Network.create({ input: [1], layers: [dense(1, { bias: false })], loss: 'meanSquaredError' });
    network.setParameters(new Map([['0.weight', [[1]]]]));
    const numbers = Array.from({ length: 40 }, (_, i) => [i]);
    const { epochs } = await network.fit({ x: numbers, y: numbers, weight: numbers.flat() }, { validationSplit: 0.3 });
    expect([epochs[0].loss, epochs[0].validationLoss]).toEqual([0, 0]);
  });

  it.each([
    [{ validationSplit: 0 }, /above 0 and below 1/],
    [{ validationSplit: 1 }, /fit\.validationSplit/],
    [{ validationSplit: 0.001 }, /leaves rows to train on and to evaluate, got 0\.001 of 100 rows/],
    [{ validationSplit: 0.2, validation: { x, y } }, /validation or validationSplit, got both/],
  ])('%o is refused', async (options, message) => {
    const network = await create();
    await expect(network.fit({ x, y }, options)).rejects.toThrow(message);
  });
});

describe('validation by a dataset', () => {
  it('has the values of tensors', async () => {
    const [one, other] = [await create(), await create()];
    const expected = await one.fit({ x, y }, { ...OPTIONS, validation: { x, y } });
    const found = await other.fit({ x, y }, { ...OPTIONS, validation: stream(rows) });
    expect(found.epochs.map(({ validationLoss, validationAccuracy }) => [validationLoss, validationAccuracy])).toEqual(
      expected.epochs.map(({ validationLoss, validationAccuracy }) => [validationLoss, validationAccuracy]),
    );
  });
});
