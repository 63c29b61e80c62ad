import { describe, expect, it } from 'vitest';
import { checkSame } from '../../bench/compare/check.ts';
import { Prediction } from '../../bench/inference.ts';
import { ALL, NETWORKS, PREDICTIONS } from '../../bench/networks.ts';
import { Training } from '../../bench/training.ts';
import { modelFrom } from '../../src/network-options.ts';

/** How many numbers PyTorch's modules store, running statistics among them, and its losses of a first step from the same weights and data. */
const PYTORCH: Readonly<Record<string, readonly [numbers: number, loss?: number]>> = {
  W1: [39_760],
  W2: [23_860],
  W3: [13],
  W4: [669_706],
  W5: [5_824_522],
  W6: [421_642],
  W7: [82_186],
  residual: [78_714, 2.51659],
  mobilenet: [139_722, 2.49613],
  strided: [84_618, 2.94237],
  autoencoder: [9_569, 0.3143],
  conv1d: [93_962, 2.56923],
  encoder: [534_282, 2.60203],
  causal: [2_001_536, 6.42679],
  lenet: [61_706, 2.68249],
  embedding: [6_400_650, 2.42864],
  'embedding-lazy': [6_400_650, 2.42864],
  normalized: [3_025_010, 2.75769],
  gru: [61_962, 2.30339],
};
const settings = { backend: 'native', threads: 1, seconds: 0.01, folder: undefined } as const;

describe('a network of the benchmarks', () => {
  it.each(ALL.map(({ id }) => id))('%s stores as many numbers as in PyTorch', (id) => {
    const { input, layers, loss } = ALL.find((workload) => workload.id === id)!;
    expect(modelFrom({ input, layers: layers(), loss }).model.parameterCount).toBe(PYTORCH[id][0]);
  });

  it.each(NETWORKS.map(({ id }) => id))('%s begins with PyTorch’s loss, and takes three steps', async (id) => {
    const training = await Training.open(NETWORKS.find((workload) => workload.id === id)!, settings);
    const losses = await training.firstLosses();
    training.end();
    expect(losses).toHaveLength(3);
    expect(losses[0]).toBeCloseTo(PYTORCH[id][1] as number, 3);
  });

  it.each(PREDICTIONS.map(({ id }) => id))('%s predicts ten classes of one row', async (id) => {
    const prediction = await Prediction.open(PREDICTIONS.find((workload) => workload.id === id)!, settings);
    const outputs = prediction.outputs();
    prediction.end();
    expect(outputs).toHaveLength(10);
    expect(outputs.every(Number.isFinite)).toBe(true);
  });
});

describe('two sides of a comparison', () => {
  const own = { peer: 'one', numbers: 3, values: [1, 2] };
  const differing = { 'another number of weights': { numbers: 4 }, 'another loss': { values: [1, 2.1] }, 'no losses': { values: [] } };

  it('may differ by rounding', () => {
    expect(() => checkSame(own, { peer: 'other', numbers: 3, values: [1.0001, 2.0001] })).not.toThrow();
  });

  it.each(Object.entries(differing))('are refused for %s', (_, differs) => {
    expect(() => checkSame(own, { ...own, peer: 'other', ...differs })).toThrow('other: expected');
  });
});
