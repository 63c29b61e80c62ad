// Writes a module with a predictor's bytes and what its network predicts, for Workers, which have no files.
import { writeFileSync } from 'node:fs';
import process from 'node:process';
import { dense, Network } from 'chainrule';

const [path] = process.argv.slice(2);
const network = await Network.create({
  input: [2],
  layers: [dense(4, { activation: 'tanh' }), dense(3)],
  loss: 'softmaxCrossEntropy',
  backend: 'wasm',
  seed: 1,
});
const x = [
  [1, 2],
  [-1, 0.5],
];
const values = { bytes: [...network.toPredictor()], network: [...network.predict(x).data], x };
writeFileSync(
  path,
  Object.entries(values)
    .map(([name, value]) => `export const ${name} = ${JSON.stringify(value)};\n`)
    .join(''),
);
