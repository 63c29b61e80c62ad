/** Predictions keep packed weights between calls: they must be those of the network, and change no bit. */
import { createRequire } from 'node:module';
import { describe, expect, test } from 'vitest';
import { type NativeAddon, nativeBackend } from '../../src/backends/native.ts';
import { compile } from '../../src/compiler/compile.ts';
import { dense, Network } from '../../src/index.node.ts';
import { lossFrom } from '../../src/losses/config.ts';
import { predictionGraph } from '../../src/model/graphs.ts';
import { SequentialModel } from '../../src/model/network-model.ts';
import { initialValues } from '../support/initial-values.ts';
import { EAGER } from './networks.ts';
import { addonFile, all, expectAddon } from './programs.ts';

const ROWS = [1, 2, 33, 70, 200];
const INPUT = 530;
/** Predictions after which weights have been packed. */
const REPEATS = 3;

const create = (settings: object = {}) =>
  Network.create({
    input: [INPUT],
    layers: [dense(67, { activation: 'tanh' }), dense(131, { activation: 'relu' }), dense(3)],
    loss: 'softmaxCrossEntropy',
    backend: 'native',
    ...settings,
  });

const samples = (rows: number) => ({
  shape: [rows, INPUT],
  data: Float32Array.from({ length: rows * INPUT }, (_, i) => ((i * 7919) % 2003) / 1000 - 1),
});

/** The last of several predictions by the same sessions. */
function predictions(network: Network): unknown[] {
  return ROWS.map((rows) => {
    for (let i = 1; i < REPEATS; i++) network.predict(samples(rows));
    return network.predict(samples(rows)).data;
  });
}

/** First predictions, each by a network of its own with the same weights: nothing is packed yet. */
async function unpacked(network: Network, settings: object = {}): Promise<unknown[]> {
  const bytes = network.toBytes();
  const results = ROWS.map(async (rows) => {
    const copy = await Network.fromBytes(bytes, { backend: 'native', ...settings });
    const { data } = copy.predict(samples(rows));
    copy.dispose();
    return data;
  });
  return Promise.all(results);
}

if (expectAddon) {
  const addon: NativeAddon = createRequire(import.meta.url)(addonFile);

  describe.each([{}, { reproducible: true }, { precision: 'bfloat16' }])('packed weights, %o', (mode) => {
    test.each([1, 2, 3])('give the bits of unpacked ones on %i threads', async (threads) => {
      const network = await create({ ...mode, threads });
      expect(predictions(network)).toEqual(await unpacked(network, mode));
      network.dispose();
    });
  });

  test.each([1, 2, 3])('however %i threads divide the program', async (threads) => {
    const model = new SequentialModel([INPUT], [dense(67, { activation: 'relu' }), dense(131)], lossFrom('softmaxCrossEntropy'));
    for (const maximumRows of [5, 80]) {
      const graph = predictionGraph(model, false);
      const program = compile(graph, { maximumRows });
      const initial = await initialValues(graph, 0);
      const results = [1, threads].map((count) => {
        const session = nativeBackend(addon, EAGER).with({ threads: count }).openArena(program, 0);
        for (const [name, values] of initial) session.write(program.parameters.get(name)?.offset as number, values);
        session.write(program.inputs.get('x')?.offset as number, samples(maximumRows).data);
        for (let i = 0; i < REPEATS * (count > 1 ? 1 : 0) + 1; i++) session.run(all(program, { rows: maximumRows }));
        const result = session.read(program.outputs.get('y')?.offset as number, maximumRows * 131);
        session.dispose();
        return result;
      });
      expect(results[1]).toEqual(results[0]);
    }
  });

  describe('predictions follow the weights', () => {
    test('after setParameters, of one matrix and of all', async () => {
      const network = await create();
      const before = predictions(network);
      const weight = network.parameters().get('1.weight') as { shape: readonly number[]; data: Float32Array };
      network.setParameters(new Map([['1.weight', { shape: weight.shape, data: weight.data.map((w) => -w) }]]));
      const after = predictions(network);
      expect(after).toEqual(await unpacked(network));
      expect(after).not.toEqual(before);
      const other = await create({ seed: 7 });
      network.setParameters(other.parameters());
      expect(predictions(network)).toEqual(predictions(other));
      network.dispose();
      other.dispose();
    });

    test('after and during a fit, off the thread too', async () => {
      // Computed alone, predictions off the thread have the sums of the others.
      const network = await create({ maximumBatch: 1 });
      const before = predictions(network);
      const data = { x: samples(64), y: Array.from({ length: 64 }, (_, i) => i % 3) };
      let during = 0;
      const { aborted } = await network.fit(data, {
        epochs: 20,
        onEpoch: async () => {
          const last = predictions(network);
          expect(last).toEqual(await unpacked(network));
          expect((await network.predictAsync(samples(33))).data).toEqual(last[2]);
          during++;
        },
      });
      expect({ aborted, during }).toEqual({ aborted: false, during: 20 });
      const after = predictions(network);
      expect(after).toEqual(await unpacked(network));
      expect(after).not.toEqual(before);
      network.dispose();
    });

    test('of every call, in order, where weights change between calls off the thread', async () => {
      const network = await create();
      const results = [];
      for (let i = 0; i < 6; i++) {
        results.push((await network.predictAsync(samples(2))).data);
        if (i % 3 === 2) network.setParameters((await create({ seed: i })).parameters());
      }
      expect(results[1]).toEqual(results[0]);
      expect(results[2]).toEqual(results[0]);
      expect(results[3]).not.toEqual(results[0]);
      expect(results[5]).toEqual(results[3]);
      network.dispose();
    });
  });
}
