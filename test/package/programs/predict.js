// Makes a predictor's file, loads it as a page would, and prints the predictions of both beside the network's own.
import { writeFileSync } from 'node:fs';
import process from 'node:process';
import { dense, Network, OptionError } from 'chainrule';
import { loadPredictor, OptionError as OptionErrorOfPredict } from 'chainrule/predict';

const [path] = process.argv.slice(2);
const network = await Network.create({
  input: [2],
  layers: [dense(4, { activation: 'tanh' }), dense(3)],
  loss: 'softmaxCrossEntropy',
  backend: 'wasm',
  seed: 1,
});
const bytes = network.toPredictor();
writeFileSync(path, bytes);
const x = [
  [1, 2],
  [-1, 0.5],
];
const from = async (source) => [...(await loadPredictor(source)).predict(x).data];
const results = { network: [...network.predict(x).data], bytes: await from(bytes), file: await from(path) };
console.log(JSON.stringify({ ...results, isOneClass: OptionError === OptionErrorOfPredict }));
