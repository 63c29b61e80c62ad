// Times training steps in jax-js on WebAssembly, one thread. usage: node jaxjs_train.mjs FILE; see exchange.py.
import { readFileSync } from 'node:fs';
import { defaultDevice, init, jit, lax, nn, numpy as np, valueAndGrad } from '@jax-js/jax';
import { answerTraining, readExchange } from './exchange.mjs';
import { batchesOf, layoutsOf, NETWORKS, permuted, rowsOf, Weights } from './networks.mjs';

await init('wasm');
defaultDevice('wasm');

const EPSILON = 1e-5;
const LARGEST_ONE_HOT = 1000;
const LAYOUTS = { dense: (weight) => permuted(weight, [1, 0]) };

/** (x − mean) / √(variance + ε) over some axes, each statistic of so many values. */
function standardized(x, axes) {
  const centered = x.ref.sub(np.mean(x, axes, { keepdims: true }));
  const variance = np.mean(np.square(centered.ref), axes, { keepdims: true });
  return centered.div(np.sqrt(variance.add(EPSILON)));
}

/** A value for each channel, to be combined with an image or a signal. */
const byChannel = (x, values) => (x.ndim === 2 ? values : values.reshape([1, -1, ...Array(x.ndim - 2).fill(1)]));

/** Operations, which consume their operands; images have their channels first. */
const m = {
  keep: (x) => x.ref,
  add: (x, y) => x.add(y),
  addChannels: (x, bias) => x.add(byChannel(x, bias)),
  matmul: np.matmul,
  relu: nn.relu,
  sigmoid: nn.sigmoid,
  gelu: (x) => nn.gelu(x, { approximate: false }),
  mean: (x, axis) => np.mean(x, axis),
  globalMean: (x) => np.mean(x, [2, 3]),
  flatten: (x) => x.reshape([x.shape[0], -1]),
  reshape: (x, shape) => x.reshape(shape),
  convolve: (x, w, padding, stride) =>
    lax.convGeneralDilated(
      x,
      w,
      [stride, stride],
      [
        [padding, padding],
        [padding, padding],
      ],
    ),
  convolveDepthwise: (x, w, stride) =>
    lax.convGeneralDilated(
      x,
      w,
      [stride, stride],
      [
        [1, 1],
        [1, 1],
      ],
      { featureGroupCount: w.shape[0] },
    ),
  convolveTransposed: (x, w) =>
    lax.convTranspose(
      x,
      w,
      [2, 2],
      [
        [1, 0],
        [1, 0],
      ],
      { transposeKernel: true },
    ),
  convolveAlong: (x, w, padding, stride) => lax.convGeneralDilated(x, w, [stride], [[padding, padding]]),
  maxPool(x, size, stride, padding) {
    const around = [
      [0, 0],
      [0, 0],
      [padding, padding],
      [padding, padding],
    ];
    const padded = padding === 0 ? x : np.pad(x, around, { mode: 'constant', constantValues: -1e30 });
    return lax.reduceWindow(padded, np.max, [1, 1, size, size], [1, 1, stride, stride]);
  },
  batchNorm(x, weight, bias) {
    const axes = [...Array(x.ndim).keys()].filter((axis) => axis !== 1);
    const y = standardized(x, axes);
    return y.mul(byChannel(y, weight)).add(byChannel(y, bias));
  },
  layerNorm: (x, weight, bias) =>
    standardized(x, [x.ndim - 1])
      .mul(weight)
      .add(bias),
  // Scattering, the way back of taking rows, cannot be jitted: tables that are small enough are multiplied.
  embed: (table, x) => (table.shape[0] <= LARGEST_ONE_HOT ? np.matmul(nn.oneHot(x, table.shape[0]), table) : np.take(table, x, 0)),
  attention(x, count, causal) {
    const [batch, time, features] = [x.shape[0], x.shape[1], x.shape[2] / 3];
    const heads = (part) => np.transpose(part.reshape([batch, time, count, features / count]), [0, 2, 1, 3]);
    const [q, k, v] = np.split(x, 3, 2).map(heads);
    const scores = np.matmul(q, np.transpose(k, [0, 1, 3, 2])).mul(1 / Math.sqrt(features / count));
    const seen = causal ? scores.add(np.triu(np.full([time, time], -1e9), 1)) : scores;
    const attended = np.matmul(nn.softmax(seen, -1), v);
    return np.transpose(attended, [0, 2, 1, 3]).reshape([batch, time, features]);
  },
  lstm(x, weight, recurrent, bias, biasState) {
    const projected = np.unstack(np.matmul(x, weight).add(bias.add(biasState)), 1);
    let [hidden, cell] = [0, 0].map(() => np.zeros([projected[0].shape[0], recurrent.shape[0]]));
    for (const step of projected) {
      const [i, f, g, o] = np.split(step.add(np.matmul(hidden, recurrent.ref)), 4, 1);
      cell = nn
        .sigmoid(f)
        .mul(cell)
        .add(nn.sigmoid(i).mul(np.tanh(g)));
      hidden = nn.sigmoid(o).mul(np.tanh(cell.ref));
    }
    recurrent.dispose();
    cell.dispose();
    return hidden;
  },
  gru(x, weight, recurrent, bias, biasState) {
    const projected = np.unstack(np.matmul(x, weight).add(bias), 1);
    let hidden = np.zeros([projected[0].shape[0], recurrent.shape[0]]);
    for (const step of projected) {
      const [r, z, n] = np.split(step, 3, 1);
      const [rState, zState, nState] = np.split(np.matmul(hidden.ref, recurrent.ref).add(biasState.ref), 3, 1);
      const update = nn.sigmoid(z.add(zState));
      const fresh = np.tanh(n.add(nn.sigmoid(r.add(rState)).mul(nState)));
      hidden = fresh.ref.add(update.mul(hidden.sub(fresh)));
    }
    recurrent.dispose();
    biasState.dispose();
    return hidden;
  },
};

const { network, inputs, targets, batch, loss, optimizer, x, y, weights, numbers } = readExchange(process.argv[2]);
const { type, learningRate, momentum = 0 } = JSON.parse(optimizer);
const layouts = layoutsOf(network);
// Running statistics are left out: nothing trains them.
const trained = layouts.flatMap((layout, i) => (layout === 'statistic' ? [] : [i]));
const asArray = ({ shape, data }) => np.array(data).reshape(shape);
const asIndices = ({ shape, data }) => np.array(Int32Array.from(data)).reshape(shape);

const LOSSES = {
  softmaxCrossEntropy(predicted, labels) {
    const rows = predicted.size / predicted.shape[predicted.ndim - 1];
    const wanted = nn.oneHot(labels, predicted.shape[predicted.ndim - 1]);
    return nn
      .logSoftmax(predicted)
      .mul(wanted)
      .sum()
      .mul(-1 / rows);
  },
  meanSquaredError: (predicted, values) => np.mean(np.square(predicted.sub(values))),
  halfSquaredError: (predicted, values) =>
    np
      .square(predicted.sub(values))
      .sum()
      .mul(0.5 / Number(batch)),
};

const cost = valueAndGrad((values, input, target) => LOSSES[loss](NETWORKS[network](m, new Weights(spread(values)), input), target));

/** Weights at their places, those of running statistics empty. */
function spread(values) {
  const whole = [];
  trained.forEach((place, i) => {
    whole[place] = values[i];
  });
  return whole;
}

/** The next parameters and state of the optimiser. `rate` and `root` are what Adam divides its means by, at this step. */
const UPDATES = {
  plain: (p, g, _, { rate }) => [p.sub(g.mul(rate))],
  momentum(p, g, [velocity], { rate }) {
    const next = velocity.mul(momentum).add(g);
    return [p.sub(next.ref.mul(rate)), next];
  },
  adam(p, g, [mean, square], { rate, root }) {
    const nextMean = mean.mul(0.9).add(g.ref.mul(0.1));
    const nextSquare = square.mul(0.999).add(np.square(g).mul(0.001));
    const moved = p.sub(nextMean.ref.mul(rate).div(np.sqrt(nextSquare.ref).mul(root).add(1e-8)));
    return [moved, nextMean, nextSquare];
  },
};
const kind = type === 'adam' ? 'adam' : momentum > 0 ? 'momentum' : 'plain';
const STATES = { plain: 0, momentum: 1, adam: 2 };

const step = jit((parameters, state, input, target, rate, root) => {
  const [value, gradients] = cost(
    parameters.map((p) => p.ref),
    input,
    target,
  );
  const updated = parameters.map((p, i) => UPDATES[kind](p, gradients[i], state[i], { rate: rate.ref, root: root.ref }));
  rate.dispose();
  root.dispose();
  return [updated.map(([p]) => p), updated.map(([, ...next]) => next), value];
});

let parameters = trained.map((i) => asArray(layouts[i] in LAYOUTS ? LAYOUTS[layouts[i]](weights[i]) : weights[i]));
let state = parameters.map((p) => Array.from({ length: STATES[kind] }, () => np.zeros(p.shape)));
let taken = 0;

async function take(rows) {
  taken++;
  const rate = kind === 'adam' ? learningRate / (1 - 0.9 ** taken) : learningRate;
  const root = 1 / Math.sqrt(1 - 0.999 ** taken);
  const input = (inputs === 'indices' ? asIndices : asArray)(rowsOf(x, rows));
  const target = (targets === 'indices' ? asIndices : asArray)(rowsOf(y, rows));
  const [nextParameters, nextState, value] = step(parameters, state, input, target, np.array(rate), np.array(root));
  [parameters, state] = [nextParameters, nextState];
  return (await value.data())[0];
}

const { version } = JSON.parse(readFileSync(new URL('node_modules/@jax-js/jax/package.json', import.meta.url), 'utf8'));
await answerTraining({ peer: `jax-js ${version}`, numbers }, take, batchesOf(x.shape[0], Number(batch)));
