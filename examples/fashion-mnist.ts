/**
 * Fashion-MNIST (Zalando Research): 70 000 images of clothes, 28 × 28, in ten classes. A network of one hidden layer, 784-100-10, is
 * published to reach 87.1 %. https://github.com/zalandoresearch/fashion-mnist has the four files that the folder must hold. Without a folder
 * the same network learns the digits that come with the package.
 *
 *   node --import tsx examples/fashion-mnist.ts [FOLDER]
 */
import { fileURLToPath } from 'node:url';
import { adam, dense, Network } from 'chainrule';
import { readImages } from './images.ts';

const CLOTHES = ['T-shirt', 'trouser', 'pullover', 'dress', 'coat', 'sandal', 'shirt', 'sneaker', 'bag', 'ankle boot'];
const DIGITS = Array.from(CLOTHES, (_, digit) => `digit ${digit}`);

export async function main(folder?: string, { epochs = 15, limit }: { epochs?: number; limit?: number } = {}) {
  const { train, test } = readImages(folder, limit);
  const classes = folder === undefined ? DIGITS : CLOTHES;
  const network = await Network.create({
    input: [train.x.shape[1]],
    layers: [dense(100, { activation: 'relu' }), dense(classes.length)],
    loss: 'softmaxCrossEntropy',
    seed: 1,
  });
  console.log(network.summary());
  console.log(`${train.y.length} training images, ${test.y.length} test images, on ${network.backend.name} (${network.backend.isa})`);

  await network.fit(train, {
    epochs,
    batchSize: 128,
    optimizer: adam({ learningRate: 1e-3 }),
    validation: test,
    onEpoch({ epoch, loss, accuracy = 0, validationAccuracy = 0, seconds }) {
      const shares = `training ${(100 * accuracy).toFixed(2)} %  test ${(100 * validationAccuracy).toFixed(2)} %`;
      console.log(`epoch ${String(epoch).padStart(2)}  loss ${loss.toFixed(4)}  ${shares}  ${seconds.toFixed(2)} s`);
    },
  });
  const { accuracy = 0 } = await network.evaluate(test);

  const { data: logits } = await network.predictAsync(test.x);
  const answers = Array.from(test.y, (_, row) => largest(logits.subarray(classes.length * row, classes.length * (row + 1))));
  classes.forEach((name, index) => {
    const rows = answers.filter((_, row) => test.y[row] === index);
    const right = rows.filter((answer) => answer === index).length;
    console.log(`${name.padEnd(10)} ${((100 * right) / rows.length).toFixed(1).padStart(5)} % right`);
  });
  console.log(`test accuracy ${(100 * accuracy).toFixed(2)} %`);
  network.dispose();
  return { accuracy, answers };
}

function largest(values: Float32Array | Float64Array): number {
  return values.indexOf(Math.max(...values));
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await main(process.argv[2]);
