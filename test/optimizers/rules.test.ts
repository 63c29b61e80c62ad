/** What an update rule may do with its parameter and its states. */
import { add, defineOptimizer, type GraphValue, negate, type OptimizerScope, reshape } from 'chainrule';
import { describe, expect, it } from 'vitest';
import { Graph } from '../../src/graph/graph.ts';
import { addUpdate } from '../../src/optimizers/update.ts';
import { BACKENDS } from '../support/backends.ts';
import { runGraph } from '../support/run-graph.ts';

type Body = (scope: OptimizerScope, parameter: GraphValue, gradient: GraphValue) => GraphValue;

/** Steps that one rule takes with two parameters, of gradients 0.5 and −1 in each element. */
function stepsOf(backend: (typeof BACKENDS)[number], body: Body, steps: number, optimize: boolean): Map<string, number[]> {
  const optimizer = defineOptimizer({ type: 'tried', learningRate: 1 }, (scope, p, g) => body(scope as OptimizerScope, p, g));
  let values: Record<string, ArrayLike<number>> = { p: [1, 2], q: [3, 4, 5], gp: [0.5, 0.5], gq: [-1, -1, -1] };
  for (let i = 0; i < steps; i++) {
    const graph = new Graph();
    for (const [name, size] of [
      ['p', 2],
      ['q', 3],
    ] as const)
      addUpdate(graph, name, graph.parameter(name, [size]), graph.input(`g${name}`, [size]), optimizer);
    values = { ...values, ...Object.fromEntries(runGraph(backend, graph, values, { optimize })) };
  }
  return new Map(Object.entries(values).map(([name, list]) => [name, Array.from(list)]));
}

const RULES: readonly (readonly [string, number, Body, Readonly<Record<string, readonly number[]>>])[] = [
  [
    'states that begin elsewhere than at 0',
    2,
    (s, p, g) => {
      s.assign(s.state('a', 7), add(s.state('a'), g));
      return p;
    },
    { 'a/p': [8, 8], 'a/q': [5, 5, 5], p: [1, 2] },
  ],
  [
    'a state of all parameters, advanced once a step',
    3,
    (s, p) =>
      add(
        p,
        s.shared('n', 4, (n) => add(n, 1)),
      ),
    { n: [7], p: [19, 20], q: [21, 22, 23] },
  ],
  ['the number of the step', 3, (s, p) => add(p, s.step), { step: [3], p: [7, 8] }],
  [
    'a state read behind its assignment, which is the old one',
    2,
    (s, p, g) => {
      s.assign(s.state('a'), g);
      return add(p, s.state('a'));
    },
    { 'a/q': [-1, -1, -1], q: [2, 3, 4] },
  ],
  [
    'the parameter kept as it was',
    2,
    (s, p, g) => {
      s.assign(s.state('old'), p);
      return add(p, g);
    },
    { 'old/p': [1.5, 2.5], p: [2, 3] },
  ],
  [
    'the parameter kept as it was, by way of a view',
    2,
    (s, p, g) => {
      s.assign(s.state('old'), reshape(reshape(p, [p.shape[0] as number, 1]), p.shape));
      return add(p, g);
    },
    { 'old/p': [1.5, 2.5], p: [2, 3] },
  ],
  [
    'the parameter kept as it was, by way of operations that cancel out',
    2,
    (s, p, g) => {
      s.assign(s.state('old'), negate(negate(p)));
      return add(p, g);
    },
    { 'old/p': [1.5, 2.5], p: [2, 3] },
  ],
  [
    'two states that change places',
    3,
    (s, p) => {
      s.assign(s.state('a', 1), s.state('b', 2));
      s.assign(s.state('b'), s.state('a'));
      return p;
    },
    { 'a/p': [2, 2], 'b/p': [1, 1], 'b/q': [1, 1, 1] },
  ],
  [
    'the parameter and a state that change places',
    1,
    (s, p) => {
      s.assign(s.state('a', 9), p);
      return s.state('a');
    },
    { 'a/p': [1, 2], p: [9, 9] },
  ],
  [
    'a state assigned to itself, and a parameter left alone',
    2,
    (s, p) => {
      s.assign(s.state('a', 3), s.state('a'));
      return p;
    },
    { 'a/p': [3, 3], p: [1, 2] },
  ],
  [
    'the last of two assignments',
    1,
    (s, p, g) => {
      s.assign(s.state('a'), p);
      s.assign(s.state('a'), g);
      return p;
    },
    { 'a/p': [0.5, 0.5] },
  ],
];

describe.each(BACKENDS.map((backend) => [backend.name, backend] as const))('an update rule on %s has', (_, backend) => {
  it.each(RULES)('%s', (_title, steps, body, expected) => {
    for (const optimize of [true, false]) {
      const results = stepsOf(backend, body, steps, optimize);
      for (const [name, values] of Object.entries(expected))
        expect([...(results.get(name) ?? [])], `${name}, optimised: ${optimize}`).toEqual(values);
    }
  });
});
