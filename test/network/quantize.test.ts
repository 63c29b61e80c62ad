/** Networks that multiply bytes: PyTorch's values, the same bits on every backend, files, and what such a network refuses. */
import { readFileSync } from 'node:fs';
import {
  batchNorm,
  conv2d,
  dense,
  digits,
  flatten,
  multiHeadAttention,
  Network,
  type NetworkOptions,
  relu,
  sgd,
  type Tensor,
} from 'chainrule';
import { describe, expect, it } from 'vitest';
import { loadPredictor } from '../../src/entries/predict-node.ts';
import { DataError, FormatError, OptionError, ShapeError, StateError } from '../../src/errors.ts';
import { encodeModel, readModelIndex } from '../../src/formats/model.ts';
import { relativeDifference } from '../support/compare.ts';
import { BACKEND_NAMES, createOn, FASTEST, onBackend, spreadTensor } from '../support/networks.ts';
import { type Case, expectRefused, titled } from '../support/refused.ts';

interface Golden {
  readonly sizes: readonly number[];
  readonly x: readonly number[];
  readonly weights: readonly (readonly number[])[];
  readonly biases: readonly (readonly number[])[];
  readonly ranges: readonly (readonly [number, number])[];
  readonly exact: readonly number[];
  readonly quantized: readonly number[];
}

const golden: Golden = JSON.parse(readFileSync(new URL('../golden/quantization.json', import.meta.url), 'utf8'));
const [INPUTS, ...UNITS] = golden.sizes;
const ROWS = golden.x.length / INPUTS;
const GOLDEN_X: Tensor = { shape: [ROWS, INPUTS], data: Float32Array.from(golden.x) };

const MODEL: NetworkOptions = {
  input: [INPUTS],
  layers: UNITS.map((units, i) => dense(units, i < UNITS.length - 1 ? { activation: 'relu' } : {})),
  loss: 'halfSquaredError',
};

async function goldenOn(backend: (typeof BACKEND_NAMES)[number]): Promise<Network> {
  const network = await createOn(backend, MODEL);
  const parameters = UNITS.flatMap((units, i): [string, Tensor][] => [
    [`${i}.weight`, { shape: [units, golden.sizes[i]], data: Float32Array.from(golden.weights[i]) }],
    [`${i}.bias`, { shape: [units], data: Float32Array.from(golden.biases[i]) }],
  ]);
  network.setParameters(new Map(parameters));
  return network;
}

const bits = ({ data }: Tensor) => [...new Uint32Array(Float32Array.from(data).buffer)];

describe.each(BACKEND_NAMES)('a network quantised on %s', (backend) => {
  it('predicts what PyTorch’s bytes give, with its ranges', async () => {
    const network = await goldenOn(backend);
    const quantized = await network.quantize(GOLDEN_X);
    expect(relativeDifference(network.predict(GOLDEN_X).data, golden.exact)).toBeLessThan(1e-5);
    expect(relativeDifference(quantized.predict(GOLDEN_X).data, golden.quantized)).toBeLessThan(1e-5);
    expect(relativeDifference(golden.quantized, golden.exact)).toBeGreaterThan(1e-3);
    expect(quantized.quantization?.map(({ weight }) => weight)).toEqual(['0.weight', '1.weight', '2.weight']);
    const ranges = quantized.quantization?.flatMap(({ minimum, maximum }) => [minimum, maximum]);
    expect(relativeDifference(ranges ?? [], golden.ranges.flat())).toBeLessThan(1e-5);
    expect(quantized.quantization?.[2].error).toBeCloseTo(relativeDifference(golden.quantized, golden.exact), 4);
  });

  it('has the same bits for one row as for many, however rows are divided', async () => {
    const quantized = await (await goldenOn(backend)).quantize(GOLDEN_X);
    const x = spreadTensor([300, INPUTS]);
    const all = quantized.predict(x).data;
    const ones = [0, 17, 299].flatMap((row) => {
      const one = quantized.predict({ shape: [1, INPUTS], data: x.data.slice(row * INPUTS, (row + 1) * INPUTS) });
      return [...one.data];
    });
    expect(ones).toEqual([0, 17, 299].flatMap((row) => [...all.slice(row * 5, row * 5 + 5)]));
    expect((await quantized.predictAsync(x)).data).toEqual(all);
  });

  it('keeps the digits: accuracy within one image in a hundred', async () => {
    const { train, test } = digits();
    const network = await createOn(backend, {
      input: [64],
      layers: [dense(32), batchNorm(), relu, dense(10)].map((layer) => layer) as NetworkOptions['layers'],
      loss: 'softmaxCrossEntropy',
    });
    await network.fit(train, { epochs: 3, optimizer: sgd({ learningRate: 0.3 }) });
    const quantized = await network.quantize(train.x);
    const [floats, bytes] = [await network.evaluate(test), await quantized.evaluate(test)];
    expect(floats.accuracy).toBeGreaterThan(0.85);
    expect(Math.abs((bytes.accuracy as number) - (floats.accuracy as number))).toBeLessThan(0.01);
    expect(Math.max(...(quantized.quantization ?? []).map(({ error }) => error))).toBeLessThan(0.05);
  });

  it('stays as it is when the other is trained, and the other too', async () => {
    const network = await goldenOn(backend);
    const quantized = await network.quantize(GOLDEN_X);
    const before = bits(quantized.predict(GOLDEN_X));
    await network.fit({ x: GOLDEN_X, y: spreadTensor([ROWS, 5]) }, { epochs: 1 });
    expect(bits(quantized.predict(GOLDEN_X))).toEqual(before);
    expect(network.quantization).toBeUndefined();
  });

  it('computes anew with other weights', async () => {
    const quantized = await (await goldenOn(backend)).quantize(GOLDEN_X);
    quantized.predict(GOLDEN_X);
    quantized.setParameters(new Map([['2.weight', { shape: [5, 17], data: new Float32Array(85) }]]));
    expect([...quantized.predict(GOLDEN_X).data.slice(0, 5)]).toEqual([...Float32Array.from(golden.biases[2])]);
  });
});

describe.each(BACKEND_NAMES)('a quantised network of convolutions in bfloat16 on %s', (backend) => {
  const options: Omit<NetworkOptions, 'backend'> = {
    input: [2, 8, 8],
    layers: [conv2d(4, 3, { activation: 'relu' }), flatten(), dense(3)],
    loss: 'halfSquaredError',
    precision: 'bfloat16',
  };

  it('keeps the precision, and so predicts what its file does with that', async () => {
    const quantized = await (await createOn(backend, options)).quantize(spreadTensor([20, 2, 8, 8]));
    const load = (precision: 'bfloat16' | 'float32') =>
      onBackend(backend, () => Network.fromBytes<readonly [2, 8, 8]>(quantized.toBytes(), { backend, precision }));
    const x = spreadTensor([5, 2, 8, 8], 3) as Tensor<readonly [number, 2, 8, 8]>;
    expect(quantized.predict(x).data).toEqual((await load('bfloat16')).predict(x).data);
    expect(quantized.predict(x).data).not.toEqual((await load('float32')).predict(x).data);
  });
});

describe('a quantised network', () => {
  it('has the same bits on every float32 backend, read from a file', async () => {
    const bytes = (await (await goldenOn(FASTEST)).quantize(GOLDEN_X)).toBytes();
    const floats = BACKEND_NAMES.filter((name) => name !== 'reference');
    const predictions = await Promise.all(
      floats.map(async (backend) => {
        const network = await onBackend(backend, () => Network.fromBytes<readonly [9], readonly [5]>(bytes, { backend }));
        expect(network.quantization).toHaveLength(3);
        return bits(network.predict(spreadTensor([77, INPUTS]) as Tensor<readonly [number, 9]>));
      }),
    );
    for (const one of predictions) expect(one).toEqual(predictions[0]);
  });

  it('takes a batch normalisation into its weights, and steps and heads besides', async () => {
    const network = await createOn(FASTEST, {
      input: [6, 8],
      layers: [multiHeadAttention(2), dense(12), batchNorm(), relu, flatten(), dense(3)] as NetworkOptions['layers'],
      loss: 'softmaxCrossEntropy',
    });
    const x = spreadTensor([50, 6, 8]);
    const quantized = await network.quantize(x);
    expect(relativeDifference(quantized.predict(x).data, network.predict(x).data)).toBeLessThan(0.05);
    expect(quantized.explain({ program: 'prediction' })).toContain('quantizedAffine');
    expect(quantized.quantization?.length).toBeGreaterThan(2);
  });

  it('is a predictor of a quarter of the bytes', async () => {
    const network = await createOn(FASTEST, {
      input: [64],
      layers: [dense(256, { activation: 'relu' }), dense(256, { activation: 'relu' }), dense(10)],
      loss: 'softmaxCrossEntropy',
    });
    const x = spreadTensor([20, 64]);
    const quantized = await network.quantize(x);
    const file = quantized.toPredictor();
    expect(file.length).toBeLessThan(0.35 * network.toPredictor().length);
    const predictor = await loadPredictor(file);
    expect(bits(predictor.predict(x) as Tensor)).toEqual(bits(quantized.predict(x)));
  });

  it('tells of its layers in copies', async () => {
    const quantized = await (await goldenOn(FASTEST)).quantize(GOLDEN_X);
    const [layer] = quantized.quantization as unknown as { maximum: number }[];
    layer.maximum = 1e-3;
    expect(quantized.quantization?.[0].maximum).toBeGreaterThan(0.1);
  });

  it('explains the program that it has, and no other', async () => {
    const quantized = await (await goldenOn(FASTEST)).quantize(GOLDEN_X);
    expect(quantized.explain({ batchSize: 7 })).toBe(quantized.explain({ program: 'prediction', batchSize: 7 }));
    expect(() => quantized.explain({ program: 'training' })).toThrow(/explain.program: expected one of prediction, got 'training'/);
  });

  it('is none without rows of a range: zeros give the biases', async () => {
    const network = await goldenOn(FASTEST);
    const zeros = { shape: [3, INPUTS], data: new Float32Array(3 * INPUTS) };
    const quantized = await network.quantize(zeros);
    expect(quantized.quantization?.[0]).toMatchObject({ minimum: 0, maximum: 0 });
    expect(quantized.predict(zeros).data.every(Number.isFinite)).toBe(true);
  });

  it('takes inputs beyond its range for the ends of it', async () => {
    const quantized = await (await goldenOn(FASTEST)).quantize(GOLDEN_X);
    const of = (x: number) => quantized.predict({ shape: [1, INPUTS], data: new Float32Array(INPUTS).fill(x) });
    expect(bits(of(1e6))).toEqual(bits(of(1e30)));
  });
});

const QUANTIZED = await (await goldenOn(FASTEST)).quantize(GOLDEN_X);
const Y = spreadTensor([ROWS, 5]);

describe('a quantised network refuses', () => {
  const CASES: readonly Case<() => unknown>[] = [
    ['to be fitted', () => QUANTIZED.fit({ x: GOLDEN_X, y: Y }), StateError, 'fit:', 'quantise that again'],
    ['a trainer', () => QUANTIZED.trainer(), StateError, 'trainer:', 'only predicts'],
    ['gradients', () => QUANTIZED.gradients({ x: GOLDEN_X, y: Y }), StateError, 'gradients:', 'only predicts'],
    ['a diagnosis', () => QUANTIZED.diagnose({ x: GOLDEN_X, y: Y }), StateError, 'diagnose:', 'only predicts'],
    ['a check of gradients', () => QUANTIZED.checkGradients({ x: GOLDEN_X, y: Y }), StateError, 'checkGradients:', 'only predicts'],
    ['to be quantised again', () => QUANTIZED.quantize(GOLDEN_X), StateError, 'quantize:', 'quantised'],
  ];
  it.each(titled(CASES))('%s', (_, one) => expectRefused(one[1], one));
});

describe('a network is created with', () => {
  const CASES: readonly Case<() => unknown>[] = [
    [
      'no precision int8',
      () => Network.create({ ...MODEL, precision: 'int8' as 'float32' }),
      OptionError,
      'precision',
      'network.quantize(rows)',
    ],
  ];
  it.each(titled(CASES))('%s', (_, one) => expectRefused(one[1], one));
});

/** Quantises a network whose layers multiply a number by 3, by 1 and by 1e30. */
async function overflowing(x: number): Promise<Network> {
  const layers = [0, 1, 2].map(() => dense(1, { bias: false }));
  const network = await createOn(FASTEST, { input: [1], layers, loss: 'halfSquaredError' });
  network.setParameters(new Map([3, 1, 1e30].map((by, i) => [`${i}.weight`, [[by]]])));
  return network.quantize({ shape: [1, 1], data: [x] });
}

describe('quantize refuses', () => {
  const CASES: readonly Case<() => unknown>[] = [
    ['rows of another shape', async () => (await goldenOn(FASTEST)).quantize(spreadTensor([3, 4])), ShapeError, 'quantize', '[rows, 9]'],
    ['no rows', async () => (await goldenOn(FASTEST)).quantize(spreadTensor([0, INPUTS])), DataError, 'quantize', 'at least one row'],
    [
      'NaN',
      async () => (await goldenOn(FASTEST)).quantize({ shape: [1, INPUTS], data: new Float32Array(INPUTS).fill(Number.NaN) }),
      DataError,
      'quantize',
    ],
    [
      'rows that overflow before a layer',
      () => overflowing(3e38),
      DataError,
      'quantize',
      'got Infinity',
      'inputs of the layer of 1.weight',
    ],
    ['rows that overflow in the last', () => overflowing(1e30), DataError, 'Infinity', 'results of the layer of 2.weight'],
    [
      'a network without dense layers',
      async () => {
        const network = await createOn(FASTEST, { input: [1, 5, 5], layers: [conv2d(2, 3), flatten()], loss: 'halfSquaredError' });
        return network.quantize(spreadTensor([3, 1, 5, 5]));
      },
      OptionError,
      'quantize: expected a layer',
      'dense',
    ],
  ];
  it.each(titled(CASES))('%s', (_, one) => expectRefused(one[1], one));
});

describe('a model file with a quantisation is refused where', () => {
  const changed = (quantization: unknown) => () => {
    const { config } = readModelIndex(QUANTIZED.toBytes());
    return Network.fromBytes(encodeModel({ config: { ...config, quantization }, tensors: QUANTIZED.parameters() }));
  };
  const LAYER = { weight: '0.weight', minimum: -1, maximum: 2, error: 0.1 };
  const CASES: readonly Case<() => unknown>[] = [
    ['it is no list', changed({}), FormatError, 'quantization', 'a list of layers'],
    ['it has no layers', changed([]), FormatError, 'a list of layers'],
    ['a weight is unknown', changed([{ ...LAYER, weight: '9.weight' }]), FormatError, 'quantization[0]', '9.weight'],
    ['a weight is named twice', changed([LAYER, LAYER]), FormatError, 'quantization[1]', '0.weight'],
    ['a minimum is above 0', changed([{ ...LAYER, minimum: 1 }]), FormatError, 'minimum'],
    ['a maximum is no number', changed([{ ...LAYER, maximum: 'x' }]), FormatError, 'maximum'],
    ['a maximum is below 0', changed([{ ...LAYER, maximum: -1 }]), FormatError, 'maximum'],
    ['a maximum is beyond float32', changed([{ ...LAYER, maximum: 1e39 }]), FormatError, 'maximum', '1e+39'],
    ['a minimum is beyond float32', changed([{ ...LAYER, minimum: -1e39 }]), FormatError, 'minimum', '-1e+39'],
    ['a layer has more', changed([{ ...LAYER, more: 1 }]), FormatError, 'more'],
    ['a layer has less', changed([{ weight: '0.weight' }]), FormatError, 'minimum'],
  ];
  it.each(titled(CASES))('%s', (_, one) => expectRefused(one[1], one));
});
