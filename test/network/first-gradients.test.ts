/** The gradients of a network's first step against float64, where batchNorm subtracts means of many elements. */
import { activation, batchNorm, conv2d, dense, flatten, type LabelledData, maxPool2d, type Network } from 'chainrule';
import { describe, expect, it } from 'vitest';
import { BACKEND_NAMES, createOn } from '../support/networks.ts';
import { Chance } from '../support/randomness.ts';

const ROWS = 384;
const SIDE = 28;
const CLASSES = 10;

/** Pictures of a dark shape on white, as of clothes: most of an image is one and the same number, far from 0. */
function images(): LabelledData {
  const chance = new Chance(7);
  const data = new Float32Array(ROWS * SIDE * SIDE).fill(1);
  const y = new Int32Array(ROWS);
  for (let row = 0; row < ROWS; row++) {
    y[row] = row % CLASSES;
    const top = 2 + chance.below(6);
    for (let i = top; i < SIDE - 4; i++) {
      for (let j = 3 + (y[row] % 5); j < SIDE - 3 - ((y[row] + i) % 4); j++) data[(row * SIDE + i) * SIDE + j] = chance.between(0, 0.6);
    }
  }
  return { x: { shape: [ROWS, 1, SIDE, SIDE], data }, y };
}

const network = (backend: (typeof BACKEND_NAMES)[number]): Promise<Network> =>
  createOn(backend, {
    input: [1, SIDE, SIDE],
    layers: [
      ...[conv2d(3, 3), batchNorm(), activation('relu'), maxPool2d(2)],
      ...[conv2d(4, 3), batchNorm(), activation('relu'), maxPool2d(2)],
      ...[flatten(), dense(CLASSES)],
    ],
    loss: 'softmaxCrossEntropy',
    seed: 11,
  });

const data = images();
const expected = await gradientsOn('reference');

/** Of the weights: what batchNorm takes from a bias is nothing but rounding. */
async function gradientsOn(backend: (typeof BACKEND_NAMES)[number]): Promise<ReadonlyMap<string, ArrayLike<number>>> {
  using one = await network(backend);
  const { gradients } = await one.gradients(data);
  return new Map([...gradients].filter(([name]) => name.endsWith('weight')).map(([name, { data: values }]) => [name, values]));
}

describe.each(BACKEND_NAMES.filter((name) => name !== 'reference'))('a convolutional network with batchNorm on %s', (backend) => {
  it('has first gradients within 2e-5 of their largest', async () => {
    const actual = await gradientsOn(backend);
    expect(actual.size).toBe(5);
    for (const [name, wanted] of expected) {
      const largest = Array.from(wanted).reduce((most, value) => Math.max(most, Math.abs(value)), 0);
      const off = Array.from(wanted).reduce((most, value, i) => Math.max(most, Math.abs(value - actual.get(name)![i])), 0);
      expect(off / largest, name).toBeLessThan(2e-5);
    }
  });
});
