/**
 * Gradient descent in its three forms on the same problem, from the same initial weights: online (a step after every sample), mini-batch,
 * and batch (one step an epoch, along the exact gradient). The smaller the batch, the more steps an epoch has and the noisier each is.
 *
 *   node --import tsx examples/gradient-descent.ts
 */
import { fileURLToPath } from 'node:url';
import { dense, digits, Network, sgd } from 'chainrule';

interface Form {
  readonly name: string;
  readonly batchSize: number;
  /** A noisy direction bears a short step only. */
  readonly learningRate: number;
}

export async function main({ epochs = 20 } = {}) {
  const { train, test } = digits();
  const rows = train.y.length;
  const forms: Form[] = [
    { name: 'online', batchSize: 1, learningRate: 0.02 },
    { name: 'mini-batch', batchSize: 32, learningRate: 0.2 },
    { name: 'batch', batchSize: rows, learningRate: 0.5 },
  ];
  console.log(`${rows} samples, ${epochs} epochs each`);
  console.log('form         batch  rate    steps  training loss  test accuracy  seconds');
  const results = [];
  for (const form of forms) {
    const network = await Network.create({
      input: [64],
      layers: [dense(30, { activation: 'tanh' }), dense(10)],
      loss: 'softmaxCrossEntropy',
      seed: 1,
    });
    const start = performance.now();
    const { losses } = await network.fit(train, {
      epochs,
      batchSize: form.batchSize,
      optimizer: sgd({ learningRate: form.learningRate }),
    });
    const seconds = (performance.now() - start) / 1000;
    const { loss } = await network.evaluate(train);
    const { accuracy = 0 } = await network.evaluate(test);
    network.dispose();
    results.push({ ...form, steps: losses.length, loss, accuracy, seconds });
    console.log(
      `${form.name.padEnd(12)} ${String(form.batchSize).padStart(5)}  ${form.learningRate.toFixed(2)}  ${String(losses.length).padStart(7)}  ` +
        `${loss.toFixed(4).padStart(13)}  ${`${(100 * accuracy).toFixed(2)} %`.padStart(13)}  ${seconds.toFixed(3).padStart(7)}`,
    );
  }
  return results;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await main();
