/** What each pass of the compiler does to the graphs that networks are made of. */
import { describe, expect, it } from 'vitest';
import type { Backend } from '../../src/backends/backend.ts';
import { compile } from '../../src/compiler/compile.ts';
import { gradientSlot } from '../../src/compiler/encode.ts';
import { differentiateGraph } from '../../src/graph/autodiff.ts';
import { add, exp, matmul, mean, multiply, negate, reshape, sigmoid, sum, transpose } from '../../src/graph/functions.ts';
import { Graph, type GraphValue } from '../../src/graph/graph.ts';
import { ACTIVATIONS } from '../../src/ops/functions.ts';
import { BATCH } from '../../src/ops/shape.ts';
import { adam } from '../../src/optimizers/adam.ts';
import { optimizerFromConfig } from '../../src/optimizers/define.ts';
import { sgd } from '../../src/optimizers/sgd.ts';
import { addUpdate } from '../../src/optimizers/update.ts';
import { instructions } from '../../src/program/format.ts';
import { BACKENDS } from '../support/backends.ts';
import { runGraph } from '../support/run-graph.ts';
import { DEEP, DIGITS, opsOf, stepProgram } from './networks.ts';

const REFERENCE = BACKENDS.find((backend) => backend.name === 'reference') as Backend;
const tally = (ops: readonly string[], op: string) => ops.filter((name) => name === op).length;

/** The ops that a function of x [batch, 4] compiles to, element-wise ones apart. */
function compiledOps(body: (x: GraphValue) => GraphValue): string[] {
  const graph = new Graph();
  graph.outputs.set('y', body(graph.input('x', [BATCH, 4])));
  return opsOf(compile(graph, { maximumRows: 3, fusesElements: false }));
}

describe('simplify', () => {
  it('computes a repeated operation once', () => {
    expect(compiledOps((x) => add(exp(x), exp(x)))).toEqual(['exp', 'add']);
  });

  it('keeps operations apart that differ by an infinity', () => {
    const graph = new Graph();
    const x = graph.input('x', [2]);
    graph.outputs.set('up', multiply(x, Number.POSITIVE_INFINITY));
    graph.outputs.set('down', multiply(x, Number.NEGATIVE_INFINITY));
    const results = runGraph(REFERENCE, graph, { x: [1, 2] });
    expect([...results.get('down')!]).toEqual([Number.NEGATIVE_INFINITY, Number.NEGATIVE_INFINITY]);
  });

  it('removes neutral operations and pairs that undo each other', () => {
    expect(compiledOps((x) => exp(negate(negate(x))))).toEqual(['exp']);
    expect(compiledOps((x) => exp(transpose(transpose(x))))).toEqual(['exp']);
    expect(compiledOps((x) => exp(reshape(reshape(x, [BATCH, 2, 2]), [BATCH, 4])))).toEqual(['exp']);
    expect(compiledOps((x) => exp(multiply(x, x.graph.constant(1))))).toEqual(['exp']);
  });

  it('joins scales, and reads transposed matrices where they lie', () => {
    expect(compiledOps((x) => multiply(multiply(x, 2), 3))).toEqual(['scale']);
    const graph = new Graph();
    const w = graph.parameter('w', [5, 4]);
    graph.outputs.set('y', matmul(graph.input('x', [BATCH, 4]), transpose(w)));
    const [instruction, ...rest] = instructions(compile(graph));
    expect(rest).toEqual([]);
    expect(instruction.scalars).toMatchObject({ transposeA: 0, transposeB: 1 });
  });
});

describe('fuse', () => {
  const layer = (activation: string) => {
    const graph = new Graph();
    const x = graph.input('x', [BATCH, 4]);
    const z = add(matmul(x, graph.parameter('w', [4, 4])), graph.parameter('b', [4]));
    graph.outputs.set('y', activation === 'identity' ? z : graph.apply(activation, [z])[0]);
    return [...instructions(compile(graph))];
  };

  it.each(ACTIVATIONS.map((f) => f.name))('GEMM, bias and %s are one instruction', (activation) => {
    const [affine, ...rest] = layer(activation);
    expect(rest).toEqual([]);
    expect(affine.op.name).toBe('affine');
    expect(ACTIVATIONS[affine.scalars.activation].name).toBe(activation);
    expect(affine.operands.bias).toBeGreaterThanOrEqual(0);
  });

  it('keeps a sum apart that something else reads', () => {
    const graph = new Graph();
    const z = matmul(graph.input('x', [BATCH, 4]), graph.parameter('w', [4, 4]));
    graph.outputs.set('z', z);
    graph.outputs.set('y', sigmoid(z));
    expect(opsOf(compile(graph))).toEqual(['matmul', 'sigmoid']);
  });

  it('the digits network trains in few instructions', () => {
    const ops = opsOf(stepProgram(DIGITS));
    expect(tally(ops, 'affine')).toBe(2);
    expect(tally(ops, 'deltaMatmul')).toBe(1);
    expect(tally(ops, 'softmaxCrossEntropy')).toBe(1);
    expect(tally(ops, 'softmaxCrossEntropyGradient')).toBe(1);
    expect(tally(ops, 'sgd')).toBe(1);
    for (const spelled of ['relu', 'reluGradient', 'add', 'broadcast', 'permute', 'fill', 'exp', 'log', 'softmax'])
      expect(ops).not.toContain(spelled);
  });

  it('δ goes through every hidden layer of a deep network by one instruction a layer', () => {
    const ops = opsOf(stepProgram(DEEP));
    expect(tally(ops, 'affine')).toBe(5);
    expect(tally(ops, 'deltaMatmul')).toBe(4);
  });

  it('a δ that is one number for all rows stays one number', () => {
    const [gradient] = [...instructions(stepProgram(DIGITS))].filter(({ op }) => op.name === 'softmaxCrossEntropyGradient');
    expect(gradient.scalars.deltaStep).toBe(0);
    const graph = new Graph();
    const x = graph.input('x', [BATCH, 4]);
    const loss = mean(graph.apply('squaredError', [x, graph.input('y', [BATCH, 4])])[0]);
    graph.outputs.set('delta', differentiateGraph(loss, [x])[0]);
    const instruction = [...instructions(compile(graph))].find(({ op }) => op.name === 'squaredErrorGradient');
    expect(instruction?.scalars.deltaStep).toBe(0);
  });

  it('an unoptimised program has no fused op', () => {
    const ops = opsOf(stepProgram(DIGITS, { optimize: false }));
    for (const fused of ['affine', 'deltaMatmul', 'softmaxCrossEntropy', 'softmaxCrossEntropyGradient', 'reluGradient'])
      expect(ops).not.toContain(fused);
  });
});

describe('updates', () => {
  it('of all parameters are one instruction, whatever the optimiser', () => {
    const momentum = sgd({ learningRate: 0.1, momentum: 0.9 });
    for (const [optimizer, op] of [
      [sgd({ learningRate: 0.1 }), 'sgd'],
      [momentum, 'momentum'],
      [adam(), 'adam'],
    ] as const) {
      expect(tally(opsOf(stepProgram(DEEP, { optimizer })), op)).toBe(1);
      expect(tally(opsOf(stepProgram(DEEP, { optimizer, clip: { norm: 1 } })), op)).toBe(1);
      expect(tally(opsOf(stepProgram(DEEP, { optimizer, optimize: false })), op)).toBe(10);
    }
  });

  /** One step of gradient descent, 0.5 long, on a loss of two parameters. */
  function descend(body: (p: GraphValue, q: GraphValue) => GraphValue, optimize: boolean, shape: readonly number[] = [2]) {
    const graph = new Graph();
    const size = shape.length ? 2 : 1;
    const parameters = ['p', 'q'].map((name) => graph.parameter(name, shape));
    const gradients = differentiateGraph(body(parameters[0], parameters[1]), parameters);
    ['p', 'q'].forEach((name, i) => {
      graph.gradients.set(name, gradients[i]);
      addUpdate(graph, name, parameters[i], gradients[i], optimizerFromConfig({ type: 'sgd', learningRate: 0.5 }));
    });
    const results = runGraph(REFERENCE, graph, { p: [1, 2].slice(0, size), q: [10, 20].slice(0, size) }, { optimize });
    return Object.fromEntries([...results].map(([name, value]) => [name, [...value]]));
  }

  it.each([true, false])('of a gradient that is the other parameter see it as it was (optimised: %s)', (optimize) => {
    expect(descend((p, q) => sum(multiply(p, q)), optimize)).toEqual({
      p: [-4, -8],
      q: [9.5, 19],
      [gradientSlot('p')]: [10, 20],
      [gradientSlot('q')]: [1, 2],
    });
    expect(descend(multiply, optimize, [])).toEqual({ p: [-4], q: [9.5], [gradientSlot('p')]: [10], [gradientSlot('q')]: [1] });
  });

  it.each([true, false])('of a gradient that two parameters share keep a place for each (optimised: %s)', (optimize) => {
    expect(descend((p, q) => sum(exp(multiply(add(p, q), 0))), optimize)).toMatchObject({
      [gradientSlot('p')]: [0, 0],
      [gradientSlot('q')]: [0, 0],
    });
    expect(descend((p, q) => sum(add(p, q)), optimize)).toEqual({
      p: [0.5, 1.5],
      q: [9.5, 19.5],
      [gradientSlot('p')]: [1, 1],
      [gradientSlot('q')]: [1, 1],
    });
  });
});
