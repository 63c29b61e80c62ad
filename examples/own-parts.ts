/**
 * A network whose activation, loss, metric and optimiser are the user's own, and as fast, saved and continued as chainrule's. It learns the
 * level that nine of ten measurements stay below, where their noise grows to the right: no loss that is built in says that.
 *
 *   node --import tsx examples/own-parts.ts
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import {
  add,
  type DataSet,
  defineLayer,
  defineLoss,
  defineMetric,
  defineOptimizer,
  dense,
  divide,
  type GraphValue,
  maximum,
  multiply,
  Network,
  power,
  sqrt,
  square,
  step,
  subtract,
  sum,
} from 'chainrule';

/** A smooth relu (Barron 2021): (x + √(x² + b)) / 2. */
const squareplus = (b = 1) => defineLayer({ type: 'squareplus', b }, (_, x: GraphValue) => multiply(add(x, sqrt(add(square(x), b))), 0.5));

/** The loss that a quantile minimises (Koenker & Bassett 1978): too low costs q, too high 1 − q. */
const quantile = (q: number) =>
  defineLoss(
    { type: 'quantile', q },
    (prediction, target) => {
      const below = subtract(target, prediction);
      return maximum(multiply(below, q), multiply(below, q - 1));
    },
    { targets: 'values' },
  );

/** The share of measurements that stay below what is predicted, as q of them should. */
const coverage = () =>
  defineMetric(
    { name: 'coverage', better: 'higher' },
    {
      targets: 'values',
      sums: ({ prediction, target, weight }) => ({ below: sum(multiply(sum(step(subtract(prediction, target)), [1]), weight)) }),
      result: ({ below }, { weight }) => below / weight,
    },
  );

/** AdaBelief (Zhuang et al. 2020): Adam that divides by how far gradients are from their mean. */
const adaBelief = (learningRate: number) =>
  defineOptimizer({ type: 'adaBelief', learningRate, beta1: 0.9, beta2: 0.999, epsilon: 1e-8 }, (scope, parameter, gradient, rate) => {
    const { beta1, beta2, epsilon } = scope.options;
    const average = (kind: string, beta: number, x: GraphValue) => {
      const next = add(multiply(scope.state(kind), beta), multiply(x, 1 - beta));
      scope.assign(scope.state(kind), next);
      return next;
    };
    const unbiased = (x: GraphValue, beta: number) => divide(x, subtract(1, power(beta, scope.step)));
    const mean = average('mean', beta1, gradient);
    const surprise = average('surprise', beta2, square(subtract(gradient, mean)));
    return subtract(parameter, multiply(rate, divide(unbiased(mean, beta1), add(sqrt(unbiased(surprise, beta2)), epsilon))));
  });

/** Measurements at points from −1 to 1, with noise from −s to s; s grows from 0.1 to 0.9. Nine of ten lie below `level`. */
function measurements(rows: number, seed: number): { data: DataSet; level: Float64Array } {
  let state = seed;
  const random = () => {
    state = (state * 48271) % 2147483647;
    return state / 2147483647;
  };
  const x = Float64Array.from({ length: rows }, () => 2 * random() - 1);
  const spread = x.map((at) => 0.5 + 0.4 * at);
  const middle = x.map((at) => Math.sin(3 * at));
  const y = middle.map((at, i) => at + spread[i] * (2 * random() - 1));
  return {
    data: { x: { shape: [rows, 1], data: x }, y: { shape: [rows, 1], data: y } },
    level: middle.map((at, i) => at + 0.8 * spread[i]),
  };
}

const train = measurements(2000, 1);
const test = measurements(1000, 7);

export async function main({ epochs = 40 } = {}) {
  using network = await Network.create({
    input: [1],
    layers: [dense(32), squareplus(), dense(32), squareplus(), dense(1)],
    loss: quantile(0.9),
    metrics: [coverage()],
    seed: 1,
  });
  const fit = { batchSize: 32, optimizer: adaBelief(3e-3), validation: test.data };
  const { epochs: first } = await network.fit(train.data, { ...fit, epochs });
  const folder = await mkdtemp(join(tmpdir(), 'chainrule-'));
  try {
    const file = join(folder, 'own-parts.safetensors');
    await network.save(file);
    // A file has types and options; the makers give the functions.
    using loaded = await Network.load(file, {
      layers: { squareplus: ({ b }) => squareplus(b as number) },
      losses: { quantile: ({ q }) => quantile(q as number) },
      metrics: { coverage },
    });
    const rest = { ...fit, epochs: 2 };
    const [here, there] = [await network.fit(train.data, rest), await loaded.fit(train.data, rest)];
    const predicted = loaded.predict(test.data.x).data;
    const error = Math.sqrt(test.level.reduce((sum, level, i) => sum + (predicted[i] - level) ** 2, 0) / test.level.length);
    console.log(`validation loss ${first[0].validationLoss?.toFixed(4)} → ${there.epochs[1].validationLoss?.toFixed(4)}`);
    console.log(`from the level that nine of ten stay below the network is ${error.toFixed(3)} off, in the mean`);
    const [last, continued] = [here, there].map(({ epochs: reports }) => reports[1].validationMetrics?.coverage);
    console.log(`${Math.round(100 * Number(last))} of 100 measurements stay below what is predicted`);
    return { error, losses: [here.losses, there.losses], coverage: [last, continued] };
  } finally {
    await rm(folder, { recursive: true });
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await main();
