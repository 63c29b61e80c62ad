/**
 * Trains and predicts with 4 threads on the backend that CHAINRULE_BACKEND names where the system gives only so many more threads, then where
 * it gives them again, and prints what came, as JSON. Run with refuse_threads.c preloaded:
 *
 *     train-refused.ts GRANTED
 */
import { stat } from 'node:fs/promises';
import { ChainruleError, dense, type FitOptions, Network } from 'chainrule';

/** What a fit ended with: its losses, or an error. */
type Outcome = readonly number[] | { readonly name: string; readonly message: string; readonly isOurs: boolean };

export interface RefusedResult {
  readonly backend: Network['backend'];
  /** Of the untrained network, before anything was tried. */
  readonly prediction: readonly number[];
  readonly refused: Outcome;
  readonly predictionAfter: readonly number[];
  /** Of a second fit, when the system gives threads again. */
  readonly granted: Outcome;
}

const SIZE = 64;
const values = Float32Array.from({ length: 256 * SIZE }, (_, i) => Math.sin(i));
const data = { x: { shape: [256, SIZE], data: values }, y: { shape: [256, SIZE], data: values } };
const options: FitOptions = { epochs: 20, batchSize: 128, shuffle: false };

// Node's own threads are there before the system refuses any.
await stat('.');
process.env.GRANTED_THREADS = process.argv[2];

const network = await Network.create({
  input: [SIZE],
  layers: [dense(256, { activation: 'tanh' }), dense(SIZE)],
  loss: 'meanSquaredError',
  seed: 3,
  threads: 4,
});
const predict = () => [...network.predict(data.x).data.subarray(0, 4)];

async function fit(): Promise<Outcome> {
  try {
    return [...(await network.fit(data, options)).losses];
  } catch (error) {
    const { name, message } = error as Error;
    return { name, message, isOurs: error instanceof ChainruleError };
  }
}

const prediction = predict();
const refused = await fit();
const result = { backend: network.backend, prediction, refused, predictionAfter: predict() };
delete process.env.GRANTED_THREADS;
console.log(JSON.stringify({ ...result, granted: await fit() } satisfies RefusedResult));
