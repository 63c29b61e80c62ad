/** Saturated inputs: the losses that take logits stay finite, and so do their gradients. */
import { type ActivationName, activation, dense, type LossName, sgd } from 'chainrule';
import { describe, expect, it } from 'vitest';
import { ACTIVATION_NAMES } from '../../src/graph/functions.ts';
import { expectClose } from '../support/compare.ts';
import { BACKEND_NAMES, createOn, spread } from '../support/networks.ts';

type Backend = (typeof BACKEND_NAMES)[number];

/** Zero weights and one sample x = 1: the bias is the logits, and its gradient is the δ of the loss. */
async function deltaOf(
  backend: Backend,
  loss: LossName,
  logits: readonly number[],
  y: readonly number[] | readonly (readonly number[])[],
  last?: ActivationName,
) {
  const layers = [dense(logits.length, { initializer: 'zeros', biasInitializer: [...logits] }), ...(last ? [activation(last)] : [])];
  using network = await createOn(backend, { input: [1], layers, loss });
  const { loss: value, gradients } = network.gradients({ x: [[1]], y });
  const { losses } = await network.fit({ x: [[1]], y }, { optimizer: sgd({ learningRate: 1e-3 }) });
  expect(losses[0]).toBeCloseTo(value, 4);
  return { value, delta: Array.from(gradients.get('0.bias')?.data ?? []) };
}

describe.each(BACKEND_NAMES)('on %s', (backend) => {
  const tolerance = backend === 'reference' ? 1e-12 : 1e-5;

  it.each<[string, readonly number[], readonly number[] | readonly (readonly number[])[], number, readonly number[]]>([
    ['right and sure', [1000, -1000, 0], [0], 0, [0, 0, 0]],
    ['wrong and sure', [1000, -1000, 0], [1], 2000, [1, -1, 0]],
    ['wrong and sure, one-hot', [1000, -1000, 0], [[0, 1, 0]], 2000, [1, -1, 0]],
    ['all large', [1000, 1000, 1000], [2], Math.log(3), [1 / 3, 1 / 3, -2 / 3]],
    ['all small', [-1000, -1000], [[0.25, 0.75]], Math.log(2), [0.25, -0.25]],
    ['beyond exp', [1e30, 0], [1], 1e30, [1, -1]],
    ['farther apart than numbers reach', [3e38, -3e38], [0], 0, [0, 0]],
    ['farther apart than numbers reach, one-hot', [3e38, -3e38], [[1, 0]], 0, [0, 0]],
    ['tied and large', [1e17, 1e17], [0], Math.log(2), [-0.5, 0.5]],
    ['tied and as small as they come', [-3e38, -3e38, -3e38], [2], Math.log(3), [1 / 3, 1 / 3, -2 / 3]],
  ])('softmaxCrossEntropy, %s', async (_, logits, y, expectedValue, expectedDelta) => {
    const { value, delta } = await deltaOf(backend, 'softmaxCrossEntropy', logits, y);
    expectClose([value], [expectedValue], tolerance, 'loss');
    expectClose(delta, expectedDelta, tolerance, 'δ');
  });

  it.each<[string, readonly number[], readonly number[], number, readonly number[]]>([
    ['right and sure', [1000, -1000], [1, 0], 0, [0, 0]],
    ['wrong and sure', [1000, -1000], [0, 1], 1000, [0.5, -0.5]],
    ['torn', [1000, -1000], [0.5, 0.5], 500, [0.25, -0.25]],
    ['beyond exp', [1e30, -1e30], [0, 0], 5e29, [0.5, 0]],
  ])('sigmoidCrossEntropy, %s', async (_, logits, y, expectedValue, expectedDelta) => {
    const { value, delta } = await deltaOf(backend, 'sigmoidCrossEntropy', logits, [y]);
    expectClose([value], [expectedValue], tolerance, 'loss');
    expectClose(delta, expectedDelta, tolerance, 'δ');
  });

  it.each<[LossName, ActivationName, readonly number[] | readonly (readonly number[])[]]>([
    ['binaryCrossEntropy', 'sigmoid', [[0, 1]]],
    ['negativeLogLikelihood', 'logSoftmax', [1]],
    ['kullbackLeibler', 'logSoftmax', [[0, 1]]],
    ['halfSquaredError', 'softmax', [[0, 1]]],
    ['multiClassHinge', 'identity', [1]],
    ['huber', 'identity', [[0, 1]]],
  ])('%s after %s is finite at ±1000', async (loss, last, y) => {
    const { value, delta } = await deltaOf(backend, loss, [1000, -1000], y, last);
    expect(Number.isFinite(value)).toBe(true);
    expect(delta.every(Number.isFinite), `δ ${delta}`).toBe(true);
  });

  it.each([
    ['a class', [1]],
    ['one-hot', [[0, 1]]],
  ])('softmaxCrossEntropy is finite where its difference of logits is not: %s', async (_, y) => {
    const layers = [dense(2, { initializer: 'zeros', biasInitializer: [3e38, -3e38] })];
    using network = await createOn(backend, { input: [1], layers, loss: 'softmaxCrossEntropy' });
    const { loss, gradients } = network.gradients({ x: [[1]], y });
    expect(loss).toBeGreaterThan(3.4e38);
    expect(Number.isFinite(loss)).toBe(true);
    expect(Array.from(gradients.get('0.bias')?.data ?? [])).toEqual([1, -1]);
  });

  it.each([1e10, 1e19, 1e20, 1e30])('a step by gradients of %d, clipped by their norm, is as long as the norm allows', async (size) => {
    using network = await createOn(backend, {
      input: [2],
      layers: [dense(1, { initializer: 'zeros' })],
      loss: 'meanAbsoluteError',
    });
    await network.fit({ x: [[3 * size, 4 * size]], y: [[1]] }, { optimizer: sgd({ learningRate: 0.5 }), clip: { norm: 0.1 } });
    expectClose(Array.from(network.parameters().get('0.weight')?.data ?? []), [0.03, 0.04], 1e-5, 'the step');
  });

  it('δ of softmax with cross-entropy is a − y, for every component', async () => {
    const logits = Array.from(spread(7, 3), (value) => 4 * value);
    const exponentials = logits.map(Math.exp);
    const total = exponentials.reduce((sum, value) => sum + value, 0);
    const { delta } = await deltaOf(backend, 'softmaxCrossEntropy', logits, [4]);
    expectClose(
      delta,
      exponentials.map((value, i) => value / total - Number(i === 4)),
      tolerance,
      'a − y',
    );
    const targets = exponentials.map((_, i) => (i + 1) / 28);
    const soft = await deltaOf(backend, 'softmaxCrossEntropy', logits, [targets]);
    expectClose(
      soft.delta,
      exponentials.map((value, i) => value / total - targets[i]),
      tolerance,
      'a − y',
    );
  });

  it('every activation is finite at ±1000, forward and backward', async () => {
    for (const name of ACTIVATION_NAMES) {
      const { value, delta } = await deltaOf(backend, 'meanAbsoluteError', [1000, -1000, 80, -80], [[0, 0, 0, 0]], name);
      expect(Number.isFinite(value), name).toBe(true);
      expect(delta.every(Number.isFinite), `${name}: δ ${delta}`).toBe(true);
    }
  });
});
