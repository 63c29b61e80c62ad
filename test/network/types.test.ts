/** What the compiler says: shapes, names and keys that do not fit where they are literal are errors, and only there. */
import {
  activation,
  add,
  batchNorm,
  bidirectional,
  concatenate,
  conv2d,
  defineLayer,
  defineOptimizer,
  dense,
  dropout,
  embedding,
  flatten,
  frozen,
  type GraphValue,
  globalAveragePool2d,
  gru,
  type Layer,
  lstm,
  matmul,
  maxPool2d,
  multiHeadAttention,
  multiply,
  Network,
  named,
  relu,
  reshape,
  rnn,
  split,
  subtract,
  type Tensor,
  type TensorLike,
  tensor,
} from 'chainrule';
import { describe, expect, expectTypeOf, it } from 'vitest';
import type { Fitting } from '../../src/model/signature.ts';

type Rows = Fitting<number[][], readonly [4]>;
type Named = { readonly image: readonly [1, 4, 4]; readonly meta: readonly [3] };

type Image = ArrayLike<ArrayLike<ArrayLike<number>>>;

describe('rows of samples', () => {
  it('are accepted where shapes agree or are not known', () => {
    expectTypeOf<Rows>().toBeUnknown();
    expectTypeOf<Fitting<Tensor, readonly [4]>>().toBeUnknown();
    expectTypeOf<Fitting<TensorLike, readonly [4]>>().toBeUnknown();
    expectTypeOf<Fitting<Tensor<readonly [7, 4]>, readonly [4]>>().toBeUnknown();
    expectTypeOf<Fitting<Tensor<readonly [number, number]>, readonly [4]>>().toBeUnknown();
    expectTypeOf<Fitting<Float32Array[], readonly [4]>>().toBeUnknown();
    expectTypeOf<Fitting<Tensor<readonly [7, 5]>, readonly number[]>>().toBeUnknown();
  });

  it('are refused by the compiler, with the type that they should have', () => {
    expectTypeOf<Fitting<Tensor<readonly [7, 5]>, readonly [4]>>().toEqualTypeOf<{ readonly shape: readonly [rows: number, 4] }>();
    expectTypeOf<Fitting<Tensor<readonly [4]>, readonly [4]>>().toEqualTypeOf<{ readonly shape: readonly [rows: number, 4] }>();
    expectTypeOf<Fitting<number[], readonly [4]>>().toEqualTypeOf<readonly ArrayLike<number>[]>();
    expectTypeOf<Fitting<{ image: number[]; meta: number[][] }, Named>['image']>().toEqualTypeOf<readonly Image[]>();
    expectTypeOf<Fitting<{ image: number[][][][]; meta: number[][] }, Named>['image']>().toBeUnknown();
  });
});

/** Never run: the compiler reads it, and each expected error that does not come is one. */
export async function programs(): Promise<void> {
  const stack = await Network.create({ input: [4], layers: [dense(2)], loss: 'meanSquaredError' });
  expectTypeOf(stack.input).toEqualTypeOf<readonly [4]>();
  expectTypeOf(stack.predict([[1, 2, 3, 4]])).toEqualTypeOf<Tensor>();
  stack.predict(tensor([1, 2, 3, 4], [1, 4]));
  // @ts-expect-error five features, where there are four
  stack.predict(tensor([1, 2, 3, 4, 5], [1, 5]));
  // @ts-expect-error one sample, where rows of samples are wanted
  stack.predict([1, 2, 3, 4]);
  // @ts-expect-error a row for each of three axes
  await stack.fit({ x: [[[1]]], y: [[1]] });
  const loose: Network = stack;
  loose.predict([[1]]);

  const graph = await Network.create({
    inputs: { image: [1, 4, 4], meta: [3] },
    build: ({ image, meta }) => {
      expectTypeOf(image).toEqualTypeOf<GraphValue<readonly [-1, 1, 4, 4]>>();
      return { digit: dense(3)(meta), parity: dense(1)(meta) };
    },
    losses: { digit: 'softmaxCrossEntropy', parity: { loss: 'sigmoidCrossEntropy', weight: 0.3 } },
  });
  const image = tensor(new Float32Array(32), [2, 1, 4, 4]);
  const meta = [[1, 2, 3]];
  expectTypeOf(graph.predict({ image, meta })).toEqualTypeOf<{ readonly digit: Tensor; readonly parity: Tensor }>();
  await graph.fit({ x: { image, meta }, y: { digit: [0], parity: [[1]] } });
  // @ts-expect-error no meta
  graph.predict({ image });
  // @ts-expect-error an input of another name
  graph.predict({ image, meta, other: meta });
  // @ts-expect-error an image of another shape
  graph.predict({ image: tensor(new Float32Array(9), [1, 1, 3, 3]), meta });
  expectTypeOf(graph.output).toEqualTypeOf<{ readonly digit: readonly [3]; readonly parity: readonly [1] }>();
  await graph.fit({ x: { image, meta }, y: { digit: tensor([1, 0, 0], [1, 3]), parity: [1] } });
  // @ts-expect-error four values, where three are predicted
  await graph.fit({ x: { image, meta }, y: { digit: tensor([1, 0, 0, 0], [1, 4]), parity: [1] } });
  // @ts-expect-error an image, where a value is predicted
  await graph.evaluate({ x: { image, meta }, y: { digit: [0], parity: image } });
  // @ts-expect-error a target of another name
  await graph.fit({ x: { image, meta }, y: { digit: [0], odd: [[1]] } });
  const trainer = await graph.trainer({ batchSize: 1 });
  trainer.step({ x: { image, meta }, y: { digit: [0], parity: [[1]] } });
  // @ts-expect-error four values, where three are predicted
  trainer.step({ x: { image, meta }, y: { digit: tensor([1, 0, 0, 0], [1, 4]), parity: [1] } });
  // @ts-expect-error a target of another name
  await trainer.stepAsync({ x: { image, meta }, y: { digit: [0], odd: [[1]] } });
  // @ts-expect-error no loss for parity
  await Network.create({ inputs: { v: [3] }, build: ({ v }) => ({ digit: v, parity: v }), losses: { digit: 'huber' } });
  // @ts-expect-error an input that there is none of
  await Network.create({ inputs: { v: [3] }, build: ({ w }) => ({ digit: w }), losses: { digit: 'huber' } });
}

/** Never run. */
export async function targetsOfSequences(): Promise<void> {
  const tagger = await Network.create({
    inputs: { steps: [7, 2] },
    build: ({ steps }) => ({
      tags: dense(5)(dense(8, { activation: 'relu' })(steps)),
      likeness: matmul(steps, steps, { transposeB: true }),
    }),
    losses: { tags: 'softmaxCrossEntropy', likeness: 'meanSquaredError' },
  });
  expectTypeOf(tagger.output.tags).toEqualTypeOf<readonly [7, 5]>();
  expectTypeOf(tagger.output.likeness).toEqualTypeOf<readonly number[]>();
  const x = { steps: tensor(new Float32Array(28), [2, 7, 2]) };
  const likeness = tensor([1, 2, 3, 4], [2, 2]); // of no known shape, so not for the compiler to refuse
  await tagger.fit({ x, y: { tags: tensor(new Float32Array(14), [2, 7]), likeness } });
  await tagger.fit({ x, y: { tags: tensor(new Float32Array(70), [2, 7, 5]), likeness } });
  // @ts-expect-error six steps, where there are seven
  await tagger.fit({ x, y: { tags: tensor(new Float32Array(12), [2, 6]), likeness } });
}

/** Values with the shape of their types: never run. */
export function values(
  image: GraphValue<readonly [-1, 3, 8, 8]>,
  row: GraphValue<readonly [-1, 5]>,
  steps: GraphValue<readonly [-1, 7, 5]>,
): void {
  expectTypeOf(dense(4)(row)).toEqualTypeOf<GraphValue<readonly [-1, 4]>>();
  expectTypeOf(dense(4)(steps)).toEqualTypeOf<GraphValue<readonly [-1, 7, 4]>>();
  expectTypeOf(relu(dropout(0.1)(batchNorm()(activation('tanh')(row))))).toEqualTypeOf<GraphValue<readonly [-1, 5]>>();
  expectTypeOf(flatten()(image)).toEqualTypeOf<GraphValue<readonly [-1, number]>>();
  expectTypeOf(flatten()(row)).toEqualTypeOf<GraphValue<readonly [-1, 5]>>();
  expectTypeOf(reshape([5, 1])(row)).toEqualTypeOf<GraphValue<readonly [-1, 5, 1]>>();
  expectTypeOf(conv2d(6, 3)(image)).toEqualTypeOf<GraphValue<readonly [-1, 6, number, number]>>();
  expectTypeOf(conv2d(6, 3, { padding: 'same' })(image)).toEqualTypeOf<GraphValue<readonly [-1, 6, 8, 8]>>();
  expectTypeOf(conv2d(6, 3, { padding: 'same', stride: 2 })(image)).toEqualTypeOf<GraphValue<readonly [-1, 6, number, number]>>();
  expectTypeOf(maxPool2d(2)(image)).toEqualTypeOf<GraphValue<readonly [-1, 3, number, number]>>();
  expectTypeOf(globalAveragePool2d()(image)).toEqualTypeOf<GraphValue<readonly [-1, 3]>>();
  expectTypeOf(embedding(10, 2)(row)).toEqualTypeOf<GraphValue<readonly [-1, 5, 2]>>();
  expectTypeOf(multiHeadAttention(1)(steps, steps)).toEqualTypeOf<GraphValue<readonly [-1, 7, 5]>>();
  expectTypeOf(named('encoder', frozen(dense(2)))(row)).toEqualTypeOf<GraphValue<readonly [-1, 2]>>();
  expectTypeOf(concatenate(row, dense(2)(row))).toEqualTypeOf<GraphValue<readonly [-1, number]>>();
  expectTypeOf(split(steps, 5)).toEqualTypeOf<GraphValue<readonly [-1, 7, number]>[]>();
  // @ts-expect-error no activation is called so
  dense(2, { activation: 'rleu' });

  expectTypeOf(add(row, 1)).toEqualTypeOf<GraphValue<readonly [-1, 5]>>();
  expectTypeOf(subtract(1, row)).toEqualTypeOf<GraphValue<readonly [-1, 5]>>();
  expectTypeOf(add(row, dense(5)(row))).toEqualTypeOf<GraphValue<readonly [-1, 5]>>();
  expectTypeOf(multiply(dense(1)(steps), steps)).toEqualTypeOf<GraphValue<readonly [-1, 7, 5]>>();
  expectTypeOf(add(flatten()(image), row)).toEqualTypeOf<GraphValue<readonly [-1, number]>>();
  // @ts-expect-error four features and five
  add(dense(4)(row), row);
  // @ts-expect-error images of three channels and of six
  add(image, conv2d(6, 3, { padding: 'same' })(image));
  expectTypeOf(lstm(3)(steps)).toEqualTypeOf<GraphValue<readonly [-1, 3]>>();
  expectTypeOf(gru(3, { returnSequences: true, masked: true })(steps, row)).toEqualTypeOf<GraphValue<readonly [-1, 7, 3]>>();
  expectTypeOf(rnn(3, { returnSequences: Math.random() < 0.5 })(steps)).toEqualTypeOf<GraphValue>();
  expectTypeOf(lstm(3, { returnState: true })(steps)).toEqualTypeOf<readonly GraphValue[]>();
  // @ts-expect-error a recurrence over rows
  lstm(3)(row);
  // @ts-expect-error a convolution of rows
  conv2d(6, 3)(row);
  // @ts-expect-error pooling of sequences
  maxPool2d(2)(steps);
  // @ts-expect-error no features
  dense(3)(globalAveragePool2d()(image) as unknown as GraphValue<readonly [-1]>);
  // @ts-expect-error steps of sequences beside rows
  concatenate(row, steps);
}

/** What the compiler cannot know is a value of any shape, which fits everywhere: never run. */
export function unknownShapes(row: GraphValue<readonly [-1, 5]>, any: GraphValue, units: number): void {
  const custom = defineLayer(undefined, (_, x: GraphValue) => x);
  for (const value of [custom(row), bidirectional(lstm(3))(any), matmul(row, any), any]) {
    expectTypeOf(value).toEqualTypeOf<GraphValue>();
    expectTypeOf(add(value, row)).toEqualTypeOf<GraphValue>();
    expectTypeOf(dense(3)(value)).toEqualTypeOf<GraphValue>();
    expectTypeOf(flatten()(conv2d(2, 3)(value))).toEqualTypeOf<GraphValue<readonly [number, number]>>();
    concatenate(row, value);
    concatenate(value, row);
  }
  expectTypeOf(dense(units)(row)).toEqualTypeOf<GraphValue<readonly [-1, number]>>();
  add(dense(units)(row), row);
  const layers: readonly Layer[] = [dense(3), conv2d(2, 3), flatten(), dropout(0.5), custom];
  expectTypeOf(layers.reduce((x, layer) => layer(x), any)).toEqualTypeOf<GraphValue>();
  concatenate(...[row, any]);
  const image = reshape([3, 1, 5])(any);
  concatenate(image, maxPool2d(2)(image));
  concatenate(maxPool2d(2)(image), image);
  let x: GraphValue = row;
  for (let i = 0; i < 3; i++) x = dense(4)(x);
}

describe('the options of an own optimiser', () => {
  it('have their types where its update reads them, and no others', () => {
    defineOptimizer({ type: 'typed', learningRate: 1, decay: 0.9 as number, nesterov: true as boolean }, (scope, parameter) => {
      expectTypeOf(scope.options.decay).toEqualTypeOf<number>();
      expectTypeOf(scope.options.nesterov).toEqualTypeOf<boolean>();
      expectTypeOf(scope.weightDecay).toEqualTypeOf<number>();
      // @ts-expect-error: no such option
      scope.options.momentum;
      return parameter;
    });
    // @ts-expect-error: no learning rate
    expect(() => defineOptimizer({ type: 'typed' }, (_, parameter) => parameter)).toThrow();
  });
});
