// The bench workloads in TensorFlow.js. usage: node tfjs_bench.mjs [wasm|cpu] [W1,W4]; prints JSON lines.
import { createRequire } from 'node:module';
import path from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import * as layers from '@tensorflow/tfjs-layers';
import '@tensorflow/tfjs-backend-cpu';
import { setWasmPaths } from '@tensorflow/tfjs-backend-wasm';
import { load } from './data.mjs';

const backend = process.argv[2] ?? 'wasm';
const only = (process.argv[3] ?? '').split(',').filter(Boolean);
setWasmPaths(`${path.dirname(createRequire(import.meta.url).resolve('@tensorflow/tfjs-backend-wasm'))}/`);
await tf.setBackend(backend);
await tf.ready();
const { X, Y } = load();
const rows = 6400;
const xs = tf.tensor2d(X.slice(0, rows * 784), [rows, 784]);
const ys = tf.cast(tf.oneHot(tf.tensor1d(Y.slice(0, rows), 'int32'), 10), 'float32');
const emit = (o) => console.log(JSON.stringify({ peer: `tfjs-${backend} 4.22.0`, threads: 1, ...o }));

async function train(workload, make, optimizer, loss, x, y, batch, seconds = 4) {
  if (only.length && !only.includes(workload)) return;
  try {
    const model = make();
    model.compile({ optimizer, loss });
    const batches = Math.floor(x.shape[0] / batch);
    let i = 0;
    const step = async () => {
      const at = (i++ % batches) * batch;
      const xb = tf.slice(x, [at, 0], [batch, x.shape[1]]);
      const yb = tf.slice(y, [at, 0], [batch, y.shape[1]]);
      await model.trainOnBatch(xb, yb);
      xb.dispose();
      yb.dispose();
    };
    for (let k = 0; k < 3; k++) await step();
    const t = performance.now();
    let k = 0;
    while (performance.now() - t < seconds * 1000) {
      await step();
      k++;
    }
    const us = ((performance.now() - t) / k) * 1000;
    emit({ workload, usPerStep: Math.round(us), samplesPerSecond: Math.round((batch / us) * 1e6) });
  } catch (e) {
    emit({ workload, failed: String(e.message).slice(0, 120) });
  }
}
const mlp = (sizes, hidden, last) => () => {
  const m = layers.sequential();
  for (const [i, units] of sizes.slice(1).entries()) {
    const activation = i < sizes.length - 2 ? hidden : last;
    m.add(layers.layers.dense({ units, inputShape: i ? undefined : [sizes[0]], activation }));
  }
  return m;
};
const stack = (list) => () => {
  const m = layers.sequential();
  for (const layer of list) m.add(layer());
  return m;
};
const L = layers.layers;
await train('W1', mlp([784, 50, 10], 'relu', 'softmax'), tf.train.sgd(0.1), 'categoricalCrossentropy', xs, ys, 100);
await train('W2', mlp([784, 30, 10], 'sigmoid', 'sigmoid'), tf.train.sgd(3), 'meanSquaredError', xs, ys, 10);
await train(
  'W3',
  mlp([2, 3, 1], 'sigmoid', 'linear'),
  tf.train.sgd(0.1),
  'meanSquaredError',
  tf.tensor2d([0, 0, 0, 1, 1, 0, 1, 1], [4, 2]),
  tf.tensor2d([0, 1, 1, 0], [4, 1]),
  4,
  2,
);
await train('W4', mlp([784, 512, 512, 10], 'relu', 'softmax'), tf.train.adam(1e-3), 'categoricalCrossentropy', xs, ys, 128);
await train('W5', mlp([784, 2048, 2048, 10], 'relu', 'softmax'), tf.train.momentum(0.01, 0.9), 'categoricalCrossentropy', xs, ys, 256);
await train(
  'W6',
  stack([
    () => L.reshape({ targetShape: [28, 28, 1], inputShape: [784] }),
    () => L.conv2d({ filters: 32, kernelSize: 3, padding: 'same', activation: 'relu' }),
    () => L.maxPooling2d({ poolSize: 2 }),
    () => L.conv2d({ filters: 64, kernelSize: 3, padding: 'same', activation: 'relu' }),
    () => L.maxPooling2d({ poolSize: 2 }),
    () => L.flatten(),
    () => L.dense({ units: 128, activation: 'relu' }),
    () => L.dense({ units: 10, activation: 'softmax' }),
  ]),
  tf.train.adam(1e-3),
  'categoricalCrossentropy',
  xs,
  ys,
  64,
);
if (!only.length || only.includes('W8')) {
  const m = mlp([784, 512, 512, 10], 'relu', 'softmax')();
  for (const b of [1, 32, 1024]) {
    const x = tf.slice(xs, [0, 0], [b, 784]);
    const run = () => {
      const p = m.predict(x);
      p.dataSync();
      p.dispose();
    };
    for (let k = 0; k < 5; k++) run();
    const t = performance.now();
    let k = 0;
    while (performance.now() - t < 1500) {
      run();
      k++;
    }
    const us = ((performance.now() - t) / k) * 1000;
    emit({ workload: 'W8', rows: b, usPerStep: Math.round(us * 10) / 10, samplesPerSecond: Math.round((b / us) * 1e6) });
  }
}
process.exit(0);
