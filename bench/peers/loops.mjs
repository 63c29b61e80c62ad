// Times W3, the XOR network, written by hand in JavaScript. usage: node loops.mjs FILE; see exchange.py.
import { answer, readExchange, say, secondsPerStep } from './exchange.mjs';

const { x, y, weights, numbers, optimizer } = readExchange(process.argv[2]);
const rate = JSON.parse(optimizer).learningRate / 4;
const [w1, b1, w2, b2] = weights.map(({ data }) => Float64Array.from(data));
const [xs, ys] = [Float64Array.from(x.data), Float64Array.from(y.data)];
const h = new Float64Array(3);
const o = new Float64Array(4);

/** One step of gradient descent on the four rows, and its loss. */
function step() {
  const [d1, c1, d2] = [new Float64Array(6), new Float64Array(3), new Float64Array(3)];
  let c2 = 0;
  let loss = 0;
  for (let s = 0; s < 4; s++) {
    o[s] = b2[0];
    for (let j = 0; j < 3; j++) {
      h[j] = 1 / (1 + Math.exp(-(w1[2 * j] * xs[2 * s] + w1[2 * j + 1] * xs[2 * s + 1] + b1[j])));
      o[s] += h[j] * w2[j];
    }
    const g = o[s] - ys[s];
    loss += (g * g) / 8;
    c2 += g;
    for (let j = 0; j < 3; j++) {
      const d = g * w2[j] * h[j] * (1 - h[j]);
      d2[j] += g * h[j];
      d1[2 * j] += d * xs[2 * s];
      d1[2 * j + 1] += d * xs[2 * s + 1];
      c1[j] += d;
    }
  }
  for (let i = 0; i < 6; i++) w1[i] -= rate * d1[i];
  for (let j = 0; j < 3; j++) {
    w2[j] -= rate * d2[j];
    b1[j] -= rate * c1[j];
  }
  b2[0] -= rate * c2;
  return loss;
}

const run = (steps) => {
  for (let i = 0; i < steps; i++) step();
};
say({ peer: 'JavaScript loops', numbers, values: [step(), step(), step()] });
await answer((seconds) => {
  run(10_000);
  return secondsPerStep(run, seconds);
});
