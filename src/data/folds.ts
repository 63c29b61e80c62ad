/** Divides rows into folds by chance: the same ones for the same seed, on every machine. */
import { PURPOSE, permutation, RandomStream } from '../random/philox.ts';

/**
 * The rows of each fold, in ascending order: every row is in one of them, and their sizes differ by one at most. With `classes`, one for each row,
 * each class is dealt out evenly too.
 */
export function foldsOf(rows: number, folds: number, seed: number, classes?: Int32Array): Int32Array[] {
  const order = new Int32Array(rows);
  permutation(order, new RandomStream(seed, PURPOSE.split));
  // Stable: within a class rows stay in the order of chance. Dealt one after the other, classes follow each other without a gap.
  if (classes) order.set(Array.from(order).sort((a, b) => classes[a] - classes[b]));
  return Array.from({ length: folds }, (_, fold) => order.filter((_, i) => i % folds === fold).sort());
}

/** The rows that are not in a fold, in ascending order. */
export function restOf(rows: number, fold: Int32Array): Int32Array {
  const isIn = new Uint8Array(rows);
  for (const row of fold) isIn[row] = 1;
  return Int32Array.from({ length: rows }, (_, row) => row).filter((row) => !isIn[row]);
}
