/** Graphs around one op for gradient checks on the reference backend, in float64. */
import type { Backend } from '../../src/backends/backend.ts';
import { compile } from '../../src/compiler/compile.ts';
import { differentiateGraph } from '../../src/graph/autodiff.ts';
import { GraphExpressions } from '../../src/graph/expressions.ts';
import { multiply, sum } from '../../src/graph/functions.ts';
import { Graph, type GraphValue } from '../../src/graph/graph.ts';
import { count, resolve } from '../../src/ops/shape.ts';
import { elementsOf, type OpSpec, type Shape } from '../../src/ops/spec.ts';
import { BACKENDS } from '../support/backends.ts';
import { Chance } from '../support/randomness.ts';
import { runProgram, type Values } from '../support/run-graph.ts';
import { casesOf } from './families.ts';
import { inputValues, type OpCase } from './op-case.ts';

export const REFERENCE = BACKENDS.find((backend) => backend.name === 'reference') as Backend;

/** Ops through which no gradient flows: sources, counts, effects. */
export const WITHOUT_GRADIENT = [
  ...[
    'beginStep',
    'gather',
    'record',
    'fill',
    'assign',
    'accumulate',
    'elementwise',
    'toIndex',
    'toNumber',
    'clampIndex',
    'correct',
    'argmax',
    'rank',
    'histogram',
    'ctcGradient',
  ],
  ...['rnnGradient', 'lstmGradient', 'gruGradient', 'previousStates', 'sequenceMask'],
  ...['embedSgd', 'sgd', 'momentum', 'adagrad', 'rmsprop', 'adam', 'drawUniform', 'drawNormal'],
];

/** How many of an op's outputs δ's come from, where the others are kept for the way back alone. */
const DIFFERENTIATED: Readonly<Record<string, number>> = { lstm: 2, gru: 1 };

const LARGEST_CASE = 60;
const CASES_PER_OP = 8;

/** The smaller tame cases of an op, spread over all that it has. */
export function smallCases(op: OpSpec): OpCase[] {
  const small = casesOf(op).filter(({ special, inputs, rows, fills }) => {
    const elements = inputs.reduce((total, shape) => total + (shape ? resolve(count(shape), rows) : 0), 0);
    return !special && elements <= LARGEST_CASE && !fills.some((fill) => 'values' in fill);
  });
  const stride = Math.max(1, Math.floor(small.length / CASES_PER_OP));
  return small.filter((_, i) => i % stride === 0);
}

export const inputName = (i: number) => `x${i}`;

/** The op's inputs as inputs of a graph, or as parameters where it changes them. */
export function sourcesOf(test: OpCase): { graph: Graph; inputs: (GraphValue | undefined)[] } {
  const { op } = test;
  const graph = new Graph({ training: true });
  const source = (name: string, shape: Shape, i: number) =>
    op.operands[name] === 'inout'
      ? graph.parameter(inputName(i), shape)
      : graph.input(inputName(i), shape, elementsOf(op, name, test.attributes));
  return { graph, inputs: test.inputs.map((shape, i) => shape && source(op.inputs[i], shape, i)) };
}

/** Those, and the op's outputs. */
export function applyOp(test: OpCase): { graph: Graph; inputs: (GraphValue | undefined)[]; outputs: readonly GraphValue[] } {
  const { graph, inputs } = sourcesOf(test);
  return { graph, inputs, outputs: graph.apply(test.op, inputs, test.attributes).slice(0, DIFFERENTIATED[test.op.name]) };
}

/** Whether an input is one that δ's go to: numbers, not class indices. */
export function isSmooth({ fills }: OpCase, i: number): boolean {
  return !('classes' in (fills[i] ?? fills[fills.length - 1]));
}

/** A loss in which every element of every output has a weight of its own. */
export function weightedLoss(graph: Graph, outputs: readonly GraphValue[]): GraphValue {
  const m = new GraphExpressions(graph);
  return outputs.map((output, i) => sum(multiply(output, graph.input(`weight${i}`, output.shape)))).reduce((a, b) => m.add(a, b));
}

export function valuesOf(test: OpCase, outputs: readonly GraphValue[], chance: Chance): Record<string, number[]> {
  const values: Record<string, number[]> = {};
  inputValues(test, chance).forEach((value, i) => {
    if (value) values[inputName(i)] = [...value];
  });
  outputs.forEach(({ shape }, i) => {
    values[`weight${i}`] = Array.from({ length: resolve(count(shape), test.rows) }, () => chance.between(-1, 1));
  });
  return values;
}

const STEP = 1e-5;

export interface Disagreement {
  readonly error: number;
  readonly where: string;
}

/**
 * The largest difference between δ's by the gradient rules (`order` times over) and by central differences, relative to the largest δ
 * or to 1.
 */
export function compareGradients(test: OpCase, seed: number, order: 1 | 2 = 1): Disagreement {
  const { graph, inputs, outputs } = applyOp(test);
  let loss = weightedLoss(graph, outputs);
  const smooth = [...inputs.entries()].filter(([i, input]) => input && isSmooth(test, i)) as [number, GraphValue][];
  const wanted = smooth.map(([, input]) => input);
  const weights = [...outputs];
  if (order === 2) {
    const first = differentiateGraph(loss, wanted);
    weights.push(...first);
    const m = new GraphExpressions(graph);
    loss = first
      .map((delta, i) => sum(multiply(delta, graph.input(`weight${outputs.length + i}`, delta.shape))))
      .reduce((a, b) => m.add(a, b));
  }
  graph.outputs.set('loss', loss);
  differentiateGraph(loss, wanted).forEach((delta, i) => {
    graph.outputs.set(`delta${i}`, delta);
  });
  const program = compile(graph, { maximumRows: test.maximumRows });
  const values = valuesOf(test, weights, new Chance(seed));
  const run = (changed: Values) => runProgram(REFERENCE, program, changed, test.rows);
  const analytic = run(values);
  const lossOf = (changed: Values) => run(changed).get('loss')![0];
  return worst(smooth, values, (i) => analytic.get(`delta${i}`)!, lossOf);
}

function worst(
  smooth: readonly (readonly [number, GraphValue])[],
  values: Readonly<Record<string, number[]>>,
  analytic: (i: number) => ArrayLike<number>,
  lossOf: (values: Values) => number,
): Disagreement {
  let result: Disagreement = { error: 0, where: '' };
  smooth.forEach(([input], i) => {
    const name = inputName(input);
    const numeric = values[name].map((x, k) => {
      const at = (offset: number) => lossOf({ ...values, [name]: values[name].with(k, x + offset) });
      return (at(STEP) - at(-STEP)) / (2 * STEP);
    });
    const scale = Math.max(1, ...numeric.map(Math.abs));
    numeric.forEach((expected, k) => {
      const error = Math.abs(analytic(i)[k] - expected) / scale;
      if (!(error <= result.error)) result = { error, where: `${name}[${k}]: δ ${analytic(i)[k]}, by differences ${expected}` };
    });
  });
  return result;
}
