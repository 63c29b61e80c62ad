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
  flatten,
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
    layers: [embedding(DIGITS, FEATURES), positionalEncoding(), block(), block(), layerNorm(), dense(DIGITS), flatten()],
    loss: 'sigmoidCrossEntropy',
    seed: 1,
  });
  const training = sequences(rows, 1);
  const start = performance.now();
  await network.fit(
    { x: training, y: oneHot(training.data) },
    { epochs, batchSize: 64, optimizer: adam({ learningRate: 4e-3 }), schedule: oneCycle({ period: epochs * Math.ceil(rows / 64) }) },
  );
  console.log(`${epochs} epochs in ${((performance.now() - start) / 1000).toFixed(1)} s on ${network.backend.name}`);
  const test = unseen(sequences(1000, 2), training);
  const count = test.shape[0];
  const scores = network.predict(test).data;
  const sorted = Array.from({ length: count }, (_, row) => answer(scores.subarray(row * LENGTH * DIGITS, (row + 1) * LENGTH * DIGITS)));
  const right = sorted.filter((digits, row) => digits.join() === inOrder(rowOf(test, row)).join()).length;
  for (let row = 0; row < 5; row++) console.log(`${rowOf(test, row).join(' ')}  →  ${sorted[row].join(' ')}`);
  console.log(`${right} of ${count} sequences that are not among the training rows are sorted without a mistake`);
  network.dispose();
  return { accuracy: right / count, count };
}

interface Sequences {
  readonly shape: readonly number[];
  readonly data: Float32Array;
}

/** Rows of random digits (Lehmer 1951). */
function sequences(rows: number, seed: number): Sequences {
  let state = seed * 1_000_003;
  const data = Float32Array.from({ length: rows * LENGTH }, () => {
    state = (state * 48_271) % 2_147_483_647;
    return Math.floor((state / 2_147_483_647) * DIGITS);
  });
  return { shape: [rows, LENGTH], data };
}

/** The rows that are not among the known ones: of all 8⁶ rows, chance alone would repeat some. */
function unseen(some: Sequences, known: Sequences): Sequences {
  const rows = ({ shape, data }: Sequences) => Array.from({ length: shape[0] }, (_, row) => rowOf({ data }, row));
  const taken = new Set(rows(known).map(String));
  const left = rows(some).filter((row) => !taken.has(String(row)));
  return { shape: [left.length, LENGTH], data: Float32Array.from(left.flat()) };
}

const rowOf = ({ data }: { data: Float32Array }, row: number) => [...data.subarray(row * LENGTH, (row + 1) * LENGTH)];
const inOrder = (digits: readonly number[]) => [...digits].sort((a, b) => a - b);

/** For each place in the sorted row, 1 for its digit and 0 for the others. */
function oneHot(digits: Float32Array): Tensor {
  const rows = digits.length / LENGTH;
  const data = new Float32Array(digits.length * DIGITS);
  for (let row = 0; row < rows; row++) {
    inOrder(rowOf({ data: digits }, row)).forEach((digit, place) => {
      data[(row * LENGTH + place) * DIGITS + digit] = 1;
    });
  }
  return { shape: [rows, LENGTH * DIGITS], data };
}

/** The likeliest digit of each place. */
function answer(scores: ArrayLike<number>): number[] {
  return Array.from({ length: LENGTH }, (_, place) => {
    const own = Array.from({ length: DIGITS }, (_, digit) => scores[place * DIGITS + digit]);
    return own.indexOf(Math.max(...own));
  });
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await main();
