/**
 * An autoencoder (Hinton & Salakhutdinov 2006) has its input for target, and between the two a layer too narrow to hold it: what it learns
 * there is a code. Here the 64 pixels of a digit pass through 8 numbers.
 *
 * With linear layers alone the best such code is what principal component analysis gives, so that is what it is held against, and the mean
 * image, which is the best of no code at all. All three know the training images only, and are measured on others.
 *
 *   node --import tsx examples/autoencoder.ts
 */
import { fileURLToPath } from 'node:url';
import { adam, cosineDecay, dense, digits, Network, type Tensor } from 'chainrule';

const SIDE = 8;
const PIXELS = SIDE * SIDE;
const CODE = 8;

export async function main({ epochs = 60 } = {}) {
  const { train, test } = digits();
  const network = await Network.create({
    input: [PIXELS],
    layers: [dense(128, { activation: 'relu' }), dense(CODE), dense(128, { activation: 'relu' }), dense(PIXELS, { activation: 'sigmoid' })],
    loss: 'meanSquaredError',
    seed: 1,
  });
  console.log(network.summary());
  await network.fit(
    { x: train.x, y: train.x },
    {
      epochs,
      batchSize: 32,
      optimizer: adam({ learningRate: 3e-3 }),
      schedule: cosineDecay({ period: epochs }),
      onEpoch({ epoch, loss }) {
        if (epoch % 10 === 0) console.log(`epoch ${String(epoch).padStart(3)}  squared error ${loss.toFixed(5)}`);
      },
    },
  );
  const [images, others] = [rowsOf(train.x), rowsOf(test.x)];
  const restored = rowsOf(network.predict(test.x));
  network.dispose();
  const mean = meanOf(images);
  const components = principalComponents(images, mean);
  const errors = {
    meanImage: squaredError(
      others,
      others.map(() => mean),
    ),
    principalComponents: squaredError(
      others,
      others.map((image) => project(image, mean, components)),
    ),
    autoencoder: squaredError(others, restored),
  };
  for (let row = 0; row < 3; row++) console.log(`\n${beside(others[row], restored[row])}`);
  console.log(`\nmean squared error of a pixel in ${others.length} images that none has seen:`);
  console.log(`  the mean image              ${errors.meanImage.toFixed(5)}`);
  console.log(`  ${CODE} principal components      ${errors.principalComponents.toFixed(5)}`);
  console.log(`  autoencoder of ${CODE} numbers    ${errors.autoencoder.toFixed(5)}`);
  return errors;
}

type Image = readonly number[];

const rowsOf = ({ data }: Tensor): Image[] =>
  Array.from({ length: data.length / PIXELS }, (_, row) => [...data.subarray(row * PIXELS, (row + 1) * PIXELS)]);

const dot = (a: Image, b: Image) => a.reduce((sum, x, i) => sum + x * b[i], 0);
const minus = (a: Image, b: Image) => a.map((x, i) => x - b[i]);
/** a + factor · b. */
const plus = (a: Image, factor: number, b: Image) => a.map((x, i) => x + factor * b[i]);

const meanOf = (images: readonly Image[]) =>
  Array.from({ length: PIXELS }, (_, pixel) => images.reduce((sum, image) => sum + image[pixel], 0) / images.length);

/** The mean over all pixels of all images. */
function squaredError(images: readonly Image[], restored: readonly Image[]): number {
  const differences = images.map((image, row) => minus(image, restored[row]));
  return differences.reduce((sum, difference) => sum + dot(difference, difference), 0) / (images.length * PIXELS);
}

/** The directions in which images differ most: the first eigenvectors of their covariance, by orthogonal iteration from some images. */
function principalComponents(images: readonly Image[], mean: Image): Image[] {
  const centred = images.map((image) => minus(image, mean));
  const covariance = mean.map((_, i) => mean.map((_, j) => centred.reduce((sum, image) => sum + image[i] * image[j], 0)));
  let components = orthonormal(centred.slice(0, CODE));
  for (let turn = 0; turn < 200; turn++) components = orthonormal(components.map((v) => covariance.map((row) => dot(row, v))));
  return components;
}

/** Gram–Schmidt. */
function orthonormal(vectors: readonly Image[]): Image[] {
  const result: Image[] = [];
  for (const vector of vectors) {
    const rest = result.reduce((left, unit) => plus(left, -dot(left, unit), unit), vector);
    const norm = Math.sqrt(dot(rest, rest));
    result.push(rest.map((x) => x / norm));
  }
  return result;
}

/** The image closest to this one among those that differ from the mean in the components alone. */
function project(image: Image, mean: Image, components: readonly Image[]): Image {
  const centred = minus(image, mean);
  return components.reduce((sum, component) => plus(sum, dot(centred, component), component), mean);
}

/** Two images drawn side by side. */
function beside(left: Image, right: Image): string {
  const line = (image: Image, y: number) =>
    Array.from({ length: SIDE }, (_, x) => ' .:-=+*#%@'[Math.min(9, Math.floor(10 * image[y * SIDE + x]))].repeat(2)).join('');
  return Array.from({ length: SIDE }, (_, y) => `${line(left, y)}  →  ${line(right, y)}`).join('\n');
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await main();
