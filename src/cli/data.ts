/** The data that a command names: the digits that come with the package, or a folder. */
import { DataError, digits, readIdx, type TrainTest } from '../index.node.ts';
import { whatIs } from './found.ts';

export const DIGITS = 'digits';
const MNIST_FILES = 'train-images-idx3-ubyte, train-labels-idx1-ubyte, t10k-images-idx3-ubyte, t10k-labels-idx1-ubyte; or .gz';
export const MNIST_FOLDER = `a folder of the four MNIST files (${MNIST_FILES})`;

/**
 * `digits`, or the path of an MNIST-format folder. The digits are always split alike, whatever the seed of the training: `evaluate` never
 * judges a model by rows that it was trained on.
 *
 * @param expected The caller's expectation, in words.
 * @throws DataError that says what is there instead; what `readIdx` throws where one of the four files is missing or wrong.
 */
export function loadData(name: string, expected = `${DIGITS} or ${MNIST_FOLDER}`): TrainTest {
  if (name === DIGITS) return digits();
  const { kind, words } = whatIs(name);
  if (kind !== 'MNIST folder') throw new DataError(`${name} is ${words}: expected ${expected}`);
  return readIdx(name);
}

/** One more than the largest label. */
export function countClasses({ train, test }: TrainTest): number {
  return [train, test].reduce((largest, { y }) => y.reduce((most, label) => Math.max(most, label), largest), 0) + 1;
}
