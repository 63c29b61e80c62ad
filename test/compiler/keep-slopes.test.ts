/** f′(z) kept in place of z: where the compiler chooses it, and that no result changes. */
import { describe, expect, it } from 'vitest';
import type { Backend } from '../../src/backends/backend.ts';
import { compile } from '../../src/compiler/compile.ts';
import { differentiateGraph } from '../../src/graph/autodiff.ts';
import { add, matmul, multiply, sum } from '../../src/graph/functions.ts';
import { Graph, type GraphValue } from '../../src/graph/graph.ts';
import { dense } from '../../src/index.ts';
import { ACTIVATIONS } from '../../src/ops/functions.ts';
import { BATCH } from '../../src/ops/shape.ts';
import { BACKENDS } from '../support/backends.ts';
import { Chance } from '../support/randomness.ts';
import { runGraph, type Values } from '../support/run-graph.ts';
import { opsOf, stepProgram } from './networks.ts';

const OF_SUMS = ACTIVATIONS.filter((f) => f.saves === 'x').map(({ name }) => name);
const OTHERS = ACTIVATIONS.filter((f) => f.saves !== 'x').map(({ name }) => name);
const ROWS = 37;
const chance = new Chance(14);
const random = (size: number) => Float32Array.from({ length: size }, () => chance.between(-1, 1));
const VALUES: Values = { x: random(ROWS * 20), w: random(20 * 35), b: random(35), u: random(35 * 9) };

interface Layers {
  readonly graph: Graph;
  readonly z: GraphValue;
  readonly y: GraphValue;
}

/** y = f(x·w + b)·u, and δ of x, w and b of Σ y². */
function layers(activation: string, { bias = true, twice = false } = {}): Layers {
  const graph = new Graph();
  const x = graph.input('x', [BATCH, 20]);
  const [w, b, u] = [graph.parameter('w', [20, 35]), graph.parameter('b', [35]), graph.parameter('u', [35, 9])];
  const product = matmul(x, w);
  const z = bias ? add(product, b) : product;
  const [f] = graph.apply(activation, [z], { alpha: 0.3 });
  // A second reader of f: δ of it is a sum, which no product ends.
  const y = twice ? add(matmul(f, u), sum(f, [1, 0])) : matmul(f, u);
  for (const [i, delta] of differentiateGraph(sum(multiply(y, y)), [x, w, b]).entries()) graph.outputs.set(`delta${i}`, delta);
  graph.outputs.set('y', y);
  return { graph, z, y };
}

const opsWith = (activation: string, options = {}) => opsOf(compile(layers(activation, options).graph, { fusesElements: false }));

describe('a slope is kept', () => {
  it.each(OF_SUMS)('of %s, whose derivative is of its sum: by two products, and nothing is computed again', (activation) => {
    const ops = opsWith(activation);
    expect(ops).toContain('affineSlope');
    expect(ops).toContain('matmulMultiply');
    for (const gone of ['deltaMatmul', activation, `${activation}Gradient`]) expect(ops).not.toContain(gone);
  });

  it('of a product without a bias, and where δ is no product', () => {
    expect(opsWith('gelu', { bias: false })).toContain('affineSlope');
    const ops = opsWith('gelu', { twice: true });
    expect(ops).toContain('affineSlope');
    expect(ops).not.toContain('geluGradient');
  });

  it('in every hidden layer of a network that trains, and in none that predicts', () => {
    const hidden = Array.from({ length: 3 }, () => dense(24, { activation: 'silu' }));
    const ops = opsOf(stepProgram([...hidden, dense(10)]));
    expect(ops.filter((op) => op === 'affineSlope')).toHaveLength(3);
    expect(ops.filter((op) => op === 'matmulMultiply')).toHaveLength(3);
    const graph = new Graph();
    const product = matmul(graph.input('x', [BATCH, 4]), graph.parameter('w', [4, 4]));
    graph.outputs.set('y', graph.apply('silu', [product])[0]);
    expect(opsOf(compile(graph))).toEqual(['affine']);
  });
});

describe('no slope is kept', () => {
  it.each(OTHERS.filter((name) => name !== 'identity'))('of %s, whose derivative is of its result', (activation) => {
    expect(opsWith(activation)).not.toContain('affineSlope');
  });

  it('where something else needs the sum', () => {
    const { graph, z } = layers('gelu');
    graph.outputs.set('z', z);
    const ops = opsOf(compile(graph));
    expect(ops).toContain('deltaMatmul');
    expect(ops).not.toContain('affineSlope');
  });

  it('where two activations, or two parameters of one, are of the same sum', () => {
    for (const [other, alpha] of [
      ['silu', 0.3],
      ['elu', 0.5],
    ] as const) {
      const { graph, z, y } = layers('elu');
      graph.outputs.set('other', graph.apply(other, [z], { alpha })[0]);
      graph.outputs.set('y', y);
      expect(opsOf(compile(graph))).not.toContain('affineSlope');
    }
  });
});

describe.each(BACKENDS.map((backend) => [backend.name, backend] as const))('%s: with a kept slope', (_, backend) => {
  it.each(OF_SUMS.flatMap((name) => [true, false].flatMap((bias) => [true, false].map((twice) => [name, { bias, twice }] as const))))(
    'results of %s %o have the same bits',
    (activation, options) => {
      const kept = layers(activation, options);
      const other = layers(activation, options);
      other.graph.outputs.set('z', other.z);
      const run = (graph: Graph) => runGraph(backend as Backend, graph, VALUES, { maximumRows: ROWS });
      const [actual, expected] = [run(kept.graph), run(other.graph)];
      for (const [name, value] of actual) expect(value, name).toEqual(expected.get(name));
    },
  );
});
