/** Networks in a worker: the bits of WASM in this process, and what becomes of calls when the worker ends. */
import { Worker } from 'node:worker_threads';
import {
  adam,
  BackendError,
  batchNorm,
  DivergedError,
  dense,
  dropout,
  type FitOptions,
  Network,
  type NetworkOptions,
  OptionError,
  StateError,
  sgd,
} from 'chainrule';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { setWorkerSource } from '../../src/entries/in-worker-node.ts';
import { bundleNetworkWorker } from '../support/network-worker.ts';
import { onBackend, spreadTensor, weightsOf } from '../support/networks.ts';

const ROWS = 40;
const x = spreadTensor([ROWS, 4]);
const data = { x, y: Int32Array.from({ length: ROWS }, (_, i) => (i * i) % 3) };
const stack = {
  input: [4],
  layers: [dense(6, { activation: 'tanh' }), batchNorm(), dropout(0.2), dense(3)],
  loss: 'softmaxCrossEntropy',
} as const;
const plain = { ...stack, layers: [dense(6), dense(3)] } as const;
const SETTINGS = { epochs: 4, batchSize: 7, optimizer: adam({ learningRate: 0.02 }) } as const;

let script: Awaited<ReturnType<typeof bundleNetworkWorker>>;
beforeAll(async () => {
  script = await bundleNetworkWorker();
  setWorkerSource({ url: script.path });
});
afterEach(() => vi.restoreAllMocks());
afterAll(() => script.remove());

const make = (options: Partial<NetworkOptions> & Pick<NetworkOptions, 'layers'>) =>
  onBackend('wasm', () => Network.create({ ...stack, seed: 3, threads: 1, ...options } as NetworkOptions));

/** The same network here and in a worker. */
const bothOf = (options: Parameters<typeof make>[0]): Promise<Network[]> =>
  Promise.all([make(options), make({ ...options, worker: true })]);

async function withBoth(options: Parameters<typeof make>[0], use: (here: Network, there: Network) => Promise<void>): Promise<void> {
  const [here, there] = await bothOf(options);
  await use(here, there);
  here.dispose();
  there.dispose();
}

const { unref } = Worker.prototype;

/** The workers that are started from now on. */
function spyOnWorkers(): Worker[] {
  const workers: Worker[] = [];
  vi.spyOn(Worker.prototype, 'unref').mockImplementation(function (this: Worker) {
    if (!workers.includes(this)) workers.push(this);
    return unref.call(this);
  });
  return workers;
}

const OPTIONS: readonly [string, Partial<NetworkOptions> & Pick<NetworkOptions, 'layers'>, Partial<FitOptions>][] = [
  ['dropout and batchNorm', stack, {}],
  ['accumulation and clipping', plain, { accumulate: 2, clip: { norm: 0.5 } }],
  ['validation and early stopping', stack, { validation: data as never, earlyStopping: { patience: 2 }, diagnostics: true }],
  ['reproducible sums', { ...stack, reproducible: true }, {}],
];

describe('in a worker', () => {
  it.each(OPTIONS)('a network with %s is the one that WASM trains here', async (_, options, settings) => {
    await withBoth(options, async (here, there) => {
      expect(there.backend.reason).toContain('in a worker');
      expect(weightsOf(there)).toEqual(weightsOf(here));
      const [one, other] = await Promise.all([here, there].map((network) => network.fit(data, { ...SETTINGS, ...settings } as never)));
      expect(other.losses).toEqual(one.losses);
      expect(there.toBytes()).toEqual(here.toBytes());
      expect(await there.evaluate(data)).toEqual(await here.evaluate(data));
      const rows = [x, spreadTensor([300, 4]), spreadTensor([1, 4])];
      for (const row of rows) expect(await there.predictAsync(row as never)).toEqual(await here.predictAsync(row as never));
    });
  });

  it('an aborted fit goes on where it was, also from a file', async () => {
    await withBoth(stack, async (here, there) => {
      for (const network of [here, there]) {
        const stop = new AbortController();
        const onStep = ({ step }: { step: number }) => step >= 9 && stop.abort();
        await network.fit(data, { ...SETTINGS, signal: stop.signal, callbacks: [{ stepsPerSecond: 'all', step: onStep }] } as never);
      }
      expect(there.progress).toEqual(here.progress);
      const again = await onBackend('wasm', () => Network.fromBytes(there.toBytes(), { threads: 1, worker: true }));
      for (const network of [here, there, again]) await network.fit(data, SETTINGS);
      expect(weightsOf(there)).toEqual(weightsOf(here));
      expect(weightsOf(again)).toEqual(weightsOf(here));
      again.dispose();
    });
  });

  it('a trainer’s steps are the same, a clone is apart, and so is a network that trains at the same time', async () => {
    await withBoth(stack, async (here, there) => {
      const clone = await there.clone();
      const before = weightsOf(clone);
      const other = clone.fit(data, { ...SETTINGS, epochs: 20 });
      for (const network of [here, there]) {
        const trainer = await network.trainer({ optimizer: sgd({ learningRate: 0.1 }), batchSize: ROWS });
        for (let i = 0; i < 5; i++) await trainer.stepAsync(data);
        trainer.dispose();
      }
      await other;
      expect(weightsOf(there)).toEqual(weightsOf(here));
      expect(weightsOf(clone)).not.toEqual(before);
      clone.dispose();
    });
  });

  it('a fit that diverges says the same', async () => {
    await withBoth({ ...plain, loss: 'meanSquaredError' }, async (here, there) => {
      const failed = await Promise.all(
        [here, there].map((network) =>
          network
            .fit({ x, y: spreadTensor([ROWS, 3]) } as never, { epochs: 200, optimizer: sgd({ learningRate: 1e30 }) })
            .catch((error) => error),
        ),
      );
      expect(failed[0]).toBeInstanceOf(DivergedError);
      expect(failed[1]).toEqual(failed[0]);
      expect(weightsOf(there)).toEqual(weightsOf(here));
    });
  });

  it('weights that are set are those of the next predictions', async () => {
    await withBoth(plain, async (here, there) => {
      for (const network of [here, there]) {
        await network.predictAsync(x as never);
        network.setParameters(new Map([['1.bias', { shape: [3], data: [1, 2, 3] }]]));
      }
      expect(await there.predictAsync(x as never)).toEqual(await here.predictAsync(x as never));
    });
  });

  it('weights that go there in several slices are there before they are used', async () => {
    const units = 400;
    const wide = { ...plain, input: [units], layers: [dense(units), dense(units), dense(3)] } as const;
    const row = spreadTensor([2, units]);
    const set = (network: Network, by: number) => {
      const [[name, { shape, data: values }]] = network.parameters();
      network.setParameters(new Map([[name, { shape, data: values.map((value) => value * by) }]]));
    };
    await withBoth(wide, async (here, there) => {
      // Every look at the clock ends a slice.
      let now = performance.now();
      vi.spyOn(performance, 'now').mockImplementation(() => (now += 10));
      for (const by of [1, 2, 3]) {
        for (const network of [here, there]) set(network, by);
        expect(await there.predictAsync(row as never)).toEqual(await here.predictAsync(row as never));
      }
      set(there, 1);
      const left = there.predictAsync(row as never).catch((error) => error);
      there.dispose();
      expect(await left).toBeInstanceOf(StateError);
    });
  });

  it('what cannot be awaited says what to await', async () => {
    const network = await make({ ...plain, worker: true });
    expect(() => network.predict(x as never)).toThrow(BackendError);
    expect(() => network.predict(x as never)).toThrow('predictAsync awaits it');
    const trainer = await network.trainer({ optimizer: sgd({ learningRate: 0.1 }) });
    expect(() => trainer.step(data)).toThrow('stepAsync awaits it');
    trainer.dispose();
    network.dispose();
  });

  it('refuses other backends', async () => {
    const asked = onBackend('reference', () => Network.create({ ...plain, worker: true }));
    await expect(asked).rejects.toThrow(OptionError);
    await expect(asked).rejects.toThrow('worker: expected the backend wasm, which is what a worker runs, got reference');
  });
});

describe('the worker', () => {
  it('ends with its last network, whose predictions under way are refused, and begins anew with the next', async () => {
    const workers = spyOnWorkers();
    const network = await make({ ...plain, worker: true });
    const ended = new Promise((resolve) => workers[0].once('exit', resolve));
    const asked = network.predictAsync(x as never).catch((error) => error);
    network.dispose();
    expect(await asked).toBeInstanceOf(StateError);
    await ended;
    await withBoth(plain, async (here, there) => expect(weightsOf(there)).toEqual(weightsOf(here)));
    expect(workers).toHaveLength(2);
  });

  it('that dies makes every call a BackendError, keeps the weights, and leaves later networks another one', async () => {
    const workers = spyOnWorkers();
    const network = await make({ ...plain, worker: true });
    await network.fit(data, SETTINGS);
    const before = weightsOf(network);
    const fit = network.fit(data, { ...SETTINGS, epochs: 1e6 }).catch((error) => error);
    const asked = network.predictAsync(x as never).catch((error) => error);
    await workers[0].terminate();
    expect(await fit).toBeInstanceOf(BackendError);
    expect(await asked).toBeInstanceOf(BackendError);
    await expect(network.predictAsync(x as never)).rejects.toThrow('the worker that computes this network has failed: its thread ended');
    await expect(network.fit(data, SETTINGS)).rejects.toThrow(BackendError);
    expect(Object.keys(weightsOf(network))).toEqual(Object.keys(before));
    network.dispose();
    await withBoth(plain, async (here, there) => expect(weightsOf(there)).toEqual(weightsOf(here)));
  });

  it('whose script is not there is a BackendError', async () => {
    setWorkerSource({ url: `${script.path}.missing` });
    await expect(make({ ...plain, worker: true })).rejects.toThrow(BackendError);
    setWorkerSource({ url: script.path });
  });
});
