/** Networks with a preparation: raw rows in, labels and numbers out, whatever asks; saved and loaded with it. */
import {
  concatenate,
  DataError,
  dense,
  embedding,
  FormatError,
  flatten,
  Network,
  OptionError,
  type PreparedRows,
  type PreparedTargets,
  ShapeError,
  sgd,
  type Tensor,
} from 'chainrule';
import { classes, defineEncoding, hash, impute, numbers, oneHot, preparationFrom, prepare, standardize, tokenIds } from 'chainrule/data';
import { describe, expect, expectTypeOf, it } from 'vitest';
import { coreOf } from '../../src/network-base.ts';
import { fromBytes } from '../../src/train/bytes.ts';
import { DENSE, SOFTMAX_CROSS_ENTROPY } from '../../src/train/exports.ts';
import { type Case, expectRefused, titled } from '../support/refused.ts';

const BACKEND = { backend: 'reference' } as const;
const x = Array.from({ length: 60 }, (_, i) => ({
  age: 20 + ((i * 7) % 50),
  job: ['clerk', 'nurse', 'pilot'][i % 3]!,
  debt: i % 5 ? i : null,
}));
const labels = x.map(({ age, job }) => (job === 'pilot' || age > 50 ? 'yes' : 'no'));
const prices = x.map(({ age }) => age * 1000);
const COLUMNS = { age: standardize(), job: oneHot(), debt: [impute('median', { indicator: true }), standardize()] } as const;
const OPTIMIZER = sgd({ learningRate: 0.3 });

const encodedBy = (preparation: { encode(rows: typeof x): unknown }, rows = x) => preparation.encode(rows) as Tensor;

async function classifier() {
  const preparation = await prepare({ x, y: labels }, { x: COLUMNS, y: classes() });
  const layers = () => [dense(8, { activation: 'tanh' }), dense(preparation.classes.length)];
  const network = await Network.create({ input: preparation, layers: layers(), loss: 'softmaxCrossEntropy', ...BACKEND });
  const plain = await Network.create({ input: [6], layers: layers(), loss: 'softmaxCrossEntropy', ...BACKEND });
  return { preparation, network, plain };
}

describe('a network of raw rows', () => {
  it('trains, predicts and evaluates with the bits of one that is given the numbers', async () => {
    const { preparation, network, plain } = await classifier();
    const data = { x: encodedBy(preparation), y: Int32Array.from(labels, (label) => (label === 'yes' ? 1 : 0)) };
    const options = { epochs: 4, batchSize: 16, optimizer: OPTIMIZER };
    const raw = { x, y: labels };
    const history = await network.fit(raw, { ...options, validation: raw });
    const expected = await plain.fit(data, { ...options, validation: data });
    expect(history.losses).toEqual(expected.losses);
    expect(history.epochs.map(({ validationLoss }) => validationLoss)).toEqual(expected.epochs.map(({ validationLoss }) => validationLoss));
    expect(network.parameters()).toEqual(plain.parameters());
    expect(network.predict(x)).toEqual(plain.predict(data.x));
    expect(await network.predictAsync(x)).toEqual(plain.predict(data.x));
    const columns = { age: x.map(({ age }) => age), job: x.map(({ job }) => job), debt: x.map(({ debt }) => debt) };
    expect(network.predict(columns)).toEqual(plain.predict(data.x));
    expect(await network.evaluate(raw)).toEqual(await plain.evaluate(data));
    expect(network.gradients(raw)).toEqual(plain.gradients(data));
    using trainer = await network.trainer({ optimizer: OPTIMIZER, batchSize: 60 });
    using other = await plain.trainer({ optimizer: OPTIMIZER, batchSize: 60 });
    expect(trainer.step(raw).loss).toBe(other.step(data).loss);
    expect((await trainer.stepAsync(raw)).loss).toBe((await other.stepAsync(data)).loss);
  });

  it('classifies: labels with their probabilities', async () => {
    const { network, preparation } = await classifier();
    await network.fit({ x, y: labels }, { epochs: 60, optimizer: OPTIMIZER, batchSize: 20 });
    const found = network.classify(x);
    expectTypeOf(found[0]!.label).toEqualTypeOf<string | number | boolean>();
    expect(found.filter(({ label }, i) => label === labels[i]).length).toBeGreaterThan(55);
    const { data } = network.predict(x, { probabilities: true });
    expect(found.map(({ probabilities }) => probabilities)).toEqual(x.map((_, i) => [data[2 * i], data[2 * i + 1]]));
    expect(found.map(({ probability }) => probability)).toEqual(found.map(({ probabilities }) => Math.max(...probabilities)));
    expect(found.every(({ label, probability, probabilities }) => probabilities[preparation.classes.indexOf(label)] === probability)).toBe(
      true,
    );
  });

  it('classifies by one number: the probability of the second label', async () => {
    const preparation = await prepare({ x, y: labels }, { x: COLUMNS, y: classes(['yes', 'no']) });
    const network = await Network.create({ input: preparation, layers: [dense(1)], loss: 'sigmoidCrossEntropy', ...BACKEND });
    await network.fit({ x, y: labels }, { epochs: 30, optimizer: OPTIMIZER });
    const { data } = network.predict(x, { probabilities: true });
    expect(network.classify(x)).toEqual(
      Array.from(data, (no) => ({ label: no > 0.5 ? 'no' : 'yes', probability: Math.max(no, 1 - no), probabilities: [1 - no, no] })),
    );
  });

  it('predicts numbers in the units of its targets', async () => {
    const preparation = await prepare({ x, y: prices }, { x: COLUMNS, y: standardize() });
    const network = await Network.create({ input: preparation, layers: [dense(1)], loss: 'meanSquaredError', ...BACKEND });
    const { epochs } = await network.fit({ x, y: prices }, { epochs: 200, optimizer: OPTIMIZER, batchSize: 60 });
    expect(epochs.at(-1)!.loss).toBeLessThan(1e-3);
    const { data } = network.predict(x);
    data.forEach((price, i) => {
      expect(Math.abs(price - prices[i]!)).toBeLessThan(1000);
    });
    expect([...(await network.predictAsync(x)).data]).toEqual([...data]);
  });
});

describe('inputs and outputs by name', () => {
  it('take columns of raw rows, indices among them', async () => {
    const rows = x.map((row) => ({ ...row, note: `${row.job} of ${row.age > 50 ? 'old' : 'young'} age` }));
    const y = { kind: labels, price: prices };
    const preparation = await prepare(
      { x: rows, y },
      {
        inputs: { figures: COLUMNS, note: { note: tokenIds('words', { size: 8, length: 5 }) } },
        y: { kind: classes(), price: standardize() },
      },
    );
    const network = await Network.create({
      inputs: preparation,
      build: ({ figures, note }) => {
        const joined = dense(8, { activation: 'tanh' })(concatenate([figures, flatten()(embedding(8, 3)(note))]));
        return { kind: dense(2)(joined), price: dense(1)(joined) };
      },
      losses: { kind: 'softmaxCrossEntropy', price: 'meanSquaredError' },
      ...BACKEND,
    });
    await network.fit({ x: rows, y }, { epochs: 80, optimizer: sgd({ learningRate: 0.05 }), batchSize: 20 });
    const { price } = network.predict(rows);
    expect(Math.max(...price.data.map((one, i) => Math.abs(one - prices[i]!)))).toBeLessThan(15_000);
    const { kind } = network.classify(rows);
    expect(kind.filter(({ label }, i) => label === labels[i]).length).toBeGreaterThan(55);
    const copy = await Network.fromBytes<PreparedRows, PreparedTargets>(network.toBytes(), BACKEND);
    expect(copy.predict(rows)).toEqual(network.predict(rows));
    expect(copy.classify(rows) as unknown).toEqual({ kind });
  });
});

describe('a model file', () => {
  it('holds the preparation: read back, the network takes raw rows', async () => {
    const { network } = await classifier();
    await network.fit({ x, y: labels }, { epochs: 2, optimizer: OPTIMIZER });
    const copy = await Network.fromBytes<PreparedRows, PreparedTargets>(network.toBytes(), BACKEND);
    expect(copy.classify(x)).toEqual(network.classify(x));
    expect(copy.preparation?.toJSON()).toEqual(network.preparation?.toJSON());
    expect(copy.toBytes()).toEqual(network.toBytes());
    const clone = await network.clone();
    expect(clone.classify(x)).toEqual(network.classify(x));
  });

  it('with encodings of a user’s own is read with their makers', async () => {
    const encode = (value: number, to: Float32Array | Int32Array, at: number) => {
      to[at] = Math.sqrt(value);
    };
    const root = defineEncoding({ type: 'root', takes: 'numbers', encoder: () => ({ width: 1, encode }) });
    const preparation = await prepare({ x }, { x: { age: root() } });
    const network = await Network.create({ input: preparation, layers: [dense(1)], loss: 'meanSquaredError', ...BACKEND });
    const bytes = network.toBytes();
    const copy = await Network.fromBytes<PreparedRows>(bytes, { ...BACKEND, encodings: { root } });
    expect(copy.predict(x)).toEqual(network.predict(x));
    await expect(Network.fromBytes(bytes, BACKEND)).rejects.toThrow("expected the type of an encoding, got 'root'");
    await expect(Network.fromBytes(bytes, { ...BACKEND, encodings: { root: () => root() } as never })).rejects.toThrow(OptionError);
  });

  it('of another preparation than its network takes is refused', async () => {
    const { network } = await classifier();
    const bytes = network.toBytes();
    const text = new TextDecoder('latin1').decode(bytes);
    const spoilt = Uint8Array.from(text.replace('\\"clerk\\",', '').replace('{"__metadata__"', '          {"__metadata__"'), (c) =>
      c.charCodeAt(0),
    );
    expect(spoilt.length).toBe(bytes.length);
    await expect(Network.fromBytes(spoilt, BACKEND)).rejects.toThrow(FormatError);
    await expect(Network.fromBytes(spoilt, BACKEND)).rejects.toThrow('expected a network that takes x [5], got one of x [6]');
  });

  it('is refused by chainrule/train, and its network by predictors’ files without a word', async () => {
    const { network, plain, preparation } = await classifier();
    const parts = { layers: [DENSE], losses: [SOFTMAX_CROSS_ENTROPY], ...BACKEND };
    await expect(fromBytes(network.toBytes(), parts)).rejects.toThrow(
      "expected a network of numbers, got one of raw rows, which 'chainrule' loads",
    );
    expect(() => network.toPredictor()).toThrow(OptionError);
    expect(network.toPredictor({ withoutPreparation: true })).toEqual(plain.toPredictor());
    expect(plain.toPredictor({ withoutPreparation: true })).toEqual(plain.toPredictor());
    expect(preparationFrom(JSON.parse(JSON.stringify(preparation))).toJSON()).toEqual(network.preparation?.toJSON());
  });
});

type Prepared = Awaited<ReturnType<typeof classifier>>;

const REFUSED: readonly Case<(given: Prepared) => unknown>[] = [
  [
    'a gap in a row',
    ({ network }) => network.predict([x[0]!, { age: null, job: 'clerk', debt: 1 }]),
    DataError,
    'predict: age, row 1: expected a value, got null',
  ],
  [
    'a label that is unknown',
    ({ network }) => network.fit({ x, y: x.map(() => 'maybe') }),
    DataError,
    "fit.y, row 0: expected one of 'no', 'yes', got 'maybe'",
  ],
  ['numbers for rows', ({ network }) => network.predict([[1, 2, 3, 4, 5, 6]] as never), DataError, 'predict: expected a record as row 0'],
  ['a row alone', ({ network }) => network.predict(x[0] as never), DataError, 'predict.age: expected a list of values'],
  ['no rows', ({ network }) => network.predict([]), DataError, 'expected at least one row'],
  ['rows for numbers', ({ plain }) => plain.predict(x as never), DataError, 'expected numbers in nested arrays'],
  [
    'labels where there are none',
    ({ plain }) => plain.classify([[1, 2, 3, 4, 5, 6]]),
    OptionError,
    'classify: expected a network whose preparation has classes()',
  ],
  [
    'another number of classes',
    ({ preparation }) => Network.create({ input: preparation, layers: [dense(3)], loss: 'softmaxCrossEntropy', ...BACKEND }),
    ShapeError,
    'preparation: expected output y to have 2 numbers, one for each class, got [3]',
  ],
  [
    'a loss of probabilities for numbers',
    async () => {
      const preparation = await prepare({ x, y: prices }, { x: { age: numbers() }, y: standardize() });
      return Network.create({ input: preparation, layers: [dense(1)], loss: 'sigmoidCrossEntropy', ...BACKEND });
    },
    OptionError,
    'expected a loss of values such as meanSquaredError for the numbers of y, got sigmoidCrossEntropy',
  ],
  [
    'a preparation of inputs for a stack',
    async () => {
      const preparation = await prepare({ x }, { inputs: { a: { job: hash(4) } } });
      return Network.create({ input: preparation as never, layers: [dense(1)], loss: 'meanSquaredError', ...BACKEND });
    },
    OptionError,
    'input: expected a preparation of x, got one of inputs',
  ],
];

it.each(titled(REFUSED))('%s is refused', async (_, refused) => {
  const given = await classifier();
  await expectRefused(() => refused[1](given), [refused[0], () => undefined, refused[2], ...refused.slice(3)] as unknown as Case<unknown>);
});

it('the engine has the preparation, for datasets', async () => {
  const { network, preparation } = await classifier();
  expect(coreOf(network)?.engine.model.preparation).toBe(preparation);
});
