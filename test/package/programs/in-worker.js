/** A page that trains a network here and in a worker; tells the server an error unless both are the same. */
import 'chainrule/worker';
import { dense, dropout, Network, xor } from 'chainrule';
import { tell } from './report.js';

async function trained(worker) {
  const layers = [dense(8, { activation: 'tanh' }), dropout(0.1), dense(1)];
  const network = await Network.create({ input: [2], layers, loss: 'meanSquaredError', seed: 1, worker });
  const { losses } = await network.fit(xor(), { epochs: 50 });
  const predicted = await network.predictAsync(xor().x);
  const result = JSON.stringify([[...losses], [...predicted.data], [...network.toBytes()]]);
  const { reason } = network.backend;
  network.dispose();
  return { result, reason };
}

try {
  const [here, there] = [await trained(false), await trained(true)];
  if (!there.reason.startsWith('in a worker')) throw new Error(`expected a network in a worker, got ${there.reason}`);
  if (here.result !== there.result) throw new Error(`expected ${here.result}, got ${there.result}`);
  await tell({ isolated: globalThis.crossOriginIsolated });
} catch (error) {
  await tell({ error: `${error.name}: ${error.message}` });
}
