/**
 * Trains one network of every layer on the backend, instruction set and threads that the environment names, and prints the SHA-256 of its
 * parameters: run in a process of its own, since an instruction set is chosen when the addon loads.
 */
import { createHash } from 'node:crypto';
import {
  activation,
  adam,
  batchNorm,
  dense,
  digits,
  dropout,
  flatten,
  groupNorm,
  layerNorm,
  multiHeadAttention,
  Network,
  positionalEncoding,
  reshape,
  rmsNorm,
} from 'chainrule';

const threads = (process.argv[2] ?? '1').split(',').map(Number);

async function trainAndHash(count: number): Promise<string> {
  const { train } = digits();
  using network = await Network.create({
    input: [64],
    layers: [
      dense(96, { activation: 'gelu', l2: 1e-4 }),
      dropout(0.2),
      dense(80, { activation: 'tanh', l1: 1e-5 }),
      reshape([8, 10]),
      reshape([80]),
      batchNorm(),
      reshape([8, 10]),
      batchNorm(),
      positionalEncoding(),
      multiHeadAttention(2),
      layerNorm(),
      multiHeadAttention(5, { causal: true }),
      groupNorm(2),
      rmsNorm(),
      flatten(),
      dense(33, { initializer: 'orthogonal' }),
      activation('silu'),
      dense(10),
    ],
    loss: 'softmaxCrossEntropy',
    seed: 5,
    threads: count,
    reproducible: true,
  });
  // On WASM long enough for the helpers to start in the midst of it.
  await network.fit(train, { epochs: 12, batchSize: 150, optimizer: adam({ learningRate: 3e-3 }), clip: { norm: 1 } });
  const hash = createHash('sha256');
  for (const { data } of network.parameters().values()) hash.update(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
  return hash.digest('hex');
}

const hashes: Record<string, string> = {};
for (const count of threads) hashes[count] = await trainAndHash(count);
console.log(JSON.stringify(hashes));
