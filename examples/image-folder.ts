/**
 * A folder of PNG files with a folder for each class teaches a convolutional network. Each epoch sees the pictures shifted and turned
 * a little: the network never sees the same one twice. Needs `npm install sharp`.
 *
 *   node --import tsx examples/image-folder.ts [FOLDER]
 */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { adam, conv2d, dense, digits, flatten, maxPool2d, Network } from 'chainrule';
import { Dataset, images } from 'chainrule/data';
import sharp from 'sharp';

const SIDE = 8;

/** Writes the digits that come with the package as PNG files, a folder for each. */
async function writeDigits(folder: string, count: number): Promise<void> {
  const { x, y } = digits({ test: 0.2, seed: 1 }).train;
  for (let i = 0; i < count; i++) {
    mkdirSync(join(folder, String(y[i])), { recursive: true });
    const pixels = Uint8Array.from(x.data.subarray(i * SIDE * SIDE, (i + 1) * SIDE * SIDE), (value) => Math.round(255 * value));
    await sharp(pixels, { raw: { width: SIDE, height: SIDE, channels: 1 } })
      .png()
      .toFile(join(folder, String(y[i]), `${i}.png`));
  }
}

/** @param folder With a folder for each class; default a temporary one of digits. */
export async function main(folder?: string, { epochs = 12, count = 1000 } = {}) {
  const own = folder ?? mkdtempSync(join(tmpdir(), 'chainrule-images-'));
  try {
    if (folder === undefined) await writeDigits(own, count);
    const pictures = images(own, { size: SIDE, channels: 1, labels: 'folders' });
    // So few are decoded once, and kept as bytes; without this line every epoch reads the folder anew, which may be larger than memory.
    const kept = Dataset.from(await pictures.toArray());
    const scaled = kept.map(({ x, y }) => ({ x: { shape: x.shape, data: Float32Array.from(x.data, (byte) => byte / 255) }, y }));
    const { train, test } = scaled.split({ test: 0.2, seed: 1 });
    using network = await Network.create({
      input: [1, SIDE, SIDE],
      layers: [
        conv2d(16, 3, { padding: 'same', activation: 'relu' }),
        maxPool2d(2),
        flatten(),
        dense(64, { activation: 'relu' }),
        dense(pictures.classes.length),
      ],
      loss: 'softmaxCrossEntropy',
      seed: 1,
    });
    await network.fit(train.augment({ shift: 1, rotate: 10 }), {
      ...{ epochs, batchSize: 32, validation: test },
      optimizer: adam({ learningRate: 3e-3 }),
      onEpoch: ({ epoch, loss, validationAccuracy = 0 }) =>
        console.log(`epoch ${epoch}  loss ${loss.toFixed(4)}  validation ${(100 * validationAccuracy).toFixed(1)} %`),
    });
    const { accuracy = 0 } = await network.evaluate(test);
    console.log(`classes ${pictures.classes.join(', ')}; ${(100 * accuracy).toFixed(1)} % of the pictures that were held out`);
    return { classes: pictures.classes, accuracy };
  } finally {
    if (folder === undefined) rmSync(own, { recursive: true });
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await main(process.argv[2]);
