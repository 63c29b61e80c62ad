/** Ops without kernels, which the compiler replaces by simpler ones: on every backend what their definition says, at the ends of the numbers too. */
import { describe, expect, it } from 'vitest';
import { differentiateGraph } from '../../src/graph/autodiff.ts';
import { multiply, sum } from '../../src/graph/functions.ts';
import { Graph } from '../../src/graph/graph.ts';
import { MASKED, MASKED_REFERENCE } from '../../src/ops/composite.ts';
import { BACKENDS } from '../support/backends.ts';
import { runGraph } from '../support/run-graph.ts';

const { NaN: nan, POSITIVE_INFINITY: infinite, NEGATIVE_INFINITY: least } = Number;
const SHAPES = [[4], [4, 3], [4, 3, 2]];
const MASK = [1, 0, 0, 1];
/** Of the rows that are 1 numbers, float32's largest and smallest among them; of the others anything. */
const KEPT = [0.1, 3, -3.5, 2 ** 127, -(2 ** -140), 1e-30];
const AWAY = [nan, infinite, least, 2 ** 127, -1, 0];
const elements = (size: number) =>
  MASK.flatMap((one, row) => Array.from({ length: size / 4 }, (_, i) => (one ? KEPT : AWAY)[(i + 2 * row) % 6])).map(Math.fround);

const CASES = BACKENDS.flatMap((backend) =>
  SHAPES.flatMap((shape) => [true, false].map((optimize) => [backend.name, shape.join(' × '), optimize, backend, shape] as const)),
);

describe('masked is', () => {
  it.each(CASES)('x or 0, and δ or 0, on %s: %s, optimised: %s', (_name, _shape, optimize, backend, shape) => {
    const size = shape.reduce((all, one) => all * one, 1);
    const graph = new Graph();
    const x = graph.input('x', shape);
    const delta = graph.input('delta', shape);
    const mask = graph.input('mask', [shape[0], ...shape.slice(1).map(() => 1)]);
    const [out] = graph.apply(MASKED, [x, mask]);
    graph.outputs.set('out', out);
    graph.outputs.set('gradient', differentiateGraph(sum(multiply(out, delta)), [x])[0]);
    const values = { x: elements(size), delta: elements(size).map((value) => value / 2), mask: MASK };
    const results = runGraph(backend, graph, values, { optimize });
    const expected = (given: readonly number[]) => given.map((value, i) => (MASK[Math.floor((4 * i) / size)] ? value : 0));
    expect([...(results.get('out') ?? [])]).toEqual(expected(values.x));
    expect([...(results.get('gradient') ?? [])]).toEqual(expected(values.delta));
  });

  it('refused with a mask of another shape', () => {
    const graph = new Graph();
    const apply = () => graph.apply(MASKED, [graph.input('x', [4, 3]), graph.input('mask', [4])]);
    expect(apply).toThrow('masked: expected a mask of shape [4, 1], got [4]');
  });

  it('as its reference evaluates it', () => {
    const out = new Float64Array(4);
    MASKED_REFERENCE.masked({ x: Float64Array.of(1, nan, infinite, 4), mask: Float64Array.of(1, 0), out, rows: 2, columns: 2 } as never);
    expect([...out]).toEqual([1, nan, 0, 0]);
  });
});
