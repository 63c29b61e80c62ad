/** Values that a fit watches and by which epochs cannot be compared: an error that names value and epoch, and no lost weights. */
import {
  type Callback,
  type DataSet,
  dense,
  type EarlyStopping,
  earlyStopping,
  type FitOptions,
  type Layer,
  MonitorError,
  type Network,
  reduceOnPlateau,
  rocAuc,
  sgd,
} from 'chainrule';
import { describe, expect, it } from 'vitest';
import { createOn, FASTEST, spreadTensor, weightsOf } from '../support/networks.ts';

const { NaN: nan, POSITIVE_INFINITY: infinite, NEGATIVE_INFINITY: least } = Number;
const data: DataSet = { x: spreadTensor([8, 3]), y: spreadTensor([8, 2], 5) };
const create = (...layers: Layer[]) => createOn(FASTEST, { input: [3], layers: [...layers, dense(2)], loss: 'meanSquaredError', seed: 4 });

async function errorOf(fit: Promise<unknown>): Promise<MonitorError> {
  const error = await fit.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(MonitorError);
  return error as MonitorError;
}

describe('early stopping by a value', () => {
  /** A fit that reports some values, one an epoch, and stops by them; with the weights of its epochs. */
  function watching(network: Network, values: readonly number[], options: EarlyStopping, better: 'higher' | 'lower' = 'lower') {
    const weights: Record<string, number[]>[] = [];
    const reporting: Callback = {
      prepare: ({ monitors }) => void monitors.set('score', { name: 'score', better, read: () => values[weights.length - 1] }),
      epoch: () => void weights.push(weightsOf(network)),
    };
    const callbacks = [reporting, earlyStopping({ monitor: 'score', ...options })];
    return { fit: network.fit(data, { epochs: 9, callbacks, optimizer: sgd({ learningRate: 0.1 }) }), weights };
  }

  it.each<[string, readonly number[], EarlyStopping, 'higher' | 'lower', { epoch: number; value: number; keptEpoch: number }]>([
    ['NaN at once', [nan], {}, 'lower', { epoch: 1, value: nan, keptEpoch: 1 }],
    ['NaN after the best epoch', [3, 2, 4, nan], {}, 'lower', { epoch: 4, value: nan, keptEpoch: 2 }],
    ['NaN, of which more is better', [3, 2, nan], {}, 'higher', { epoch: 3, value: nan, keptEpoch: 1 }],
    [
      'NaN where the best weights are not to be restored',
      [3, 2, 4, nan],
      { restoreBest: false },
      'lower',
      { epoch: 4, value: nan, keptEpoch: 4 },
    ],
    [
      'infinite until patience runs out',
      [infinite, infinite, infinite],
      { patience: 2 },
      'lower',
      { epoch: 3, value: infinite, keptEpoch: 1 },
    ],
    ['infinitely good', [3, least], {}, 'lower', { epoch: 2, value: least, keptEpoch: 1 }],
  ])('that is %s', async (_, values, options, better, expected) => {
    using network = await create();
    const { fit, weights } = watching(network, values, options, better);
    const error = await errorOf(fit);
    expect({ ...error }).toMatchObject({ monitor: 'score', ...expected });
    expect(error.message).toContain(
      `fit.earlyStopping: expected score to be a number by which epochs compare, got ${expected.value} in epoch ${expected.epoch}: `,
    );
    expect(error.message).toContain(`the network has the weights of epoch ${expected.keptEpoch}`);
    expect(weightsOf(network)).toEqual(weights[expected.keptEpoch - 1]);
    expect(network.progress.epoch).toBe(expected.keptEpoch);
  });

  it('that is infinite at first goes on, and takes any number for better', async () => {
    using network = await create();
    const { fit, weights } = watching(network, [infinite, infinite, 3, infinite, 4], { patience: 2 });
    const { bestEpoch, stoppedEarly, epochs } = await fit;
    expect([bestEpoch, stoppedEarly, epochs.length]).toEqual([3, true, 5]);
    expect(weightsOf(network)).toEqual(weights[2]);
  });

  it('begins anew after the error', async () => {
    using network = await create();
    await errorOf(watching(network, [1, nan], {}).fit);
    const { bestEpoch } = await watching(network, [5, 4, 6], { patience: 1 }).fit;
    expect(bestEpoch).toBe(3);
  });
});

describe('a fit ends with an error', () => {
  const oneClass: DataSet = { x: data.x, y: new Array(8).fill(1) };
  const watchers: [string, FitOptions][] = [
    ['fit.earlyStopping', { earlyStopping: { monitor: 'rocAuc' } }],
    ['fit.schedule', { schedule: reduceOnPlateau({ monitor: 'rocAuc' }) }],
  ];

  it.each(watchers)('of %s where a metric has nothing to count', async (where, options) => {
    using network = await createOn(FASTEST, { input: [3], layers: [dense(2)], loss: 'softmaxCrossEntropy', metrics: [rocAuc()] });
    const error = await errorOf(network.fit(oneClass, { epochs: 40, ...options }));
    expect(error).toMatchObject({ monitor: 'rocAuc', epoch: 1, value: nan, keptEpoch: 1 });
    expect(error.message).toContain(`${where}: expected rocAuc to be a number`);
  });

  it('where the validation loss is NaN, of whichever watches it and can restore weights', async () => {
    using network = await create(dense(4));
    // Each prediction adds infinities of both signs.
    const validation: DataSet = { x: { shape: [1, 3], data: new Float32Array(3).fill(3e38) }, y: [[0, 0]] };
    network.setParameters(new Map([['0.weight', Array.from({ length: 4 }, (_, i) => new Array(3).fill(i % 2 ? 9 : -9))]]));
    network.freeze('0.*');
    const error = await errorOf(network.fit(data, { epochs: 40, validation, earlyStopping: {}, schedule: reduceOnPlateau() }));
    expect(error).toMatchObject({ monitor: 'validationLoss', epoch: 1, value: nan });
    expect(error.message).toContain('fit.earlyStopping:');
  });
});
