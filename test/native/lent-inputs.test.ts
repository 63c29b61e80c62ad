/** Large inputs of a prediction are read where they lie: with the bits of those copied, wherever that is and whatever came before. */
import { createRequire } from 'node:module';
import { describe, expect, test } from 'vitest';
import { type NativeAddon, nativeBackend } from '../../src/backends/native.ts';
import { dense, Network } from '../../src/index.node.ts';
import { EAGER } from './networks.ts';
import { addonFile, all, assemble, expectAddon } from './programs.ts';

const INPUT = 300;
const samples = (rows: number, seed: number) =>
  Float32Array.from({ length: rows * INPUT }, (_, i) => ((i * 7919 + seed) % 2003) / 1000 - 1);

if (expectAddon) {
  const addon: NativeAddon = createRequire(import.meta.url)(addonFile);

  describe.each([1, 2, 3])('%i threads', (threads) => {
    const backend = nativeBackend(addon, EAGER).with({ threads });
    const program = assemble([{ op: 'scale', at: { x: 8192, out: 16384 }, scalars: { size: -4096, factor: 3, count: 1 } }], 24576, 2);
    const run = (values: Float32Array, rows = 2) => {
      const session = backend.openArena(program, 0);
      session.write(8192, new Float32Array(8192).fill(7));
      session.run(all(program, { rows }), { offset: 8192, values });
      const results = [session.read(16384, rows * 4096), session.read(8192, 1)];
      session.run(all(program, { rows }));
      results.push(session.read(16384, 1));
      session.dispose();
      return results;
    };

    test('read the caller’s inputs at any address, for one run', () => {
      const memory = Float32Array.from({ length: 8200 }, (_, i) => i);
      for (const start of [0, 1, 3, 8]) {
        const values = memory.subarray(start, start + 8192);
        expect(run(values)).toEqual([values.map((x) => 3 * x), Float32Array.of(7), Float32Array.of(21)]);
        expect(run(values.subarray(0, 4096), 1)[0]).toEqual(values.subarray(0, 4096).map((x) => 3 * x));
      }
    });

    test('refuse lent inputs that reach beyond their place in the arena', () => {
      const session = backend.openArena(program, 0);
      expect(() => session.run(all(program), { offset: 20000, values: new Float32Array(4577) })).toThrow(/at most 4576 elements/);
      expect(() => session.run(all(program), { offset: -1, values: new Float32Array(4577) })).toThrow(/offset/);
      session.dispose();
    });
  });

  test.each([1, 2])('predictions in any order of sizes, on %i threads', async (threads) => {
    const create = () =>
      Network.create({
        input: [INPUT],
        layers: [dense(64, { activation: 'relu' }), dense(3)],
        loss: 'softmaxCrossEntropy',
        backend: 'native',
        threads,
        seed: 1,
      });
    const network = await create();
    for (const [rows, seed] of [
      [300, 1],
      [1, 2],
      [300, 3],
      [20, 4],
      [700, 5],
      [20, 6],
    ] as const) {
      const fresh = await create();
      const x = samples(rows, seed);
      const padded = new Float32Array(x.length + 5);
      padded.set(x, 5);
      const predicted = network.predict({ shape: [rows, INPUT], data: padded.subarray(5) }).data;
      const one = Array.from({ length: rows }, (_, i) => [
        ...fresh.predict({ shape: [1, INPUT], data: x.slice(i * INPUT, (i + 1) * INPUT) }).data,
      ]);
      expect(padded.subarray(5)).toEqual(x);
      one.flat().forEach((value, i) => {
        expect(predicted[i]).toBeCloseTo(value, 4);
      });
      expect(fresh.predict({ shape: [rows, INPUT], data: x }).data).toEqual(predicted);
      fresh.dispose();
    }
    network.dispose();
  });
}
