/**
 * A recurrent network reads an image as a sequence: an LSTM (Hochreiter and Schmidhuber 1997) takes the 28 rows of 28 pixels from top to
 * bottom, and a dense layer tells from its last state what it has seen. Nobody told it that rows are parts of one picture.
 *
 *   node --import tsx examples/row-by-row.ts FOLDER
 */
import { fileURLToPath } from 'node:url';
import { adam, cosineDecay, dense, lstm, Network, readIdx, reshape } from 'chainrule';

/** @param folder The four files of Fashion-MNIST, or of MNIST. */
export async function main(folder: string, { epochs = 5, limit, seed = 1 }: { epochs?: number; limit?: number; seed?: number } = {}) {
  const { train, test } = readIdx(folder, { limit });
  const network = await Network.create({
    input: [784],
    layers: [reshape([28, 28]), lstm(128), dense(10)],
    loss: 'softmaxCrossEntropy',
    seed,
  });
  await network.fit(train, {
    epochs,
    batchSize: 64,
    optimizer: adam({ learningRate: 3e-3 }),
    schedule: cosineDecay({ period: epochs }),
    // Gradients through 28 steps are a product of 28 factors: now and then a large one.
    clip: { norm: 1 },
    onEpoch({ epoch, loss, seconds }) {
      console.log(`epoch ${epoch}  loss ${loss.toFixed(4)}  ${seconds.toFixed(2)} s`);
    },
  });
  const { accuracy = 0 } = await network.evaluate(test);
  network.dispose();
  console.log(`test accuracy ${(100 * accuracy).toFixed(2)} %`);
  return { accuracy };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  if (process.argv[2] === undefined) throw new Error('expected the folder of the four files as an argument');
  await main(process.argv[2]);
}
