/** Graphs around one op for gradient checks on the reference backend, in float64. */
import { atOnce } from '../../src/backends/at-once.ts';
import type { Backend, Elements, Session } from '../../src/backends/backend.ts';
import { compile } from '../../src/compiler/compile.ts';
import { differentiateGraph } from '../../src/graph/autodiff.ts';
import { GraphExpressions } from '../../src/graph/expressions.ts';
import { multiply, sum } from '../../src/graph/functions.ts';
import { Graph, type GraphValue } from '../../src/graph/graph.ts';
import { count, resolve } from '../../src/ops/shape.ts';
import { elementsOf, type OpSpec, type Shape } from '../../src/ops/spec.ts';
import type { Slot } from '../../src/program/format.ts';
import { BACKENDS } from '../support/backends.ts';
import { Chance } from '../support/randomness.ts';
import { runProgram } from '../support/run-graph.ts';
import { casesOf } from './families.ts';
import { fillOf, inputValues, type OpCase } from './op-case.ts';

export const REFERENCE = BACKENDS.find((backend) => backend.name === 'reference') as Backend;

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
export function isSmooth(test: OpCase, i: number): boolean {
  return !('classes' in fillOf(test, i));
}

/** A loss in which every element of every output has a weight of its own. */
export function weightedLoss(graph: Graph, outputs: readonly GraphValue[]): GraphValue {
  const m = new GraphExpressions(graph);
  return outputs.map((output, i) => sum(multiply(output, graph.input(`weight${i}`, output.shape)))).reduce((a, b) => m.add(a, b));
}

export function valuesOf(test: OpCase, outputs: readonly GraphValue[], seed: number): Record<string, Float64Array> {
  const values: Record<string, Float64Array> = {};
  inputValues(test, seed).forEach((value, i) => {
    if (value) values[inputName(i)] = value;
  });
  const chance = new Chance(seed);
  outputs.forEach(({ shape }, i) => {
    values[`weight${i}`] = Float64Array.from({ length: resolve(count(shape), test.rows) }, () => chance.between(-1, 1));
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
  // Operation by operation: the reference takes runs of them more slowly, which have tests of their own.
  const program = compile(graph, { maximumRows: test.maximumRows, fusesElements: false });
  const values = valuesOf(test, weights, seed);
  const analytic = runProgram(REFERENCE, program, values, test.rows);
  const session = REFERENCE.open(program, 0);
  try {
    const named = (name: string) => (program.inputs.get(name) ?? program.parameters.get(name)) as Slot;
    for (const [name, value] of Object.entries(values)) write(session, named(name), value);
    const numeric = smooth.map(([i]) => differences(session, named(inputName(i)), values[inputName(i)], test.rows));
    return worst(
      smooth.map(([i]) => inputName(i)),
      smooth.map((_, i) => analytic.get(`delta${i}`) as Elements),
      numeric,
    );
  } finally {
    session.dispose();
  }
}

function write(session: Session, slot: Slot, values: Float64Array, start = 0): void {
  session.write(slot, slot.elements === 'index' ? Int32Array.from(values) : values, start);
}

/** By how much the loss grows with each element of an input, by differences; all else has its values, as this has afterwards. */
function differences(session: Session, slot: Slot, values: Float64Array, rows: number): Float64Array {
  const now = atOnce(session, 'a test', 'there is none');
  const lossWith = (k: number, x: number) => {
    session.write(slot, [x], k);
    now.run({ rows });
    return now.read('loss', 1)[0];
  };
  return values.map((x, k) => {
    const difference = lossWith(k, x + STEP) - lossWith(k, x - STEP);
    session.write(slot, [x], k);
    return difference / (2 * STEP);
  });
}

function worst(names: readonly string[], analytic: readonly Elements[], numeric: readonly Float64Array[]): Disagreement {
  let result: Disagreement = { error: 0, where: '' };
  names.forEach((name, i) => {
    const scale = Math.max(1, ...numeric[i].map(Math.abs));
    numeric[i].forEach((expected, k) => {
      const error = Math.abs(analytic[i][k] - expected) / scale;
      if (!(error <= result.error)) result = { error, where: `${name}[${k}]: δ ${analytic[i][k]}, by differences ${expected}` };
    });
  });
  return result;
}
