/** A backend on another device, which does nothing at once: what can be awaited gives the same bits, and what cannot says what to call. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import {
  adam,
  BackendError,
  batchNorm,
  cosineDecay,
  DivergedError,
  dense,
  dropout,
  type FitOptions,
  Network,
  type NetworkOptions,
  rnn,
  sgd,
} from 'chainrule';
import { describe, expect, it } from 'vitest';
import { extendPlatform } from '../../src/platform/platform.ts';
import { deviceBackend } from '../support/device.ts';
import { onBackend, spreadTensor, weightsOf } from '../support/networks.ts';

extendPlatform({ loadNative: () => deviceBackend() });

const ROWS = 30;
const x = spreadTensor([ROWS, 4]);
const classes = Int32Array.from({ length: ROWS }, (_, i) => (i * i) % 3);
const data = { x, y: classes };

/** The same network on the reference and on a device that computes like it. */
async function bothOf(options: Omit<NetworkOptions, 'backend'>): Promise<[Network, Network]> {
  const on = (backend: 'reference' | 'native') => onBackend(backend, () => Network.create({ seed: 3, ...options, backend }));
  return [await on('reference'), await on('native')];
}

const stack = () =>
  ({ input: [4], layers: [dense(6, { activation: 'tanh' }), batchNorm(), dropout(0.2), dense(3)], loss: 'softmaxCrossEntropy' }) as const;
const ignoring = { ...stack(), loss: { type: 'softmaxCrossEntropy', ignore: 2 } } as const;
const sequences = { x: spreadTensor([ROWS, 5, 4]), y: spreadTensor([ROWS, 2], 3) };
const stateful = { input: [5, 4], layers: [rnn(3, { stateful: true }), dense(2)], loss: 'meanSquaredError' } as const;

const FITS: readonly [string, Omit<NetworkOptions, 'backend'>, FitOptions<never>, unknown][] = [
  ['steps alone', stack(), {}, data],
  ['a learning rate of every step', stack(), { schedule: cosineDecay({ period: 20, per: 'step' }) }, data],
  ['validation and early stopping', stack(), { validation: data as never, earlyStopping: { patience: 2 }, diagnostics: true }, data],
  ['accumulation', stack(), { accumulate: 2, clip: { norm: 0.5 } }, data],
  ['targets that are ignored', ignoring, {}, data],
  ['accumulation of targets that are ignored', ignoring, { accumulate: 3 }, data],
  ['state from step to step', stateful, { shuffle: false, batchSize: 10 }, sequences],
];

describe('on another device', () => {
  it.each(FITS)('a fit with %s ends with the same bits', async (_, options, settings, given) => {
    const networks = await bothOf(options);
    const [here, there] = await Promise.all(
      networks.map((network) =>
        network.fit(given as never, { epochs: 4, batchSize: 7, optimizer: adam({ learningRate: 0.02 }), ...(settings as object) }),
      ),
    );
    expect(there.losses).toEqual(here.losses);
    expect(there.epochs.map(({ seconds: _, ...report }) => report)).toEqual(here.epochs.map(({ seconds: _, ...report }) => report));
    expect(weightsOf(networks[1])).toEqual(weightsOf(networks[0]));
    expect(networks[1].toBytes()).toEqual(networks[0].toBytes());
    for (const network of networks) network.dispose();
  });

  it('evaluations, predictions and diagnoses are the same', async () => {
    const [here, there] = await bothOf(stack());
    for (const what of [
      (network: Network) => network.evaluate(data),
      (network: Network) => network.predictAsync(x, { probabilities: true }),
      (network: Network) => network.diagnose(data),
      (network: Network) => network.checkGradients(data),
    ])
      expect(await what(there)).toEqual(await what(here));
    here.dispose();
    there.dispose();
  });

  it('a fit that diverges says the same, and leaves the same weights', async () => {
    const networks = await bothOf({ ...stack(), layers: [dense(6), dense(3)], loss: 'meanSquaredError' });
    const [here, there] = await Promise.all(
      networks.map((network) =>
        network.fit({ x, y: spreadTensor([ROWS, 3]) }, { epochs: 200, optimizer: sgd({ learningRate: 1e40 }) }).catch((error) => error),
      ),
    );
    expect(here).toBeInstanceOf(DivergedError);
    expect(there).toEqual(here);
    expect(weightsOf(networks[1])).toEqual(weightsOf(networks[0]));
    for (const network of networks) network.dispose();
  });

  it('a batch of requests has the weights of its beginning, though they are set before it is computed', async () => {
    const [here, there] = await bothOf({ ...stack(), layers: [dense(6), dense(3)] });
    const expected = await here.predictAsync(x);
    const rows = Array.from({ length: ROWS }, (_, i) => ({ shape: [1, 4], data: x.data.slice(4 * i, 4 * (i + 1)) }));
    await there.predictAsync(x);
    const asked = Promise.all(rows.map((row) => there.predictAsync(row)));
    // The batch begins after a turn, and is computed some turns later.
    await nextTurn();
    await nextTurn();
    there.setParameters(new Map([...there.parameters()].map(([name, { shape, data: old }]) => [name, { shape, data: old.map(() => 0) }])));
    expect((await asked).flatMap(({ data: row }) => [...row])).toEqual([...expected.data]);
    expect(there.statistics().predictions.batches).toBe(2);
    here.dispose();
    there.dispose();
  });

  it('what callers cannot await is refused, with what to call instead', async () => {
    const [, there] = await bothOf(stack());
    expect(() => there.predict(x)).toThrow(BackendError);
    expect(() => there.predict(x)).toThrow(
      'predict: expected a backend that computes in this process, got one on another device: predictAsync',
    );
    expect(() => there.gradients(data)).toThrow(BackendError);
    there.dispose();
  });
});
