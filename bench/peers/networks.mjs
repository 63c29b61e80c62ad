// The networks of ../networks.ts and ../workloads.ts for libraries in JavaScript. A layer is a function of a library's operations `m`, the
// weights `w`, which are taken in the order in which they are handed over, and a value. Operations may consume their operands: what is used
// again is kept by `m.keep`.

const chain =
  (...layers) =>
  (m, w, x) =>
    layers.reduce((value, layer) => layer(m, w, value), x);

const dense = (m, w, x) => m.add(m.matmul(x, w.take('dense')), w.take());
const relu = (m, _, x) => m.relu(x);
const sigmoid = (m, _, x) => m.sigmoid(x);
const gelu = (m, _, x) => m.gelu(x);
const mean = (axis) => (m, _, x) => m.mean(x, axis);
const globalMean = (m, _, x) => m.globalMean(x);
const flatten = (m, _, x) => m.flatten(x);
const mlp = (depth, activation) => chain(...Array.from({ length: depth - 1 }, () => [dense, activation]).flat(), dense);

const convolve = (m, w, x, padding, stride) => m.convolve(x, w.take('filters'), padding, stride);
const convolution =
  (padding, stride = 1) =>
  (m, w, x) =>
    m.addChannels(convolve(m, w, x, padding, stride), w.take());
const transposed = (m, w, x) => m.addChannels(m.convolveTransposed(x, w.take('filters')), w.take());

/** By the statistics of the batch. Running ones are taken and left as they are, which spares a library a little work. */
function batchNorm(m, w, x) {
  const [weight, bias] = [w.take(), w.take()];
  w.skip(2);
  return m.batchNorm(x, weight, bias);
}

const layerNorm = (m, w, x) => m.layerNorm(x, w.take(), w.take());
const normalized =
  (padding, stride = 1) =>
  (m, w, x) =>
    batchNorm(m, w, convolve(m, w, x, padding, stride));
const depthwise = (stride) => (m, w, x) => batchNorm(m, w, m.convolveDepthwise(x, w.take('depthwise'), stride));
const separable = (stride) => chain(depthwise(stride), relu, normalized(0), relu);

function residualBlock(stride) {
  const [inner, shortcut] = [chain(normalized(1, stride), relu, normalized(1)), normalized(0, stride)];
  return (m, w, x) => {
    const kept = m.keep(x);
    const value = inner(m, w, kept);
    return m.relu(m.add(value, stride === 1 ? x : shortcut(m, w, x)));
  };
}

/** x + f(norm x). */
const added = (layer) => (m, w, x) => {
  const kept = m.keep(x);
  return m.add(layer(m, w, kept), x);
};

const attention = (heads, causal) => (m, w, x) => dense(m, w, m.attention(dense(m, w, x), heads, causal));
const transformerBlock = (heads, causal) =>
  chain(added(chain(layerNorm, attention(heads, causal))), added(chain(layerNorm, dense, gelu, dense)));
const embedding = (m, w, x) => m.embed(w.take(), x);
const positions = (m, w, x) => m.add(x, w.take());
const transformer = (heads, blocks, causal, ...head) =>
  chain(embedding, positions, ...Array.from({ length: blocks }, () => transformerBlock(heads, causal)), layerNorm, ...head);

const pool2 = (m, _, x) => m.maxPool(x, 2, 2, 0);
const classifier = chain(globalMean, dense);
const lstm = (m, w, x) => m.lstm(x, w.take('dense'), w.take('dense'), w.take(), w.take());
const gru = (m, w, x) => m.gru(x, w.take('dense'), w.take('dense'), w.take(), w.take());
const rowsOfImage = (m, _, x) => m.reshape(x, [-1, 28, 28]);
const along = chain((m, w, x) => m.addChannels(m.convolveAlong(x, w.take('filters'), 4, 2), w.take()), relu);

export const NETWORKS = {
  W1: mlp(2, relu),
  W2: chain(mlp(2, sigmoid), sigmoid),
  W3: mlp(2, sigmoid),
  W4: mlp(3, relu),
  W5: mlp(3, relu),
  W6: chain(convolution(1), relu, pool2, convolution(1), relu, pool2, flatten, dense, relu, dense),
  W7: chain(rowsOfImage, lstm, dense),
  residual: chain(normalized(1), relu, residualBlock(1), residualBlock(2), residualBlock(2), classifier),
  mobilenet: chain(normalized(1), relu, separable(1), separable(2), separable(1), separable(2), separable(1), classifier),
  strided: chain(convolution(3, 2), relu, (m, _, x) => m.maxPool(x, 3, 2, 1), convolution(1, 2), relu, classifier),
  autoencoder: chain(convolution(1, 2), relu, convolution(1, 2), relu, transposed, relu, transposed),
  conv1d: chain(along, along, along, mean(2), dense),
  encoder: transformer(4, 2, false, mean(1), dense),
  causal: transformer(6, 4, true, dense),
  lenet: chain(convolution(2), relu, pool2, convolution(0), relu, pool2, flatten, dense, relu, dense, relu, dense),
  embedding: chain(embedding, mean(1), dense),
  'embedding-lazy': chain(embedding, mean(1), dense),
  normalized: chain(...Array.from({ length: 3 }, () => [dense, batchNorm, relu]).flat(), dense),
  gru: chain(gru, dense),
};

/** What each of a network's weights is, as its layers take them: 'dense', 'filters', 'depthwise', 'statistic', or undefined for anything else. */
export function layoutsOf(network) {
  const layouts = [];
  const noting = { take: (layout) => layouts.push(layout), skip: (count) => layouts.push(...Array(count).fill('statistic')) };
  const passing = new Proxy({}, { get: () => (value) => value });
  NETWORKS[network](passing, noting, undefined);
  return layouts;
}

/** Weights in order. */
export class Weights {
  constructor(values) {
    this.values = values;
    this.at = 0;
  }

  take() {
    return this.values[this.at++];
  }

  skip(count) {
    this.at += count;
  }
}

/** Elements of a tensor with its axes in another order. */
export function permuted({ shape, data }, order) {
  const strides = shape.map((_, axis) => shape.slice(axis + 1).reduce((product, size) => product * size, 1));
  const to = order.map((axis) => shape[axis]);
  const out = new Float32Array(data.length);
  const at = to.map(() => 0);
  for (let i = 0; i < out.length; i++) {
    out[i] = data[at.reduce((sum, index, axis) => sum + index * strides[order[axis]], 0)];
    for (let axis = to.length - 1; axis >= 0 && ++at[axis] === to[axis]; axis--) at[axis] = 0;
  }
  return { shape: to, data: out };
}

/** Rows of a tensor. */
export function rowsOf({ shape: [count, ...sample], data }, rows) {
  const size = data.length / count;
  const out = new Float32Array(rows.length * size);
  rows.forEach((row, i) => {
    out.set(data.subarray(row * size, (row + 1) * size), i * size);
  });
  return { shape: [rows.length, ...sample], data: out };
}

/** Mini-batches of rows, in their order and shuffled, again and again. */
export const batchesOf = (count, batch) => ({ ordered: miniBatches(count, batch, false), shuffled: miniBatches(count, batch, true) });

function* miniBatches(count, batch, isShuffled) {
  const order = Array.from({ length: count }, (_, i) => i);
  for (;;) {
    if (isShuffled) shuffle(order);
    for (let at = 0; at + batch <= count; at += batch) yield order.slice(at, at + batch);
  }
}

function shuffle(order) {
  for (let i = order.length - 1; i > 0; i--) {
    const j = Math.floor(Math.random() * (i + 1));
    [order[i], order[j]] = [order[j], order[i]];
  }
}
