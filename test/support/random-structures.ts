/** Networks of random functions and layers, sensible or not: what is created also predicts, trains, is written and is read back. */
import {
  abs,
  activate,
  add,
  broadcast,
  ChainruleError,
  clamp,
  concatenate,
  DivergedError,
  dense,
  divide,
  type GraphValue,
  layerNorm,
  matmul,
  maximum,
  mean,
  multiply,
  Network,
  rnn,
  slice,
  softmax,
  split,
  subtract,
  sum,
  tanh,
  transpose,
} from 'chainrule';
import { expect } from 'vitest';
import { flattenSample, reshape } from '../../src/graph/functions.ts';
import { FASTEST, onBackend } from './networks.ts';
import { Chance } from './randomness.ts';

const SIZES = [1, 1, 2, 3, 4, 6];
const MOST_STEPS = 12;
/** Larger values only take time. */
const MOST_ELEMENTS = 4000;

const axisOf = (x: GraphValue, chance: Chance) => chance.below(x.shape.length + 1) - chance.below(2);
const shuffled = <T>(list: readonly T[], chance: Chance) => [...list].sort(() => chance.between(-1, 1));

/** One more value of those that there are; what cannot be throws. */
function step(values: readonly GraphValue[], chance: Chance): GraphValue {
  const x = chance.pick(values);
  const y = chance.pick(values);
  const choices: (() => GraphValue)[] = [
    () => chance.pick([add, subtract, multiply, maximum])(x, y),
    () => divide(x, add(abs(y), 1)),
    () => add(x, chance.pick([0, -1, 0.5, Number.NEGATIVE_INFINITY])),
    () => chance.pick([tanh, softmax, abs])(x),
    () => activate(x, chance.pick(['gelu', 'relu', 'leakyRelu', 'logSoftmax'] as const)),
    () => clamp(x, chance.pick([0, 1, 2])),
    () => matmul(x, chance.happens(0.5) ? transpose(y) : y, { transposeA: chance.happens(0.2), transposeB: chance.happens(0.3) }),
    () => matmul(x, transpose(x)),
    () => transpose(x, chance.happens(0.3) ? undefined : shuffled([...x.shape.keys()], chance)),
    () => sum(x, chance.happens(0.3) ? undefined : [axisOf(x, chance)]),
    () => mean(x, [axisOf(x, chance)]),
    () => reshape(x, shuffled(x.shape, chance)),
    () => reshape(x, [...x.shape, 1]),
    () => reshape(x, [...x.shape.slice(0, -1), 2, (x.shape.at(-1) ?? 1) / 2]),
    () => broadcast(x, [...shuffled([2, -1], chance).slice(0, chance.below(3)), ...x.shape]),
    () => slice(x, axisOf(x, chance), chance.below(2), 1 + chance.below(4)),
    () => split(x, 2, axisOf(x, chance))[chance.below(2)],
    () => concatenate([x, y], axisOf(x, chance)),
    () => concatenate([x, x], axisOf(x, chance)),
    () => dense(chance.pick(SIZES), { activation: 'tanh' })(x),
    () => layerNorm()(x),
    () => rnn(chance.pick(SIZES), { returnSequences: chance.happens(0.5) })(x),
  ];
  return chance.pick(choices)();
}

function build(inputs: Readonly<Record<string, GraphValue>>, chance: Chance): { y: GraphValue } {
  const values = Object.values(inputs);
  for (let i = chance.below(MOST_STEPS); i >= 0; i--) {
    try {
      const value = step(values, chance);
      if (Math.abs(value.shape.reduce((product, size) => product * size, 1)) <= MOST_ELEMENTS) values.push(value);
    } catch (error) {
      if (!(error instanceof ChainruleError)) throw error;
    }
  }
  const last = values.at(-1) as GraphValue;
  return { y: chance.happens(0.6) ? dense(2)(flattenSample(last)) : last };
}

/** Makes a network by the seed's choices; whether it is accepted. It then does all that a network does, or an expectation fails. */
export async function acceptsStructure(seed: number): Promise<boolean> {
  const chance = new Chance(seed);
  const shape = () => Array.from({ length: chance.below(4) }, () => chance.pick(SIZES));
  const inputs = { a: shape(), b: shape() };
  const options = { inputs, losses: { y: 'meanSquaredError' }, backend: FASTEST } as const;
  const network = await onBackend(FASTEST, () =>
    Network.create({ ...options, build: (given) => build(given as unknown as Record<string, GraphValue>, chance) }),
  ).catch((error: unknown) => {
    expect(error, `seed ${seed}`).toBeInstanceOf(ChainruleError);
    return undefined;
  });
  if (!network) return false;
  using made = network;
  const rows = 3;
  const values = (sample: readonly number[], count = rows) => {
    const data = Float64Array.from({ length: sample.reduce((product, size) => product * size, count) }, () => chance.between(-1, 1));
    return { shape: [count, ...sample], data };
  };
  const x = { a: values(inputs.a), b: values(inputs.b) };
  expect(made.predict(x as never).y.shape, `seed ${seed}`).toEqual([rows, ...made.output.y]);
  made.predict({ a: values(inputs.a, 1), b: values(inputs.b, 1) } as never);
  try {
    await made.fit({ x, y: { y: values(made.output.y) } } as never, { batchSize: 2 });
  } catch (error) {
    if (!(error instanceof DivergedError)) throw new Error(`seed ${seed}: fit`, { cause: error });
  }
  using read = await onBackend(FASTEST, () => Network.fromBytes(made.toBytes(), { backend: FASTEST }));
  expect(read.predict(x as never), `seed ${seed}`).toEqual(made.predict(x as never));
  return true;
}
