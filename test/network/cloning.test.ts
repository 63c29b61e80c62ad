/** Clones: equal to their network when they are made, and independent of it from then on. */
import { adam, batchNorm, type DataSet, dense, type FitOptions, Network, rnn, StateError } from 'chainrule';
import { describe, expect, it } from 'vitest';
import { BACKEND_NAMES, createOn, FASTEST, onBackend, spreadTensor, weightsOf } from '../support/networks.ts';

const ROWS = 20;
const data: DataSet = { x: spreadTensor([ROWS, 4]), y: Array.from({ length: ROWS }, (_, i) => i % 3) };
const fitting: FitOptions = { epochs: 3, batchSize: 8, optimizer: adam({ learningRate: 0.01 }) };
const create = (backend = FASTEST) =>
  createOn(backend, {
    input: [4],
    layers: [dense(8, { activation: 'relu' }), batchNorm(), dense(3)],
    loss: 'softmaxCrossEntropy',
    seed: 5,
  });

/** A fit that is stopped after a few steps of its second epoch. */
async function stopWithin(network: Network, given: DataSet = data, options: FitOptions = fitting): Promise<void> {
  const stop = new AbortController();
  await network.fit(given, { ...options, signal: stop.signal, onStep: ({ step }) => void (step === 4 && stop.abort()) });
  expect(network.progress.step).toBeGreaterThanOrEqual(4);
}

describe.each(BACKEND_NAMES)('a clone on %s', (backend) => {
  it('is its network, with weights, optimiser state, progress and frozen parameters', async () => {
    using network = await create(backend);
    network.freeze('0.weight');
    await stopWithin(network);
    using clone = await network.clone();
    expect(clone.toBytes()).toEqual(network.toBytes());
    expect([clone.progress, clone.frozen, clone.backend]).toEqual([network.progress, network.frozen, network.backend]);
    await network.fit(data, fitting);
    await clone.fit(data, fitting);
    expect(clone.toBytes()).toEqual(network.toBytes());
  });

  it('is left as it is by a fit of the network, and the other way round', async () => {
    using network = await create(backend);
    await stopWithin(network);
    using clone = await network.clone();
    const bytes = network.toBytes();
    await network.fit(data, fitting);
    expect(network.toBytes()).not.toEqual(bytes);
    expect(clone.toBytes()).toEqual(bytes);
    const trained = network.toBytes();
    await clone.fit(data, { ...fitting, epochs: 1 });
    clone.freeze('*');
    expect(network.toBytes()).toEqual(trained);
    expect(network.frozen).toEqual([]);
  });

  it('has the memory that layers carry within an epoch', async () => {
    const sequences = { x: spreadTensor([ROWS, 5, 4]), y: spreadTensor([ROWS, 2], 3) };
    const options = { ...fitting, shuffle: false, batchSize: 5 };
    using network = await createOn(backend, { input: [5, 4], layers: [rnn(3, { stateful: true }), dense(2)], loss: 'meanSquaredError' });
    await stopWithin(network, sequences, options);
    using clone = await network.clone();
    const bytes = clone.toBytes();
    await network.fit(sequences, options);
    expect(clone.toBytes()).toEqual(bytes);
    await clone.fit(sequences, options);
    expect(clone.toBytes()).toEqual(network.toBytes());
  });
});

describe('a clone', () => {
  it('made during a fit has the weights of that time, and may be trained meanwhile', async () => {
    using network = await create();
    const clones: [Network, unknown][] = [];
    await network.fit(data, { ...fitting, onEpoch: async () => void clones.push([await network.clone(), weightsOf(network)]) });
    expect(new Set(clones.map(([, weights]) => JSON.stringify(weights))).size).toBe(3);
    for (const [clone, weights] of clones) {
      expect(weightsOf(clone)).toEqual(weights);
      clone.dispose();
    }
  });

  it('of a network with an open trainer has its last step', async () => {
    using network = await create();
    const trainer = await network.trainer({ batchSize: ROWS });
    trainer.step(data);
    trainer.step(data);
    using clone = await network.clone();
    trainer.dispose();
    expect(clone.progress.step).toBe(2);
    expect(clone.toBytes()).toEqual(network.toBytes());
  });

  it('of names, of a layer without a config and of a quantised network predicts as that', async () => {
    using named = await onBackend(FASTEST, () =>
      Network.create({
        inputs: { x: [4] },
        build: ({ x }) => ({ y: (dense(2) as (value: typeof x) => typeof x)(x) }),
        losses: { y: 'meanSquaredError' },
        backend: FASTEST,
      }),
    );
    using namedClone = await named.clone();
    const x = spreadTensor([3, 4]);
    expect(namedClone.predict({ x })).toEqual(named.predict({ x }));
    using network = await create();
    using quantized = await network.quantize(x);
    using quantizedClone = await quantized.clone();
    expect(quantizedClone.quantization).toEqual(quantized.quantization);
    expect(quantizedClone.predict(x)).toEqual(quantized.predict(x));
  });

  it('outlives its network, of which there is none when that is disposed of', async () => {
    const network = await create();
    const clone = await network.clone();
    const expected = network.predict(data.x);
    network.dispose();
    await expect(network.clone()).rejects.toThrow(StateError);
    expect(clone.predict(data.x)).toEqual(expected);
    expect(clone.statistics().predictions.calls).toBe(1);
    clone.dispose();
  });
});
