import { type Tensor, tensor } from '../tensor.ts';
import type { LabelledData } from './types.ts';

/** Exclusive or, the smallest problem that no single layer solves: x is [4, 2], all pairs of 0 and 1; y is [4, 1], 1 where they differ. */
export function xor(): LabelledData<Tensor> {
  return {
    x: tensor([0, 0, 0, 1, 1, 0, 1, 1], [4, 2]),
    y: tensor([0, 1, 1, 0], [4, 1]),
  };
}
