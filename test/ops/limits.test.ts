/** Values and derivatives of scalar functions at the ends of the numbers, where a product of infinity and zero would be NaN. */
import { describe, expect, it } from 'vitest';
import { differentiateGraph } from '../../src/graph/autodiff.ts';
import { type ActivationName, activate, power, sum } from '../../src/graph/functions.ts';
import { Graph, type GraphValue } from '../../src/graph/graph.ts';
import { NUMBERS } from '../../src/ops/elementwise.ts';
import { ACTIVATIONS as EVERY } from '../../src/ops/functions.ts';
import { BACKENDS } from '../support/backends.ts';
import { runGraph, type Values } from '../support/run-graph.ts';

const INFINITY = Number.POSITIVE_INFINITY;
/** Of float32. */
const LARGEST = 2 ** 128 - 2 ** 104;

/** An activation, an input, its value there and its derivative. */
const ACTIVATIONS: readonly (readonly [ActivationName, number, number, number])[] = (
  ['gelu', 'geluTanh', 'silu', 'hardSwish', 'relu', 'elu', 'softplus'] as const
).flatMap((name) => {
  const below = name === 'elu' ? -1 : 0;
  return [1e5, 3e19, LARGEST, INFINITY].flatMap((x) => [[name, x, x, 1] as const, [name, -x, below, 0] as const]);
});

/** x, y, xʸ, ∂/∂x and ∂/∂y: where PyTorch has a number there, that number. */
const POWERS: readonly (readonly [number, number, number, number, number])[] = [
  [0, 0, 1, 0, 0],
  [0, 1, 0, 1, 0],
  [0, 2, 0, 0, 0],
  [0, 3.5, 0, 0, 0],
  [2, 0, 1, 0, Math.log(2)],
  [-2, 0, 1, 0, Number.NaN],
  [-2, 2, 4, -4, Number.NaN],
  [3, 2, 9, 6, 9 * Math.log(3)],
];

/** The results of a graph over the inputs, and the gradient of their sum. */
function evaluate(backend: (typeof BACKENDS)[number], body: (inputs: Record<string, GraphValue>) => GraphValue, values: Values) {
  const graph = new Graph();
  const inputs = Object.fromEntries(Object.entries(values).map(([name, { length }]) => [name, graph.input(name, [length])]));
  const value = body(inputs);
  graph.outputs.set('value', value);
  differentiateGraph(sum(value), Object.values(inputs)).forEach((gradient, i) => {
    graph.gradients.set(Object.keys(inputs)[i], gradient);
  });
  return runGraph(backend, graph, values);
}

describe.each(BACKENDS.map((backend) => [backend.name, backend] as const))('on %s', (_, backend) => {
  it.each([...new Set(ACTIVATIONS.map(([name]) => name))])('%s far from 0', (name) => {
    const cases = ACTIVATIONS.filter(([one]) => one === name);
    const results = evaluate(backend, ({ x }) => activate(x, name), { x: cases.map(([, x]) => x) });
    cases.forEach(([, x, value, derivative], i) => {
      const expected = { value: Math.abs(x) === INFINITY ? value : Math.fround(value), derivative };
      const got = { value: Math.fround(results.get('value')?.[i] as number) + 0, derivative: results.get('gradient x')?.[i] };
      expect({ ...got, derivative: (got.derivative as number) + 0 }, `${name}(${x})`).toEqual(expected);
    });
  });

  it.each(EVERY.map(({ name }) => name as ActivationName))('%s and its derivative have their values for the largest numbers', (name) => {
    const x = [-LARGEST, -1e38, -1e20, 1e20, 1e38, LARGEST];
    const results = evaluate(backend, (inputs) => activate(inputs.x, name), { x });
    const { value: f, derivative } = EVERY.find((one) => one.name === name) as (typeof EVERY)[number];
    const alpha = name === 'leakyRelu' ? 0.01 : 1;
    x.forEach((at, i) => {
      const [value, expected] = [results.get('value')?.[i] as number, f(at, alpha)].map(Math.fround);
      // selu stretches: the largest number has no value in float32.
      if (expected === 0 || !Number.isFinite(expected)) expect(value + 0, `${name}(${at})`).toBe(expected + 0);
      else expect(value / expected, `${name}(${at})`).toBeCloseTo(1, 5);
      const slope = derivative(NUMBERS, { x: at, y: f(at, alpha), alpha });
      expect(results.get('gradient x')?.[i], `${name}′(${at})`).toBeCloseTo(slope, 5);
    });
  });

  it('a power and its derivatives are finite at 0', () => {
    const values = { x: POWERS.map(([x]) => x), y: POWERS.map(([, y]) => y) };
    const results = evaluate(backend, ({ x, y }) => power(x, y), values);
    POWERS.forEach(([x, y, ...expected], i) => {
      const got = ['value', 'gradient x', 'gradient y'].map((name) => results.get(name)?.[i]);
      expected.forEach((number, k) => {
        if (Number.isNaN(number)) expect(got[k], `${k} of ${x}^${y}`).toBeNaN();
        else expect(got[k], `${k} of ${x}^${y}`).toBeCloseTo(number, 5);
      });
    });
  });

  it('a norm is right where its squares overflow or vanish', () => {
    const norm = (x: readonly number[]) => evaluate(backend, (inputs) => inputs.x.graph.apply('norm', [inputs.x])[0], { x });
    const rows = [1e-42, 1e-30, 1e-20, 1, 1e10, 1e20, 1e30, 1e38].map((size) => [3 * size, -4 * size, 0].map((v) => v / 4));
    for (const x of rows) {
      const results = norm(x);
      const expected = Math.abs((5 / 3) * x[0]);
      expect((results.get('value')?.[0] as number) / expected, `of ${x}`).toBeCloseTo(1, expected < 1e-38 ? 2 : 6);
      if (expected > 1e-38) {
        const gradient = Array.from(results.get('gradient x') as ArrayLike<number>);
        [0.6, -0.8, 0].forEach((slope, i) => {
          expect(gradient[i], `gradient of ${x}`).toBeCloseTo(slope, 6);
        });
      }
    }
    expect(norm([0, 0]).get('value')?.[0]).toBe(0);
    expect(norm([Number.NaN, 1]).get('value')?.[0]).toBeNaN();
    expect(norm([INFINITY, 1]).get('value')?.[0]).toBeNaN();
  });
});
