/** Reverse mode over whole graphs: where δ's meet, where none come, and what graphs look like. */
import { describe, expect, it } from 'vitest';
import type { Backend } from '../../src/backends/backend.ts';
import { GradientError, ShapeError } from '../../src/errors.ts';
import { differentiateGraph } from '../../src/graph/autodiff.ts';
import { GraphExpressions } from '../../src/graph/expressions.ts';
import { add, exp, matmul, multiply, relu, sigmoid, square, sum } from '../../src/graph/functions.ts';
import { Graph, type GraphValue } from '../../src/graph/graph.ts';
import { graphToDot, printGraph } from '../../src/graph/print.ts';
import { BATCH, count } from '../../src/ops/shape.ts';
import { BACKENDS } from '../support/backends.ts';
import { expectClose } from '../support/compare.ts';
import { spread } from '../support/networks.ts';
import { runGraph, type Values } from '../support/run-graph.ts';

const REFERENCE = BACKENDS.find((backend) => backend.name === 'reference') as Backend;

/** δ of every input of a function, by name. */
function gradients(shapes: Record<string, number[]>, body: (values: Record<string, GraphValue>) => GraphValue, values: Values) {
  const graph = new Graph();
  const inputs = Object.fromEntries(Object.entries(shapes).map(([name, shape]) => [name, graph.input(name, shape)]));
  const deltas = differentiateGraph(body(inputs), Object.values(inputs));
  Object.keys(shapes).forEach((name, i) => {
    graph.outputs.set(name, deltas[i]);
  });
  return Object.fromEntries([...runGraph(REFERENCE, graph, values)].map(([name, value]) => [name, [...value]]));
}

/** A recurrence over x, its last states times w: a loss to differentiate twice. */
function recurrence(cell: 'rnn' | 'lstm' | 'gru') {
  const graph = new Graph();
  const gates = { rnn: 1, lstm: 4, gru: 3 }[cell];
  const x = graph.input('x', [2, 3, 2 * gates]);
  const w = graph.input('w', [2, 1]);
  const weight = graph.input('weight', [2 * gates, 2]);
  const [hidden] = graph.apply(cell, [x, weight]);
  const loss = sum(square(matmul(hidden, w)));
  return { graph, x, w, weight, loss };
}

describe('a second derivative', () => {
  it.each(['rnn', 'lstm', 'gru'] as const)('through the way back of %s is refused, by name', (cell) => {
    const { x, w, weight, loss } = recurrence(cell);
    const [ofX] = differentiateGraph(loss, [x]);
    for (const value of [x, w, weight]) {
      const twice = () => differentiateGraph(sum(square(ofX)), [value]);
      expect(twice).toThrow(GradientError);
      expect(twice).toThrow(`got ${cell}Gradient, which has none`);
    }
    const [ofWeight] = differentiateGraph(loss, [weight]);
    expect(() => differentiateGraph(sum(ofWeight), [x])).toThrow(GradientError);
  });

  it.each(['rnn', 'lstm', 'gru'] as const)('that goes the way forward of %s alone is what differences say', (cell) => {
    const { graph, x, w, weight, loss } = recurrence(cell);
    const [ofW] = differentiateGraph(loss, [w]);
    const along = sum(ofW);
    graph.outputs.set('along', along);
    graph.outputs.set('second', differentiateGraph(along, [x])[0]);
    const values = Object.fromEntries([x, w, weight].map(({ shape }, i) => [['x', 'w', 'weight'][i], spread(count(shape), i + 1)]));
    const at = (element: number, by: number) =>
      runGraph(REFERENCE, graph, { ...values, x: values.x.map((value, i) => (i === element ? value + by : value)) });
    const step = 1e-4;
    const differences = Array.from(values.x, (_, i) => (at(i, step).get('along')![0] - at(i, -step).get('along')![0]) / (2 * step));
    expect(differences.some((value) => Math.abs(value) > 1e-2)).toBe(true);
    expectClose(at(0, 0).get('second')!, differences, 1e-6, 'second');
  });

  it('of an op that never changes with its inputs stays zero', () => {
    const zero = gradients({ x: [2, 3] }, ({ x }) => sum(multiply(x.graph.apply('sequenceMask', [sum(x, [1])], { steps: 4 })[0], 3)), {
      x: [1, 0, 1, 0, 1, 0],
    });
    expect(zero).toEqual({ x: [0, 0, 0, 0, 0, 0] });
  });
});

describe('δ', () => {
  it('of the textbook’s z = x·y is y and x', () => {
    expect(gradients({ x: [], y: [] }, ({ x, y }) => multiply(x, y), { x: [3], y: [4] })).toEqual({ x: [4], y: [3] });
  });

  it('of σ(xᵀw + b) is σ(1 − σ) times what each met', () => {
    const body = ({ x, w, b }: Record<string, GraphValue>) => sum(sigmoid(add(matmul(x, w), b)));
    const { x, w, b } = gradients({ x: [1, 2], w: [2, 1], b: [1] }, body, { x: [0.5, -1], w: [2, 0.25], b: [0.1] });
    const s = 1 / (1 + Math.exp(-(0.5 * 2 - 0.25 + 0.1)));
    const slope = s * (1 - s);
    expectClose(x, [2 * slope, 0.25 * slope], 1e-12, 'x');
    expectClose(w, [0.5 * slope, -slope], 1e-12, 'w');
    expectClose(b, [slope], 1e-12, 'b');
  });

  it('of a value used twice is the sum of both, however it is used', () => {
    expect(gradients({ x: [2] }, ({ x }) => sum(add(square(x), multiply(x, 3))), { x: [1, -2] })).toEqual({ x: [5, -1] });
    expect(gradients({ x: [2] }, ({ x }) => sum(multiply(x, x)), { x: [1, -2] })).toEqual({ x: [2, -4] });
    expect(gradients({ x: [2] }, ({ x }) => sum(add(x, x)), { x: [1, -2] })).toEqual({ x: [2, 2] });
  });

  it('of a chain of shared values is the sum over all paths', () => {
    const doubled = ({ x }: Record<string, GraphValue>) => {
      let y = x;
      for (let i = 0; i < 40; i++) y = add(y, y);
      return sum(y);
    };
    expect(gradients({ x: [1] }, doubled, { x: [1] })).toEqual({ x: [2 ** 40] });
  });

  it('of something that the loss does not depend on is zeros', () => {
    expect(gradients({ x: [2], unused: [3] }, ({ x }) => sum(x), { x: [1, 2], unused: [1, 2, 3] })).toEqual({
      x: [1, 1],
      unused: [0, 0, 0],
    });
  });

  it('of the loss itself is 1', () => {
    expect(gradients({ x: [] }, ({ x }) => x, { x: [7] })).toEqual({ x: [1] });
    expect(gradients({ x: [1, 1] }, ({ x }) => x, { x: [7] })).toEqual({ x: [1] });
  });

  it('at the kink of a ReLU is 0', () => {
    expect(gradients({ x: [3] }, ({ x }) => sum(relu(x)), { x: [-1, 0, 1] })).toEqual({ x: [0, 0, 1] });
  });

  it('of an operation with several outputs sums what each contributes', () => {
    const body = (m: GraphExpressions, x: GraphValue, label: GraphValue) => m.applyAll('softmaxCrossEntropy', [x, label], { sparse: true });
    const parts = (first: boolean, second: boolean) =>
      gradients(
        { x: [1, 3], label: [1] },
        ({ x, label }) => {
          const [losses, probabilities] = body(new GraphExpressions(x.graph), x, label);
          const terms = [...(first ? [sum(losses)] : []), ...(second ? [sum(square(probabilities))] : [])];
          return terms.reduce((a, b) => add(a, b));
        },
        { x: [0.3, -1, 2], label: [1] },
      ).x;
    const [losses, probabilities] = [parts(true, false), parts(false, true)];
    expect(Math.max(...probabilities.map(Math.abs))).toBeGreaterThan(0.01);
    expectClose(
      parts(true, true),
      losses.map((value, i) => value + probabilities[i]),
      1e-12,
      'both',
    );
  });

  it('can be differentiated again', () => {
    const body = ({ x }: Record<string, GraphValue>) => sum(differentiateGraph(sum(exp(multiply(x, 2))), [x])[0]);
    expectClose(gradients({ x: [2] }, body, { x: [0, 1] }).x, [4, 4 * Math.exp(2)], 1e-12, 'second derivative');
  });

  it('is refused for a loss that is no single number', () => {
    const graph = new Graph();
    const x = graph.input('x', [BATCH, 2]);
    expect(() => differentiateGraph(x, [x])).toThrow(ShapeError);
    expect(() => differentiateGraph(x, [x])).toThrow(/one number, got shape \[batch, 2\]/);
  });

  it('is refused for values of another graph', () => {
    const [one, other] = [new Graph(), new Graph()];
    expect(() => add(one.input('x', []), other.input('x', []))).toThrow(/values of one graph/);
  });
});

describe('a graph', () => {
  function example(): Graph {
    const graph = new Graph();
    const x = graph.input('x', [BATCH, 2]);
    const w = graph.parameter('w', [2, 1]);
    const loss = sum(matmul(x, w));
    exp(x);
    graph.outputs.set('loss', loss);
    graph.gradients.set('w', differentiateGraph(loss, [w])[0]);
    return graph;
  }

  it('prints its sources, the operations that matter, and its results', () => {
    const lines = printGraph(example()).split('\n');
    expect(lines.slice(0, 4)).toEqual([
      'x = input [batch, 2]',
      'w = parameter [2, 1]',
      '%0 = matmul(x, w) [batch, 1]',
      '%1 = sum(%0) {axis: 0, axes: 2} []',
    ]);
    expect(lines.slice(-2)).toEqual(['loss ← %1', expect.stringMatching(/^∂\/∂w ← %\d+$/)]);
    expect(lines.join()).not.toContain('exp');
  });

  it('draws every value it names', () => {
    const dot = graphToDot(example());
    expect(dot).toMatch(/^digraph \{\n {2}rankdir=LR;\n[\s\S]*\}\n$/);
    expect(dot).toContain('"x" -> "%0";');
    expect(dot).toContain('"%1" -> "out loss";');
    const declared = new Set([...dot.matchAll(/^ {2}("[^"]+") \[/gm)].map(([, id]) => id));
    for (const [, from, to] of dot.matchAll(/^ {2}("[^"]+") -> ("[^"]+");/gm)) {
      // Constants are drawn by their value alone.
      if (!/^"-?[\d.e-]+"$/.test(from)) expect(declared).toContain(from);
      expect(declared).toContain(to);
    }
  });
});

it('a graph may be deeper than a stack', () => {
  const depth = 20_000;
  const { x } = gradients(
    { x: [1] },
    (values) => {
      let y = values.x;
      for (let i = 0; i < depth; i++) y = add(y, values.x);
      return y;
    },
    { x: [1] },
  );
  expect(x).toEqual([depth + 1]);
});
