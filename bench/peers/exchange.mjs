// What bench/compare.ts hands to a peer in JavaScript, and what it hears from it: exchange.py says how.
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';

const RUNS = 5;
const FIRST_STEPS = 3;
/** Steps that take longer are not worth measuring five times over. */
const PATIENCE_SECONDS = 10;
const TYPES = { F32: Float32Array, F64: Float64Array };

/** The network's metadata, its weights as tensors in the order of its layers, and its data. */
export function readExchange(path) {
  const bytes = readFileSync(path);
  const length = Number(bytes.readBigUInt64LE(0));
  const { __metadata__: meta, ...entries } = JSON.parse(bytes.subarray(8, 8 + length).toString());
  const tensors = Object.entries(entries).map(
    ([
      name,
      {
        dtype,
        shape,
        data_offsets: [begin, end],
      },
    ]) => {
      const data = bytes.buffer.slice(bytes.byteOffset + 8 + length + begin, bytes.byteOffset + 8 + length + end);
      return { name, shape, data: Float32Array.from(new TYPES[dtype](data)) };
    },
  );
  const named = (name) => tensors.find((tensor) => tensor.name === name);
  const weights = tensors.filter(({ name }) => name !== 'x' && name !== 'y');
  return { ...meta, x: named('x'), y: named('y'), weights, numbers: weights.reduce((sum, { data }) => sum + data.length, 0) };
}

export const say = (what) => console.log(JSON.stringify(what));

/** The median over several runs of the mean seconds of a step; `run(n)` takes n steps. */
export async function secondsPerStep(run, seconds) {
  const figures = [];
  let steps = 1;
  for (let i = 0; i < RUNS; i++) {
    const began = performance.now();
    let taken = 0;
    for (;;) {
      const before = performance.now();
      if (before - began >= (seconds * 1000) / RUNS) break;
      await run(steps);
      taken += steps;
      if (performance.now() - before < (seconds * 1000) / RUNS / 100) steps *= 2;
    }
    figures.push((performance.now() - began) / 1000 / taken);
  }
  return figures.sort((a, b) => a - b)[(RUNS - 1) / 2];
}

/** Takes the first steps, says how they went, and measures more of them; what cannot be trained, or not in time, is said instead. */
export async function answerTraining({ peer, numbers }, step, batches) {
  const values = [];
  let seconds = 0;
  try {
    for (let i = 0; i < FIRST_STEPS; i++) {
      const began = performance.now();
      values.push(await step(batches.ordered.next().value));
      seconds = (performance.now() - began) / 1000;
    }
  } catch ({ message }) {
    say({ peer, cannot: message.split('\n')[0], numbers, values });
    process.exit(0);
  }
  const isSlow = seconds > PATIENCE_SECONDS;
  say({ peer, numbers, values, ...(isSlow && { cannot: `takes ${seconds.toFixed(0)} s a step` }) });
  if (isSlow) process.exit(0);
  const run = async (steps) => {
    for (let i = 0; i < steps; i++) await step(batches.shuffled.next().value);
  };
  await answer(async (given) => {
    await run(1);
    return secondsPerStep(run, given);
  });
}

/** Measures whenever asked to, until there is no more to read. */
export async function answer(measure) {
  for await (const line of createInterface({ input: process.stdin })) say({ seconds: await measure(Number(line)) });
  process.exit(0);
}
