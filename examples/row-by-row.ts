/**
 * A recurrent network reads an image as a sequence: an LSTM (Hochreiter and Schmidhuber 1997) takes its rows of pixels from top to
 * bottom, and a dense layer tells from its last state what it has seen. Nobody told it that rows are parts of one picture.
 *
 *   node --import tsx examples/row-by-row.ts [FOLDER]
 */
import { fileURLToPath } from 'node:url';
import { adam, cosineDecay, dense, lstm, Network, reshape } from 'chainrule';
import { readImages } from './images.ts';

/** @param folder The four files of Fashion-MNIST, or of MNIST; default the digits that come with the package. */
export async function main(folder?: string, { epochs = 5, limit, seed = 1 }: { epochs?: number; limit?: number; seed?: number } = {}) {
  const { train, test, side } = readImages(folder, limit);
  const network = await Network.create({
    input: [side * side],
    layers: [reshape([side, side]), lstm(128), dense(10)],
    loss: 'softmaxCrossEntropy',
    seed,
  });
  await network.fit(train, {
    epochs,
    batchSize: 64,
    optimizer: adam({ learningRate: 3e-3 }),
    schedule: cosineDecay({ period: epochs }),
    // Gradients through so many steps are a product of as many factors: now and then a large one.
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

if (process.argv[1] === fileURLToPath(import.meta.url)) await main(process.argv[2]);
