/**
 * Trains with checkpoints in a folder, or goes on from those that are there, on tensors or on a stream of rows, of which three windows are an epoch. Says `begins` when it is about to, and `ended`, a tab and the network's bytes
 * as a checksum when the run is done. By the built package: a process that is killed within a fraction of a second has no time to compile.
 */
import { createHash } from 'node:crypto';
import { writeSync } from 'node:fs';
import { Dataset } from '../../dist/bundled/data.js';
import { adam, batchNorm, checkpoint, dense, dropout, Network } from '../../dist/bundled/node.js';

const [folder, epochs, kind] = process.argv.slice(2);
const ROWS = 250;
const spread = (rows, width, phase) => ({
  shape: [rows, width],
  data: Float64Array.from({ length: rows * width }, (_, i) => Math.sin(12.9898 * (i + phase)) * Math.cos(4.1414 * (i + 3 * phase))),
});
/** Rows whose number is not known before they have been read. */
const streamed = ({ x, y }) =>
  Dataset.from(async function* () {
    for (let i = 0; i < y.length; i++) yield { x: x.data.slice(8 * i, 8 * (i + 1)), y: y[i] };
  });
const classes = (rows) => Array.from({ length: rows }, (_, i) => (i * 7) % 3);

const network = await Network.create({
  input: [8],
  layers: [dense(16, { activation: 'tanh' }), dropout(0.2), batchNorm(), dense(3)],
  loss: 'softmaxCrossEntropy',
  seed: 3,
  reproducible: true,
});
process.on('warning', ({ message }) => writeSync(1, `warning\t${message}\n`));
writeSync(1, 'begins\n');
const data = { x: spread(ROWS, 8, 1), y: classes(ROWS) };
await network.fit(kind === 'stream' ? streamed(data) : data, {
  ...(kind === 'stream' && { windowRows: 96 }),
  epochs: Number(epochs),
  batchSize: 8,
  accumulate: 3,
  optimizer: adam({ learningRate: 0.01 }),
  validation: { x: spread(30, 8, 7), y: classes(30) },
  earlyStopping: { patience: Number(epochs) },
  resume: folder,
  callbacks: [checkpoint({ folder, every: { steps: 1 }, keep: 2, best: true })],
});
writeSync(1, `ended\t${createHash('sha256').update(network.toBytes()).digest('hex')}\n`);
