/** The longest task of each call that takes long, in whatever has an event loop: run by ../event-loop.ts on Node, and by page.html. */

/** Repeats of each measurement, of whose longest tasks the median counts: whatever else the machine does only makes one longer. */
const REPEATS = 5;
/** Rows that `fit` is given, and the others: what is to be seen is how work is cut up, not how long all of it takes. */
const FIT_ROWS = 60_000;
const FEW_ROWS = 512;
const BATCH = 256;

/** @param {typeof import('chainrule')} chainrule */
const NETWORKS = {
  '784-2048-2048-10': {
    input: [784],
    batch: BATCH,
    layers: ({ dense }) => [dense(2048, { activation: 'relu' }), dense(2048, { activation: 'relu' }), dense(10)],
  },
  'W6, convolutional': {
    input: [1, 28, 28],
    batch: 64,
    layers: ({ conv2d, maxPool2d, flatten, dense }) => [
      conv2d(32, 3, { padding: 'same', activation: 'relu' }),
      maxPool2d(2),
      conv2d(64, 3, { padding: 'same', activation: 'relu' }),
      maxPool2d(2),
      flatten(),
      dense(128, { activation: 'relu' }),
      dense(10),
    ],
  },
};

/** The calls, each on a network that is there or on none yet. */
const CALLS = {
  create: ({ make }) => make(),
  'fit, first step': ({ network, many, batch, chainrule }) => firstStep(network, many, batch, chainrule),
  'fit, 8 steps': ({ network, few, batch, chainrule }) =>
    network.fit(few, { epochs: Math.ceil((8 * batch) / FEW_ROWS), batchSize: batch, optimizer: momentum(chainrule) }),
  evaluate: ({ network, few }) => network.evaluate(few),
  diagnose: ({ network, few, batch }) => network.diagnose(few, { batchSize: batch }),
  predictAsync: ({ network, few }) => network.predictAsync(few.x),
  toBytes: async ({ network }) => network.toBytes(),
  toBytesAsync: ({ network }) => network.toBytesAsync(),
};

/**
 * Milliseconds of the longest task of every call, and of all its tasks together, for both networks on one backend.
 *
 * @returns {Promise<{ network: string, call: string, longest: number, total: number }[]>}
 */
export async function measureAll(chainrule, backend, threads, repeats = REPEATS, worker = false) {
  const figures = [];
  for (const [name, { input, layers, batch }] of Object.entries(NETWORKS)) {
    const make = () =>
      chainrule.Network.create({ input, layers: layers(chainrule), loss: 'softmaxCrossEntropy', backend, threads, worker, seed: 1 });
    const network = await make();
    const context = { chainrule, make, network, batch, many: samples(FIT_ROWS, input), few: samples(FEW_ROWS, input) };
    for (const [call, run] of Object.entries(CALLS)) {
      if (call === 'toBytesAsync' && !network.toBytesAsync) continue;
      const runs = [];
      for (let i = 0; i < repeats; i++) runs.push(await watch(() => run(context)));
      figures.push({ network: name, call, longest: median(runs.map((one) => one.longest)), total: median(runs.map((one) => one.total)) });
    }
    network.dispose();
  }
  return figures;
}

const momentum = ({ sgd }) => sgd({ learningRate: 0.01, momentum: 0.9 });

/** A fit that ends after one step. */
async function firstStep(network, data, batchSize, chainrule) {
  const stop = new AbortController();
  await network.fit(data, { batchSize, optimizer: momentum(chainrule), signal: stop.signal, onStep: () => stop.abort() });
}

/** Runs a call between two turns of a probe that comes back to the event loop again and again. */
async function watch(call) {
  let longest = 0;
  let last = performance.now();
  let watches = true;
  const { port1, port2 } = new MessageChannel();
  const turn = new Promise((resolve) => {
    port1.onmessage = () => {
      const now = performance.now();
      longest = Math.max(longest, now - last);
      last = now;
      if (watches) port2.postMessage(0);
      else resolve();
    };
  });
  port2.postMessage(0);
  await new Promise((resolve) => setTimeout(resolve, 20));
  longest = 0;
  const began = performance.now();
  const result = await call();
  const total = performance.now() - began;
  watches = false;
  await turn;
  port1.close();
  result?.dispose?.();
  return { longest, total };
}

function samples(rows, input) {
  const width = input.reduce((product, size) => product * size, 1);
  const data = new Float32Array(rows * width);
  for (let i = 0; i < data.length; i++) data[i] = ((i * 7919) % 256) / 255;
  return { x: { shape: [rows, ...input], data }, y: Int32Array.from({ length: rows }, (_, i) => (i * 31) % 10) };
}

function median(values) {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];
}
