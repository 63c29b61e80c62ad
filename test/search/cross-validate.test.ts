/** Folds, and networks that are trained on the others. */
import { add, crossValidate, DataError, dense, f1, Network, OptionError, sgd, tensor } from 'chainrule';
import { classes, Dataset, oneHot, prepare, standardize } from 'chainrule/data';
import { describe, expect, expectTypeOf, it } from 'vitest';
import { foldsOf, restOf } from '../../src/data/folds.ts';

const ROWS = 23;
const CLASSES = Int32Array.from({ length: ROWS }, (_, row) => (row % 5 === 0 ? 2 : row % 2));
const x = tensor(
  Float32Array.from({ length: 2 * ROWS }, (_, i) => Math.sin(i * i)),
  [ROWS, 2],
);
const data = { x, y: CLASSES };
const fit = { epochs: 2, batchSize: 4, optimizer: sgd({ learningRate: 0.1 }) };
const create = () =>
  Network.create({ input: [2], layers: [dense(3)], loss: 'softmaxCrossEntropy', metrics: [f1()], seed: 4, backend: 'reference' });

describe('folds', () => {
  it.each([
    [23, 5],
    [6, 6],
    [100, 3],
  ])('of %i rows in %i hold each row once, in sizes that differ by one at most', (rows, count) => {
    const folds = foldsOf(rows, count, 7);
    expect(folds.flatMap((fold) => [...fold]).sort((a, b) => a - b)).toEqual(Array.from({ length: rows }, (_, row) => row));
    const sizes = folds.map(({ length }) => length);
    expect(Math.max(...sizes) - Math.min(...sizes)).toBeLessThan(2);
    for (const fold of folds) expect([...fold, ...restOf(rows, fold)].sort((a, b) => a - b)).toHaveLength(rows);
  });

  it('are decided by the seed', () => {
    expect(foldsOf(23, 5, 7)).toEqual(foldsOf(23, 5, 7));
    expect(foldsOf(23, 5, 7)).not.toEqual(foldsOf(23, 5, 8));
  });

  it('have their share of every class', () => {
    for (const fold of foldsOf(ROWS, 4, 1, CLASSES)) {
      const counts = [0, 1, 2].map((kind) => fold.filter((row) => CLASSES[row] === kind).length);
      const shares = [0, 1, 2].map((kind) => CLASSES.filter((one) => one === kind).length / 4);
      counts.forEach((count, kind) => {
        expect(Math.abs(count - shares[kind]), `class ${kind}`).toBeLessThan(1);
      });
    }
  });
});

describe('crossValidate', () => {
  it('trains on the other folds and judges by the one held out, as fit and evaluate do', async () => {
    const { folds, mean, deviation, aborted } = await crossValidate(create, data, { folds: 4, stratify: true, seed: 1, fit });
    expect(aborted).toBe(false);
    expect(folds.map(({ rows }) => rows)).toEqual(foldsOf(ROWS, 4, 1, CLASSES));
    const rowsOf = (rows: Int32Array) => ({
      x: tensor(Float32Array.from([...rows].flatMap((row) => [x.data[2 * row], x.data[2 * row + 1]])), [rows.length, 2]),
      y: Int32Array.from(rows, (row) => CLASSES[row]),
    });
    for (const { rows, history, evaluation } of folds) {
      using network = await create();
      expect((await network.fit(rowsOf(restOf(ROWS, rows)), fit)).losses).toEqual(history.losses);
      expect(await network.evaluate(rowsOf(rows))).toEqual(evaluation);
    }
    const losses = folds.map(({ evaluation }) => evaluation.loss);
    const middle = losses.reduce((sum, loss) => sum + loss) / 4;
    expect(mean.loss).toBeCloseTo(middle, 12);
    expect(deviation.loss ** 2).toBeCloseTo(losses.reduce((sum, loss) => sum + (loss - middle) ** 2, 0) / 3, 12);
    expect(Object.keys(mean)).toEqual(['loss', 'accuracy', 'f1']);
  });

  it('takes named inputs and outputs', async () => {
    const named = () =>
      Network.create({
        inputs: { a: [2], b: [2] },
        build: ({ a, b }) => ({ sum: dense(1)(add(a, b)), kind: dense(3)(a) }),
        losses: { sum: 'halfSquaredError', kind: 'softmaxCrossEntropy' },
        backend: 'reference',
      });
    const sums = tensor(
      Float32Array.from({ length: ROWS }, (_, row) => x.data[2 * row]),
      [ROWS, 1],
    );
    const { mean, folds } = await crossValidate(named, { x: { a: x, b: x }, y: { sum: sums, kind: CLASSES } }, { folds: 2, fit });
    expect(Object.keys(mean)).toEqual(['loss', 'sum.loss', 'kind.loss', 'kind.accuracy']);
    expect(mean['sum.loss']).toBeCloseTo(folds.reduce((sum, { evaluation }) => sum + (evaluation.outputs?.sum.loss ?? 0), 0) / 2, 12);
  });

  describe('of raw rows', () => {
    const jobs = ['clerk', 'nurse'];
    const rows = Array.from({ length: ROWS }, (_, row) => ({ age: 20 + ((row * row) % 31), job: jobs[row % 2] }));
    const labels = Array.from(CLASSES, (kind) => ['low', 'mid', 'high'][kind]);
    const make = async (train: Parameters<typeof prepare>[0]) => {
      const preparation = await prepare(train, {
        x: { age: standardize(), job: oneHot({ categories: jobs }) },
        y: classes(['low', 'mid', 'high']),
      });
      return Network.create({ input: preparation, layers: [dense(3)], loss: 'softmaxCrossEntropy', seed: 4, backend: 'reference' });
    };
    const columns = { age: rows.map(({ age }) => age), job: rows.map(({ job }) => job) };

    it.each([
      ['records', rows],
      ['columns', columns],
    ])('fits their preparation on the training rows of each fold: %s', async (_, given) => {
      const { folds } = await crossValidate((__, train) => make(train), { x: given, y: labels }, { folds: 3, stratify: true, fit });
      const byAppearance = CLASSES.map((kind) => 2 - kind);
      expect(folds.map(({ rows: held }) => held)).toEqual(foldsOf(ROWS, 3, 0, byAppearance));
      for (const { rows: held, history, evaluation } of folds) {
        const some = (chosen: Int32Array) => ({ x: Array.from(chosen, (row) => rows[row]), y: Array.from(chosen, (row) => labels[row]) });
        const train = some(restOf(ROWS, held));
        using network = await make(train);
        expect((await network.fit(train, fit)).losses).toEqual(history.losses);
        expect(await network.evaluate(some(held))).toEqual(evaluation);
      }
    });

    it('refuses networks of two folds that share one', async () => {
      const preparation = await prepare({ x: rows }, { x: { age: standardize(), job: oneHot() } });
      const shared = () => Network.create({ input: preparation, layers: [dense(3)], loss: 'softmaxCrossEntropy', backend: 'reference' });
      const call = crossValidate(shared, { x: rows, y: CLASSES }, { folds: 2, fit });
      await expect(call).rejects.toThrow(OptionError);
      await expect(call).rejects.toThrow(/fitted on the training rows that create is given/);
    });

    it('refuses to keep the shares of labels that are none', async () => {
      const spoilt = { x: rows, y: labels.map((label, row) => (row === 3 ? null : label)) };
      await expect(crossValidate((_, train) => make(train), spoilt, { folds: 2, stratify: true })).rejects.toThrow(
        /class indices or labels/,
      );
    });

    it('takes a dataset, which divides itself', async () => {
      const dataset = Dataset.from(rows.map((x, row) => ({ x, y: labels[row] })));
      const options = { folds: 3, stratify: true, seed: 5, fit };
      const { folds, mean } = await crossValidate((_, train) => make(train), dataset, options);
      const parts = dataset.kFold(3, { stratify: 'y', seed: 5 });
      expect(folds.map(({ rows: held }) => held)).toEqual([undefined, undefined, undefined]);
      for (const [fold, { train, test }] of parts.entries()) {
        using network = await make(train);
        expect((await network.fit(train, fit)).losses).toEqual(folds[fold].history.losses);
        expect(await network.evaluate(test)).toEqual(folds[fold].evaluation);
      }
      expect(mean.loss).toBeGreaterThan(0);
    });

    it('says by its type whether rows have numbers', () => {
      expectTypeOf<ReturnType<typeof ofDataset>>().toEqualTypeOf<Promise<undefined>>();
      expectTypeOf<ReturnType<typeof ofRows>>().toEqualTypeOf<Promise<Int32Array>>();
    });
    const ofDataset = async (dataset: Dataset<{ x: { age: number; job: string }; y: string }>) =>
      (await crossValidate((_, train) => make(train), dataset)).folds[0].rows;
    const ofRows = async () => (await crossValidate((_, train) => make(train), { x: rows, y: labels })).folds[0].rows;
  });

  it('takes weights of rows along', async () => {
    const weight = Float32Array.from({ length: ROWS }, (_, row) => (row === 3 ? 0 : 1));
    const { folds } = await crossValidate(create, { ...data, weight }, { folds: 2, fit });
    const { folds: plain } = await crossValidate(create, data, { folds: 2, fit });
    for (const fold of [0, 1]) expect(folds[fold].evaluation.loss).not.toBe(plain[fold].evaluation.loss);
  });

  it('ends where a fit is stopped, and leaves its fold out', async () => {
    const stopped = new AbortController();
    const signalled = (fold: number) => ({ ...fit, signal: stopped.signal, onEpoch: () => (fold === 1 ? stopped.abort() : undefined) });
    const { folds, aborted } = await crossValidate(create, data, { folds: 3, fit: signalled });
    expect([folds.length, aborted]).toEqual([1, true]);
  });

  it('disposes of its networks, after an error too', async () => {
    const made: Network[] = [];
    const noted = async () => {
      made.push((await create()) as unknown as Network);
      return made.at(-1) as Network;
    };
    await expect(crossValidate(noted, data, { folds: 2, fit: { epochs: -1 } })).rejects.toThrow(OptionError);
    expect(made).toHaveLength(1);
    expect(() => made[0].parameters()).toThrow(/disposed/);
  });

  it.each([
    ['fewer rows than folds', data, { folds: 24 }, DataError, /at least as many rows as folds, 24, got 23/],
    ['targets that are no classes', { x, y: x }, { stratify: true }, DataError, /class indices or labels, one a row/],
    ['rows that are missing', { x, y: [0, 1] }, {}, DataError, /expected as many rows as crossValidate.x has, 23, got 2/],
    ['no data', undefined, {}, DataError, /crossValidate.x/],
    ['one fold', data, { folds: 1 }, OptionError, /folds/],
    ['an unknown option', data, { fold: 3 }, OptionError, /fold/],
  ])('refuses %s before it makes a network', async (_, given, options, type, message) => {
    const make = () => expect.fail('made a network');
    await expect(crossValidate(make as never, given as never, options as never)).rejects.toThrow(type);
    await expect(crossValidate(make as never, given as never, options as never)).rejects.toThrow(message);
  });
});
