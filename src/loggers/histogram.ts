/** The distribution of a tensor's values. */
import { PIECE, type Work } from '../event-loop/slices.ts';

export interface Histogram {
  readonly minimum: number;
  readonly maximum: number;
  readonly count: number;
  readonly sum: number;
  readonly sumOfSquares: number;
  /** The upper end of each bucket. */
  readonly limits: readonly number[];
  /** The values in each bucket. */
  readonly counts: readonly number[];
}

const BUCKETS = 30;

/** Of the finite values, in buckets of one width; one bucket where all values are the same. */
export function* histogramOf(values: ArrayLike<number>): Work<Histogram> {
  let [minimum, maximum, count, sum, sumOfSquares] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 0, 0, 0];
  for (let i = 0; i < values.length; i++) {
    if (i % PIECE === PIECE - 1) yield;
    const value = values[i];
    if (!Number.isFinite(value)) continue;
    if (value < minimum) minimum = value;
    if (value > maximum) maximum = value;
    count++;
    sum += value;
    sumOfSquares += value * value;
  }
  if (count === 0) return { minimum: 0, maximum: 0, count, sum, sumOfSquares, limits: [0], counts: [0] };
  const width = (maximum - minimum) / BUCKETS;
  const counts: number[] = new Array(width > 0 ? BUCKETS : 1).fill(0);
  for (let i = 0; i < values.length; i++) {
    if (i % PIECE === PIECE - 1) yield;
    const value = values[i];
    if (Number.isFinite(value)) counts[width > 0 ? Math.min(BUCKETS - 1, Math.floor((value - minimum) / width)) : 0]++;
  }
  const limits = counts.map((_, i) => (i === counts.length - 1 ? maximum : minimum + (i + 1) * width));
  return { minimum, maximum, count, sum, sumOfSquares, limits, counts };
}
