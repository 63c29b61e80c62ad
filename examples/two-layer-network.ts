/**
 * The two-layer network of "Deep Learning from Scratch" (Saitoh), chapters 4 and 5: 784-50-10 on an MNIST-format folder, or
 * 64-50-10 on the digits that come with the package. First the
 * analytic gradient is compared with the numerical one, then the network is trained, with training and test accuracy after every epoch.
 *
 *   node --import tsx examples/two-layer-network.ts [FOLDER]
 */
import { fileURLToPath } from 'node:url';
import { dense, Network, sgd } from 'chainrule';
import { readImages } from './images.ts';

/** Samples of the gradient check: a few will do, for each costs several passes for every weight looked at. */
const CHECKED = 3;

interface Options {
  epochs?: number;
  learningRate?: number;
  /** Images taken of each part; default all. */
  limit?: number;
}

export async function main(folder?: string, { epochs = 16, learningRate = 0.1, limit }: Options = {}) {
  const { train, test } = readImages(folder, limit);
  const pixels = train.x.shape[1];
  const network = await Network.create({
    input: [pixels],
    layers: [
      dense(50, { activation: 'sigmoid', initializer: { type: 'normal', deviation: 0.01 } }),
      dense(10, { initializer: { type: 'normal', deviation: 0.01 } }),
    ],
    loss: 'softmaxCrossEntropy',
    seed: 1,
  });
  console.log(network.summary());

  const few = { x: { shape: [CHECKED, pixels], data: train.x.data.slice(0, CHECKED * pixels) }, y: train.y.slice(0, CHECKED) };
  const { maxRelativeError, worst } = await network.checkGradients(few);
  console.log(`\nlargest relative error of a gradient: ${maxRelativeError.toExponential(1)}`);
  console.log(`at ${worst.parameter}[${worst.index}]: analytic ${worst.analytic}, numerical ${worst.numeric}\n`);

  const { epochs: reports } = await network.fit(train, {
    epochs,
    batchSize: 100,
    optimizer: sgd({ learningRate }),
    validation: test,
    onEpoch({ epoch, loss, accuracy = 0, validationAccuracy = 0 }) {
      const shares = `training accuracy ${accuracy.toFixed(4)}  test accuracy ${validationAccuracy.toFixed(4)}`;
      console.log(`epoch ${String(epoch).padStart(2)}  loss ${loss.toFixed(4)}  ${shares}`);
    },
  });
  network.dispose();
  return {
    maxRelativeError,
    trainAccuracy: reports.map((report) => report.accuracy),
    testAccuracy: reports.map((report) => report.validationAccuracy),
  };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await main(process.argv[2]);
