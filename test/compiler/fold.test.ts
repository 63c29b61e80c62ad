/** Scales and shifts folded into the layers before them compute what they do by themselves, and only where nothing else reads the layer. */

import {
  activation,
  add,
  averagePool2d,
  batchNorm,
  conv1d,
  conv2d,
  convTranspose2d,
  dense,
  flatten,
  type GraphValue,
  type Layer,
  multiHeadAttention,
  multiply,
  reshape,
} from 'chainrule';
import { describe, expect, it } from 'vitest';
import { atOnce } from '../../src/backends/at-once.ts';
import type { Backend, Elements, Session } from '../../src/backends/backend.ts';
import { compile, compilePrepared } from '../../src/compiler/compile.ts';
import { MOST_PREPARED_ELEMENTS } from '../../src/compiler/prepare.ts';
import { Graph } from '../../src/graph/graph.ts';
import { PreparedSession } from '../../src/inference/prepared-session.ts';
import { lossFrom } from '../../src/losses/config.ts';
import { engineOf } from '../../src/model/engine.ts';
import { evaluationGraph, predictionGraph } from '../../src/model/graphs.ts';
import { SequentialModel } from '../../src/model/network-model.ts';
import type { Weights } from '../../src/model/weights.ts';
import { packableMatrices } from '../../src/program/packable.ts';
import { BACKENDS, tolerance } from '../support/backends.ts';
import { expectClose } from '../support/compare.ts';
import { spread } from '../support/networks.ts';
import { Chance } from '../support/randomness.ts';
import { opsOf } from './networks.ts';

const ROWS = 3;
const REFERENCE = BACKENDS.find(({ name }) => name === 'reference') as Backend;

const modelOf = (input: readonly number[], layers: readonly Layer[]) => new SequentialModel(input, layers, lossFrom('halfSquaredError'));
const size = (shape: readonly number[]) => shape.reduce((product, one) => product * one, 1);

/** Weights as after a training: statistics unlike 0 and 1, variances positive, and a scale that is zero. */
function trainedWeights(model: SequentialModel, backend: Backend, chance: Chance): Weights {
  const parameters = [...model.traced.parameters];
  const { weights } = engineOf(model, backend, { seed: 0 });
  const values = parameters.map(([name, { shape }]): [string, number[]] => {
    const [low, high] = name.endsWith('running_var') ? [0.05, 3] : [-1, 1];
    return [name, Array.from({ length: size(shape) }, () => chance.between(low, high))];
  });
  const scale = values.find(([name, { length }]) => /weight$/.test(name) && length < 8);
  if (scale) scale[1][0] = 0;
  weights.set(values);
  return weights;
}

function run(session: Session, { inputs }: SequentialModel): Elements {
  const now = atOnce(session, 'a test', 'there is none');
  session.write('x', spread(ROWS * size([...inputs.values()][0]), 5));
  now.run({ rows: ROWS });
  return now.read('y');
}

function predictFolded(backend: Backend, model: SequentialModel, weights: Weights): Elements {
  const prepared = new PreparedSession(
    { backend, seed: 0, weights },
    compilePrepared(predictionGraph(model, false), { maximumRows: ROWS, layout: model.layout }),
  );
  try {
    prepared.loadNow();
    return run(prepared.session, model);
  } finally {
    prepared.dispose();
  }
}

function predictPlainly(backend: Backend, model: SequentialModel, weights: Weights): Elements {
  const session = backend.open(compile(predictionGraph(model, false), { maximumRows: ROWS }), 0);
  try {
    for (const [name, slot] of session.program.parameters) session.write(slot, weights.get(name));
    return run(session, model);
  } finally {
    session.dispose();
  }
}

/** On every backend against float64 as the layers say it. */
function expectSame(model: SequentialModel, seed: number): void {
  const expected = predictPlainly(REFERENCE, model, trainedWeights(model, REFERENCE, new Chance(seed)));
  for (const backend of BACKENDS) {
    const actual = predictFolded(backend, model, trainedWeights(model, backend, new Chance(seed)));
    expectClose(actual, expected, backend === REFERENCE ? 1e-12 : tolerance(backend), backend.name);
  }
}

const twice = (layer: Layer, first: Layer, second: Layer) => (x: GraphValue) => second(layer(first(layer(x))));
const aside = (layer: Layer, norm: Layer) => (x: GraphValue) => {
  const z = layer(x);
  return add(norm(z), z);
};

describe('a batch normalisation after a layer', () => {
  const image = [4, 6, 5];
  it.each<[string, readonly number[], readonly Layer[], readonly string[]]>([
    ['of a dense layer', [6], [dense(5), batchNorm()], ['affine']],
    ['of a dense layer without bias', [6], [dense(5, { bias: false }), batchNorm()], ['affine']],
    ['with an activation after it', [6], [dense(5), batchNorm(), activation('elu', { alpha: 0.3 })], ['affine']],
    ['of a single unit', [6], [dense(1), batchNorm()], ['affine']],
    ['of a convolution', image, [conv2d(3, 3), batchNorm(), activation('relu')], ['conv2dAffine']],
    ['of a convolution without bias', image, [conv2d(3, 3, { bias: false }), batchNorm()], ['conv2dAffine']],
    ['of a single filter', image, [conv2d(1, 2), batchNorm(), activation('tanh')], ['conv2dAffine']],
    ['of groups', image, [conv2d(6, 3, { groups: 2, padding: 1 }), batchNorm()], ['conv2dAffine']],
    ['of each channel by itself', image, [conv2d(4, 3, { groups: 'depthwise' }), batchNorm()], ['conv2dAffine']],
    ['of a convolution of sequences', [3, 9], [conv1d(4, 3), batchNorm(), activation('gelu')], ['conv2dAffine']],
    ['of one without bias', [3, 9], [conv1d(4, 3, { bias: false }), batchNorm(), activation('relu')], ['conv2dAffine']],
    ['of one with a single filter', [3, 9], [conv1d(1, 3, { bias: false }), batchNorm()], ['conv2dAffine']],
    ['of a transposed convolution', image, [convTranspose2d(3, 2, { stride: 2 }), batchNorm()], ['conv2dInput', 'add']],
    ['behind flatten', [4, 3, 3], [conv2d(5, 3), flatten(), batchNorm(), activation('relu')], ['conv2dAffine']],
    ['after another two', [6], [dense(5), batchNorm(), batchNorm({ epsilon: 0.1 }), batchNorm()], ['affine']],
    ['after others, without a layer', image, [batchNorm(), batchNorm(), batchNorm()], ['multiply', 'add']],
    ['before a layer', [6], [batchNorm(), dense(5)], ['multiply', 'add', 'affine']],
    ['after an activation', [6], [dense(5, { activation: 'relu' }), batchNorm()], ['affine', 'multiply', 'add']],
    ['of time, where units are features', [4, 6], [dense(4), batchNorm()], ['affine', 'multiply', 'add']],
    ['of channels that a dense layer made', [6], [dense(12), reshape([3, 2, 2]), batchNorm()], ['affine', 'multiply', 'add']],
    ['after pooling', image, [conv2d(3, 3), averagePool2d(2), batchNorm()], ['conv2dAffine', 'averagePool2d', 'multiply', 'add']],
    ['of a layer used twice', [5], [twice(dense(5), batchNorm(), batchNorm())], ['affine', 'affine']],
    ['of what something else reads', [5], [aside(dense(5), batchNorm())], ['affine', 'multiply', 'add', 'add']],
    ['of a convolution that something else reads', image, [aside(conv2d(4, 1), batchNorm())], ['conv2dAffine', 'multiply', 'add', 'add']],
  ])('%s', (_, input, layers, ops) => {
    const model = modelOf(input, layers);
    expect(opsOf(compilePrepared(predictionGraph(model, false), { maximumRows: ROWS, fusesElements: false }).program)).toEqual(ops);
    expectSame(model, 3);
  });

  it('costs an evaluation no instruction', () => {
    const model = modelOf(image, [conv2d(3, 3), batchNorm(), activation('relu'), flatten(), dense(2)]);
    const graph = evaluationGraph(model, [{ form: 'values', comparison: undefined }]);
    const { program } = compilePrepared(graph, { maximumRows: ROWS, fusesElements: false });
    const ops = opsOf(program);
    expect(ops.slice(ops.indexOf('conv2dAffine'))).toEqual(['conv2dAffine', 'affine', 'squaredError', 'sum', 'scale', 'record']);
  });
});

describe('random networks', () => {
  const layerOf = (chance: Chance): Layer => {
    const filters = 1 + chance.below(4);
    const bias = chance.happens(0.5);
    return chance.pick<() => Layer>([
      () => batchNorm({ epsilon: chance.pick([1e-5, 0.1]) }),
      () => batchNorm(),
      () => conv2d(filters, chance.pick([1, 3]), { padding: 1, bias }),
      () => conv2d(2 * filters, 3, { padding: 'same', groups: 1, bias, activation: chance.pick(['identity', 'tanh']) }),
      () => convTranspose2d(filters, 2, { bias }),
      () => activation(chance.pick(['relu', 'sigmoid', 'tanh'])),
      () => aside(conv2d(3, 1), batchNorm()),
    ])();
  };

  it.each(Array.from({ length: 30 }, (_, seed) => seed))('%i', (seed) => {
    const chance = new Chance(seed);
    const layers = Array.from({ length: 2 + chance.below(5) }, () => layerOf(chance));
    expectSame(modelOf([2, 5, 4], [...layers, batchNorm(), activation('tanh'), flatten(), dense(4), batchNorm()]), seed);
  });
});

describe('the preparation of values that depend on parameters alone', () => {
  it('is a separate program, and the network predicts with its results', () => {
    const model = modelOf([4, 6], [multiHeadAttention(2)]);
    const { program, preparation } = compilePrepared(predictionGraph(model, false), { maximumRows: ROWS });
    expect(opsOf(preparation!)).toEqual(Array(6).fill('slice'));
    expect(opsOf(program)).toEqual(['affine', 'affine', 'affine', 'attention', 'affine']);
    expect([...program.parameters.keys()].filter((name) => name.startsWith('0.'))).toEqual(['0.out_proj_weight', '0.out_proj_bias']);
    expectSame(model, 8);
  });

  it('gives weights that can stay packed', () => {
    const model = modelOf([6], [dense(5), batchNorm(), dense(2)]);
    const { program } = compilePrepared(predictionGraph(model, false), { maximumRows: ROWS });
    const packed = [...packableMatrices(program)].filter((_, i) => i % 4 === 0).map((word) => program.code[word]);
    const nameAt = (offset: number) => [...program.parameters].find(([, slot]) => slot.offset === offset)?.[0];
    expect(packed.map(nameAt)).toEqual([expect.stringMatching(/^prepared/), '2.weight']);
  });

  it.each<[string, SequentialModel]>([
    [
      'folded weights',
      modelOf(
        [2900],
        [2900, 2000, 1000, 2900].flatMap((units) => [dense(units), batchNorm()]),
      ),
    ],
    ['slices of weights', modelOf([2, 3000], [multiHeadAttention(2), multiHeadAttention(2)])],
    ['both', modelOf([2, 2900], [multiHeadAttention(2), flatten(), dense(1400), batchNorm()])],
  ])('has a limit, and what goes beyond it is not folded or made by each run: %s', (_, model) => {
    const { program, preparation } = compilePrepared(predictionGraph(model, false), { maximumRows: ROWS, fusesElements: false });
    const made = [...preparation!.outputs.values()].reduce((total, { shape }) => total + size(shape), 0);
    expect(made).toBeLessThanOrEqual(MOST_PREPARED_ELEMENTS);
    expect(made).toBeGreaterThan(MOST_PREPARED_ELEMENTS / 4);
    expect(opsOf(program).some((name) => name === 'slice' || name === 'multiply')).toBe(true);
  });

  it('is absent where layers read their parameters as they are', () => {
    const plain = modelOf([6], [dense(5, { activation: 'relu' }), dense(2)]);
    const { program, preparation } = compilePrepared(predictionGraph(plain, false), { maximumRows: ROWS });
    expect(preparation).toBeUndefined();
    expect(program).toEqual(compile(predictionGraph(plain, false), { maximumRows: ROWS }));
  });

  it('is not split off where the program writes parameters', () => {
    const graph = new Graph();
    const p = graph.parameter('p', [2]);
    graph.outputs.set('y', multiply(multiply(graph.input('x', [-1, 2]), multiply(p, p)), p));
    graph.apply('assign', [p, multiply(p, 2)]);
    const { program, preparation } = compilePrepared(graph, { fusesElements: false });
    expect(preparation).toBeUndefined();
    expect(opsOf(program)).toContain('assign');
  });
});
