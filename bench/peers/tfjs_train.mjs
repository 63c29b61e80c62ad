// Times training steps in TensorFlow.js on WebAssembly, one thread. usage: node tfjs_train.mjs FILE; see exchange.py.
import { createRequire } from 'node:module';
import path from 'node:path';
import { setWasmPaths, version_wasm } from '@tensorflow/tfjs-backend-wasm';
import * as tf from '@tensorflow/tfjs-core';
// Its gradients are registered by the layers.
import '@tensorflow/tfjs-layers';
import { answerTraining, readExchange } from './exchange.mjs';
import { batchesOf, layoutsOf, NETWORKS, permuted, rowsOf, Weights } from './networks.mjs';

setWasmPaths(`${path.dirname(createRequire(import.meta.url).resolve('@tensorflow/tfjs-backend-wasm'))}/`);
await tf.setBackend('wasm');
await tf.ready();

const EPSILON = 1e-5;
const LARGEST_ONE_HOT = 1000;
/** As TensorFlow.js lays weights. */
const LAYOUTS = {
  dense: (weight) => permuted(weight, [1, 0]),
  filters: (weight) => permuted(weight, weight.shape.length === 4 ? [2, 3, 1, 0] : [2, 1, 0]),
  depthwise: (weight) => permuted(weight, [2, 3, 0, 1]),
};

const normalize = (x, axes, weight, bias) => {
  const { mean, variance } = tf.moments(x, axes, true);
  return tf.add(tf.mul(tf.mul(tf.sub(x, mean), tf.rsqrt(tf.add(variance, EPSILON))), weight), bias);
};
const heads = (x, [batch, time, count, size]) => tf.transpose(tf.reshape(x, [batch, time, count, size]), [0, 2, 1, 3]);

/** Operations on images with channels last. */
const m = {
  keep: (x) => x,
  add: tf.add,
  addChannels: tf.add,
  matmul: (x, w) =>
    x.rank === 2 ? tf.matMul(x, w) : tf.reshape(tf.matMul(tf.reshape(x, [-1, w.shape[0]]), w), [...x.shape.slice(0, -1), w.shape[1]]),
  relu: tf.relu,
  sigmoid: tf.sigmoid,
  gelu: (x) => tf.mul(tf.mul(x, 0.5), tf.add(tf.erf(tf.mul(x, Math.SQRT1_2)), 1)),
  mean: (x, axis) => tf.mean(x, axis === 2 ? 1 : axis),
  globalMean: (x) => tf.mean(x, [1, 2]),
  flatten: (x) => tf.reshape(tf.transpose(x, [0, 3, 1, 2]), [x.shape[0], -1]),
  reshape: tf.reshape,
  convolve: (x, w, padding, stride) => tf.conv2d(x, w, stride, padding),
  convolveDepthwise: (x, w, stride) => tf.depthwiseConv2d(x, w, stride, 1),
  convolveTransposed: (x, w) =>
    tf.conv2dTranspose(x, w, [x.shape[0], 2 * x.shape[1], 2 * x.shape[2], w.shape[2]], 2, [
      [0, 0],
      [1, 0],
      [1, 0],
      [0, 0],
    ]),
  convolveAlong: (x, w, padding, stride) => tf.conv1d(x, w, stride, padding),
  maxPool: tf.maxPool,
  batchNorm: (x, weight, bias) => normalize(x, [...Array(x.rank - 1).keys()], weight, bias),
  layerNorm: (x, weight, bias) => normalize(x, [x.rank - 1], weight, bias),
  // There is no kernel for the way back of taking rows: tables that are small enough are multiplied.
  embed: (table, x) => (table.shape[0] <= LARGEST_ONE_HOT ? m.matmul(tf.oneHot(x, table.shape[0]), table) : tf.gather(table, x)),
  attention(x, count, causal) {
    const [batch, time, features] = [x.shape[0], x.shape[1], x.shape[2] / 3];
    const [q, k, v] = tf.split(x, 3, 2).map((part) => heads(part, [batch, time, count, features / count]));
    const scores = tf.mul(tf.matMul(q, k, false, true), 1 / Math.sqrt(features / count));
    const seen = causal ? tf.add(scores, tf.sub(tf.mul(tf.linalg.bandPart(tf.ones([time, time]), -1, 0), 1e9), 1e9)) : scores;
    return tf.reshape(tf.transpose(tf.matMul(tf.softmax(seen), v), [0, 2, 1, 3]), [batch, time, features]);
  },
  lstm(x, weight, recurrent, bias, biasState) {
    const projected = tf.unstack(tf.add(m.matmul(x, weight), tf.add(bias, biasState)), 1);
    let [hidden, cell] = [tf.zeros([x.shape[0], recurrent.shape[0]]), tf.zeros([x.shape[0], recurrent.shape[0]])];
    for (const step of projected) {
      const [i, f, g, o] = tf.split(tf.add(step, tf.matMul(hidden, recurrent)), 4, 1);
      cell = tf.add(tf.mul(tf.sigmoid(f), cell), tf.mul(tf.sigmoid(i), tf.tanh(g)));
      hidden = tf.mul(tf.sigmoid(o), tf.tanh(cell));
    }
    return hidden;
  },
  gru(x, weight, recurrent, bias, biasState) {
    const projected = tf.unstack(tf.add(m.matmul(x, weight), bias), 1);
    let hidden = tf.zeros([x.shape[0], recurrent.shape[0]]);
    for (const step of projected) {
      const [r, z, n] = tf.split(step, 3, 1);
      const [rState, zState, nState] = tf.split(tf.add(tf.matMul(hidden, recurrent), biasState), 3, 1);
      const update = tf.sigmoid(tf.add(z, zState));
      const fresh = tf.tanh(tf.add(n, tf.mul(tf.sigmoid(tf.add(r, rState)), nState)));
      hidden = tf.add(fresh, tf.mul(update, tf.sub(hidden, fresh)));
    }
    return hidden;
  },
};

const { network, inputs, targets, batch, loss, optimizer: options, x, y, weights, numbers } = readExchange(process.argv[2]);
const { type, learningRate, momentum = 0 } = JSON.parse(options);
const LOSSES = {
  softmaxCrossEntropy(predicted, labels) {
    const scores = tf.logSoftmax(predicted);
    return tf.neg(tf.mean(tf.sum(tf.mul(scores, tf.oneHot(labels, predicted.shape[predicted.rank - 1])), -1)));
  },
  meanSquaredError: (predicted, values) => tf.mean(tf.squaredDifference(predicted, values)),
  halfSquaredError: (predicted, values) => tf.mul(tf.mean(tf.sum(tf.squaredDifference(predicted, values), -1)), 0.5),
};
const optimizer =
  type === 'adam' ? tf.train.adam(learningRate) : momentum > 0 ? tf.train.momentum(learningRate, momentum) : tf.train.sgd(learningRate);

/** Images and signals with channels last. */
const placed = (tensor) =>
  inputs === 'channels' && tensor.shape.length > 2 ? permuted(tensor, [0, ...tensor.shape.map((_, axis) => axis).slice(2), 1]) : tensor;
const [xs, ys] = [placed(x), targets === 'values' ? placed(y) : y];
const variables = layoutsOf(network).map((layout, i) => {
  const { shape, data } = layout in LAYOUTS ? LAYOUTS[layout](weights[i]) : weights[i];
  return tf.variable(tf.tensor(data, shape));
});

const indexed = (kind, { shape, data }) => (kind === 'indices' ? tf.tensor(Int32Array.from(data), shape, 'int32') : tf.tensor(data, shape));
async function step(rows) {
  const [input, target] = [indexed(inputs, rowsOf(xs, rows)), indexed(targets, rowsOf(ys, rows))];
  const cost = optimizer.minimize(() => LOSSES[loss](NETWORKS[network](m, new Weights(variables), input), target), true);
  const [value] = await cost.data();
  tf.dispose([input, target, cost]);
  return value;
}

await answerTraining({ peer: `TensorFlow.js ${version_wasm}`, numbers }, step, batchesOf(xs.shape[0], Number(batch)));
