/**
 * A small transformer (Vaswani et al. 2017) that learns to sort: from six digits in any order, the six in order. Two blocks of attention and
 * dense layers, each added to what it was given and normalised before (Xiong et al. 2020), with sines and cosines for the places.
 *
 *   node --import tsx examples/transformer.ts
 */
import { fileURLToPath } from 'node:url';
import {
  adam,
  add,
  dense,
  embedding,
  type GraphValue,
  type Layer,
  layerNorm,
  multiHeadAttention,
  Network,
  oneCycle,
  positionalEncoding,
  type Tensor,
} from 'chainrule';

const LENGTH = 6;
const DIGITS = 8;
const FEATURES = 32;
const HEADS = 4;

/** x + attention(norm x), then the same with two dense layers in place of attention. */
function block(): Layer {
  const attention = multiHeadAttention(HEADS);
  const [before, between] = [layerNorm(), layerNorm()];
  const [wide, narrow] = [dense(2 * FEATURES, { activation: 'gelu' }), dense(FEATURES)];
  return (x: GraphValue) => {
    const attended = add(x, attention(before(x)));
    return add(attended, narrow(wide(between(attended))));
  };
}

export async function main({ epochs = 12, rows = 12_000 } = {}) {
  const network = await Network.create({
    input: [LENGTH],
    layers: [embedding(DIGITS, FEATURES), positionalEncoding(), block(), block(), layerNorm(), dense(DIGITS)],
    loss: 'softmaxCrossEntropy', // of each place by itself: its digit is a class
    seed: 1,
  });
  const training = sequences(rows, 1);
  const start = performance.now();
  await network.fit(
    { x: training, y: training.map(inOrder) },
    { epochs, batchSize: 64, optimizer: adam({ learningRate: 4e-3 }), schedule: oneCycle({ period: epochs * Math.ceil(rows / 64) }) },
  );
  console.log(`${epochs} epochs in ${((performance.now() - start) / 1000).toFixed(1)} s on ${network.backend.name}`);
  // Of all 8⁶ rows, chance alone would repeat some.
  const known = new Set(training.map(String));
  const unseen = sequences(1000, 2).filter((digits) => !known.has(String(digits)));
  const { accuracy: ofPlaces = 0 } = await network.evaluate({ x: unseen, y: unseen.map(inOrder) });
  const { data: scores } = network.predict(unseen);
  const sorted = unseen.map((_, row) => likeliest(scores.subarray(row * LENGTH * DIGITS, (row + 1) * LENGTH * DIGITS)));
  const right = sorted.filter((digits, row) => String(digits) === String(inOrder(unseen[row]))).length;
  for (let row = 0; row < 5; row++) console.log(`${unseen[row].join(' ')}  →  ${sorted[row].join(' ')}`);
  console.log(`${right} of ${unseen.length} sequences that are not among the training rows are sorted without a mistake`);
  console.log(`${(100 * ofPlaces).toFixed(2)} % of their places are right`);
  network.dispose();
  return { accuracy: right / unseen.length, count: unseen.length };
}

/** Rows of random digits (Lehmer 1951). */
function sequences(rows: number, seed: number): number[][] {
  let state = seed * 1_000_003;
  const digit = () => {
    state = (state * 48_271) % 2_147_483_647;
    return Math.floor((state / 2_147_483_647) * DIGITS);
  };
  return Array.from({ length: rows }, () => Array.from({ length: LENGTH }, digit));
}

const inOrder = (digits: readonly number[]) => [...digits].sort((a, b) => a - b);

/** The likeliest digit of each place. */
function likeliest(scores: Tensor['data']): number[] {
  return Array.from({ length: LENGTH }, (_, place) => {
    const own = Array.from({ length: DIGITS }, (_, digit) => scores[place * DIGITS + digit]);
    return own.indexOf(Math.max(...own));
  });
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await main();
