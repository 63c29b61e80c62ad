/**
 * Trains on two threads in a worker, terminates it in the midst of the fit, so many times, and prints what is left, as JSON:
 *
 *     terminate-workers.ts BACKEND TIMES
 *
 * The worker is this script again.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import { type BackendName, dense, Network } from 'chainrule';

export interface Terminated {
  /** Threads and resident bytes of the process after the first time, and after the last. */
  readonly threads: readonly [number, number];
  readonly bytes: readonly [number, number];
  /** Of a network's weights, and of each of its two columns of data. */
  readonly networkBytes: number;
  /** Steps that fits had taken when they were terminated. */
  readonly steps: readonly number[];
}

const SIZE = 2 ** 11;
/** Workers know no loaders by themselves. */
const SCRIPT = `import('tsx/esm/api').then(({ register }) => register()).then(() => import(${JSON.stringify(import.meta.url)}))`;

async function train(backend: BackendName): Promise<void> {
  const network = await Network.create({
    input: [SIZE],
    layers: [dense(SIZE, { activation: 'tanh', bias: false })],
    loss: 'meanSquaredError',
    ...{ backend, threads: 2 },
  });
  const rows = { shape: [SIZE, SIZE], data: new Float32Array(SIZE * SIZE).fill(0.1) };
  let steps = 0;
  const onStep = () => {
    steps++;
    if (steps === 3 || steps === 10) parentPort?.postMessage(steps);
  };
  await network.fit({ x: rows, y: rows }, { epochs: 1e6, batchSize: 32, onStep });
}

const threads = () => readdirSync('/proc/self/task').length;
const residentBytes = () => 1024 * Number(/VmRSS:\s+(\d+)/.exec(readFileSync('/proc/self/status', 'utf8'))?.[1]);

async function terminate(backend: BackendName, time: number): Promise<number> {
  const worker = new Worker(SCRIPT, { eval: true, workerData: { backend } });
  const wanted = time % 2 ? 3 : 10;
  const steps = await new Promise<number>((resolve, reject) => {
    worker.on('message', (count: number) => count === wanted && resolve(count));
    worker.once('error', reject);
  });
  // At another moment of a step each time.
  await sleep(7 * time);
  await worker.terminate();
  return steps;
}

/** Helpers end a moment after the worker that they belong to. */
async function settled(most: number): Promise<number> {
  for (let i = 0; i < 200 && threads() > most; i++) await sleep(50);
  return threads();
}

if (isMainThread) {
  const [backend, times] = [process.argv[2] as BackendName, Number(process.argv[3])];
  const before = threads();
  const steps = [await terminate(backend, 0)];
  // The process's pool of native threads has begun, too.
  const first = { threads: await settled(before), bytes: residentBytes() };
  for (let time = 1; time < times; time++) steps.push(await terminate(backend, time));
  const last = { threads: await settled(first.threads), bytes: residentBytes() };
  const result: Terminated = {
    threads: [first.threads, last.threads],
    bytes: [first.bytes, last.bytes],
    networkBytes: SIZE * SIZE * Float32Array.BYTES_PER_ELEMENT,
    steps,
  };
  console.log(JSON.stringify(result));
} else {
  await train((workerData as { backend: BackendName }).backend);
}
