/** What the built-in data sets and the readers return; every one of them can be given to `fit` and `evaluate` as it is. */
import type { Tensor } from '../tensor.ts';

/** Samples with what a network should answer for them: row i of `x` belongs to row i of `y`. */
export interface LabelledData<Y extends Int32Array | Tensor = Int32Array> {
  /** One sample a row: [samples, …the shape of one]. */
  readonly x: Tensor;
  /** Class indices, one a sample, or a Tensor of values [samples, …]. */
  readonly y: Y;
}

/** Data to learn from and data, never learnt from, to judge by. */
export interface TrainTest {
  readonly train: LabelledData;
  readonly test: LabelledData;
}
