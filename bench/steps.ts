/**
 * Steps from outside: one update a call on a batch of new rows, as reinforcement learning takes them, of 4-128-128-2 on 64 rows with Adam; then
 * online learning, of 784-30-10 on one row with SGD, as a tensor, as a Float32Array in a list and as a list of numbers.
 *
 *   npm run bench:steps -- [--backend native|wasm] [--threads N] [--rounds R] [--peers DIR] [--python PROGRAM]
 *
 * Prints µs, medians of the rounds of the median call: of a step inside a long fit, of a trainer's step, awaited and not, of a step and a prediction
 * after it, and of a fit for each update. With `--python`, a Python that has them, also PyTorch and JAX, by the scripts in bench/peers/ or DIR.
 */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { adam, type DataSet, dense, Network, sgd } from 'chainrule';
import { median, round } from './report.ts';

const ROWS = 64;
const CALLS = 400;
/** Rows of the online network, and its calls that are timed together: one takes too little time for a clock. */
const ONLINE_ROWS = 100;

const { values } = parseArgs({
  options: {
    backend: { type: 'string', default: 'native' },
    threads: { type: 'string' },
    rounds: { type: 'string', default: '5' },
    peers: { type: 'string', default: fileURLToPath(new URL('peers', import.meta.url)) },
    python: { type: 'string' },
  },
});
const optimizer = adam({ learningRate: 1e-4 });
const rowsOf = (rows: number) => ({
  x: { shape: [rows, 4], data: Float32Array.from({ length: rows * 4 }, Math.random) },
  y: { shape: [rows, 2], data: Float32Array.from({ length: rows * 2 }, Math.random) },
});
type Batch = ReturnType<typeof rowsOf>;

/** The median µs of a call, each on new rows. */
async function microseconds(call: (batch: Batch) => unknown): Promise<number> {
  const times: number[] = [];
  for (let i = 0; i < CALLS; i++) {
    const batch = rowsOf(ROWS);
    const began = performance.now();
    await call(batch);
    times.push(1000 * (performance.now() - began));
  }
  return median(times);
}

/** The same for a call that is not awaited: an empty wait takes a microsecond itself. */
function microsecondsNow(call: (batch: Batch) => unknown): number {
  const times: number[] = [];
  for (let i = 0; i < CALLS; i++) {
    const batch = rowsOf(ROWS);
    const began = performance.now();
    call(batch);
    times.push(1000 * (performance.now() - began));
  }
  return median(times);
}

const measured = new Map<string, number[]>();
const note = (what: string, us: number) => measured.set(what, [...(measured.get(what) ?? []), us]);

async function measure(network: Network): Promise<void> {
  const state = { shape: [1, 4], data: new Float32Array(4) };
  const { seconds, losses } = await network.fit(rowsOf(100 * ROWS), { epochs: 20, batchSize: ROWS, optimizer });
  note('a step inside a long fit', (1e6 * seconds) / losses.length);
  note('a fit for each update', await microseconds((batch) => network.fit(batch, { batchSize: ROWS, optimizer })));
  using trainer = await network.trainer({ batchSize: ROWS, optimizer });
  note(
    'trainer.step',
    microsecondsNow((batch) => trainer.step(batch)),
  );
  note('trainer.stepAsync', await microseconds((batch) => trainer.stepAsync(batch)));
  const both = (batch: Batch) => {
    trainer.step(batch);
    network.predict(state);
  };
  note('trainer.step, then predict of a row', microsecondsNow(both));
}

/** Learning from one row at a time. */
async function measureOnline(network: Network): Promise<void> {
  const optimizer = sgd({ learningRate: 0.01 });
  const samples = Array.from({ length: ONLINE_ROWS }, () => Float32Array.from({ length: 784 }, Math.random));
  const y = Int32Array.from({ length: ONLINE_ROWS }, (_, i) => i % 10);
  const { seconds, losses } = await network.fit({ x: samples, y }, { epochs: 100, batchSize: 1, optimizer });
  note('online: a step inside a long fit', (1e6 * seconds) / losses.length);
  using trainer = await network.trainer({ batchSize: 1, optimizer });
  const forms: Readonly<Record<string, (x: Float32Array, i: number) => DataSet>> = {
    'a tensor': (data, i) => ({ x: { shape: [1, 784], data }, y: y.subarray(i, i + 1) }),
    'a Float32Array in a list': (x, i) => ({ x: [x], y: [y[i]] }),
    'a list of numbers in a list': (x, i) => ({ x: [[...x]], y: [y[i]] }),
  };
  for (const [form, of] of Object.entries(forms)) {
    const batches = samples.map(of);
    const times = Array.from({ length: CALLS }, () => {
      const began = performance.now();
      for (const batch of batches) trainer.step(batch);
      return (1000 * (performance.now() - began)) / ONLINE_ROWS;
    });
    note(`online: trainer.step on ${form}`, median(times));
  }
}

/** What a peer's script prints: µs of an update, as JSON. */
function measurePeer(python: string, file: string): void {
  const { stdout, stderr, status } = spawnSync(python, [join(values.peers, file), '--threads', values.threads ?? '2'], {
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(`${file} failed:\n${stderr}`);
  const { peer, usPerStep } = JSON.parse(stdout.trim().split('\n').at(-1) as string);
  note(`${peer}, an update a call`, usPerStep);
}

const common = { backend: values.backend as 'native' | 'wasm', ...(values.threads !== undefined && { threads: Number(values.threads) }) };
using network = await Network.create({
  ...common,
  input: [4],
  layers: [dense(128, { activation: 'tanh' }), dense(128, { activation: 'tanh' }), dense(2)],
  loss: 'meanSquaredError',
});
using online = await Network.create({
  ...common,
  input: [784],
  layers: [dense(30, { activation: 'sigmoid' }), dense(10)],
  loss: 'softmaxCrossEntropy',
});
const measureBoth = async () => {
  await measure(network);
  await measureOnline(online);
};
await measureBoth();
measured.clear();
for (let i = 0; i < Number(values.rounds); i++) {
  await measureBoth();
  if (values.python !== undefined) for (const file of ['torch_steps.py', 'jax_steps.py']) measurePeer(values.python, file);
}
const { name, isa, threads } = network.backend;
console.log(`4-128-128-2, ${ROWS} rows, and online 784-30-10, on ${name} (${isa}), ${threads} thread${threads === 1 ? '' : 's'}: µs`);
for (const [what, figures] of measured) console.log(`  ${String(round(median(figures))).padStart(8)}  ${what}`);
