// Times predictions in ONNX Runtime from Node. usage: node ort_predict.mjs FILE ONNX node|web --threads N; see exchange.py.
import { readFileSync } from 'node:fs';
import { answer, readExchange, say, secondsPerStep } from './exchange.mjs';

const [file, onnx, kind, , threads] = process.argv.slice(2);
const module = await import(kind === 'node' ? 'onnxruntime-node' : 'onnxruntime-web');
const ort = module.default ?? module;
if (kind === 'web') ort.env.wasm.numThreads = Number(threads);
const { inputs, x, numbers } = readExchange(file);
const session = await ort.InferenceSession.create(
  kind === 'node' ? onnx : readFileSync(onnx),
  kind === 'node' ? { intraOpNumThreads: Number(threads), interOpNumThreads: 1 } : { executionProviders: ['wasm'] },
);
const tensor =
  inputs === 'indices' ? new ort.Tensor('int64', BigInt64Array.from(x.data, BigInt), x.shape) : new ort.Tensor('float32', x.data, x.shape);
const run = async (times) => {
  for (let i = 0; i < times; i++) await session.run({ x: tensor });
};
const { y } = await session.run({ x: tensor });
say({
  peer: `ONNX Runtime ${kind === 'node' ? 'for Node' : 'web'} ${ort.env.versions[kind]}`,
  how: kind === 'node' ? 'from Node' : 'web',
  numbers,
  values: [...y.data.slice(0, y.data.length / x.shape[0])],
});
await answer(async (seconds) => {
  await run(10);
  return secondsPerStep(run, seconds);
});
