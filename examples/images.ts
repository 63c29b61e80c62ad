/** The pictures that examples learn: an MNIST-format folder, or without one the digits that come with the package. */
import { digits, readIdx, type TrainTest } from 'chainrule';

export interface Images extends TrainTest {
  /** Pixels of a row, and rows of a picture. */
  readonly side: number;
}

/** `limit` images of each part at most; default all. Digits are 8 × 8, 1797 of them, a fifth for the test. */
export function readImages(folder: string | undefined, limit?: number): Images {
  if (folder === undefined) return { ...firstOf(digits({ test: 0.2, seed: 1 }), limit), side: 8 };
  const { train, test } = readIdx(folder, { limit });
  return { train, test, side: Math.sqrt(train.x.shape[1]) };
}

function firstOf({ train, test }: TrainTest, limit = Number.POSITIVE_INFINITY): TrainTest {
  const first = ({ x, y }: TrainTest['train']) => {
    const rows = Math.min(limit, y.length);
    return { x: { shape: [rows, x.shape[1]], data: x.data.slice(0, rows * x.shape[1]) }, y: y.slice(0, rows) };
  };
  return { train: first(train), test: first(test) };
}
