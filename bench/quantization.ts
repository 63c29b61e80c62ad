/**
 * Predictions by bytes beside those by floats: 784-1024-1024-1024-10, ReLU, of one row and of 1024.
 *
 *   npm run bench:quantization -- [--backend native|wasm] [--threads N] [--rounds R] [--python PROGRAM] [--peers DIR]
 *
 * Prints µs a call, the least of the rounds, which take both sides in turn. With `--python`, a Python that has onnx and onnxruntime, also ONNX
 * Runtime's of the same network, its int8 by quantize_static.
 */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { dense, Network } from 'chainrule';
import { round } from './report.ts';

const INPUTS = 784;
const UNITS = 1024;
const BATCHES = [1, 1024];
const CALIBRATION = 256;
/** Seconds of calls in a round. */
const SECONDS = 0.3;

const { values } = parseArgs({
  options: {
    backend: { type: 'string', default: 'native' },
    threads: { type: 'string', default: '1' },
    rounds: { type: 'string', default: '5' },
    peers: { type: 'string', default: fileURLToPath(new URL('peers', import.meta.url)) },
    python: { type: 'string' },
  },
});

const rowsOf = (rows: number) => ({ shape: [rows, INPUTS] as const, data: Float32Array.from({ length: rows * INPUTS }, Math.random) });

/** The mean µs of calls one after the other. */
function microseconds(call: () => unknown): number {
  const began = performance.now();
  let calls = 0;
  while (performance.now() - began < 1000 * SECONDS) {
    call();
    calls++;
  }
  return (1000 * (performance.now() - began)) / calls;
}

const network = await Network.create({
  input: [INPUTS],
  layers: [...[1, 2, 3].map(() => dense(UNITS, { activation: 'relu' })), dense(10)],
  loss: 'softmaxCrossEntropy',
  backend: values.backend as 'native' | 'wasm',
  threads: Number(values.threads),
});
const quantized = await network.quantize(rowsOf(CALIBRATION));
const { name, isa, threads } = network.backend;
console.log(
  `${name} ${isa}, threads ${threads}; largest error of a layer ${Math.max(...(quantized.quantization ?? []).map((one) => one.error))}`,
);
for (const rows of BATCHES) {
  const x = rowsOf(rows);
  const sides = [network, quantized].map((one) => ({ call: () => one.predict(x), least: Number.POSITIVE_INFINITY }));
  for (const side of sides) side.call();
  for (let i = 0; i < Number(values.rounds); i++) for (const side of sides) side.least = Math.min(side.least, microseconds(side.call));
  const [floats, bytes] = sides.map(({ least }) => least);
  console.log(`${rows} rows: float32 ${round(floats)} µs, int8 ${round(bytes)} µs (${round(floats / bytes)} ×)`);
}
if (values.python) {
  const script = join(values.peers, 'ort_quantized.py');
  const sizes = [INPUTS, UNITS, UNITS, UNITS, 10].join();
  spawnSync(values.python, [script, '--threads', values.threads, '--sizes', sizes, '--batches', BATCHES.join()], { stdio: 'inherit' });
}
