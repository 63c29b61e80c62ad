/** A fit leaves its session to the next fit of the same shape, which compiles nothing and comes to the same bits. */
import {
  adam,
  batchNorm,
  cosineDecay,
  type DataSet,
  dense,
  dropout,
  type FitOptions,
  lstm,
  Network,
  type NetworkOptions,
  reshape,
  sgd,
} from 'chainrule';
import { beforeEach, describe, expect, it } from 'vitest';
import { isEqual } from '../../src/options/equal.ts';
import { extendPlatform } from '../../src/platform/platform.ts';
import { BACKENDS } from '../support/backends.ts';
import { countingBackend, counts } from '../support/counted-sessions.ts';
import { BACKEND_NAMES, createOn, onBackend, spreadTensor } from '../support/networks.ts';

const native = BACKENDS.find(({ name }) => name === 'native');
const dataOf = (rows: number, phase = 1): DataSet => ({
  x: spreadTensor([rows, 3], phase),
  y: Int32Array.from({ length: rows }, (_, i) => (i * phase) % 3),
});
const data = dataOf(20);
const options = { input: [3], layers: [dense(5, { activation: 'tanh' }), dense(3)], loss: 'softmaxCrossEntropy', seed: 3 } as const;
const fit: FitOptions = { batchSize: 8, optimizer: adam({ learningRate: 0.01 }) };

describe('the second fit', () => {
  beforeEach(() => extendPlatform({ loadNative: () => countingBackend }));

  const create = () => onBackend('native', () => Network.create({ ...options, backend: 'native' }));

  /** Sessions that a second fit opens after a first one. */
  async function opened(second: FitOptions, given: DataSet = data, between: (network: Network) => void = () => {}): Promise<number> {
    using network = await create();
    await network.fit(data, fit);
    counts.opened = 0;
    between(network);
    await network.fit(given, second);
    return counts.opened;
  }

  it.each<[string, FitOptions, DataSet?, ((network: Network) => void)?]>([
    ['the same options', fit],
    ['another learning rate', { ...fit, optimizer: adam({ learningRate: 0.1 }) }],
    ['a schedule, more epochs, an order', { ...fit, schedule: cosineDecay({ period: 5 }), epochs: 3, shuffle: false }],
    ['more rows', fit, dataOf(31, 2)],
    ['validation and diagnoses, whose own sessions are not of steps', { ...fit, validation: data }],
    ['a new beginning', { ...fit, restart: true }],
    ['other weights', fit, data, (network) => network.setParameters(new Map([['0.bias', [1, 2, 3, 4, 5]]]))],
    [
      'a parameter frozen and freed again',
      fit,
      data,
      (network) => {
        network.freeze('0');
        network.unfreeze('0');
      },
    ],
  ])('opens no session for %s', async (_, second, given, between) => {
    expect(await opened(second, given, between)).toBe(0);
  });

  it.each<[string, FitOptions, DataSet?, ((network: Network) => void)?]>([
    ['another batch size', { ...fit, batchSize: 9 }],
    ['another optimiser', { ...fit, optimizer: sgd({ learningRate: 0.1 }) }],
    ['another option of the optimiser', { ...fit, optimizer: adam({ learningRate: 0.01, beta1: 0.8 }) }],
    ['clipping', { ...fit, clip: { norm: 1 } }],
    ['accumulation', { ...fit, accumulate: 2 }],
    ['a group', { ...fit, groups: [{ parameters: '0', learningRate: 0.1 }] }],
    ['fewer rows than a batch', fit, dataOf(7)],
    ['a frozen parameter', fit, data, (network) => network.freeze('0')],
    ['values for classes', fit, { x: data.x, y: { shape: [20, 3], data: new Float32Array(60).fill(1 / 3) } }],
  ])('opens one for %s', async (_, second, given, between) => {
    expect(await opened(second, given, between)).toBe(1);
  });

  it('finds the session of groups with other rates, and not that of other groups', async () => {
    using network = await create();
    const grouped = (parameters: string, learningRate: number): FitOptions => ({ ...fit, groups: [{ parameters, learningRate }] });
    await network.fit(data, grouped('0', 0.1));
    counts.opened = 0;
    await network.fit(data, grouped('0', 0.2));
    expect(counts.opened).toBe(0);
    await network.fit(data, grouped('1', 0.2));
    expect(counts.opened).toBe(1);
  });

  it('is given no session of a fit that ended in the middle', async () => {
    using network = await create();
    await expect(network.fit(data, { ...fit, onStep: () => Promise.reject(new Error('mine')) })).rejects.toThrow('mine');
    expect(counts.alive).toBe(0);
    await expect(network.fit(data, { ...fit, optimizer: sgd({ learningRate: 1e308 }), epochs: 9 })).rejects.toThrow('diverged');
    expect(counts.alive).toBe(0);
    const signal = AbortSignal.abort();
    await network.fit(data, { ...fit, signal });
    expect(counts.alive).toBe(0);
  });

  it('leaves one session at most, without data, until the network is disposed of', async () => {
    const network = await create();
    for (const batchSize of [4, 5, 4, 4]) {
      await network.fit(data, { ...fit, batchSize });
      expect(counts).toMatchObject({ alive: 1, bound: 0 });
    }
    network.dispose();
    expect(counts.alive).toBe(0);
  });
});

describe.each(BACKEND_NAMES)('on %s, fits one after another', (backend) => {
  beforeEach(() => native && extendPlatform({ loadNative: () => native }));

  const stack: Omit<NetworkOptions, 'backend'> = {
    ...{ input: [3], loss: 'softmaxCrossEntropy', seed: 5, reproducible: true },
    layers: [dense(6, { activation: 'tanh' }), dropout(0.3), batchNorm(), dense(3)],
  };
  const stateful: Omit<NetworkOptions, 'backend'> = {
    ...stack,
    layers: [reshape([3, 1]), lstm(4, { stateful: true }), dense(3)],
  };
  const other = (network: Network) => new Map([['0.weight', spreadTensor([6, 3], 9 + network.progress.step)]]);

  it.each<[string, Omit<NetworkOptions, 'backend'>, FitOptions, ((network: Network) => void)?]>([
    ['with dropout, statistics and an unfinished batch', stack, fit],
    ['that accumulate', stack, { ...fit, accumulate: 2 }],
    [
      'from new weights of a frozen layer',
      stack,
      fit,
      (network) => {
        network.freeze('0');
        network.setParameters(other(network));
      },
    ],
    ['of a stateful layer', stateful, { ...fit, batchSize: 5, shuffle: false }],
    ['that begin anew', stack, { ...fit, restart: true }],
  ])('%s come to the bits that fits of new sessions come to', async (_, described, settings, between = () => {}) => {
    using kept = await createOn(backend, described);
    let fresh = await createOn(backend, described);
    for (const phase of [1, 2, 3]) {
      for (const network of [kept, fresh]) {
        between(network);
        await network.fit(dataOf(20, phase), settings);
      }
      expect(kept.toBytes()).toEqual(fresh.toBytes());
      const bytes = fresh.toBytes();
      fresh.dispose();
      fresh = await onBackend(backend, () => Network.fromBytes(bytes, { backend, reproducible: true }));
    }
    fresh.dispose();
  });
});

describe('equality of plain data', () => {
  const same = () => 1;
  it.each<[unknown, unknown, boolean]>([
    [1, 1, true],
    [Number.NaN, Number.NaN, true],
    [1, '1', false],
    [null, {}, false],
    [{ a: [1, { b: 2 }] }, { a: [1, { b: 2 }] }, true],
    [{ a: 1 }, { a: 1, b: undefined }, true],
    [{ a: 1 }, { a: 1, b: 0 }, false],
    [[1, 2], [2, 1], false],
    [[1], { 0: 1 }, false],
    [new Set(['a', 'b']), new Set(['a', 'b']), true],
    [new Set(['a']), new Set(['b']), false],
    [new Map([['a', { b: 1 }]]), new Map([['a', { b: 1 }]]), true],
    [new Map([['a', { b: 1 }]]), new Map([['a', { b: 2 }]]), false],
    [{ f: same }, { f: same }, true],
    [{ f: () => 1 }, { f: () => 1 }, false],
    [new Date(0), new Date(0), false],
  ])('%o and %o: %s', (a, b, expected) => {
    expect(isEqual(a, b)).toBe(expected);
    expect(isEqual(b, a)).toBe(expected);
  });
});
