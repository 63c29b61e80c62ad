/** Optimiser state as bfloat16: what is rounded, to which bits, and what does not change. */
import {
  adam,
  adamw,
  dense,
  digits,
  embedding,
  flatten,
  Network,
  type Optimizer,
  OptionError,
  optimizerFromConfig,
  rmsprop,
  sgd,
} from 'chainrule';
import { describe, expect, it } from 'vitest';
import { atOnce } from '../../src/backends/at-once.ts';
import { compile } from '../../src/compiler/compile.ts';
import { decodeSafetensors } from '../../src/formats/safetensors.ts';
import { Graph } from '../../src/graph/graph.ts';
import { toBfloat16 } from '../../src/ops/functions.ts';
import { addUpdate } from '../../src/optimizers/update.ts';
import type { Slot } from '../../src/program/format.ts';
import { opsOf, stepProgram } from '../compiler/networks.ts';
import { BACKENDS } from '../support/backends.ts';
import { BACKEND_NAMES, createOn, FASTEST, onBackend, weightsOf } from '../support/networks.ts';

const ADAM = adam({ learningRate: 0.01, state: 'bfloat16' });
const OPTIMIZERS: readonly (readonly [string, Optimizer])[] = [
  ['adam', ADAM],
  ['adamw', adamw({ learningRate: 0.01, weightDecay: 0.1, state: 'bfloat16' })],
  ['momentum', sgd({ learningRate: 0.05, momentum: 0.9, nesterov: true, state: 'bfloat16' })],
];

/** Odd sizes: the last word of a state has one number, and rows of the table begin within words. */
const table = { input: [3], layers: [embedding(23, 5), flatten(), dense(7, { activation: 'tanh' }), dense(3)] };
const rows = 90;
const data = {
  x: Array.from({ length: rows }, (_, i) => [i % 23, (7 * i) % 23, (3 * i + 1) % 11]),
  y: Array.from({ length: rows }, (_, i) => (5 * i) % 3),
};
const OPTIONS = { ...table, loss: 'softmaxCrossEntropy', seed: 2 ** 40 + 5, reproducible: true } as const;
const FIT = { epochs: 2, batchSize: 16 };

async function weightsAfter(backend: (typeof BACKEND_NAMES)[number], optimizer: Optimizer, options: object = {}) {
  using network = await createOn(backend, { ...OPTIONS, ...options });
  await network.fit(data, { ...FIT, optimizer });
  return weightsOf(network);
}

describe('training', () => {
  const floats = BACKEND_NAMES.filter((name) => name !== 'reference');

  describe.each(OPTIMIZERS)('with %s', (_, optimizer) => {
    it.each([false, true])('gives the same bits on every backend with any number of threads (lazy: %s)', async (lazy) => {
      const rule = optimizerFromConfig({ ...optimizer, lazy });
      const expected = await weightsAfter(floats[0], rule, { threads: 1 });
      for (const backend of floats)
        for (const threads of [1, 2]) expect(await weightsAfter(backend, rule, { threads }), `${backend}, ${threads}`).toEqual(expected);
    });

    it('goes on from a file as if it had never stopped', async () => {
      using whole = await createOn(FASTEST, OPTIONS);
      await whole.fit(data, { ...FIT, epochs: 4, optimizer });
      using half = await createOn(FASTEST, OPTIONS);
      await half.fit(data, { ...FIT, optimizer });
      using rest = await onBackend(FASTEST, () => Network.fromBytes(half.toBytes(), { reproducible: true }));
      await rest.fit(data, { ...FIT, optimizer });
      expect(rest.toBytes()).toEqual(whole.toBytes());
    });
  });

  it('depends on the seed, step for step', async () => {
    const optimizer = { ...FIT, optimizer: ADAM };
    using one = await createOn(FASTEST, OPTIONS);
    const initial = one.parameters();
    await one.fit(data, { ...optimizer, shuffle: false });
    using other = await createOn(FASTEST, { ...OPTIONS, seed: 6 });
    other.setParameters(initial);
    await other.fit(data, { ...optimizer, shuffle: false });
    expect(weightsOf(other)).not.toEqual(weightsOf(one));
  });

  it('goes on with state of float32, and with bfloat16 from it', async () => {
    using network = await createOn(FASTEST, OPTIONS);
    const losses: number[] = [];
    for (const [i, state] of (['bfloat16', 'float32', 'bfloat16'] as const).entries()) {
      const result = await network.fit(data, { ...FIT, epochs: 10 * (i + 1), optimizer: adam({ learningRate: 0.01, state }) });
      losses.push(result.losses.at(-1) as number);
    }
    expect(losses[1]).toBeLessThan(losses[0]);
    expect(losses[2]).toBeLessThan(losses[1]);
  });

  it.each<[string, (state: 'float32' | 'bfloat16') => Optimizer]>([
    ['adam', (state) => adam({ learningRate: 0.002, state })],
    ['momentum', (state) => sgd({ learningRate: 0.05, momentum: 0.9, state })],
  ])('%s has the losses of float32, a fiftieth of the first apart at most', async (_, optimizerOf) => {
    const { train } = digits({ seed: 4 });
    const run = async (state: 'float32' | 'bfloat16') => {
      const layers = [flatten(), dense(64, { activation: 'relu' }), dense(10)];
      using network = await createOn(FASTEST, { input: train.x.shape.slice(1), layers, loss: 'softmaxCrossEntropy', seed: 3 });
      const { epochs } = await network.fit(train, { epochs: 8, batchSize: 50, optimizer: optimizerOf(state) });
      return epochs.map(({ loss }) => loss);
    };
    const [float32, bfloat16] = [await run('float32'), await run('bfloat16')];
    expect(bfloat16).not.toEqual(float32);
    expect(float32[7]).toBeLessThan(0.5 * float32[0]);
    bfloat16.forEach((loss, epoch) => {
      expect(Math.abs(loss - float32[epoch]), `epoch ${epoch}`).toBeLessThan(0.02 * float32[0]);
    });
  });
});

describe.each(BACKENDS.map((backend) => [backend.name, backend] as const))('on %s', (_, backend) => {
  /** The states after so many steps of one gradient, by name. */
  function statesAfter(steps: number, gradient: readonly number[], optimizer: Optimizer, seed = 1): Map<string, number[]> {
    const graph = new Graph();
    const size = gradient.length;
    addUpdate(graph, 'p', graph.parameter('p', [size]), graph.input('g', [size]), optimizer);
    const program = compile(graph, {});
    const session = backend.open(program, seed);
    const now = atOnce(session, 'a test', 'there is none');
    session.write('g', gradient);
    now.run({ rows: 1, repeats: steps });
    const states = new Map([...program.state].map(([name, slot]) => [name, [...now.read(slot)]]));
    session.dispose();
    return states;
  }

  it('states are numbers of bfloat16, right in the mean where rounding to the nearest would stay as it is', () => {
    const size = 1027;
    const steps = 1000;
    const optimizer = adam({ learningRate: 0, beta1: 0.9, beta2: 0.999, state: 'bfloat16' });
    const states = statesAfter(steps, Array(size).fill(0.3), optimizer);
    const variance = states.get('variance/p') as number[];
    expect(variance).toEqual(variance.map(toBfloat16));
    const exact = 0.3 ** 2 * (1 - 0.999 ** steps);
    expect(variance.reduce((sum, v) => sum + v, 0) / size / exact).toBeCloseTo(1, 2);
    let nearest = 0;
    for (let i = 0; i < steps; i++) nearest = toBfloat16(0.999 * nearest + 0.001 * 0.09);
    expect(nearest).toBeLessThan(0.6 * exact);
    // Neighbours are not rounded alike, and the two states are not.
    expect(new Set(variance).size).toBeGreaterThan(10);
    const mean = states.get('mean/p') as number[];
    const above = (values: readonly number[]) => values.map((value) => (value > values.reduce((sum, v) => sum + v, 0) / size ? 1 : -1));
    const chance = 4 / Math.sqrt(size);
    const [m, v] = [above(mean), above(variance)];
    const correlation = (a: readonly number[], b: readonly number[]) => a.reduce((sum, x, i) => sum + x * (b[i] ?? 0), 0) / size;
    expect(Math.abs(correlation(m, v))).toBeLessThan(chance);
    for (const lag of [1, 2, 3, 4, 8, 16, 64]) expect(Math.abs(correlation(v, v.slice(lag))), `lag ${lag}`).toBeLessThan(chance);
  });

  it('a part of a state is written and read, from any number on', () => {
    const graph = new Graph();
    addUpdate(graph, 'p', graph.parameter('p', [7]), graph.input('g', [7]), ADAM);
    const program = compile(graph, {});
    const session = backend.open(program, 1);
    const now = atOnce(session, 'a test', 'there is none');
    const slot = program.state.get('mean/p') as Slot;
    session.write(slot, [1, 2, 3, 4, 5, 6, 7]);
    session.write(slot, [-0.5, 1.00390625, 1.01171875], 3);
    expect([...now.read(slot)]).toEqual([1, 2, 3, -0.5, 1, 1.015625, 7]);
    expect([...now.read(slot, 3, 1)]).toEqual([2, 3, -0.5]);
    session.write(slot, [Number.NaN, Number.POSITIVE_INFINITY], 5);
    expect([...now.read(slot, 2, 5)]).toEqual([Number.NaN, Number.POSITIVE_INFINITY]);
    expect(() => session.write(slot, [1, 2], 6)).toThrow(RangeError);
    session.dispose();
  });

  it('the search for what diverged names a state that is not finite', async () => {
    const graph = new Graph();
    addUpdate(graph, 'p', graph.parameter('p', [3]), graph.input('g', [3]), ADAM);
    const session = backend.open(compile(graph, {}), 1);
    session.write('g', [0, 1e21, 1]);
    const found = await session.firstNonFinite([{ rows: 1 }, { rows: 1 }]);
    expect(found?.state).toBe('variance/p');
    session.dispose();
  });
});

describe('the program', () => {
  const layers = [dense(31), dense(10)];
  const stateElements = (optimizer: Optimizer) =>
    stepProgram(layers, { optimizer })
      .buffers.filter(({ name }) => /^(mean|variance|velocity)\//.test(name))
      .reduce((sum, { size }) => sum + size, 0);

  it('has half the memory of its states', () => {
    const sizes = [31 * 64, 31, 10 * 31, 10];
    expect(stateElements(adam())).toBe(2 * sizes.reduce((sum, size) => sum + size, 0));
    expect(stateElements(ADAM)).toBe(2 * sizes.reduce((sum, size) => sum + Math.ceil(size / 2), 0));
  });

  it('updates rows alone where it is lazy too', () => {
    const lazy = adam({ lazy: true, state: 'bfloat16' });
    expect(opsOf(stepProgram([embedding(9, 4), flatten(), dense(10)], { optimizer: lazy })).filter((op) => /embed.|adam/.test(op))).toEqual(
      ['embedAdamBfloat16', 'adamBfloat16', 'adamBfloat16'],
    );
  });
});

describe('is refused', () => {
  it.each<[string, () => unknown, string]>([
    ['with amsgrad', () => adam({ amsgrad: true, state: 'bfloat16' }), "adam.state: expected 'float32' with amsgrad, got 'bfloat16'"],
    ['without a state', () => sgd({ learningRate: 1, state: 'bfloat16' }), 'sgd.state: expected a momentum above 0 with bfloat16, got 0'],
    ['as another kind of numbers', () => adam({ state: 'float16' as never }), 'adam.state'],
    ['by other optimisers', () => rmsprop({ state: 'bfloat16' } as never), 'rmsprop'],
  ])('%s', (_, make, message) => {
    expect(make).toThrow(OptionError);
    expect(make).toThrow(message);
  });

  it('as an operand of other ops', () => {
    const graph = new Graph();
    const state = graph.optimizerState('mean', 'p', [4], 0, 'bfloat16');
    expect(() => graph.apply('square', [state])).toThrow(/got the bfloat16 state mean\/p/);
    const parameter = graph.parameter('p', [4]);
    const one = graph.constant(1);
    expect(() => graph.apply('momentumBfloat16', [parameter, parameter, parameter, one, one], { momentum: 0.9 })).toThrow(
      /expected velocity to be a bfloat16 state/,
    );
  });
});

it('a file has states of the parameters’ shapes, whatever they are kept as', async () => {
  const tensorsOf = async (optimizer: Optimizer) => {
    using network = await createOn(FASTEST, OPTIONS);
    await network.fit(data, { ...FIT, optimizer });
    const { tensors } = decodeSafetensors(network.toBytes());
    return [...tensors].map(([name, { shape }]) => [name, shape]);
  };
  expect(await tensorsOf(ADAM)).toEqual(await tensorsOf(adam()));
});
