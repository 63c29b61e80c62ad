/** For runtimes with a command line: trains a network in a worker whose weights go there in many pieces, and one whose worker ends; prints what came of both. */
import 'chainrule/worker';
import process from 'node:process';
import { Worker } from 'node:worker_threads';
import { dense, Network, sgd } from 'chainrule';

const UNITS = 600;
const samples = { x: { shape: [4, UNITS], data: new Float32Array(4 * UNITS).fill(0.1) }, y: Int32Array.of(0, 1, 2, 3) };
const make = (worker) =>
  Network.create({
    input: [UNITS],
    layers: [dense(UNITS), dense(10)],
    loss: 'softmaxCrossEntropy',
    seed: 1,
    backend: 'wasm',
    threads: 1,
    worker,
  });

async function trained(worker) {
  const network = await make(worker);
  const { losses } = await network.fit(samples, { epochs: 3, optimizer: sgd({ learningRate: 0.1 }) });
  const { data } = await network.predictAsync(samples.x);
  network.dispose();
  return JSON.stringify([[...losses], [...data]]);
}

/** The error of a fit whose worker is ended in its midst. */
async function ended() {
  const workers = [];
  const { postMessage } = Worker.prototype;
  Worker.prototype.postMessage = function (...message) {
    workers.push(this);
    return postMessage.apply(this, message);
  };
  const network = await make(true);
  const fit = network.fit(samples, { epochs: 1e6, callbacks: [{ epoch: () => workers[0].terminate() }] });
  return fit.then(
    () => 'nothing',
    ({ name, message }) => `${name}: ${message}`,
  );
}

const isSame = (await trained(true)) === (await trained(false));
console.log(JSON.stringify({ isSame, ended: await ended() }));
process.exit();
