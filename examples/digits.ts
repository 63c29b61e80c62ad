/**
 * Handwritten digits: train, judge by images never seen, keep the model, look at what it makes of one image.
 *
 *   node --import tsx examples/digits.ts
 */
import { fileURLToPath } from 'node:url';
import { adam, dense, digits, Network } from 'chainrule';

const SHADES = ' .:-=+*#%@';

export async function main({ epochs = 20 } = {}) {
  const { train, test } = digits({ seed: 0, test: 0.2 });
  const network = await Network.create({
    input: [64],
    layers: [dense(32, { activation: 'relu' }), dense(10)],
    loss: 'softmaxCrossEntropy',
    seed: 1,
  });
  console.log(network.summary());

  await network.fit(train, {
    epochs,
    batchSize: 32,
    optimizer: adam({ learningRate: 3e-3 }),
    validation: test,
    onEpoch({ epoch, loss, accuracy, validationAccuracy }) {
      console.log(
        `epoch ${epoch}: loss ${loss.toFixed(4)}, training accuracy ${percent(accuracy)}, test accuracy ${percent(validationAccuracy)}`,
      );
    },
  });
  const { accuracy } = await network.evaluate(test);
  console.log(`${test.y.length} images never seen: ${percent(accuracy)} right, on ${network.backend.name} (${network.backend.reason})`);

  // A model file is bytes: save() and load() put them in a file.
  const copy = await Network.fromBytes(network.toBytes());
  const image = { shape: [1, 64], data: test.x.data.slice(0, 64) };
  const probabilities = [...copy.predict(image, { probabilities: true }).data];
  console.log(draw(image.data));
  console.log(`labelled ${test.y[0]}; probabilities ${probabilities.map((p, digit) => `${digit}: ${p.toFixed(3)}`).join('  ')}`);

  network.dispose();
  copy.dispose();
  return { accuracy, label: test.y[0], probabilities };
}

const percent = (share = 0) => `${(100 * share).toFixed(2)} %`;

/** Eight lines of eight pixels, each two characters wide. */
function draw(pixels: Float32Array | Float64Array): string {
  const lines = Array.from({ length: 8 }, (_, row) => [...pixels.subarray(8 * row, 8 * row + 8)]);
  return lines.map((line) => line.map((pixel) => SHADES[Math.round(pixel * (SHADES.length - 1))].repeat(2)).join('')).join('\n');
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await main();
