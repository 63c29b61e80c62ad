/**
 * Trains on two threads in a worker, terminates it in the midst of the fit, so many times, and prints what is left, as JSON:
 *
 *     terminate-workers.ts BACKEND TIMES
 */
import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import type { BackendName } from 'chainrule';

export interface Terminated {
  /** Threads and resident bytes of the process after the first time, and after the last. */
  readonly threads: readonly [number, number];
  readonly bytes: readonly [number, number];
  /** Of a network’s weights. */
  readonly networkBytes: number;
  /** Steps that fits had taken when they were terminated. */
  readonly steps: readonly number[];
}

const SIZE = 2 ** 11;
const WORKER = new URL('train-until-terminated.mjs', import.meta.url);

const threads = () => readdirSync('/proc/self/task').length;
const residentBytes = () => 1024 * Number(/VmRSS:\s+(\d+)/.exec(readFileSync('/proc/self/status', 'utf8'))?.[1]);

async function terminate(backend: BackendName, time: number): Promise<number> {
  const worker = new Worker(WORKER, { workerData: { backend, size: SIZE } });
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
