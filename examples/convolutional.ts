/**
 * Convolution (LeCun et al. 1989): every position of an image is looked at through the same small windows, whose weights are learned.
 * Two convolutions, each followed by pooling, see edges first and parts of shapes next; a dense layer tells from them what it is.
 *
 * On the built-in digits, 8 × 8; and, where a folder with the files of Fashion-MNIST is given, on 28 × 28 images of clothes, where such a
 * network of about 110 000 parameters is published to reach 91 to 92 %, and one without convolutions 87 %.
 *
 *   node --import tsx examples/convolutional.ts [FOLDER]
 */
import { fileURLToPath } from 'node:url';
import {
  adam,
  conv2d,
  type DataSet,
  dense,
  digits as digitsData,
  dropout,
  flatten,
  type Layer,
  maxPool2d,
  Network,
  readIdx,
  reshape,
} from 'chainrule';

interface Task {
  readonly input: readonly number[];
  readonly layers: readonly Layer[];
  readonly train: DataSet;
  readonly test: DataSet;
  readonly epochs: number;
  readonly learningRate: number;
}

async function learn({ input, layers, train, test, epochs, learningRate }: Task) {
  const network = await Network.create({ input, layers, loss: 'softmaxCrossEntropy', seed: 1 });
  console.log(network.summary());
  await network.fit(train, {
    epochs,
    batchSize: 64,
    optimizer: adam({ learningRate }),
    onEpoch({ epoch, loss, seconds }) {
      console.log(`epoch ${String(epoch).padStart(2)}  loss ${loss.toFixed(4)}  ${seconds.toFixed(2)} s`);
    },
  });
  const { accuracy = 0 } = await network.evaluate(test);
  const parameters = [...network.parameters().values()].reduce((total, { data }) => total + data.length, 0);
  network.dispose();
  console.log(`${parameters} parameters, test accuracy ${(100 * accuracy).toFixed(2)} %`);
  return { accuracy, parameters };
}

/** The digits as images of one channel. */
export function digits({ epochs = 30 } = {}) {
  const layers = [
    reshape([1, 8, 8]),
    conv2d(32, 3, { padding: 'same', activation: 'relu' }),
    maxPool2d(2),
    conv2d(64, 3, { padding: 'same', activation: 'relu' }),
    maxPool2d(2),
    flatten(),
    dropout(0.3),
    dense(10),
  ];
  return learn({ input: [64], layers, ...digitsData(), epochs, learningRate: 2e-3 });
}

/** Fashion-MNIST from its four files. */
export function fashionMnist(folder: string, { epochs = 6, limit }: { epochs?: number; limit?: number } = {}) {
  const layers = [
    reshape([1, 28, 28]),
    conv2d(16, 3, { padding: 'same', activation: 'relu' }),
    maxPool2d(2),
    conv2d(32, 3, { padding: 'same', activation: 'relu' }),
    maxPool2d(2),
    flatten(),
    dropout(0.25),
    dense(64, { activation: 'relu' }),
    dense(10),
  ];
  return learn({ input: [784], layers, ...readIdx(folder, { limit }), epochs, learningRate: 2e-3 });
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  await digits();
  if (process.argv[2] !== undefined) await fashionMnist(process.argv[2]);
}
