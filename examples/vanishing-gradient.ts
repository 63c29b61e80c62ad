/**
 * The vanishing gradient (Nielsen, "Neural Networks and Deep Learning", chapter 5). Backwards through a layer, δ is multiplied by Wᵀ and
 * σ′(z) ≤ 1/4: through several layers of sigmoids next to nothing of it is left for the first ones. `network.diagnose` measures δ of every
 * layer; each cure is tried on its own, with the same rate, epochs and seed.
 *
 *   node --import tsx examples/vanishing-gradient.ts
 */
import { fileURLToPath } from 'node:url';
import {
  activation,
  add,
  batchNorm,
  DivergedError,
  dense,
  digits,
  type FitOptions,
  type GraphValue,
  type Layer,
  Network,
  sgd,
} from 'chainrule';

const WIDTH = 30;
const DEEPEST = 6;
const { train, test } = digits({ seed: 1, test: 0.2 });

type Hidden = (isFirst: boolean) => Layer[];

/** `depth` hidden layers on the 64 pixels, and ten logits. */
function create(depth: number, hidden: Hidden): Promise<Network> {
  const layers = Array.from({ length: depth }, (_, i) => hidden(i === 0)).flat();
  return Network.create({ input: [64], layers: [...layers, dense(10)], loss: 'softmaxCrossEntropy', seed: 1 });
}

const sigmoid: Hidden = () => [dense(WIDTH, { activation: 'sigmoid' })];

/** What each cure changes of the hidden layers. */
const CURES: Record<string, Hidden> = {
  sigmoid,
  // δ passes a unit that is on as it is.
  relu: () => [dense(WIDTH, { activation: 'relu' })],
  // Keeps z where σ′ is largest, and multiplies δ by 1 / √variance on its way back.
  batchNorm: () => [dense(WIDTH, { bias: false }), batchNorm(), activation('sigmoid')],
  // δ has a way around the layer.
  residual: (isFirst) => {
    const layer = dense(WIDTH, { activation: 'sigmoid' });
    return [isFirst ? layer : (x: GraphValue) => add(x, layer(x))];
  },
  // Four times Glorot's limit makes up for σ′(0) = 1/4.
  initialiser: () => [dense(WIDTH, { activation: 'sigmoid', initializer: { type: 'uniform', limit: 4 * Math.sqrt(6 / (WIDTH + WIDTH)) } })],
  // No cure: it shrinks weights that are too small already.
  l2: () => [dense(WIDTH, { activation: 'sigmoid', l2: 1e-3 })],
};

/** Weights that make δ explode instead: N(0, 0.8²) is three times He's deviation. */
const large: Hidden = () => [dense(WIDTH, { activation: 'relu', initializer: { type: 'normal', deviation: 0.8 } })];

/** ‖δ‖ of the layers with weights, first to last, and how many times larger the last one's is than the first one's. */
async function measure(network: Network) {
  const { layers, findings } = await network.diagnose(train);
  const deltas = layers.filter(({ type }) => type === 'dense').map(({ delta }) => delta.norm);
  return { deltas, fold: deltas[deltas.length - 1] / deltas[0], findings };
}

/** What the diagnosis says before training, and the test accuracy after it: undefined where training diverged. */
async function trainDeepest(hidden: Hidden, options: FitOptions) {
  const network = await create(DEEPEST, hidden);
  const { fold, findings } = await measure(network);
  const isDone = await network.fit(train, options).then(() => true, ifDiverged);
  const accuracy = isDone ? (await network.evaluate(test)).accuracy : undefined;
  network.dispose();
  return { fold, findings, accuracy };
}

function ifDiverged(error: unknown): false {
  if (error instanceof DivergedError) return false;
  throw error;
}

export async function main({ epochs = 40 } = {}) {
  console.log(`sigmoid layers of ${WIDTH}: ‖δ‖ before training, from the first hidden layer to the last layer`);
  const depths: Awaited<ReturnType<typeof measure>>[] = [];
  for (let depth = 1; depth <= DEEPEST; depth++) {
    const network = await create(depth, sigmoid);
    depths.push(await measure(network));
    console.log(`${depth}  ${depths[depth - 1].deltas.map((norm) => norm.toExponential(1)).join('  ')}`);
    for (const finding of depths[depth - 1].findings) console.log(`   ${finding}`);
    network.dispose();
  }

  console.log(`\n${DEEPEST} hidden layers: last ‖δ‖ / first before training, test accuracy after ${epochs} epochs`);
  const optimizer = sgd({ learningRate: 0.2 });
  const options: FitOptions = { epochs, batchSize: 32, optimizer };
  const cures: Record<string, Awaited<ReturnType<typeof trainDeepest>>> = {};
  const run = async (name: string, hidden: Hidden, more: FitOptions = {}) => {
    cures[name] = await trainDeepest(hidden, { ...options, ...more });
    const { fold, accuracy } = cures[name];
    const result = accuracy === undefined ? 'diverged' : `${(100 * accuracy).toFixed(1)} %`;
    console.log(`${name.padEnd(22)}${fold.toPrecision(2).padStart(9)}  ${result}`);
  };
  for (const [name, hidden] of Object.entries(CURES)) await run(name, hidden);
  // Clipping is for what grows: it leaves a small δ as it is, and keeps a large one from throwing the weights away.
  const clip = { norm: 1 };
  await run('sigmoid, clipped', sigmoid, { clip });
  await run('large weights', large);
  await run('large weights, clipped', large, { clip });
  return { depths, cures };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await main();
