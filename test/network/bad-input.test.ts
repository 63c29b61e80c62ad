/** Whatever a caller gets wrong is a typed error that names what was expected and what came, and costs nothing. */
import {
  activation,
  adam,
  BackendError,
  bidirectional,
  type ChainruleError,
  conv1d,
  conv2d,
  convTranspose2d,
  DataError,
  type DataSet,
  defineLayer,
  dense,
  dropout,
  type FitOptions,
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
  ShapeError,
  sgd,
  tensor,
  upsample2d,
  zeroPad2d,
} from 'chainrule';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { BACKEND_NAMES, createOn, FASTEST, onBackend, weightsOf } from '../support/networks.ts';

type Refused = new (message: string) => ChainruleError;
/** What is wrong; the call; the error's class; parts of its message. */
type Case<Input> = readonly [what: string, input: Input, refused: Refused, ...parts: string[]];

const GOOD = {
  x: [
    [0, 0.5],
    [1, 0.25],
    [0.5, 1],
  ],
  y: [0, 1, 2],
} as const;
const good = () => ({ x: GOOD.x.map((row) => [...row]), y: [...GOOD.y] });

/** Rows for `it.each`: a title, then the case. */
const titled = <Input>(cases: readonly Case<Input>[]) => cases.map((test) => [test[0], test] as const);

async function expectRefused(call: () => unknown, [, , refused, ...parts]: Case<unknown>): Promise<void> {
  const error = await Promise.resolve()
    .then(call)
    .then(
      () => undefined,
      (thrown: unknown) => thrown,
    );
  expect(error, String(error)).toBeInstanceOf(refused);
  for (const part of parts) expect((error as Error).message).toContain(part);
}

const BAD_NETWORKS: readonly Case<Partial<Record<keyof NetworkOptions | 'sede', unknown>>>[] = [
  ['an unknown option', { sede: 1 }, OptionError, "unknown option 'sede'", 'input, layers, loss, seed, backend'],
  ['no input', { input: undefined }, OptionError, 'input: expected a list of positive integers', 'undefined'],
  ['a negative size', { input: [-2] }, OptionError, 'input', '[-2]'],
  ['a size of zero', { input: [0] }, OptionError, 'input', '[0]'],
  ['a fractional size', { input: [2.5] }, OptionError, 'input', '[2.5]'],
  ['an input that is a number', { input: 2 }, OptionError, 'input', 'got 2'],
  ['no layers', { layers: [] }, OptionError, 'layers: expected a list of at least one layer', '[]'],
  ['a layer that is none', { layers: [dense(2), 'dense'] }, OptionError, 'layers[1]', "got 'dense'"],
  ['a function that makes no graph value', { layers: [dense(2), () => 5] }, OptionError, 'layer 1', 'graph value', 'got 5'],
  ['an unknown loss', { loss: 'crossEntropy' }, OptionError, 'softmaxCrossEntropy', "got 'crossEntropy'"],
  ['a loss of Object', { loss: 'constructor' }, OptionError, "got 'constructor'"],
  ['no loss', { loss: undefined }, OptionError, 'loss', 'undefined'],
  ['an option of another loss', { loss: { type: 'softmaxCrossEntropy', delta: 1 } }, OptionError, 'huber', 'softmaxCrossEntropy'],
  ['an unknown option of a loss', { loss: { type: 'huber', dleta: 1 } }, OptionError, "'dleta'"],
  ['a delta of zero', { loss: { type: 'huber', delta: 0 } }, OptionError, 'loss.delta', 'above 0', 'got 0'],
  ['a negative seed', { seed: -1 }, OptionError, 'seed', 'got -1'],
  ['a fractional seed', { seed: 0.5 }, OptionError, 'seed', 'got 0.5'],
  ['a seed beyond 2⁵³', { seed: 2 ** 53 }, OptionError, 'seed', 'got 9007199254740992'],
  ['one class only', { layers: [dense(1)] }, ShapeError, 'softmaxCrossEntropy', '[batch, classes]', '[batch, 1]'],
  ['one class only at each step', { input: [2, 2], layers: [dense(1)] }, ShapeError, '[batch, …, classes]', '[batch, 2, 1]'],
  ['an ignored class that is no integer', { loss: { type: 'softmaxCrossEntropy', ignore: 0.5 } }, OptionError, 'loss.ignore', 'got 0.5'],
  ['an ignored class without classes', { loss: { type: 'huber', ignore: 0 } }, OptionError, 'ignore with losses of classes', 'huber'],
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
  ['padding that fills a window', { input: [1, 4, 4], layers: [maxPool2d(2, { padding: 2 })] }, ShapeError, 'maxPool2d', 'padding'],
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
  ['an unknown type', () => optimizerFromConfig({ type: 'lion' }), OptionError, 'adamw', "got 'lion'"],
  ['no object', () => adam(3 as never), OptionError, 'adam', 'got 3'],
];

const BAD_DATA: readonly Case<unknown>[] = [
  ['nothing', undefined, DataError, 'expected { x, y }', 'undefined'],
  ['an array', [GOOD.x, GOOD.y], DataError, 'expected { x, y }'],
  ['an unknown key', { ...GOOD, z: 1 }, DataError, 'expected { x, y }, got { x, y, z }'],
  ['a tensor', tensor([1, 2], [1, 2]), DataError, 'expected { x, y }, got { shape, data }'],
  ['no y', { x: GOOD.x }, DataError, 'expected { x, y }, got { x }'],
  ['too few columns', { ...GOOD, x: [[1], [2], [3]] }, ShapeError, '.x: expected shape [rows, 2]', '[3, 1]'],
  ['too many axes', { ...GOOD, x: [[[1, 2]]] }, ShapeError, '[rows, 2]', '[1, 1, 2]'],
  ['ragged rows', { ...GOOD, x: [[1, 2], [3], [4, 5]] }, DataError, 'row 1', '[2]', '[1]'],
  [
    'text in a row',
    {
      ...GOOD,
      x: [
        [1, 2],
        [3, 'a'],
        [4, 5],
      ],
    },
    DataError,
    '.x',
    "'a'",
  ],
  ['big integers in rows', { ...GOOD, x: [[1n, 2n]] }, DataError, '.x', 'got 1n'],
  ['a hole', { ...GOOD, x: [[1, 2], undefined, [4, 5]] }, DataError, '.x', 'undefined'],
  ['null', { ...GOOD, x: null }, DataError, '.x', 'null'],
  [
    'NaN in x',
    {
      ...GOOD,
      x: [
        [0, 1],
        [1, Number.NaN],
        [0, 0],
      ],
    },
    DataError,
    '.x: expected finite',
    'NaN in row 1, element 1',
  ],
  [
    'infinity in x',
    {
      ...GOOD,
      x: [
        [0, 1],
        [1, 0],
        [Number.NEGATIVE_INFINITY, 0],
      ],
    },
    DataError,
    '-Infinity in row 2, element 0',
  ],
  ['NaN in y', { ...GOOD, y: [0, Number.NaN, 1] }, DataError, '.y: expected finite', 'NaN in row 1'],
  ['a label out of range', { ...GOOD, y: [0, 3, 1] }, DataError, 'class indices from 0 to 2', '3 in row 1'],
  ['a negative label', { ...GOOD, y: [0, -1, 1] }, DataError, 'class indices from 0 to 2', '-1 in row 1'],
  ['a fractional label', { ...GOOD, y: [0, 1, 0.5] }, DataError, 'class indices from 0 to 2', '0.5 in row 2'],
  ['fewer targets than rows', { ...GOOD, y: [0, 1] }, DataError, 'each of 3 rows', '[2]'],
  [
    'one-hot targets of other classes',
    {
      ...GOOD,
      y: [
        [1, 0],
        [0, 1],
        [1, 0],
      ],
    },
    ShapeError,
    '[rows, 3]',
    '[3, 2]',
  ],
  ['no rows', { x: [], y: [] }, DataError, '.x: expected at least one row'],
  ['a sample that is no batch', { ...GOOD, x: [0, 0.5] }, ShapeError, '[rows, 2], got [2]', 'a batch of one, [1, 2]'],
  ['no rows in a tensor', { x: tensor([], [0, 2]), y: [] }, DataError, 'at least one row'],
  ['a shape that does not fill', { ...GOOD, x: { shape: [3, 2], data: [1, 2, 3] } }, ShapeError, '6 elements', '3'],
  ['a negative shape', { ...GOOD, x: { shape: [-3, -2], data: [1, 2, 3, 4, 5, 6] } }, ShapeError, 'integers ≥ 0', '[-3, -2]'],
  ['a shape as text', { ...GOOD, x: { shape: '3,2', data: [1, 2, 3, 4, 5, 6] } }, ShapeError, 'integers ≥ 0', "'3,2'"],
  ['no data under a shape', { ...GOOD, x: { shape: [3, 2], data: undefined } }, DataError, '.x', 'undefined'],
  ['text as data', { ...GOOD, x: { shape: [3, 2], data: ['a', 1, 2, 3, 4, 5] } }, DataError, '.x', "'a'"],
  ['big integers as x', { ...GOOD, x: { shape: [3, 2], data: new BigInt64Array(6) } }, DataError, '.x', 'BigInt64Array'],
  ['big integers as labels', { ...GOOD, y: new BigInt64Array(3) }, DataError, '.y', 'BigInt64Array'],
  ['an array within itself', { ...GOOD, x: cyclic() }, DataError, '.x', 'nested'],
];

function cyclic(): unknown {
  const list: unknown[] = [];
  list.push(list);
  return list;
}

const BAD_FITS: readonly Case<Partial<Record<keyof FitOptions, unknown>>>[] = [
  ['an unknown option', { epoch: 3 } as never, OptionError, "fit: unknown option 'epoch'", 'epochs'],
  ['no epochs', { epochs: 0 }, OptionError, 'fit.epochs', 'got 0'],
  ['fractional epochs', { epochs: 1.5 }, OptionError, 'fit.epochs', 'got 1.5'],
  ['a negative batch', { batchSize: -1 }, OptionError, 'fit.batchSize', 'got -1'],
  ['an optimiser by name', { optimizer: 'adam' }, OptionError, 'adam()', "got 'adam'"],
  [
    'an optimiser from elsewhere',
    { optimizer: { type: 'adam', learningRate: 1, momentum: 1 } },
    OptionError,
    "adam: unknown option 'momentum'",
  ],
  ['a shuffle that is a number', { shuffle: 1 }, OptionError, 'fit.shuffle', 'got 1'],
  ['a clip that is a number', { clip: 1 }, OptionError, 'fit.clip', 'got 1'],
  ['a clip of nothing', { clip: {} }, OptionError, 'fit.clip', '{ norm } or { value }'],
  ['two clips', { clip: { norm: 1, value: 1 } }, OptionError, 'fit.clip', '{ norm } or { value }'],
  ['a clip at zero', { clip: { norm: 0 } }, OptionError, 'fit.clip.norm', 'above 0', 'got 0'],
  ['a clip NaN', { clip: { value: Number.NaN } }, OptionError, 'fit.clip.value', 'got NaN'],
  ['a signal that is none', { signal: {} }, OptionError, 'fit.signal', 'AbortSignal'],
  ['onStep that is no function', { onStep: 'log' }, OptionError, 'fit.onStep', "got 'log'"],
  ['onEpoch that is no function', { onEpoch: true }, OptionError, 'fit.onEpoch', 'got true'],
  ['an early stopping that is false', { earlyStopping: false }, OptionError, 'fit.earlyStopping', 'got false'],
  ['a group of nothing', { groups: [{ parameters: [] }] }, OptionError, 'fit.groups.parameters', 'got none'],
  ['a restart that is text', { restart: 'yes' }, OptionError, 'fit.restart', "got 'yes'"],
  ['validation data that does not fit', { validation: { x: [[1]], y: [0] } }, ShapeError, 'fit.validation.x', '[rows, 2]', '[1, 1]'],
  ['validation data null', { validation: null }, DataError, 'fit.validation', 'null'],
];

const map = (name: string, value: unknown) =>
  new Map([
    ['1.bias', [0.5, 0.5, 0.5]],
    [name, value],
  ]);

const BAD_PARAMETERS: readonly Case<unknown>[] = [
  ['an object', { '0.bias': [1, 2] }, OptionError, 'expected a Map', 'an object'],
  ['an unknown name', map('2.bias', [1]), OptionError, '0.weight, 0.bias, 1.weight, 1.bias', "got '2.bias'"],
  ['another shape', map('0.weight', [[1, 2]]), ShapeError, '0.weight of shape [4, 2]', '[1, 2]'],
  ['a flat weight', map('0.weight', [1, 2, 3, 4, 5, 6, 7, 8]), ShapeError, '0.weight of shape [4, 2]', '[8]'],
  ['NaN', map('0.bias', [0, 0, Number.NaN, 0]), DataError, 'finite', '0.bias', 'NaN'],
  ['infinity', map('0.bias', [0, 0, Number.POSITIVE_INFINITY, 0]), DataError, 'finite', '0.bias', 'Infinity'],
  ['text', map('0.bias', 'abc'), DataError, '0.bias', "'abc'"],
];

describe('creating', () => {
  const options = { input: [2], layers: [dense(3)], loss: 'softmaxCrossEntropy' } as const;

  it.each(titled(BAD_NETWORKS))('a network with %s', (_, test) =>
    expectRefused(() => createOn(FASTEST, { ...options, ...test[1] } as NetworkOptions), test),
  );

  it.each(titled(BAD_LAYERS))('a layer with %s', (_, test) => expectRefused(test[1], test));

  it.each(titled(BAD_OPTIMIZERS))('an optimiser with %s', (_, test) => expectRefused(test[1], test));

  it('a network from nothing', () =>
    expectRefused(() => Network.create(undefined as never), ['', 0, OptionError, 'object of options', 'undefined']));

  it('a network on an unknown backend', async () => {
    vi.stubEnv('CHAINRULE_BACKEND', '');
    await expectRefused(() => Network.create({ ...options, backend: 'cuda' as never }), ['', 0, OptionError, 'native', "got 'cuda'"]);
    vi.unstubAllEnvs();
  });

  it('a network where the environment names an unknown backend', () =>
    expectRefused(
      () => onBackend('cuda' as never, () => Network.create(options)),
      ['', 0, OptionError, 'CHAINRULE_BACKEND', "got 'cuda'"],
    ));
});

describe.each(BACKEND_NAMES)('on %s', (backend) => {
  let network: Network;
  let before: ReturnType<typeof weightsOf>;

  beforeEach(async () => {
    network = await createOn(backend, {
      input: [2],
      layers: [dense(4, { activation: 'tanh' }), dense(3)],
      loss: 'softmaxCrossEntropy',
      seed: 9,
    });
    await network.fit(good(), { epochs: 2, batchSize: 2 });
    before = weightsOf(network);
  });

  /** After whatever happened: nothing has changed, and everything still works. */
  afterEach(async () => {
    expect(weightsOf(network)).toEqual(before);
    const untouched = network.predict(good().x).data;
    const { losses } = await network.fit(good(), { epochs: 30, optimizer: adam({ learningRate: 0.05 }) });
    expect(losses[29]).toBeLessThan(losses[0]);
    expect(network.predict(good().x).data).not.toEqual(untouched);
    expect((await network.evaluate(good())).loss).toBeLessThan(losses[0]);
    network.dispose();
  });

  it.each(titled(BAD_DATA))('data: %s', async (_, test) => {
    const data = test[1] as DataSet;
    await expectRefused(() => network.fit(data), test);
    await expectRefused(() => network.evaluate(data), test);
    await expectRefused(() => network.gradients(data), test);
    await expectRefused(() => network.checkGradients(data), test);
    await expectRefused(() => network.fit(good(), { validation: data ?? (null as never) }), ['', data, test[2]]);
  });

  it.each(titled(BAD_DATA.filter(([what, data]) => (data as DataSet | undefined)?.y === GOOD.y && what !== 'an unknown key')))(
    'rows to predict: %s',
    async (_, test) => {
      const [what, data, refused, ...parts] = test;
      const { x } = data as DataSet;
      const named = (where: string): Case<unknown> => [what, x, refused, ...parts.map((part) => part.replace(/^\.x/, where))];
      await expectRefused(() => network.predict(x), named('predict'));
      await expectRefused(() => network.predictAsync(x), named('predictAsync'));
    },
  );

  it.each(titled(BAD_FITS))('fit: %s', (_, test) => expectRefused(() => network.fit(good(), test[1] as FitOptions), test));

  it.each(titled(BAD_PARAMETERS))('setParameters: %s', (_, test) => expectRefused(() => network.setParameters(test[1] as never), test));

  it.each(['sigmoidCrossEntropy', 'binaryCrossEntropy'] as const)('targets that are no probabilities for %s', async (loss) => {
    using binary = await createOn(backend, { input: [2], layers: [dense(2, { activation: 'sigmoid' })], loss });
    const { x } = good();
    const fit = (y: number[][]) => () => binary.fit({ x, y });
    const parts = ['fit.y: expected targets from 0 to 1', loss];
    await expectRefused(
      fit([
        [0, 1],
        [1, 2],
        [0, 0],
      ]),
      ['', 0, DataError, ...parts, 'got 2 in row 1, element 1'],
    );
    await expectRefused(
      fit([
        [0, 1],
        [1, 0],
        [-1, 0],
      ]),
      ['', 0, DataError, ...parts, 'got -1 in row 2, element 0'],
    );
  });

  it('freeze without a name', () => expectRefused(() => network.freeze(), ['', 0, OptionError, 'freeze', 'got none']));

  it('options of predict, explain and checkGradients', async () => {
    const { x } = good();
    await expectRefused(
      () => network.predict(x, { probability: true } as never),
      ['', x, OptionError, "predict: unknown option 'probability'"],
    );
    await expectRefused(() => network.predict(x, { probabilities: 1 as never }), ['', x, OptionError, 'predict.probabilities', 'got 1']);
    await expectRefused(() => network.explain({ batchSize: 0 }), ['', x, OptionError, 'explain.batchSize', 'got 0']);
    await expectRefused(
      () => network.explain({ program: 'predict' as never }),
      ['', x, OptionError, 'explain.program', 'training, prediction', "got 'predict'"],
    );
    await expectRefused(
      () => network.explain({ program: 'prediction', clip: { norm: 1 } } as never),
      ['', x, OptionError, 'explain of the prediction program', "unknown option 'clip'"],
    );
    await expectRefused(
      () => network.explain({ probabilities: true } as never),
      ['', x, OptionError, 'explain of the training program', "unknown option 'probabilities'"],
    );
    await expectRefused(
      () => network.explain({ program: 'prediction', probabilities: 1 as never }),
      ['', x, OptionError, 'explain.probabilities', 'got 1'],
    );
    await expectRefused(() => network.explain({ clip: { nrom: 1 } as never }), ['', x, OptionError, 'explain.clip', "'nrom'"]);
    await expectRefused(() => network.checkGradients(good(), { samples: 0.5 }), ['', x, OptionError, 'checkGradients.samples', 'got 0.5']);
  });

  const beyondFloat32 =
    backend === 'reference' ? 'numbers beyond float32, which float64 holds' : 'numbers beyond float32, which would become infinite';
  it(beyondFloat32, async () => {
    const beyond = 3.5e38;
    const data = { x: [[0, beyond]], y: [0] };
    if (backend === 'reference') {
      expect([...network.predict(data.x).data].every(Number.isFinite)).toBe(true);
      return;
    }
    await expectRefused(() => network.fit(data), ['', data, DataError, 'fit.x', 'float32', '3.5e+38 in row 0, element 1']);
    await expectRefused(() => network.predict(data.x), ['', data, DataError, 'predict', 'float32', '3.5e+38']);
    await expectRefused(
      () => network.setParameters(new Map([['0.bias', [0, 0, 0, -beyond]]])),
      ['', data, DataError, '0.bias', '-3.5e+38'],
    );
  });
});

it('a backend that does not load says why', async () => {
  const { loadWasm } = await import('../../src/backends/wasm.ts');
  await expectRefused(() => loadWasm({ bytes: new Uint8Array(8) }), ['', 0, BackendError, 'wasm']);
});
