// Times products of square matrices in jax-js on WebAssembly. usage: node jaxjs_gemm.mjs SIZE; see exchange.py.
import { defaultDevice, init, numpy as np } from '@jax-js/jax';
import { answer, say, secondsPerStep } from './exchange.mjs';

await init('wasm');
defaultDevice('wasm');
const size = Number(process.argv[2]);
const [a, b] = [0, 1].map(() => np.array(new Float32Array(size * size).map(Math.random)).reshape([size, size]));
const run = async (times) => {
  for (let i = 0; i < times; i++) await np.matmul(a.ref, b.ref).data();
};
say({ peer: 'jax-js', numbers: 2 * size * size, values: [] });
await answer(async (seconds) => {
  await run(3);
  return secondsPerStep(run, seconds);
});
