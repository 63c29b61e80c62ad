// GEMM and the dense bench workloads in jax-js (WASM). usage: node jaxjs_bench.mjs [GEMM,W1,W4]; prints JSON lines.
// W4 here is plain SGD (jax-js has no Adam in this package), which is cheaper than the workload's Adam.
import { defaultDevice, init, jit, nn, numpy as np, valueAndGrad } from '@jax-js/jax';
import { load } from './data.mjs';

await init('wasm');
defaultDevice('wasm');
const only = (process.argv[2] ?? '').split(',').filter(Boolean);
const wanted = (w) => !only.length || only.includes(w);
const emit = (o) => console.log(JSON.stringify({ peer: 'jax-js 0.1.25', threads: 1, ...o }));
const random = (n, scale) => new Float32Array(n).map(() => (Math.random() - 0.5) * scale);
if (wanted('GEMM'))
  for (const n of [256, 512, 1024]) {
    const a = np.array(random(n * n, 1)).reshape([n, n]);
    const b = np.array(random(n * n, 1)).reshape([n, n]);
    const run = async () => {
      await np.matmul(a.ref, b.ref).data();
    };
    for (let k = 0; k < 3; k++) await run();
    const t = performance.now();
    let k = 0;
    while (performance.now() - t < 1500) {
      await run();
      k++;
    }
    emit({ workload: 'GEMM', n, gflops: Math.round((2 * n ** 3 * k) / (performance.now() - t) / 1e5) / 10 });
  }
const { X, Y } = load();
async function train(workload, sizes, batch, seconds = 4) {
  if (!wanted(workload)) return;
  let params = sizes.slice(1).map((n, i) => ({
    w: np.array(random(sizes[i] * n, 2 / Math.sqrt(sizes[i]))).reshape([sizes[i], n]),
    b: np.array(new Float32Array(n)),
  }));
  const loss = (p, x, y) => {
    p.forEach((l, i) => {
      x = np.matmul(x, l.w).add(l.b);
      if (i < p.length - 1) x = nn.relu(x);
    });
    return nn
      .logSoftmax(x)
      .mul(y)
      .sum()
      .mul(-1 / batch);
  };
  const both = valueAndGrad(loss);
  const step = jit((p, x, y) => {
    const [l, g] = both(
      p.map((q) => ({ w: q.w.ref, b: q.b.ref })),
      x,
      y,
    );
    return [p.map((q, i) => ({ w: q.w.sub(g[i].w.mul(0.1)), b: q.b.sub(g[i].b.mul(0.1)) })), l];
  });
  let i = 0;
  const one = async () => {
    const at = (i++ * batch) % (60000 - batch);
    const onehot = new Float32Array(batch * 10);
    for (let j = 0; j < batch; j++) onehot[j * 10 + Y[at + j]] = 1;
    const [next, l] = step(
      params,
      np.array(X.slice(at * 784, (at + batch) * 784)).reshape([batch, 784]),
      np.array(onehot).reshape([batch, 10]),
    );
    params = next;
    return (await l.data())[0];
  };
  for (let k = 0; k < 5; k++) await one();
  const t = performance.now();
  let k = 0;
  while (performance.now() - t < seconds * 1000) {
    await one();
    k++;
  }
  const us = ((performance.now() - t) / k) * 1000;
  emit({ workload, usPerStep: Math.round(us), samplesPerSecond: Math.round((batch / us) * 1e6) });
}
await train('W1', [784, 50, 10], 100);
await train('W4', [784, 512, 512, 10], 128);
process.exit(0);
