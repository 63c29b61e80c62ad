/**
 * A graph of layers: two inputs, a residual sum, a layer used twice, two heads with a loss and a weight each.
 *
 * The digits come as images, and beside each a hint: how much ink its three thirds hold. One head names the digit, the other says whether
 * it is odd.
 */
import { fileURLToPath } from 'node:url';
import { adam, add, concatenate, cosineDecay, dense, digits, flatten, type LabelledData, Network, reshape, split, tensor } from 'chainrule';

const SIDE = 8;
const PIXELS = SIDE * SIDE;
const THIRDS = 3;

/** Named inputs and targets of labelled images. */
function named({ x, y }: LabelledData) {
  const rows = y.length;
  const meta = new Float32Array(rows * THIRDS);
  for (let row = 0; row < rows; row++) {
    for (let pixel = 0; pixel < PIXELS; pixel++) {
      meta[row * THIRDS + Math.floor((pixel * THIRDS) / PIXELS)] += x.data[row * PIXELS + pixel] / PIXELS;
    }
  }
  return {
    x: { image: { shape: [rows, 1, SIDE, SIDE], data: x.data }, meta: tensor(meta, [rows, THIRDS]) },
    y: { digit: y, parity: { shape: [rows, 1], data: Float32Array.from(y, (label) => label % 2) } },
  };
}

export async function main({ epochs = 25 } = {}) {
  const { train, test } = digits();
  const network = await Network.create({
    inputs: { image: [1, SIDE, SIDE], meta: [THIRDS] },
    build: ({ image, meta }) => {
      const a = dense(16, { activation: 'relu' })(reshape([SIDE, SIDE])(image)); // each row of pixels by itself
      const b = add(a, dense(16)(a)); // residual
      const [left, right] = split(flatten()(b), 2); // several outputs
      const shared = dense(32, { activation: 'tanh' }); // one layer used twice: its δ's add up
      const h = concatenate(shared(left), shared(right), meta); // several inputs
      return { digit: dense(10)(h), parity: dense(1)(h) }; // several heads
    },
    losses: { digit: 'softmaxCrossEntropy', parity: { loss: 'sigmoidCrossEntropy', weight: 0.3 } },
    seed: 1,
  });
  console.log(network.summary());

  const data = named(train);
  await network.fit(data, {
    epochs,
    optimizer: adam({ learningRate: 0.005 }),
    schedule: cosineDecay({ period: epochs, warmup: 1, warmupFactor: 0.2 }),
    onEpoch: ({ epoch, loss, learningRate }) => console.log(`epoch ${epoch}: loss ${loss.toFixed(4)}, η ${learningRate.toFixed(5)}`),
  });

  const held = named(test);
  const { outputs = {} } = await network.evaluate(held);
  console.log(`digit ${outputs.digit.accuracy?.toFixed(3)}, parity ${outputs.parity.accuracy?.toFixed(3)}`);

  // The file holds the graph: reading it back needs no build function.
  const copy = await Network.fromBytes<typeof network.input, typeof network.output>(network.toBytes());
  const { digit } = copy.predict(held.x, { probabilities: true });
  return {
    digitAccuracy: outputs.digit.accuracy ?? 0,
    parityAccuracy: outputs.parity.accuracy ?? 0,
    firstRow: Array.from(digit.data.subarray(0, 10)),
  };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await main();
