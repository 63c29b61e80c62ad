/** A class that one row in a hundred belongs to: weights of classes find it, and an evaluation says at what cost. */
import { type ClassWeights, type DataSet, dense, Network, sgd } from 'chainrule';
import { expect, it } from 'vitest';
import { RandomStream } from '../../src/random/philox.ts';
import { FASTEST } from '../support/networks.ts';

const ROWS = 5000;

/** Two normal clouds, a little more than two deviations apart; every hundredth row is of the rare one. */
function clouds(seed: number): DataSet & { readonly y: readonly number[]; readonly x: readonly number[][] } {
  const random = new RandomStream(seed, 0);
  const normal = () => Math.sqrt(-2 * Math.log(1 - random.uniform())) * Math.cos(2 * Math.PI * random.uniform());
  const y = Array.from({ length: ROWS }, (_, i) => (i % 100 === 0 ? 1 : 0));
  return { x: y.map((rare) => [normal() + 1.5 * rare, normal() - 1.5 * rare]), y };
}

const [training, test] = [clouds(1), clouds(2)];

/** The shares of the rare rows that are found, and of the others that are left alone. */
async function found(
  loss: 'softmaxCrossEntropy' | 'sigmoidCrossEntropy',
  classWeight?: ClassWeights,
): Promise<[rare: number, common: number]> {
  const outputs = loss === 'softmaxCrossEntropy' ? 2 : 1;
  using network = await Network.create({ input: [2], layers: [dense(outputs)], loss, seed: 3, backend: FASTEST });
  await network.fit(training as DataSet, { epochs: 40, batchSize: 500, optimizer: sgd({ learningRate: 0.5 }), classWeight });
  const { data } = network.predict(test.x);
  const answers = test.y.map((_, i) => (outputs === 2 ? Number(data[2 * i + 1] > data[2 * i]) : Number(data[i] > 0)));
  const recall = (k: number) =>
    answers.filter((answer, i) => test.y[i] === k && answer === k).length / test.y.filter((one) => one === k).length;
  return [recall(1), recall(0)];
}

it.each(['softmaxCrossEntropy', 'sigmoidCrossEntropy'] as const)(
  'of 1 : 99 is found with balanced weights, not without: %s',
  async (loss) => {
    const [rareBefore, commonBefore] = await found(loss);
    const [rare, common] = await found(loss, 'balanced');
    expect(rareBefore).toBeLessThan(0.4);
    expect(commonBefore).toBeGreaterThan(0.99);
    expect(rare).toBeGreaterThan(0.75);
    expect(common).toBeGreaterThan(0.75);
  },
);
