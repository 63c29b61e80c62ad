/** Predictors predict what the networks predict that they were made of, in memory of their own, and no other file is one. */
import {
  add,
  batchNorm,
  conv2d,
  dense,
  dropout,
  embedding,
  flatten,
  globalAveragePool2d,
  gru,
  layerNorm,
  maxPool2d,
  multiHeadAttention,
  Network,
  type NetworkOptions,
  tensor,
} from 'chainrule';
import { describe, expect, it } from 'vitest';
import { loadPredictor } from '../../src/entries/predict-node.ts';
import { BackendError, DataError, FormatError, OptionError, ShapeError, StateError } from '../../src/errors.ts';
import { customOp } from '../../src/graph/custom-op.ts';
import { decodePredictor, encodePredictor, type PredictorFile } from '../../src/predictor/file.ts';
import { type Case, expectRefused, titled } from '../support/refused.ts';

const values = (...shape: number[]) => {
  const size = shape.reduce((product, one) => product * one, 1);
  return tensor(
    Float32Array.from({ length: size }, (_, i) => Math.sin(1.7 * i + 0.3)),
    shape,
  );
};
const indices = (below: number, ...shape: number[]) => {
  const size = shape.reduce((product, one) => product * one, 1);
  return tensor(
    Float32Array.from({ length: size }, (_, i) => (i * 7 + 3) % below),
    shape,
  );
};

const NETWORKS: readonly [string, NetworkOptions, (rows: number) => ReturnType<typeof values>][] = [
  [
    'dense layers',
    { input: [5], layers: [dense(7, { activation: 'tanh' }), dense(3)], loss: 'softmaxCrossEntropy' },
    (rows) => values(rows, 5),
  ],
  [
    'convolutions and what is folded into them',
    {
      input: [2, 8, 8],
      layers: [conv2d(4, 3, { padding: 1 }), batchNorm(), maxPool2d(2), dropout(0.5), flatten(), dense(3)],
      loss: 'sigmoidCrossEntropy',
    },
    (rows) => values(rows, 2, 8, 8),
  ],
  ['indices', { input: [6], layers: [embedding(11, 4), gru(5), dense(2)], loss: 'softmaxCrossEntropy' }, (rows) => indices(11, rows, 6)],
  [
    'attention',
    { input: [4, 8], layers: [layerNorm(), multiHeadAttention(2), flatten(), dense(2)], loss: 'halfSquaredError' },
    (rows) => values(rows, 4, 8),
  ],
];

describe.each(NETWORKS)('a predictor of %s', (_, options, samples) => {
  it.each(['wasm', 'reference'] as const)(
    'has the predictions of its network on %s, trained or not, of any number of rows',
    async (backend) => {
      const network = await Network.create({ ...options, backend, threads: 1, seed: 3 });
      const [output] = network.output as readonly number[];
      const classes = Array.from({ length: 8 }, (_, i) => i % output);
      const y =
        options.loss === 'softmaxCrossEntropy'
          ? classes
          : tensor(
              values(8, output).data.map((value) => Number(value > 0)),
              [8, output],
            );
      await network.fit({ x: samples(8), y }, { epochs: 2, batchSize: 4 });
      for (const probabilities of [false, true]) {
        const predictor = await loadPredictor(network.toPredictor({ rows: 4, probabilities }));
        expect([predictor.input, predictor.output]).toEqual([network.input, network.output]);
        for (const rows of [1, 4, 11]) {
          const expected = network.predict(samples(rows), { probabilities });
          const predicted = predictor.predict(samples(rows));
          expect(predicted.shape).toEqual(expected.shape);
          for (const [i, value] of predicted.data.entries()) expect(value).toBeCloseTo(expected.data[i], 5);
        }
      }
    },
  );
});

async function small(): Promise<Network> {
  return Network.create({
    input: [2],
    layers: [dense(3, { activation: 'relu' }), dense(2)],
    loss: 'softmaxCrossEntropy',
    backend: 'wasm',
    threads: 1,
  });
}

const FILE = (await small()).toPredictor();

describe('a predictor', () => {
  it('goes by names where its network does', async () => {
    const network = await Network.create({
      inputs: { a: [3], b: [2] },
      build: ({ a, b }) => ({ sum: add(dense(2)(a), b), other: dense(1)(a) }),
      losses: { sum: 'halfSquaredError', other: 'halfSquaredError' },
      backend: 'wasm',
    });
    const predictor = await loadPredictor(network.toPredictor());
    const x = { a: values(3, 3), b: values(3, 2) };
    expect(predictor.input).toEqual({ a: [3], b: [2] });
    expect(predictor.output).toEqual({ sum: [2], other: [1] });
    expect(Object.keys(predictor.predict(x))).toEqual(['sum', 'other']);
    const expected = network.predict(x) as unknown as Record<string, ReturnType<typeof values>>;
    for (const [name, { data }] of Object.entries(predictor.predict(x)))
      for (const [i, value] of data.entries()) expect(value).toBeCloseTo(expected[name].data[i], 5);
    expect(() => predictor.predict({ a: values(3, 3) })).toThrow(/predict: expected \{ a, b \}, got \{ a \}/);
  });

  it('keeps the weights that it was made with', async () => {
    const network = await small();
    const before = network.predict([[1, 2]]).data;
    const predictor = await loadPredictor(network.toPredictor());
    network.setParameters(new Map([['1.bias', [5, 6]]]));
    expect([...predictor.predict([[1, 2]]).data]).toEqual([...before].map((value) => expect.closeTo(value, 5)));
  });

  it('refuses rows as a network does, and all once it is disposed', async () => {
    const predictor = await loadPredictor((await small()).toPredictor());
    expect(() => predictor.predict([[1, 2, 3]])).toThrow(ShapeError);
    expect(() => predictor.predict([1, 2])).toThrow(/expected shape \[rows, 2\], got \[2\]; a sample alone/);
    expect(() => predictor.predict([[1, Number.NaN]])).toThrow(DataError);
    predictor[Symbol.dispose]();
    expect(() => predictor.predict([[1, 2]])).toThrow(StateError);
    predictor.dispose();
    const network = await Network.create({
      input: [2],
      layers: [embedding(4, 3), flatten(), dense(1)],
      loss: 'halfSquaredError',
      backend: 'wasm',
    });
    const ofIndices = await loadPredictor(network.toPredictor());
    expect(() => ofIndices.predict([[0, 4]])).toThrow(/expected indices from 0 to 3 for layer 0 \(embedding\), got 4 in row 0, element 1/);
  });

  it('is not made of ops without kernels, nor with impossible options', async () => {
    const double = customOp({
      name: 'double',
      inputs: 1,
      evaluate: ([x], out) => out.set(x.map((value) => 2 * value)),
      gradient: (_, __, delta) => [delta],
    });
    const network = await Network.create({ input: [2], layers: [double, dense(1)], loss: 'halfSquaredError', backend: 'reference' });
    expect(() => network.toPredictor()).toThrow(/toPredictor: expected ops that have kernels, got double/);
    const plain = await small();
    expect(() => plain.toPredictor({ rows: 0 })).toThrow(OptionError);
    expect(() => plain.toPredictor({ rows: 2 ** 20 })).toThrow(/toPredictor.rows: expected at most 65536/);
    expect(() => plain.toPredictor({ row: 1 } as never)).toThrow(OptionError);
  });

  it('is not made of a program that loadPredictor would refuse', async () => {
    const network = await Network.create({
      input: [3, 64, 64],
      layers: [conv2d(64, 3, { padding: 'same' }), globalAveragePool2d(), flatten(), dense(2)],
      loss: 'halfSquaredError',
      backend: 'wasm',
    });
    expect(() => network.toPredictor({ rows: 2048 })).toThrow(
      /toPredictor.rows: expected a program that takes at most 268435456 numbers of memory, got \d+ for 2048 rows at once/,
    );
    expect(decodePredictor(network.toPredictor({ rows: 2 })).rows).toBe(2);
  });

  const given = (source: unknown, options?: unknown) => () => loadPredictor(source as Uint8Array, options as object);
  const CASES: readonly Case<() => unknown>[] = [
    ['from a file that is not there', given('/there/is/none'), DataError, '/there/is/none'],
    [
      'from an ArrayBuffer',
      given(new ArrayBuffer(8)),
      DataError,
      'loadPredictor: expected a Uint8Array, a path or a URL',
      'new Uint8Array(buffer)',
    ],
    ['from nothing', given(undefined), DataError, 'loadPredictor: expected a Uint8Array, a path or a URL, got undefined'],
    ['from a page, on Node', given('https://example.org/a'), DataError, 'loadPredictor()'],
    ['from a model file', async () => loadPredictor((await small()).toBytes()), FormatError, 'toPredictor()'],
    ['with kernels from nowhere', given(FILE, { kernels: {} }), OptionError, 'one of module, bytes and url, got none'],
    ['with kernels from two places', given(FILE, { kernels: { url: 'a', bytes: FILE } }), OptionError, 'got bytes and url'],
    [
      'with kernels that are no module',
      given(FILE, { kernels: { module: 5 } }),
      OptionError,
      'kernels.module: expected a WebAssembly.Module, got 5',
    ],
    ['with kernels at no place', given(FILE, { kernels: { url: 5 } }), OptionError, 'kernels.url: expected a path or a URL, got 5'],
    ['with other kernels', given(FILE, { kernels: { bytes: FILE } }), BackendError, 'expected bytes of a WebAssembly module'],
    ['with kernels that do not come', given(FILE, { kernels: { url: 'data:,x' } }), BackendError, 'give loadPredictor its `kernels`'],
    ['with an unknown option', given(FILE, { rows: 3 }), OptionError, "unknown option 'rows'"],
  ];
  it.each(titled(CASES))('is refused %s', (_, one) => expectRefused(one[1], one));

  it('takes probabilities when it is made, and refuses to be asked for them later', async () => {
    const predictor = await loadPredictor(FILE);
    const ask = predictor.predict.bind(predictor) as (x: unknown, options: unknown) => unknown;
    expect(() => ask([[1, 2]], { probabilities: true })).toThrow(OptionError);
    expect(() => ask([[1, 2]], { probabilities: true })).toThrow(/toPredictor\(\{ probabilities: true \}\)/);
  });
});

describe('a file that is no predictor’s', () => {
  it('is refused wherever it is cut off', async () => {
    const bytes = (await small()).toPredictor();
    for (let length = 0; length < bytes.length; length += 7) expect(() => decodePredictor(bytes.subarray(0, length))).toThrow(FormatError);
    expect(() => decodePredictor(Uint8Array.from({ length: 16 }, (_, i) => i))).toThrow(/expected the bytes that toPredictor\(\) makes/);
  });

  it('is refused by kernels of another version', async () => {
    const file = decodePredictor((await small()).toPredictor());
    await expect(loadPredictor(encodePredictor({ ...file, tableHash: file.tableHash + 1 }))).rejects.toThrow(
      /another op table .*make the file anew/,
    );
  });

  const CHANGES: readonly [string, (file: PredictorFile) => Partial<PredictorFile>][] = [
    ['an instruction of no words', ({ code }) => ({ code: code.map((word, i) => (i === 1 ? 0 : word)) })],
    ['an instruction that ends behind the code', ({ code }) => ({ code: code.map((word, i) => (i === 1 ? word + 1000 : word)) })],
    [
      'an operand outside of the arena',
      ({ code, operandWords, arena }) => ({ code: code.map((word, i) => (i === operandWords[0] ? arena : word)) }),
    ],
    [
      'an operand outside of the code',
      ({ code, operandWords }) => ({ operandWords: operandWords.map((word, i) => (i ? word : code.length)) }),
    ],
    ['a size outside of the code', () => ({ rowWords: Int32Array.of(-1, 1) })],
    ['half a size', () => ({ rowWords: Int32Array.of(1) })],
    ['an arena that no page has', () => ({ arena: 2 ** 40 })],
    ['an input outside of the arena', ({ inputs, arena }) => ({ inputs: [{ ...inputs[0], offset: arena }] })],
    ['an output that is too large', ({ outputs }) => ({ outputs: [{ ...outputs[0], shape: [2 ** 30] }] })],
    ['no inputs', () => ({ inputs: [] })],
    ['inputs of another kind', () => ({ inputs: [null as never] })],
    ['ranges of another length', ({ inputs }) => ({ inputs: [{ ...inputs[0], ranges: [{ count: 1 }] }] })],
    ['more weights than it has', ({ weightRuns }) => ({ weightRuns: [...weightRuns, [0, 1]] })],
    ['weights outside of the arena', ({ arena }) => ({ weightRuns: [[arena, 1]] })],
    ['no rows', () => ({ rows: 0 })],
  ];
  it.each(CHANGES)('is refused with %s', async (_, change) => {
    const file = decodePredictor((await small()).toPredictor());
    expect(() => decodePredictor(encodePredictor({ ...file, ...change(file) }))).toThrow(FormatError);
  });

  it('of a few kilobytes asks for a gigabyte, and for no more', async () => {
    const file = decodePredictor((await small()).toPredictor());
    const withArena = (arena: number) => encodePredictor({ ...file, arena });
    const most = 2 ** 30 / 4 - file.scratch;
    expect(withArena(most).length).toBeLessThan(4096);
    expect(decodePredictor(withArena(most)).arena).toBe(most);
    expect(() => decodePredictor(withArena(most + 1))).toThrow(/expected sizes, of at most 268435456 numbers/);
  });

  it('is refused with any bit changed, and read from anywhere in memory', async () => {
    const bytes = (await small()).toPredictor();
    for (let bit = 0; bit < 8 * bytes.length; bit += 5) {
      const changed = bytes.slice();
      changed[bit >> 3] ^= 1 << (bit & 7);
      expect(() => decodePredictor(changed), `bit ${bit}`).toThrow(FormatError);
    }
    const shifted = new Uint8Array(bytes.length + 1);
    shifted.set(bytes, 1);
    expect(decodePredictor(shifted.subarray(1))).toEqual(decodePredictor(bytes));
  });

  it('that is made up is refused, or predicts something, and changes nothing for others', async () => {
    const network = await small();
    const bytes = network.toPredictor();
    const other = await loadPredictor(bytes);
    const expected = [...other.predict([[1, 2]]).data];
    const file = decodePredictor(bytes);
    const seen = { refused: 0, failed: 0, predicted: 0 };
    const { length } = file.code;
    for (let i = 0; i < 8 * length; i++) {
      const code = file.code.slice();
      code[i % length] ^= 1 << ((5 * Math.floor(i / length) + i) % 24);
      try {
        const predictor = await loadPredictor(encodePredictor({ ...file, code }));
        seen.failed++;
        predictor.predict([[1, 2]]);
        seen.failed--;
        seen.predicted++;
      } catch (error) {
        expect(error).toBeInstanceOf(FormatError);
        seen.refused++;
      }
    }
    expect(seen.refused - seen.failed).toBeGreaterThan(10);
    expect(Math.min(seen.failed, seen.predicted)).toBeGreaterThan(3);
    expect([...other.predict([[1, 2]]).data]).toEqual(expected);
    expect([...network.predict([[1, 2]]).data].length).toBe(2);
  });
});
