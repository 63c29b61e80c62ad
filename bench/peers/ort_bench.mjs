// W8 (inference, 784-512-512-10) in ONNX Runtime. usage: node ort.mjs node|web THREADS MLP.onnx; prints JSON lines.
import { readFileSync } from 'node:fs';

const [kind = 'node', threads = '1', file = 'mlp.onnx'] = process.argv.slice(2);
const module = await import(kind === 'node' ? 'onnxruntime-node' : 'onnxruntime-web');
const ort = module.default ?? module;
if (kind === 'web') ort.env.wasm.numThreads = Number(threads);
const session = await ort.InferenceSession.create(
  kind === 'node' ? file : readFileSync(file),
  kind === 'node' ? { intraOpNumThreads: Number(threads) } : { executionProviders: ['wasm'] },
);
for (const rows of [1, 32, 1024]) {
  const x = new ort.Tensor(
    'float32',
    new Float32Array(rows * 784).map(() => Math.random()),
    [rows, 784],
  );
  for (let k = 0; k < 10; k++) await session.run({ x });
  const t = performance.now();
  let k = 0;
  while (performance.now() - t < 1500) {
    await session.run({ x });
    k++;
  }
  const us = ((performance.now() - t) / k) * 1000;
  console.log(
    JSON.stringify({
      peer: `onnxruntime-${kind} 1.30.0`,
      threads: Number(threads),
      workload: 'W8',
      rows,
      usPerStep: Math.round(us * 10) / 10,
      samplesPerSecond: Math.round((rows / us) * 1e6),
    }),
  );
}
process.exit(0);
