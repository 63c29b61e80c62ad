/**
 * Exclusive or: no single layer can learn it, because no line parts its two classes. A hidden layer of three neurons can.
 *
 *   node --import tsx examples/xor.ts
 */
import { fileURLToPath } from 'node:url';
import { dense, Network, sgd, xor } from 'chainrule';

export async function main({ epochs = 50_000 } = {}) {
  const data = xor();
  const network = await Network.create({
    input: [2],
    layers: [dense(3, { activation: 'sigmoid' }), dense(1)],
    loss: 'halfSquaredError',
    seed: 1,
  });
  console.log(network.summary());

  // One mini-batch holds all four samples, so an epoch is a step.
  const start = performance.now();
  const { losses } = await network.fit(data, { epochs, batchSize: 4, optimizer: sgd({ learningRate: 0.1 }) });
  const seconds = (performance.now() - start) / 1000;

  for (let step = 1; step < epochs; step *= 10) console.log(`epoch ${String(step).padStart(6)}  loss ${losses[step - 1].toExponential(2)}`);
  const { loss } = await network.evaluate(data);
  const outputs = [...network.predict(data.x).data];
  console.log(`epoch ${String(epochs).padStart(6)}  loss ${loss.toExponential(2)}  (${seconds.toFixed(2)} s on ${network.backend.name})`);
  outputs.forEach((output, i) => {
    const [a, b] = data.x.data.subarray(2 * i, 2 * i + 2);
    console.log(`${a} xor ${b} = ${output.toFixed(4)}`);
  });
  network.dispose();
  return { loss, outputs };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await main();
