/**
 * Ten networks that are trained, aborted, asked, saved, cloned and disposed of at random for some seconds, beside workers that are terminated; prints what
 * was done and how memory went, as JSON:
 *
 *     node --expose-gc soak.mjs SECONDS SEED
 *
 * By the built package: what is to be seen is its memory, not a loader's.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { Dataset } from '../../dist/bundled/data.js';
import { adam, batchNorm, conv2d, DataError, dense, dropout, flatten, lstm, Network, sgd } from '../../dist/bundled/node.js';

const [seconds, seed = '1'] = process.argv.slice(2);
const NETWORKS = 10;
const until = performance.now() + 1000 * Number(seconds);
const isOver = () => performance.now() >= until;

/** xorshift32: which action comes next, on which network, for how long. */
let state = Number(seed) * 2654435761 + 1;
function chance(limit) {
  state ^= state << 13;
  state ^= state >>> 17;
  state ^= state << 5;
  return (state >>> 0) % limit;
}

const KINDS = [
  { input: [12], layers: () => [dense(24, { activation: 'relu' }), dropout(0.2), dense(3)] },
  { input: [12], layers: () => [dense(64, { activation: 'tanh' }), batchNorm(), dense(3)] },
  { input: [1, 8, 8], layers: () => [conv2d(4, 3, { activation: 'relu' }), flatten(), dense(3)] },
  { input: [4, 3], layers: () => [lstm(8), dense(3)] },
];

const done = {};
const note = (what) => {
  done[what] = (done[what] ?? 0) + 1;
};

const create = (number) => {
  const { input, layers } = KINDS[chance(KINDS.length)];
  const backend = number % 3 === 2 ? 'wasm' : 'native';
  return Network.create({ input, layers: layers(), loss: 'softmaxCrossEntropy', backend, threads: 1 + chance(2), seed: chance(1000) });
};

function dataFor({ input }, rows) {
  const width = input.reduce((product, size) => product * size, 1);
  return {
    x: { shape: [rows, ...input], data: Float32Array.from({ length: rows * width }, (_, i) => Math.sin(i * 0.7 + rows)) },
    y: Int32Array.from({ length: rows }, (_, i) => i % 3),
  };
}

class Failure extends Error {}

/** Rows that end in an error somewhere, or nowhere. */
const streamFor = (network, rows, failsAt) =>
  Dataset.from(async function* () {
    const { x, y } = dataFor(network, rows);
    const width = x.data.length / rows;
    for (let i = 0; i < rows; i++) {
      if (i === failsAt) throw new Failure('no more rows');
      if (i % 50 === 0) await sleep(1);
      yield { x: { shape: network.input, data: x.data.subarray(i * width, (i + 1) * width) }, y: y[i] };
    }
  });

/** Runs a fit that is aborted after some milliseconds. */
async function aborted(fit) {
  const abort = new AbortController();
  const timer = setTimeout(() => abort.abort(), chance(40));
  try {
    await fit(abort.signal);
  } finally {
    clearTimeout(timer);
  }
}

const optimizer = () => (chance(2) ? adam() : sgd({ learningRate: 0.01, momentum: 0.9 }));

const ACTIONS = {
  fit: (network) =>
    network.fit(dataFor(network, 16 * (1 + chance(6))), { epochs: 1 + chance(4), batchSize: 2 ** (1 + chance(4)), optimizer: optimizer() }),
  abort: (network) =>
    aborted((signal) => network.fit(dataFor(network, 512), { epochs: 1e6, batchSize: 16, optimizer: optimizer(), signal })),
  dataset: (network) => network.fit(streamFor(network, 300, -1), { batchSize: 10, windowRows: 50 }),
  'dataset that throws': async (network) => {
    try {
      await network.fit(streamFor(network, 300, 100 + chance(150)), { batchSize: 10, windowRows: 50 });
      throw new Error('expected the error of the dataset');
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
    }
  },
  'aborted dataset': (network) => aborted((signal) => network.fit(streamFor(network, 5000, -1), { batchSize: 10, windowRows: 50, signal })),
  predict: async (network) => {
    const { x } = dataFor(network, 1 + chance(40));
    await Promise.all(Array.from({ length: 1 + chance(8) }, () => network.predictAsync(x)));
  },
  'predict beside a fit': async (network) => {
    const fitting = network.fit(dataFor(network, 64), { epochs: 20, batchSize: 16 });
    for (let i = 0; i < 5; i++) await network.predictAsync(dataFor(network, 3).x);
    await fitting;
  },
  evaluate: (network) => network.evaluate(dataFor(network, 30 + chance(300))),
  clone: async (network) => (await network.clone()).dispose(),
  file: async (network) => (await Network.fromBytes(await network.toBytesAsync())).dispose(),
  trainer: async (network) => {
    const trainer = await network.trainer({ batchSize: 8 });
    for (let i = 0; i < 5; i++) await trainer.stepAsync(dataFor(network, 8));
    trainer.dispose();
  },
  'bad rows': async (network) => {
    const data = dataFor(network, 30);
    data.x.data[7] = Number.NaN;
    try {
      await network.fit(data);
      throw new Error('expected a DataError');
    } catch (error) {
      if (!(error instanceof DataError)) throw error;
    }
  },
};
const NAMES = Object.keys(ACTIONS);

/** One network after another, each used for a while. */
async function useNetworks(number) {
  while (!isOver()) {
    const network = await create(number);
    for (let left = 1 + chance(12); left > 0 && !isOver(); left--) {
      const name = NAMES[chance(NAMES.length)];
      await ACTIONS[name](network);
      note(name);
    }
    network.dispose();
    note('dispose');
  }
}

/** Workers that train until they are terminated. */
async function terminateWorkers() {
  const file = new URL('train-until-terminated.mjs', import.meta.url);
  while (!isOver()) {
    const worker = new Worker(file, { workerData: { backend: chance(2) ? 'native' : 'wasm', size: 64 } });
    await new Promise((resolve, reject) => {
      worker.once('message', resolve);
      worker.once('error', reject);
    });
    await sleep(chance(30));
    await worker.terminate();
    note('terminate');
    await sleep(500);
  }
}

const memory = [];
async function watchMemory() {
  while (!isOver()) {
    globalThis.gc();
    const { rss, external, arrayBuffers } = process.memoryUsage();
    memory.push({ second: (performance.now() - (until - 1000 * Number(seconds))) / 1000, rss, external, arrayBuffers });
    await sleep(1000);
  }
}

await Promise.all([...Array.from({ length: NETWORKS }, (_, i) => useNetworks(i)), terminateWorkers(), watchMemory()]);
console.log(JSON.stringify({ done, memory }));
