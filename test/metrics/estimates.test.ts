/** Metrics of values compare targets with what predictions say of them, which the head's loss declares. */
import { type DataSet, defineLoss, dense, multiply, Network, square, subtract, type Tensor } from 'chainrule';
import { describe, expect, it } from 'vitest';
import { BACKEND_NAMES, onBackend, spreadTensor } from '../support/networks.ts';

const ROWS = 23;
const OUTPUTS = 2;
const x = spreadTensor([ROWS, 3]);

/** Half as many numbers as predictions, compared with their squares. */
const squaredRoots = () =>
  defineLoss({ type: 'squaredRoots' }, (root, y) => square(subtract(multiply(root, root), y)), {
    targets: 'values',
    estimate: (root) => multiply(root, root),
  });

const firstHalf = (row: number[]) => row.slice(0, row.length / 2);
const sigmoid = (value: number) => 1 / (1 + Math.exp(-value));

/** A loss, how many outputs it wants, and what a row of predictions says of its targets. */
const CASES = {
  'the prediction itself': ['meanSquaredError', OUTPUTS, (row: number[]) => row],
  means: ['gaussianNegativeLogLikelihood', 2 * OUTPUTS, firstHalf],
  'rates of logarithms': ['poisson', OUTPUTS, (row: number[]) => row.map(Math.exp)],
  rates: [{ type: 'poisson', logInput: false }, OUTPUTS, (row: number[]) => row],
  probabilities: ['sigmoidCrossEntropy', OUTPUTS, (row: number[]) => row.map(sigmoid)],
  'what a user’s own says': [squaredRoots(), OUTPUTS, (row: number[]) => row.map((value) => value * value)],
} as const;

describe.each(BACKEND_NAMES)('on %s', (backend) => {
  it.each(Object.entries(CASES))('they are %s', async (_, [loss, units, estimate]) => {
    const metrics = ['meanSquaredError', 'meanAbsoluteError', 'r2'] as const;
    using network = await onBackend(backend, () =>
      Network.create({ input: [3], layers: [dense(units)], loss, metrics: [...metrics], backend, seed: 2 }),
    );
    const y: Tensor = { shape: [ROWS, OUTPUTS], data: spreadTensor([ROWS, OUTPUTS], 3).data.map((value) => Math.abs(value) % 1) };
    const { metrics: found } = await network.evaluate({ x, y } as DataSet);
    const rows = rowsOf(network.predict(x, { probabilities: false } as never) as Tensor, units);
    const targets = rowsOf(y, OUTPUTS);
    const errors = rows.flatMap((row, r) => estimate([...row]).map((value, k) => value - targets[r][k]));
    const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
    expect(found?.meanSquaredError).toBeCloseTo(mean(errors.map((error) => error * error)), 5);
    expect(found?.meanAbsoluteError).toBeCloseTo(mean(errors.map(Math.abs)), 5);
    const explained = Array.from({ length: OUTPUTS }, (_, k) => {
      const own = targets.map((row) => row[k]);
      const spread = own.reduce((sum, value) => sum + (value - mean(own)) ** 2, 0);
      return 1 - errors.filter((_, i) => i % OUTPUTS === k).reduce((sum, error) => sum + error * error, 0) / spread;
    });
    expect(found?.r2 as number).toBeCloseTo(mean(explained), 3);
  });
});

const rowsOf = ({ data }: Tensor, width: number) =>
  Array.from({ length: data.length / width }, (_, r) => [...data].slice(r * width, (r + 1) * width));
