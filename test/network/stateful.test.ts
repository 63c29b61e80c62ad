/** A recurrence's state from step to step: handed on within an epoch, zero when the next begins. */
import { type DataSet, dense, type FitOptions, lstm, sgd } from 'chainrule';
import { describe, expect, it } from 'vitest';
import { BACKEND_NAMES, createOn, spreadTensor, weightsOf } from '../support/networks.ts';

const ROWS = 20;
const data: DataSet = { x: spreadTensor([ROWS, 3, 2]), y: spreadTensor([ROWS, 1], 3) };
const firstRows = (rows: number): DataSet => ({ x: spreadTensor([rows, 3, 2]), y: spreadTensor([rows, 1], 3) });
const create = (backend: (typeof BACKEND_NAMES)[number], stateful = true) =>
  createOn(backend, { input: [3, 2], layers: [lstm(4, { stateful }), dense(1)], loss: 'meanSquaredError', seed: 2 });

describe.each(BACKEND_NAMES)('on %s', (backend) => {
  const still: FitOptions = { batchSize: 4, shuffle: false, optimizer: sgd({ learningRate: 0 }) };

  it.each<[string, FitOptions, number]>([
    ['mini-batches', {}, 5],
    ['a smaller last one', { batchSize: 6 }, 4],
    ['one step an epoch', { batchSize: ROWS }, 1],
    ['watched epochs', { onEpoch: () => undefined }, 5],
    ['accumulated gradients', { batchSize: 2, accumulate: 2 }, 5],
  ])('every epoch begins with zeros: %s', async (_, options, steps) => {
    using network = await create(backend);
    const { losses } = await network.fit(data, { ...still, ...options, epochs: 4 });
    const [first, ...others] = Array.from({ length: 4 }, (_epoch, i) => [...losses.slice(i * steps, (i + 1) * steps)]);
    expect(first).toHaveLength(steps);
    for (const other of others) expect(other).toEqual(first);
    if (steps === 1) return;
    using forgetful = await create(backend, false);
    const without = await forgetful.fit(data, { ...still, ...options });
    if (!options.accumulate) expect(without.losses[0]).toBe(first[0]);
    expect([...without.losses.slice(1)], 'within an epoch the state goes on').not.toEqual(first.slice(1));
  });

  it('an abort at a step leaves the weights of that step', async () => {
    const options: FitOptions = { batchSize: 2, shuffle: false, optimizer: sgd({ learningRate: 0.1, momentum: 0.5 }) };
    for (const k of [1, 7, 10]) {
      using network = await create(backend);
      using same = await create(backend);
      const controller = new AbortController();
      const onStep = ({ step }: { step: number }) => step === k && controller.abort();
      await network.fit(data, { ...options, epochs: 1000, signal: controller.signal, onStep });
      await same.fit(firstRows(2 * k), options);
      expect(weightsOf(network), `step ${k}`).toEqual(weightsOf(same));
    }
  });
});
