// W3 (XOR) and online training in the pure-JavaScript libraries. usage: node small_bench.mjs; prints JSON lines.
import { createRequire } from 'node:module';
import { load } from './data.mjs';

const require = createRequire(import.meta.url);
const emit = (o) => console.log(JSON.stringify({ threads: 1, ...o }));
const xor = [
  [0, 0, 0],
  [0, 1, 1],
  [1, 0, 1],
  [1, 1, 0],
].map(([a, b, y]) => ({ input: [a, b], output: [y] }));
const timed = (f) => {
  const t = performance.now();
  f();
  return performance.now() - t;
};
const epochs = 50000;
{
  const brain = require('brain.js');
  const net = new brain.NeuralNetwork({ hiddenLayers: [3] });
  const ms = timed(() => net.train(xor, { iterations: epochs, errorThresh: 1e-12, learningRate: 0.1 }));
  emit({ peer: 'brain.js 2.0.0-beta.24', workload: 'W3', usPerStep: (ms * 1000) / epochs });
}
{
  const synaptic = require('synaptic');
  const net = new synaptic.Architect.Perceptron(2, 3, 1);
  const ms = timed(() => new synaptic.Trainer(net).train(xor, { rate: 0.1, iterations: epochs, error: 0 }));
  emit({ peer: 'synaptic 1.1.4', workload: 'W3', usPerStep: (ms * 1000) / epochs });
}
{
  const convnet = require('convnetjs');
  const { X, Y } = load();
  const net = new convnet.Net();
  net.makeLayers([
    { type: 'input', out_sx: 1, out_sy: 1, out_depth: 784 },
    { type: 'fc', num_neurons: 50, activation: 'relu' },
    { type: 'softmax', num_classes: 10 },
  ]);
  const trainer = new convnet.SGDTrainer(net, { learning_rate: 0.1, batch_size: 100, momentum: 0 });
  const volume = new convnet.Vol(1, 1, 784);
  const n = 20000;
  const ms = timed(() => {
    for (let k = 0; k < n; k++) {
      for (let j = 0; j < 784; j++) volume.w[j] = X[k * 784 + j];
      trainer.train(volume, Y[k]);
    }
  });
  emit({ peer: 'convnetjs 0.3.0', workload: 'W1', usPerStep: Math.round((ms * 1e5) / n), samplesPerSecond: Math.round((n / ms) * 1000) });
}
process.exit(0);
