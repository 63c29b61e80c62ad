/** What the compiler says: shapes, names and keys that do not fit where they are literal are errors, and only there. */
import { dense, type GraphValue, Network, type Tensor, type TensorLike, tensor } from 'chainrule';
import { describe, expectTypeOf, it } from 'vitest';
import type { Fitting } from '../../src/training/signature.ts';

type Rows = Fitting<number[][], readonly [4]>;
type Named = { readonly image: readonly [1, 4, 4]; readonly meta: readonly [3] };

type Image = ArrayLike<ArrayLike<ArrayLike<number>>>;

describe('rows of samples', () => {
  it('fit where shapes agree or are not known', () => {
    expectTypeOf<Rows>().toBeUnknown();
    expectTypeOf<Fitting<Tensor, readonly [4]>>().toBeUnknown();
    expectTypeOf<Fitting<TensorLike, readonly [4]>>().toBeUnknown();
    expectTypeOf<Fitting<Tensor<readonly [7, 4]>, readonly [4]>>().toBeUnknown();
    expectTypeOf<Fitting<Tensor<readonly [number, number]>, readonly [4]>>().toBeUnknown();
    expectTypeOf<Fitting<Float32Array[], readonly [4]>>().toBeUnknown();
    expectTypeOf<Fitting<Tensor<readonly [7, 5]>, readonly number[]>>().toBeUnknown();
  });

  it('are told what they should be where they do not', () => {
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
      expectTypeOf(image).toEqualTypeOf<GraphValue>();
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
  // @ts-expect-error a target of another name
  await graph.fit({ x: { image, meta }, y: { digit: [0], odd: [[1]] } });
  // @ts-expect-error no loss for parity
  await Network.create({ inputs: { v: [3] }, build: ({ v }) => ({ digit: v, parity: v }), losses: { digit: 'huber' } });
  // @ts-expect-error an input that there is none of
  await Network.create({ inputs: { v: [3] }, build: ({ w }) => ({ digit: w }), losses: { digit: 'huber' } });
}
