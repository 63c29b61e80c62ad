/** Analytic against numerical gradients, in float64, for everything that a network is made of; and that the check would notice. */
import {
  activation,
  averagePool2d,
  conv1d,
  conv2d,
  convTranspose2d,
  type DataSet,
  dense,
  dropout,
  flatten,
  GradientError,
  globalAveragePool2d,
  type Layer,
  type LossOption,
  maxPool2d,
  multiply,
  reshape,
  tanh,
  tensor,
  upsample2d,
  zeroPad2d,
} from 'chainrule';
import { describe, expect, it } from 'vitest';
import { ACTIVATION_NAMES } from '../../src/graph/functions.ts';
import { lossFrom } from '../../src/losses/config.ts';
import { LOSS_NAMES, type LossName } from '../../src/losses/index.ts';
import { opNamed } from '../../src/ops/registry.ts';
import { createOn, FASTEST, spread, spreadTensor } from '../support/networks.ts';

const LARGEST_ERROR = 1e-6;
const ROWS = 6;

const values = (outputs: number, phase = 7) => spreadTensor([ROWS, outputs], phase);
const dataSet = (inputs: number, y: DataSet['y']): DataSet => ({ x: spreadTensor([ROWS, inputs], 2), y });

async function check(layers: readonly Layer[], loss: LossOption, data: DataSet, input: readonly number[] = [4]) {
  using network = await createOn('reference', { input, layers, loss, seed: 3 });
  return network.checkGradients(data);
}

async function expectExact(layers: readonly Layer[], loss: LossOption, data: DataSet, input?: readonly number[]): Promise<void> {
  const { maxRelativeError, worst } = await check(layers, loss, data, input);
  expect(maxRelativeError, JSON.stringify(worst)).toBeLessThan(LARGEST_ERROR);
  expect(worst.index).toBeGreaterThanOrEqual(0);
}

/** Rows of positive numbers that sum to 1. */
function distributions(outputs: number) {
  const raw = spread(ROWS * outputs, 5).map((value) => Math.exp(2 * value));
  for (let row = 0; row < ROWS; row++) {
    const part = raw.subarray(row * outputs, (row + 1) * outputs);
    const total = part.reduce((sum, value) => sum + value, 0);
    for (let i = 0; i < outputs; i++) part[i] /= total;
  }
  return tensor(raw, [ROWS, outputs]);
}

describe('activations', () => {
  it.each(ACTIVATION_NAMES)('%s within a dense layer, and under one', (name) =>
    expectExact([dense(5, { activation: name }), dense(3, { activation: name })], 'halfSquaredError', dataSet(4, values(3))),
  );

  it.each(ACTIVATION_NAMES)('%s as a layer of its own', (name) =>
    expectExact([dense(5), activation(name), dense(3), activation(name)], 'halfSquaredError', dataSet(4, values(3))),
  );

  it.each(['leakyRelu', 'elu'] as const)('%s with another alpha', (name) =>
    expectExact(
      [dense(5, { activation: name, alpha: 0.3 }), activation(name, { alpha: 0.7 }), dense(2)],
      'halfSquaredError',
      dataSet(4, values(2)),
    ),
  );
});

/** Each between the layers that make an image of a row and a row of an image again. */
const IMAGE_LAYERS: readonly (readonly [string, readonly Layer[]])[] = [
  ['conv2d', [conv2d(3, 3)]],
  ['conv2d, same size', [conv2d(4, [2, 3], { padding: 'same', activation: 'tanh' })]],
  ['conv2d with stride, padding, dilation and groups', [conv2d(4, 2, { stride: [2, 1], padding: [1, 2], dilation: 2, groups: 2 })]],
  ['conv2d, depthwise', [conv2d(4, 3, { padding: 1, groups: 'depthwise', activation: 'silu', l2: 0.1 })]],
  ['conv2d twice', [conv2d(3, 2, { activation: 'gelu' }), conv2d(2, 2, { bias: false })]],
  ['conv1d', [reshape([4, 12]), conv1d(3, 4, { stride: 2, padding: 'same', activation: 'tanh' })]],
  ['convTranspose2d', [convTranspose2d(3, 3, { stride: 2, padding: 1, outputPadding: 1, activation: 'tanh' })]],
  ['maxPool2d', [conv2d(3, 2, { activation: 'tanh' }), maxPool2d(2)]],
  ['maxPool2d, overlapping', [maxPool2d(3, { stride: 1, padding: 1 })]],
  ['averagePool2d', [averagePool2d([2, 3], { stride: 2, padding: 1 })]],
  ['globalAveragePool2d', [conv2d(5, 2, { activation: 'tanh' }), globalAveragePool2d()]],
  ['zeroPad2d', [zeroPad2d([1, 0, 2, 1]), conv2d(2, 3)]],
  ['upsample2d', [upsample2d([2, 3]), conv2d(2, 3, { stride: 2 })]],
];

describe('images', () => {
  it.each(IMAGE_LAYERS)('%s', (_, layers) =>
    expectExact([dense(48), reshape([2, 4, 6]), ...layers, flatten(), dense(2)], 'halfSquaredError', dataSet(4, values(2))),
  );
});

/** What turns logits into what the loss takes. */
function lastLayerFor(loss: string): Layer[] {
  if (loss === 'binaryCrossEntropy') return [activation('sigmoid')];
  return loss === 'negativeLogLikelihood' || loss === 'kullbackLeibler' ? [activation('logSoftmax')] : [];
}

const unit = (outputs: number, sample = [outputs]) =>
  tensor(
    spread(ROWS * outputs, 4).map((value) => (value + 1) / 2),
    [ROWS, ...sample],
  );

/** Losses whose targets have another shape than their predictions take two or three outputs for each. */
const outputsOf = (loss: LossName) => (lossFrom(loss).definition.target ? 6 : 3);

function targetsFor(loss: LossName) {
  const { definition } = lossFrom(loss);
  const sample = lossFrom(loss).targetShape([outputsOf(loss)]);
  const outputs = sample[0] ?? 1;
  if (!definition.range) return values(outputs);
  return definition.answer?.by === 'largest' ? distributions(outputs) : unit(outputs, [...sample]);
}

describe('losses', () => {
  it.each(LOSS_NAMES.filter((loss) => !lossFrom(loss).definition.target))('%s with class indices', (loss) =>
    expectExact([dense(5, { activation: 'tanh' }), dense(3), ...lastLayerFor(loss)], loss, dataSet(4, [0, 1, 2, 2, 1, 0])),
  );

  it.each(LOSS_NAMES.filter((loss) => lossFrom(loss).definition.targets.includes('values')))('%s with values', (loss) =>
    expectExact([dense(5, { activation: 'tanh' }), dense(outputsOf(loss)), ...lastLayerFor(loss)], loss, dataSet(4, targetsFor(loss))),
  );

  it('huber on both sides of its delta', () => expectExact([dense(3)], { type: 'huber', delta: 0.4 }, dataSet(4, values(3))));

  it('softmaxCrossEntropy with targets that do not sum to 1', () => expectExact([dense(3)], 'softmaxCrossEntropy', dataSet(4, unit(3))));
});

describe('layers', () => {
  it('dense without a bias', () =>
    expectExact([dense(5, { bias: false, activation: 'sigmoid' }), dense(2, { bias: false })], 'huber', dataSet(4, values(2))));

  it('dense with l1, l2 and both', () =>
    expectExact(
      [dense(5, { l1: 0.03, activation: 'tanh' }), dense(4, { l2: 0.05, activation: 'tanh' }), dense(2, { l1: 0.02, l2: 0.04 })],
      'meanSquaredError',
      dataSet(4, values(2)),
    ));

  it('dense over sequences', () =>
    expectExact(
      [dense(5, { activation: 'gelu' }), flatten(), dense(2)],
      'halfSquaredError',
      { x: spreadTensor([ROWS, 3, 4]), y: values(2) },
      [3, 4],
    ));

  it('dropout, whose mask stays the same while it is checked', () =>
    expectExact(
      [dense(12, { activation: 'tanh' }), dropout(0.4), dense(6, { activation: 'elu' }), dropout(0.2), dense(2)],
      'halfSquaredError',
      dataSet(4, values(2)),
    ));

  it('reshape and flatten', () =>
    expectExact(
      [dense(6, { activation: 'tanh' }), reshape([2, 3]), dense(4, { activation: 'softmax' }), flatten(), dense(2)],
      'halfSquaredError',
      dataSet(4, values(2)),
    ));

  it('one layer used twice receives the sum of its δ', () => {
    const twice = dense(4, { activation: 'tanh', l2: 0.1 });
    return expectExact([twice, twice, dense(2)], 'halfSquaredError', dataSet(4, values(2)));
  });

  it('a function of the user, with a parameter of its own', () => {
    const scaled: Layer = (x) => {
      const gate = x.graph.layerParameter(scaled, 'gate', [5], () => Float64Array.of(0.5, -1, 2, 0.1, 1));
      return multiply(tanh(x), gate);
    };
    return expectExact([dense(5), scaled, dense(2)], 'halfSquaredError', dataSet(4, values(2)));
  });

  it('a deep stack of everything', () =>
    expectExact(
      [
        dense(8, { activation: 'relu' }),
        dropout(0.25),
        dense(6, { activation: 'gelu', l2: 0.01 }),
        activation('hardSwish'),
        dense(5, { activation: 'selu' }),
        dense(3),
      ],
      'softmaxCrossEntropy',
      dataSet(4, [0, 1, 2, 2, 1, 0]),
    ));
});

/** Runs `body` while the op's gradient rule gives δ's times `factor`. */
async function withBrokenRule<T>(op: string, factor: number, body: () => Promise<T>): Promise<T> {
  const spec = opNamed(op) as { -readonly [key in keyof ReturnType<typeof opNamed>]: ReturnType<typeof opNamed>[key] };
  const { gradient } = spec;
  if (!gradient) throw new Error(`${op} has no gradient rule`);
  spec.gradient = (m, application, deltas) => gradient(m, application, deltas).map((delta) => delta && m.scale(delta, factor));
  try {
    return await body();
  } finally {
    spec.gradient = gradient;
  }
}

describe('a broken gradient rule', () => {
  const layers = () => [dense(5, { activation: 'tanh' }), dense(3)];
  const data = dataSet(4, values(3));

  it('of an activation is seen, and the parameter under it is named', async () => {
    const { maxRelativeError, worst } = await withBrokenRule('tanh', 1.01, () => check(layers(), 'halfSquaredError', data));
    expect(maxRelativeError).toBeGreaterThan(5e-3);
    expect(worst.parameter).toMatch(/^0\./);
    expect(Math.abs(worst.analytic / worst.numeric - 1.01)).toBeLessThan(1e-6);
    await expectExact(layers(), 'halfSquaredError', data);
  });

  it.each(['matmul', 'add', 'squaredError', 'scale'])('of %s is seen', async (op) => {
    const { maxRelativeError } = await withBrokenRule(op, -1, () => check(layers(), 'halfSquaredError', data));
    expect(maxRelativeError).toBeGreaterThan(0.5);
  });

  it('by a part in ten thousand is seen', async () => {
    const { maxRelativeError } = await withBrokenRule('softmaxCrossEntropy', 1.0001, () =>
      check(layers(), 'softmaxCrossEntropy', dataSet(4, distributions(3))),
    );
    expect(maxRelativeError).toBeGreaterThan(5e-5);
  });
});

describe('checkGradients', () => {
  it('changes nothing and is the same on every backend that holds the weights', async () => {
    using network = await createOn(FASTEST, { input: [4], layers: [dense(5, { activation: 'tanh' }), dense(3)], loss: 'halfSquaredError' });
    const data = dataSet(4, values(3));
    const before = network.toBytes();
    const { maxRelativeError } = await network.checkGradients(data);
    expect(maxRelativeError).toBeLessThan(LARGEST_ERROR);
    expect(network.toBytes()).toEqual(before);
  });

  it('refuses a network that has nothing to train', async () => {
    using network = await createOn(FASTEST, { input: [2], layers: [activation('tanh')], loss: 'halfSquaredError' });
    await expect(network.checkGradients({ x: [[1, 2]], y: [[0, 1]] })).rejects.toThrow(GradientError);
  });

  it('lets the event loop turn', async () => {
    using network = await createOn(FASTEST, {
      input: [32],
      layers: [dense(32, { activation: 'tanh' }), dense(3)],
      loss: 'halfSquaredError',
    });
    let turns = 0;
    const timer = setInterval(() => turns++, 1);
    await network.checkGradients({ x: spreadTensor([8, 32]), y: spreadTensor([8, 3]) });
    clearInterval(timer);
    expect(turns).toBeGreaterThan(0);
  });

  it('looks at as many elements of a parameter as asked', async () => {
    using network = await createOn('reference', {
      input: [64],
      layers: [dense(40, { activation: 'relu' }), dense(10)],
      loss: 'softmaxCrossEntropy',
    });
    const data = { x: spreadTensor([4, 64]), y: [1, 2, 3, 9] };
    expect((await network.checkGradients(data, { samples: 20 })).maxRelativeError).toBeLessThan(LARGEST_ERROR);
    await expect(network.checkGradients(data, { samples: 0 })).rejects.toThrow(
      'checkGradients.samples: expected an integer of at least 1, got 0',
    );
    await expect(network.checkGradients(data, { sample: 3 } as object)).rejects.toThrow("unknown option 'sample'");
  });
});
