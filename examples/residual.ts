/**
 * Fifty layers with and without a way around them (He et al. 2016, "Deep Residual Learning"). Both networks have the same layers, initial
 * weights, rate and epochs; in the residual one each block of two layers is added to what came into it, so δ comes back through the sum as it
 * is. In the plain one each block's sigmoid leaves about a quarter of it.
 *
 *   node --import tsx examples/residual.ts
 */
import { fileURLToPath } from 'node:url';
import { add, dense, digits, type GraphValue, type Layer, Network, sgd } from 'chainrule';

const WIDTH = 30;
/** With one layer before them and one behind, 50 layers. */
const BLOCKS = 24;
const { train, test } = digits({ seed: 1, test: 0.2 });
const optimizer = sgd({ learningRate: 0.01 });

/** Two layers as one: parameters are named by their paths, `1.0.weight`. */
function plainBlock(): Layer {
  const [inner, outer] = [dense(WIDTH, { activation: 'sigmoid' }), dense(WIDTH)];
  return (x: GraphValue) => outer(inner(x));
}

function residualBlock(): Layer {
  const block = plainBlock();
  return (x: GraphValue) => add(x, block(x));
}

async function trainAndDiagnose(block: () => Layer, epochs: number) {
  const blocks = Array.from({ length: BLOCKS }, block);
  const layers = [dense(WIDTH), ...blocks, dense(10)];
  const network = await Network.create({ input: [64], layers, loss: 'softmaxCrossEntropy', seed: 1 });
  const before = await network.diagnose(train, { optimizer });
  const history = await network.fit(train, { epochs, batchSize: 32, optimizer, validation: test });
  const after = await network.diagnose(train, { optimizer });
  network.dispose();
  return { before, after, accuracies: history.epochs.map(({ validationAccuracy = 0 }) => validationAccuracy) };
}

/** ‖δ‖ of the first layer and the last. */
export function deltaEnds({ layers }: { readonly layers: readonly { readonly delta: { readonly norm: number } }[] }) {
  return { first: layers[0].delta.norm, last: layers[layers.length - 1].delta.norm };
}

export async function main({ epochs = 30 } = {}) {
  const results = { plain: await trainAndDiagnose(plainBlock, epochs), residual: await trainAndDiagnose(residualBlock, epochs) };
  for (const [name, { before, after, accuracies }] of Object.entries(results)) {
    const { first, last } = deltaEnds(before);
    console.log(`${name}: ‖δ‖ ${last.toExponential(1)} at the last of 50 layers, ${first.toExponential(1)} at the first`);
    const everyFifth = accuracies.filter((_, epoch) => epoch % 5 === 4);
    console.log(`test accuracy in % after every five epochs: ${everyFifth.map((share) => (100 * share).toFixed(1)).join('  ')}`);
    for (const finding of before.findings) console.log(`before training: ${finding}`);
    for (const finding of after.findings) console.log(`after training: ${finding}`);
  }
  return results;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await main();
