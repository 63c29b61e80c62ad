/** Networks, layers and optimisers that cannot be: typed errors that name what was expected and what came. */
import {
  activation,
  adam,
  averagePool2d,
  BackendError,
  bidirectional,
  conv1d,
  conv2d,
  convTranspose2d,
  DataError,
  defineLayer,
  dense,
  dropout,
  frozen,
  type GraphValue,
  layerFromConfig,
  maxPool2d,
  Network,
  type NetworkOptions,
  OptionError,
  optimizerFromConfig,
  reshape,
  rnn,
  rprop,
  ShapeError,
  sgd,
  upsample2d,
  zeroPad2d,
} from 'chainrule';
import { describe, it, vi } from 'vitest';
import { OPTIMIZERS } from '../../src/optimizers/index.ts';
import { createOn, FASTEST, onBackend } from '../support/networks.ts';
import { type Case, expectRefused, titled } from '../support/refused.ts';

/** A list of four of which the second is a hole. */
const HOLED = Object.assign([1], { 2: 2, 3: 3 }) as number[];

const BAD_NETWORKS: readonly Case<Partial<Record<keyof NetworkOptions | 'sede', unknown>>>[] = [
  ['an unknown option', { sede: 1 }, OptionError, "unknown option 'sede'", 'input, layers, loss, metrics, seed, backend'],
  ['no input', { input: undefined }, OptionError, 'input: expected a list of positive integers', 'undefined'],
  ['a negative size', { input: [-2] }, OptionError, 'input', '[-2]'],
  ['a size of zero', { input: [0] }, OptionError, 'input', '[0]'],
  ['a fractional size', { input: [2.5] }, OptionError, 'input', '[2.5]'],
  ['an input that is a number', { input: 2 }, OptionError, 'input', 'got 2'],
  ['a hole among the sizes', { input: HOLED }, OptionError, 'input: expected a list of positive integers, got [1, undefined, 2, 3]'],
  [
    'a hole among the layers',
    { layers: Object.assign([dense(2)], { 2: dense(3) }) },
    OptionError,
    'layers[1]: expected a layer such as dense(10), got undefined',
  ],
  ['no layers', { layers: [] }, OptionError, 'layers: expected a list of at least one layer', '[]'],
  ['a layer that is none', { layers: [dense(2), 'dense'] }, OptionError, 'layers[1]', "got 'dense'"],
  ['a function that makes no graph value', { layers: [dense(2), () => 5] }, OptionError, 'layer 1', 'graph value', 'got 5'],
  ['an unknown loss', { loss: 'crossEntropy' }, OptionError, 'softmaxCrossEntropy', "got 'crossEntropy'"],
  ['a loss of Object', { loss: 'constructor' }, OptionError, "got 'constructor'"],
  ['no loss', { loss: undefined }, OptionError, 'loss', 'undefined'],
  ['an option of another loss', { loss: { type: 'softmaxCrossEntropy', delta: 1 } }, OptionError, 'huber', 'softmaxCrossEntropy'],
  ['an unknown option of a loss', { loss: { type: 'huber', dleta: 1 } }, OptionError, "'dleta'"],
  ['a delta of zero', { loss: { type: 'huber', delta: 0 } }, OptionError, 'loss.delta', 'above 0', 'got 0'],
  ['numerics of another name', { reproducible: 'fuse' }, OptionError, 'reproducible', "got 'fuse'"],
  ['a negative seed', { seed: -1 }, OptionError, 'seed', 'got -1'],
  ['a fractional seed', { seed: 0.5 }, OptionError, 'seed', 'got 0.5'],
  ['a seed beyond 2⁵³', { seed: 2 ** 53 }, OptionError, 'seed', 'got 9007199254740992'],
  ['one class only', { layers: [dense(1)] }, ShapeError, 'softmaxCrossEntropy', '[batch, classes]', '[batch, 1]'],
  ['one class only at each step', { input: [2, 2], layers: [dense(1)] }, ShapeError, '[batch, …, classes]', '[batch, 2, 1]'],
  ['an ignored class that is no integer', { loss: { type: 'softmaxCrossEntropy', ignore: 0.5 } }, OptionError, 'loss.ignore', 'got 0.5'],
  ['an ignored class without classes', { loss: { type: 'huber', ignore: 0 } }, OptionError, 'ignore with softmaxCrossEntropy and', 'huber'],
  ['a reshape of other elements', { layers: [reshape([3]), dense(3)] }, ShapeError, 'layer 0', '[3]', '[batch, 2]'],
  [
    'given weights of another shape',
    { layers: [dense(3, { initializer: [[1, 2, 3]] })] },
    ShapeError,
    'parameter 0.weight',
    '[3, 2]',
    '[1, 3]',
  ],
  ['a convolution of a row', { layers: [conv2d(3, 3), dense(3)] }, ShapeError, 'layer 0', 'height', '[batch, 2]'],
  ['a window larger than the image', { input: [1, 2, 2], layers: [conv2d(3, 3)] }, ShapeError, 'conv2d', 'of at most 2', 'one of 3'],
  ['groups that do not divide', { input: [3, 4, 4], layers: [conv2d(4, 3, { groups: 2 })] }, ShapeError, '2 groups', '3 and 4'],
  ['a sequence of images', { input: [1, 4, 4], layers: [conv1d(2, 3)] }, ShapeError, 'conv1d', '[batch, channels, length]'],
  [
    'a layer that gives its state too',
    { input: [2, 2], layers: [rnn(3, { returnState: true }), dense(3)] },
    OptionError,
    'layer 0 (rnn): expected one value of each layer in a list, got 2',
  ],
  ['too many parameters', { input: [1e6], layers: [dense(1e6), dense(3)] }, ShapeError, 'at most 2147483647 parameters', '1000004000003'],
  ['sizes beyond all bounds', { input: [1e9], layers: [dense(2 ** 53 - 1), dense(3)] }, ShapeError, 'at most 2147483647'],
];

const BAD_LAYERS: readonly Case<() => unknown>[] = [
  ['negative units', () => dense(-3), OptionError, 'dense(units)', 'at least 1', 'got -3'],
  ['no units', () => dense(0), OptionError, 'dense(units)', 'got 0'],
  ['fractional units', () => dense(2.5), OptionError, 'dense(units)', 'got 2.5'],
  ['units NaN', () => dense(Number.NaN), OptionError, 'dense(units)', 'got NaN'],
  ['units as text', () => dense('3' as never), OptionError, 'dense(units)', "got '3'"],
  ['an unknown option', () => dense(3, { activaton: 'relu' } as never), OptionError, "'activaton'", 'activation'],
  ['an unknown activation', () => dense(3, { activation: 'rleu' as never }), OptionError, 'dense.activation', 'relu', "got 'rleu'"],
  ['an activation of Object', () => activation('toString' as never), OptionError, "got 'toString'"],
  ['a negative penalty', () => dense(3, { l2: -1 }), OptionError, 'dense.l2', 'got -1'],
  ['an infinite penalty', () => dense(3, { l1: Number.POSITIVE_INFINITY }), OptionError, 'dense.l1', 'got Infinity'],
  ['a bias that is no boolean', () => dense(3, { bias: 1 as never }), OptionError, 'dense.bias', 'got 1'],
  ['an unknown initialiser', () => dense(3, { initializer: 'he' as never }), OptionError, 'heNormal', "got 'he'"],
  ['an initialiser that is a number', () => dense(3, { initializer: 5 as never }), OptionError, 'dense.initializer', 'got 5'],
  ['initial values NaN', () => dense(1, { initializer: [[Number.NaN]] }), DataError, 'dense.initializer', 'finite', 'got NaN'],
  [
    'initial values with a wrong count',
    () => dense(1, { initializer: { shape: [1, 2], data: new Float32Array(3) } }),
    ShapeError,
    '2 elements',
    '3',
  ],
  ['a deviation below zero', () => dense(1, { initializer: { type: 'normal', deviation: -1 } }), OptionError, 'deviation', 'got -1'],
  [
    'an option of another initialiser',
    () => dense(1, { initializer: { type: 'uniform', deviation: 1 } as never }),
    OptionError,
    "'deviation'",
  ],
  ['a dropout of everything', () => dropout(1), OptionError, 'dropout(rate): expected a number from 0 to below 1', 'got 1'],
  ['a parameter of relu', () => dense(3, { activation: 'relu', alpha: 0.2 }), OptionError, 'dense.alpha', 'leakyRelu and elu', 'relu'],
  ['a parameter of tanh', () => activation('tanh', { alpha: 0.2 }), OptionError, 'activation.alpha', 'tanh'],
  ['a parameter of no activation', () => conv2d(1, 3, { alpha: 1 }), OptionError, 'conv2d.alpha', 'identity'],
  ['null for its options', () => rnn(3, null as never), OptionError, 'rnn: expected an object of options', 'null'],
  ['nothing to freeze', () => frozen(undefined as never), OptionError, 'frozen: expected a layer', 'undefined'],
  ['nothing for both directions', () => bidirectional(undefined as never), OptionError, 'bidirectional', 'undefined'],
  ['a config that is text', () => defineLayer('gate' as never, (_, x) => x as GraphValue), OptionError, '{ type, … }', "'gate'"],
  ['a negative dropout', () => dropout(-0.1), OptionError, 'dropout(rate)', 'got -0.1'],
  ['a reshape to −1', () => reshape([-1]), OptionError, 'reshape(shape)', '[-1]'],
  ['no filters', () => conv2d(0, 3), OptionError, 'conv2d(filters)', 'got 0'],
  ['a kernel of three sizes', () => conv2d(1, [1, 2, 3] as never), OptionError, 'conv2d(kernel)', '[1, 2, 3]'],
  ['a stride of 0', () => conv2d(1, 3, { stride: [1, 0] }), OptionError, 'conv2d.stride[1]', 'got 0'],
  ['a padding below zero', () => conv2d(1, 3, { padding: -1 }), OptionError, 'conv2d.padding', 'got -1'],
  ['a padding of another name', () => conv2d(1, 3, { padding: 'full' as never }), OptionError, "'same'", "got 'full'"],
  ['no groups', () => conv2d(1, 3, { groups: 0 }), OptionError, 'conv2d.groups', 'got 0'],
  ['an unknown option of a convolution', () => conv1d(1, 3, { strides: 2 } as never), OptionError, "'strides'", 'stride'],
  ['an output padding as large as the stride', () => convTranspose2d(1, 3, { outputPadding: 1 }), OptionError, 'outputPadding', 'got 1'],
  [
    'padding of more than half a window',
    () => maxPool2d(3, { padding: 2 }),
    OptionError,
    'maxPool2d.padding: expected at most half a window, 1 and 1, got 2 and 2',
  ],
  [
    'padding of more than half a window to the sides',
    () => averagePool2d([4, 2], { padding: [2, 2] }),
    OptionError,
    'averagePool2d.padding: expected at most half a window, 2 and 1, got 2 and 2',
  ],
  ...(['batchNorm', 'layerNorm', 'rmsNorm'] as const).flatMap((type) =>
    [0, 1e-60, -1, Number.NaN].map(
      (epsilon): Case<() => unknown> => [
        `an epsilon of ${epsilon} in ${type}`,
        () => layerFromConfig({ type, epsilon }),
        OptionError,
        `${type}.epsilon: expected a number of at least 1e-37, which keeps a division by 0 from giving NaN, got ${epsilon}`,
      ],
    ),
  ),
  ['zeros on sides of which one is a hole', () => zeroPad2d(HOLED as never), OptionError, 'zeroPad2d(padding)[1]', 'got undefined'],
  ['a reshape to a hole', () => reshape(HOLED), OptionError, 'reshape(shape)', 'got [1, undefined, 2, 3]'],
  ['an empty window', () => maxPool2d(0), OptionError, 'maxPool2d(pool)', 'got 0'],
  ['zeros on three sides', () => zeroPad2d([1, 2, 3] as never), OptionError, 'zeroPad2d(padding)', '[1, 2, 3]'],
  ['an upsampling by halves', () => upsample2d(0.5), OptionError, 'upsample2d(factor)', 'got 0.5'],
  ['an unknown layer', () => layerFromConfig({ type: 'conv9d' }), OptionError, 'dense', "got 'conv9d'"],
  ['a layer called __proto__', () => layerFromConfig({ type: '__proto__' }), OptionError, "got '__proto__'"],
  ['a layer that is text', () => layerFromConfig('dense' as never), OptionError, "got 'dense'"],
  ['an unknown option in a config', () => layerFromConfig({ type: 'flatten', axis: 1 }), OptionError, "'axis'"],
];

const BAD_OPTIMIZERS: readonly Case<() => unknown>[] = [
  ['no learning rate', () => sgd({} as never), OptionError, 'sgd.learningRate', 'undefined'],
  ['a negative learning rate', () => adam({ learningRate: -1 }), OptionError, 'adam.learningRate', 'got -1'],
  ['a learning rate NaN', () => adam({ learningRate: Number.NaN }), OptionError, 'adam.learningRate', 'got NaN'],
  ['a learning rate as text', () => adam({ learningRate: '0.1' as never }), OptionError, "got '0.1'"],
  ['a momentum of 1', () => sgd({ learningRate: 1, momentum: 1 }), OptionError, 'sgd.momentum', 'got 1'],
  ['nesterov without momentum', () => sgd({ learningRate: 1, nesterov: true }), OptionError, 'nesterov', 'momentum'],
  ['beta2 beyond 1', () => adam({ beta2: 1.5 }), OptionError, 'adam.beta2', 'got 1.5'],
  ['an unknown option', () => adam({ lr: 1 } as never), OptionError, "'lr'", 'learningRate'],
  ['an unknown type', () => optimizerFromConfig({ type: 'newton' }), OptionError, 'adamw', "got 'newton'"],
  ...OPTIMIZERS.filter(({ options }) => 'epsilon' in options).map(
    ({ type }): Case<() => unknown> => [
      `an epsilon of 0 in ${type}`,
      () => optimizerFromConfig({ type, epsilon: 0 }),
      OptionError,
      `${type}.epsilon: expected a number of at least 1e-37, which keeps a division by 0 from giving NaN, got 0`,
    ],
  ),
  ['a decrease that increases', () => rprop({ decrease: 1.5 }), OptionError, 'rprop.decrease', 'got 1.5'],
  ['a smallest step above the largest', () => rprop({ smallest: 2, largest: 1 }), OptionError, 'rprop.smallest', '1, got 2'],
  ['no object', () => adam(3 as never), OptionError, 'adam', 'got 3'],
];

describe('Network.create refuses', () => {
  const options = { input: [2], layers: [dense(3)], loss: 'softmaxCrossEntropy' } as const;

  it.each(titled(BAD_NETWORKS))('a network with %s', (_, test) =>
    expectRefused(() => createOn(FASTEST, { ...options, ...test[1] } as NetworkOptions), test),
  );

  it.each(titled(BAD_LAYERS))('a layer with %s', (_, test) => expectRefused(test[1], test));

  it.each(titled(BAD_OPTIMIZERS))('an optimiser with %s', (_, test) => expectRefused(test[1], test));

  it('a call without options', () =>
    expectRefused(() => Network.create(undefined as never), ['', 0, OptionError, 'object of options', 'undefined']));

  it('an unknown backend', async () => {
    vi.stubEnv('CHAINRULE_BACKEND', '');
    await expectRefused(() => Network.create({ ...options, backend: 'cuda' as never }), ['', 0, OptionError, 'native', "got 'cuda'"]);
    vi.unstubAllEnvs();
  });

  it('an unknown backend in the environment variable', () =>
    expectRefused(
      () => onBackend('cuda' as never, () => Network.create(options)),
      ['', 0, OptionError, 'CHAINRULE_BACKEND', "got 'cuda'"],
    ));
});

it('a backend that does not load says why', async () => {
  const { loadWasm } = await import('../../src/backends/wasm/backend.ts');
  await expectRefused(() => loadWasm({ bytes: new Uint8Array(8) }), ['', 0, BackendError, 'wasm']);
});
