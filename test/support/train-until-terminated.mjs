/** A worker that trains on two threads for ever, from the built package: workers know no loaders, and each would take a second to have one. */
import { parentPort, workerData } from 'node:worker_threads';
import { dense, Network } from '../../dist/index.node.js';

const { backend, size } = workerData;
const network = await Network.create({
  input: [size],
  layers: [dense(size, { activation: 'tanh', bias: false })],
  loss: 'meanSquaredError',
  backend,
  threads: 2,
});
const rows = { shape: [64, size], data: new Float32Array(64 * size).fill(0.1) };
let steps = 0;
const onStep = () => {
  steps++;
  if (steps === 3 || steps === 10) parentPort.postMessage(steps);
};
await network.fit({ x: rows, y: rows }, { epochs: 1e6, batchSize: 32, onStep });
