/** The range test of learning rates, against steps taken one by one. */
import { DataError, dense, digits, findLearningRate, Network, OptionError, sgd } from 'chainrule';
import { describe, expect, it } from 'vitest';

const { train } = digits({ test: 0.8 });
const create = () =>
  Network.create({ input: [64], layers: [dense(10)], loss: 'softmaxCrossEntropy', seed: 3, backend: 'wasm', threads: 1 });
const fit = { optimizer: sgd({ learningRate: 1 }), batchSize: 32 };

describe('findLearningRate', () => {
  it('notes the loss of each mini-batch at rates that grow by the same factor', async () => {
    using network = await create();
    const { learningRates, losses, smoothed } = await findLearningRate(network, train, { minimum: 1e-3, maximum: 0.1, steps: 21, fit });
    expect([...learningRates].map((rate, step) => rate / (1e-3 * 100 ** (step / 20)))).toEqual(Array(21).fill(expect.closeTo(1, 12)));
    using other = await create();
    const history = await other.fit(train, { ...fit, epochs: 3, schedule: ({ step }) => 1e-3 * 100 ** (step / 20) });
    expect(losses).toEqual(history.losses.slice(0, 21));
    let average = 0;
    losses.forEach((loss, step) => {
      average = 0.9 * average + 0.1 * loss;
      expect(smoothed[step]).toBeCloseTo(average / (1 - 0.9 ** (step + 1)), 9);
    });
  });

  it('suggests a rate that trains, and ends where the loss grows', async () => {
    using network = await create();
    const { learningRates, losses, smoothed, suggestion } = await findLearningRate(network, train, { maximum: 1e4, steps: 200, fit });
    expect(losses.length).toBeLessThan(200);
    expect(smoothed[losses.length - 1]).toBeGreaterThan(4 * Math.min(...smoothed));
    expect(learningRates).toContain(suggestion);
    const { losses: trained } = await network.fit(train, { ...fit, optimizer: sgd({ learningRate: suggestion as number }), epochs: 3 });
    expect(trained[trained.length - 1]).toBeLessThan(losses[0] / 4);
  });

  it('ends where the loss is not finite', async () => {
    using network = await Network.create({ input: [64], layers: [dense(10)], loss: 'meanSquaredError', backend: 'wasm', threads: 1 });
    const { losses, aborted } = await findLearningRate(network, train, { minimum: 1, maximum: 1e30, steps: 30, divergence: 1e300, fit });
    expect(losses.length).toBeLessThan(30);
    expect([...losses].every(Number.isFinite)).toBe(true);
    expect(aborted).toBe(false);
  });

  it('leaves the network as it is, its optimiser too', async () => {
    using network = await create();
    using other = await create();
    await network.fit(train, { epochs: 1 });
    await other.fit(train, { epochs: 1 });
    await findLearningRate(network, train, { steps: 10 });
    expect(network.progress).toEqual(other.progress);
    expect((await network.fit(train, { epochs: 1 })).losses).toEqual((await other.fit(train, { epochs: 1 })).losses);
  });

  it('stops at a signal', async () => {
    using network = await create();
    const stopped = new AbortController();
    const onStep = ({ step }: { step: number }) => (step === 12 ? stopped.abort() : undefined);
    const { losses, aborted } = await findLearningRate(network, train, { fit: { ...fit, signal: stopped.signal, onStep } });
    expect([losses.length, aborted]).toEqual([12, true]);
  });

  it.each([
    ['a maximum below the minimum', { minimum: 1, maximum: 0.5 }, /maximum above the minimum, 1, got 0.5/],
    ['a minimum of 0', { minimum: 0 }, /minimum/],
    ['few steps', { steps: 3 }, /steps/],
    ['a schedule', { fit: { schedule: { type: 'constant' } } }, /without schedule/],
    ['an unknown option', { from: 1 }, /from/],
  ])('refuses %s', async (_, options, message) => {
    using network = await create();
    await expect(findLearningRate(network, train, options as never)).rejects.toThrow(OptionError);
    await expect(findLearningRate(network, train, options as never)).rejects.toThrow(message);
  });

  it('refuses data that does not fit', async () => {
    using network = await create();
    await expect(findLearningRate(network, { x: train.x, y: [1] })).rejects.toThrow(DataError);
  });
});
