/** Analytic against numerical gradients of one graph in which every layer meets every other. */
import {
  activation,
  add,
  averagePool2d,
  batchNorm,
  bidirectional,
  concatenate,
  conv1d,
  conv2d,
  convTranspose2d,
  dense,
  dropout,
  embedding,
  flatten,
  type GraphValue,
  globalAveragePool2d,
  groupNorm,
  gru,
  layerNorm,
  lstm,
  maxPool2d,
  multiHeadAttention,
  Network,
  positionalEncoding,
  reshape,
  rmsNorm,
  rnn,
  sequenceMask,
  spatialDropout,
  split,
  tensor,
  upsample2d,
  zeroPad2d,
} from 'chainrule';
import { describe, expect, it } from 'vitest';
import { LAYERS } from '../../src/layers/index.ts';
import { spread, spreadTensor } from '../support/networks.ts';

const ROWS = 4;
const STEPS = 5;
const WORDS = 7;
const LARGEST_ERROR = 1e-6;

/** An image of two channels to eight features. */
function seen(image: GraphValue): GraphValue {
  const wide = conv2d(4, 3, { padding: 'same', activation: 'tanh' })(zeroPad2d(1)(image));
  const residual = add(wide, batchNorm()(conv2d(4, 3, { padding: 'same', groups: 'depthwise', l2: 0.01, bias: false })(wide)));
  const pooled = concatenate([maxPool2d(2)(residual), averagePool2d(2)(spatialDropout(0.2)(residual))], 1);
  const grown = convTranspose2d(6, 3, { stride: 2, padding: 1, activation: 'silu' })(groupNorm(2)(pooled));
  const larger = conv2d(8, 3, { stride: 2 })(upsample2d(2)(grown));
  return flatten()(globalAveragePool2d()(larger));
}

/** Words to four sequences' worth of features, of which the mask hides some. */
function read(words: GraphValue, lengths: GraphValue): GraphValue {
  const mask = sequenceMask(reshape(lengths, [-1]), STEPS);
  const embedded = positionalEncoding({ learned: true })(embedding(WORDS, 6)(words));
  const attended = add(embedded, multiHeadAttention(2, { causal: true })(layerNorm()(embedded)));
  const remembered = lstm(5, { masked: true, returnSequences: true })(attended, mask);
  const both = bidirectional(gru(3, { returnSequences: true }))(rmsNorm()(remembered));
  const filtered = conv1d(6, 2, { activation: 'gelu' })(reshape([6, STEPS])(both));
  return rnn(4)(filtered);
}

const build = ({ image, words, lengths }: { image: GraphValue; words: GraphValue; lengths: GraphValue }) => {
  const joined = concatenate(seen(image), read(words, lengths));
  const hidden = dropout(0.1)(dense(10, { activation: 'tanh', l1: 0.01 })(joined));
  const [left, right] = split(add(hidden, activation('softplus')(dense(10)(hidden))), 2);
  const shared = dense(4, { activation: 'elu' });
  return { kind: dense(3)(concatenate(shared(left), shared(right))), amount: dense(1)(left), flag: dense(1)(right) };
};

const x = {
  image: spreadTensor([ROWS, 2, 6, 6], 3),
  words: tensor(
    Float64Array.from({ length: ROWS * STEPS }, (_, i) => (i * 5) % WORDS),
    [ROWS, STEPS],
  ),
  lengths: tensor(Float64Array.of(5, 3, 4, 1), [ROWS, 1]),
};
const y = {
  kind: [0, 2, 1, 0],
  amount: tensor(spread(ROWS, 9), [ROWS, 1]),
  flag: tensor(Float64Array.of(1, 0, 0, 1), [ROWS, 1]),
};

const SHAPES = { image: [2, 6, 6], words: [STEPS], lengths: [1] } as const;

const create = () =>
  Network.create({
    inputs: SHAPES,
    build,
    losses: {
      kind: 'softmaxCrossEntropy',
      amount: { loss: 'huber', weight: 0.5 },
      flag: 'sigmoidCrossEntropy',
    },
    seed: 5,
    backend: 'reference',
  });

describe('one graph of every layer', () => {
  it('has all that there are', async () => {
    using network = await create();
    const file = new TextDecoder().decode(network.toBytes());
    for (const { type } of LAYERS) expect(file, `a layer of type ${type} in the graph`).toContain(String.raw`\"type\":\"${type}\"`);
  });

  it('has the gradients that differences give, of every parameter', async () => {
    using network = await create();
    const { gradients } = network.gradients({ x, y });
    for (const [name, { data }] of gradients)
      expect(
        Array.from(data).some((value) => Math.abs(value) > 1e-8),
        name,
      ).toBe(true);
    const { maxRelativeError, worst } = await network.checkGradients({ x, y }, { samples: 4 });
    expect(maxRelativeError, JSON.stringify(worst)).toBeLessThan(LARGEST_ERROR);
  });

  it('trains, is saved, and predicts the same from its file', async () => {
    using network = await create();
    const { losses } = await network.fit({ x, y }, { epochs: 3 });
    expect(losses[2]).toBeLessThan(losses[0]);
    using read = await Network.fromBytes<typeof SHAPES, never>(network.toBytes(), { backend: 'reference' });
    expect(read.predict(x)).toEqual(network.predict(x));
  });
});
