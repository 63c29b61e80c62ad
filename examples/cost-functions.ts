/**
 * Why the cost function matters (Nielsen, "Neural Networks and Deep Learning", chapter 3). The δ of a quadratic cost behind a sigmoid
 * holds the factor σ′(z), which is almost 0 where the neuron is saturated: the more wrong it is, the more slowly it learns. With
 * cross-entropy that factor cancels, and δ is a − y.
 *
 *   node --import tsx examples/cost-functions.ts
 */
import { fileURLToPath } from 'node:url';
import { type ActivationName, dense, digits, Network, type NetworkOptions, sgd } from 'chainrule';

const EPOCHS = 300;
const LEARNING_RATE = 0.15;

/**
 * Each starts at weight 2 and bias 2, so that the input 1 gives σ(4) = 0.982 where 0 is wanted. The softmax neurons are two, and the
 * difference of their inputs is 4; sample [1] belongs to class 0.
 */
const neuron = { initializer: [[2]], biasInitializer: [2] };
const NEURONS: Record<string, { layers: NetworkOptions['layers']; loss: NetworkOptions['loss']; target: number[] | number[][] }> = {
  'quadratic, sigmoid': { layers: [dense(1, { ...neuron, activation: 'sigmoid' })], loss: 'halfSquaredError', target: [[0]] },
  'cross-entropy, sigmoid': { layers: [dense(1, neuron)], loss: 'sigmoidCrossEntropy', target: [[0]] },
  'cross-entropy, softmax': {
    layers: [dense(2, { initializer: [[0], [2]], biasInitializer: [0, 2] })],
    loss: 'softmaxCrossEntropy',
    target: [0],
  },
};

/** The gradient of the saturated neuron's weight before training, and its output after every 50 epochs. */
async function trainNeuron({ layers, loss, target }: (typeof NEURONS)[string]) {
  const network = await Network.create({ input: [1], layers, loss });
  const data = { x: [[1]], y: target };
  const [gradient] = network.gradients(data).gradients.get('0.weight')!.data.slice(-1);
  const output = () => network.predict(data.x, { probabilities: true }).data.at(-1)!;
  const outputs = [output()];
  for (let epoch = 0; epoch < EPOCHS; epoch += 50) {
    await network.fit(data, { epochs: 50, optimizer: sgd({ learningRate: LEARNING_RATE }) });
    outputs.push(output());
  }
  network.dispose();
  return { gradient, outputs };
}

/**
 * The digits, 64-30-10, from weights drawn from N(0, 1), which saturate many neurons. The quadratic cost and softmax's cross-entropy
 * sum over the ten outputs where sigmoid's takes the mean: ten times the learning rate makes them alike.
 */
const DIGITS: Record<string, { activation: ActivationName; loss: NetworkOptions['loss']; learningRate: number }> = {
  'quadratic, sigmoid': { activation: 'sigmoid', loss: 'halfSquaredError', learningRate: LEARNING_RATE },
  'cross-entropy, sigmoid': { activation: 'identity', loss: 'sigmoidCrossEntropy', learningRate: 10 * LEARNING_RATE },
  'cross-entropy, softmax': { activation: 'identity', loss: 'softmaxCrossEntropy', learningRate: LEARNING_RATE },
};

async function trainDigits({ activation, loss, learningRate }: (typeof DIGITS)[string], epochs: number) {
  const { train, test } = digits();
  const normal = { initializer: 'normal', biasInitializer: 'normal' } as const;
  const layers = [dense(30, { activation: 'sigmoid', ...normal }), dense(10, { activation, ...normal })];
  const network = await Network.create({ input: [64], layers, loss, seed: 1 });
  const options = { epochs, batchSize: 10, optimizer: sgd({ learningRate }), validation: test };
  const { epochs: reports } = await network.fit(train, options);
  network.dispose();
  return reports.map(({ validationAccuracy = 0 }) => validationAccuracy);
}

export async function main({ epochs = 10 } = {}) {
  console.log(`a saturated neuron, target 0, learning rate ${LEARNING_RATE}: its output after every 50 epochs`);
  const neurons = await runAll(NEURONS, trainNeuron);
  for (const [name, { gradient, outputs }] of Object.entries(neurons)) {
    console.log(`${name.padEnd(24)}${outputs.map((output) => output.toFixed(3)).join('  ')}   first gradient ${gradient.toFixed(4)}`);
  }
  console.log('\nthe digits: test accuracy in % after each epoch');
  const accuracies = await runAll(DIGITS, (options) => trainDigits(options, epochs));
  for (const [name, shares] of Object.entries(accuracies)) {
    console.log(`${name.padEnd(24)}${shares.map((share) => (100 * share).toFixed(1)).join('  ')}`);
  }
  return { neurons, accuracies };
}

/** One after the other, the results under the same names. */
async function runAll<In, Out>(items: Record<string, In>, run: (item: In) => Promise<Out>): Promise<Record<string, Out>> {
  const results: Record<string, Out> = {};
  for (const [name, item] of Object.entries(items)) results[name] = await run(item);
  return results;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await main();
