/** The data that a command names: the digits that come with the package, or a folder. */
import { digits, readIdx, type TrainTest } from '../index.node.ts';

export const DIGITS = 'digits';

/**
 * `digits`, or the path of an MNIST-format folder. The digits are always split alike, whatever the seed of the training: what
 * `evaluate` judges a model by is then never what it was trained on.
 */
export function loadData(name: string): TrainTest {
  return name === DIGITS ? digits() : readIdx(name);
}

/** One more than the largest label. */
export function countClasses({ train, test }: TrainTest): number {
  return [train, test].reduce((largest, { y }) => y.reduce((most, label) => Math.max(most, label), largest), 0) + 1;
}
