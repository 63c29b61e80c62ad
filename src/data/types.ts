/** The data that the built-in data sets and the readers return. `fit` and `evaluate` take it as it is. */
import type { Tensor } from '../tensor.ts';

/** Samples with their targets: row i of `x` belongs to row i of `y`. */
export interface LabelledData<Y extends Int32Array | Tensor = Int32Array> {
  /** One sample a row: [samples, …the shape of one]. */
  readonly x: Tensor;
  /** Class indices, one a sample, or a Tensor of values [samples, …]. */
  readonly y: Y;
}

/** Data to train on, and data to judge by that is never trained on. */
export interface TrainTest {
  readonly train: LabelledData;
  readonly test: LabelledData;
}
