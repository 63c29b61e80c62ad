/** Options and parameters that cannot be: typed errors that name what was expected and what came, and cost nothing. */
import { adam, DataError, dense, type FitOptions, type Network, OptionError, ShapeError } from 'chainrule';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { BACKEND_NAMES, createOn, weightsOf } from '../support/networks.ts';
import { type Case, expectRefused, titled } from '../support/refused.ts';

const GOOD = {
  x: [
    [0, 0.5],
    [1, 0.25],
    [0.5, 1],
  ],
  y: [0, 1, 2],
} as const;
const good = () => ({ x: GOOD.x.map((row) => [...row]), y: [...GOOD.y] });

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
  ['a decay of averages of 1', { ema: 1 }, OptionError, 'fit.ema', 'below 1', 'got 1'],
  ['a negative decay of averages', { ema: { decay: -0.1 } }, OptionError, 'fit.ema.decay', 'got -0.1'],
  ['averages without a decay', { ema: {} }, OptionError, 'fit.ema.decay', 'got undefined'],
  ['averages by true', { ema: true }, OptionError, 'fit.ema', 'got true'],
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

  it.each(titled(BAD_FITS))('fit: %s', (_, test) => expectRefused(() => network.fit(good(), test[1] as FitOptions), test));

  it.each(titled(BAD_PARAMETERS))('setParameters: %s', (_, test) => expectRefused(() => network.setParameters(test[1] as never), test));

  it('freeze without a name is refused', () => expectRefused(() => network.freeze(), ['', 0, OptionError, 'freeze', 'got none']));

  it('wrong options of predict, explain and checkGradients are refused', async () => {
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
});
