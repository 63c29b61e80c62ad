/** The `threads` option, its environment variable, and networks that use them. */
import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import { afterEach, describe, expect, test } from 'vitest';
import { dense, Network, type NetworkOptions, OptionError, sgd } from '../../src/index.node.ts';
import { divide } from '../../src/program/divide.ts';
import { BATCH, EAGER, prepare, TRAININGS } from './networks.ts';
import { addonFile, expectAddon } from './programs.ts';

const VARIABLE = 'CHAINRULE_THREADS';

const create = (options: Partial<NetworkOptions> = {}) =>
  Network.create({ input: [256], layers: [dense(256, { activation: 'relu' }), dense(10)], loss: 'softmaxCrossEntropy', ...options });

const data = {
  x: { shape: [256, 256], data: Float32Array.from({ length: 256 * 256 }, (_, i) => Math.sin(i * i)) },
  y: { shape: [256], data: Float32Array.from({ length: 256 }, (_, i) => i % 10) },
};

afterEach(() => {
  delete process.env[VARIABLE];
});

describe('threads', () => {
  test('that are no positive integer are refused', async () => {
    for (const threads of [0, -1, 1.5, Number.NaN, '2' as unknown as number])
      await expect(create({ backend: 'reference', threads })).rejects.toThrow(OptionError);
    await expect(create({ backend: 'reference', threads: 2000 })).rejects.toThrow('threads: expected at most 1024, got 2000');
  });

  test('from the environment variable are checked too', async () => {
    for (const value of ['0', 'many', '-2', '1e1', '99999']) {
      process.env[VARIABLE] = value;
      await expect(create({ backend: 'reference' })).rejects.toThrow(VARIABLE);
    }
  });

  test('are one on backends without threads, and network.backend says so', async () => {
    const { backend } = await create({ backend: 'reference', threads: 4 });
    expect(backend).toMatchObject({ threads: 1, reason: "backend: 'reference'; reference runs on 1 thread of 4 asked for" });
    expect((await create({ backend: 'reference' })).backend.reason).toBe("backend: 'reference'");
  });
});

if (expectAddon) {
  describe('threads of the native backend', () => {
    test('are all cores, the environment’s, or the option’s', async () => {
      const threads = async (options: Partial<NetworkOptions> = {}) => (await create({ backend: 'native', ...options })).backend.threads;
      expect(await threads()).toBe(availableParallelism());
      process.env[VARIABLE] = '5';
      expect(await threads()).toBe(5);
      expect(await threads({ threads: 3 })).toBe(3);
    });

    test('change no bit of what networks learn, two at the same time', async () => {
      const fit = async (threads: number) => {
        const network = await create({ backend: 'native', threads });
        const { losses } = await network.fit(data, { epochs: 10, batchSize: 100, optimizer: sgd({ learningRate: 0.1, momentum: 0.9 }) });
        const learnt = { losses, parameters: network.parameters(), predictions: network.predict(data.x) };
        network.dispose();
        return learnt;
      };
      const expected = await fit(1);
      expect(await Promise.all([fit(2), fit(2), fit(3)])).toEqual([expected, expected, expected]);
    });

    test('let a fit be aborted and continued', async () => {
      const network = await create({ backend: 'native', threads: 2 });
      const options = { epochs: 1e6, batchSize: 64, signal: AbortSignal.timeout(50) };
      expect((await network.fit(data, options)).aborted).toBe(true);
      expect((await network.fit(data, { epochs: 2 })).aborted).toBe(false);
      network.dispose();
    });

    test('end with the worker that trains on them', async () => {
      const { program, data: bound } = prepare(TRAININGS[0]);
      const { code, literals, arenaSize, maximumRows } = program;
      const workerData = { addonFile, code, literals, arenaSize, maximumRows, division: divide(program, 3, EAGER), bound, batch: BATCH };
      const script = `const { workerData: w, parentPort } = require('node:worker_threads');
        const addon = require(w.addonFile);
        const session = new addon.Session(w.code, w.literals, w.arenaSize, w.maximumRows, 0, 3, w.division, 2, new Int32Array(0), 0);
        session.bind(w.bound.columns.map((c) => new Float32Array(c.data.buffer)), w.bound.columns.map((c) => c.width), w.bound.rows, w.batch, true);
        session.runAsync(0, w.code.length, 1e7, 0, 0, w.batch);
        parentPort.postMessage('running');`;
      for (let i = 0; i < 5; i++) {
        const worker = new Worker(script, { eval: true, workerData });
        expect(await new Promise((resolve, reject) => worker.once('message', resolve).once('error', reject))).toBe('running');
        expect(await worker.terminate()).toBe(1);
      }
    });
  });
}
