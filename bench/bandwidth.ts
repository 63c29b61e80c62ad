/** The machine's limit of memory: copies, by how much memory they go through. */
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';

/** Bytes read and written in turn, from what the first caches hold to what none does. */
const WORKING_SETS = Array.from({ length: 14 }, (_, i) => 2 ** (14 + i));
const MILLISECONDS = 12;
const ROUNDS = 10;

/** A thread's part of each working set, all threads at a time. Copies of typed arrays are the C library's, its fastest ones. */
const SOURCE = `
const { parentPort, workerData: { sets, threads, milliseconds, rounds, meeting } } = require('node:worker_threads');
const here = new Int32Array(meeting);
const rates = sets.map((bytes, i) => {
  const from = new Float32Array(bytes / 8 / threads).fill(1);
  // Memory is there from when it is first written.
  const to = new Float32Array(from.length).fill(1);
  const copies = Math.max(1, Math.ceil(2 ** 19 / from.byteLength));
  Atomics.add(here, i, 1);
  while (Atomics.load(here, i) < threads);
  let least = Infinity;
  const end = performance.now() + milliseconds;
  for (let round = 0; round < rounds || performance.now() < end; round++) {
    const began = performance.now();
    for (let copy = 0; copy < copies; copy++) to.set(from);
    least = Math.min(least, performance.now() - began);
  }
  return (2 * from.byteLength * copies) / least / 1e6;
});
parentPort.postMessage(rates);
`;

/** GB/s, read and written, on so many threads at once, of a copy that goes through so many bytes. */
export async function measureBandwidth(threads: number): Promise<(bytes: number) => number> {
  const meeting = new SharedArrayBuffer(4 * WORKING_SETS.length);
  const workerData = { sets: WORKING_SETS, threads, milliseconds: MILLISECONDS, rounds: ROUNDS, meeting };
  const all = Array.from({ length: threads }, async () => {
    const worker = new Worker(SOURCE, { eval: true, workerData });
    const [rates] = await once(worker, 'message');
    return rates as number[];
  });
  const rates = await Promise.all(all);
  const totals = WORKING_SETS.map((_, i) => rates.reduce((sum, own) => sum + own[i], 0));
  return (bytes) => totals[Math.min(Math.max(0, Math.round(Math.log2(bytes / WORKING_SETS[0]))), totals.length - 1)];
}
