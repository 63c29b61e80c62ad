/** Losses of directions and distances between vectors along the last axis. */
import { ShapeError } from '../errors.ts';
import { add, divide, maximum, multiply, relu, slice, sqrt, square, subtract, sum } from '../graph/functions.ts';
import type { GraphValue } from '../graph/graph.ts';
import { formatShape } from '../ops/shape.ts';
import { numberBetween, type TableOf, withDefault } from '../options/table.ts';
import { builtIn } from './definition.ts';

/** The least square of a length: PyTorch's ε of 1e-8. */
const LEAST_SQUARE = 1e-16;

const overLast = (x: GraphValue) => sum(x, [-1]);
const length = (x: GraphValue) => sqrt(maximum(overLast(square(x)), LEAST_SQUARE));
const distance = (a: GraphValue, b: GraphValue) => length(subtract(a, b));

/** 1 − cos of the angle between predictions and targets, along the last axis: 0 where they point the same way, 2 where opposite ways. */
export const COSINE_SIMILARITY = builtIn('cosineSimilarity', {}, { targets: 'values' }, () => (x, y) => {
  const cosine = divide(divide(overLast(multiply(x, y)), length(x)), length(y));
  return subtract(1, cosine);
});

export interface ContrastiveOptions {
  /** The distance from which on different things are far enough apart. Default 1. */
  readonly margin?: number;
}

const CONTRASTIVE_OPTIONS = { margin: withDefault(numberBetween(0), 1) } satisfies TableOf<ContrastiveOptions>;

/**
 * Of two embeddings in one prediction, `concatenate(embed(a), embed(b))`, with their distance d: d² where the target is 1, the same;
 * max(0, margin − d)² where it is 0, different. Hadsell et al. 2006.
 */
export const CONTRASTIVE = builtIn(
  'contrastive',
  CONTRASTIVE_OPTIONS,
  { targets: 'values', range: [0, 1], target: (prediction) => rowsOfParts('contrastive', 2, prediction) },
  ({ margin }) =>
    (x, y) => {
      const [a, b] = partsOf(x, 2);
      const squared = overLast(square(subtract(a, b)));
      const apart = sqrt(maximum(squared, LEAST_SQUARE));
      return add(multiply(y, squared), multiply(subtract(1, y), square(relu(subtract(margin, apart)))));
    },
);

export interface TripletOptions {
  /** How much nearer the right one must be. Default 1. */
  readonly margin?: number;
}

const TRIPLET_OPTIONS = { margin: withDefault(numberBetween(0), 1) } satisfies TableOf<TripletOptions>;

/**
 * Of three embeddings in one prediction, `concatenate(embed(anchor), embed(b), embed(c))`, with the distances of b and of c from the anchor:
 * max(0, margin + dᵇ − dᶜ) where the target is 1, b belongs to the anchor; max(0, margin + dᶜ − dᵇ) where it is 0, c does. PyTorch's
 * TripletMarginLoss with targets of 1. Schroff et al. 2015.
 */
export const TRIPLET = builtIn(
  'triplet',
  TRIPLET_OPTIONS,
  { targets: 'values', range: [0, 1], target: (prediction) => rowsOfParts('triplet', 3, prediction) },
  ({ margin }) =>
    (x, y) => {
      const [anchor, b, c] = partsOf(x, 3);
      const farther = subtract(distance(anchor, b), distance(anchor, c));
      return relu(add(multiply(farther, subtract(multiply(y, 2), 1)), margin));
    },
);

/** Embeddings of the same size that lie side by side along the last axis. */
function partsOf(x: GraphValue, parts: number): GraphValue[] {
  const axis = x.shape.length - 1;
  const size = x.shape[axis] / parts;
  return Array.from({ length: parts }, (_, i) => slice(x, axis, i * size, (i + 1) * size));
}

const NUMERALS: Readonly<Record<number, string>> = { 2: 'two', 3: 'three' };

/** The shape of targets, one for all embeddings of a place. Throws ShapeError where there are not so many of one size. */
function rowsOfParts(loss: string, parts: number, prediction: readonly number[]): readonly number[] {
  if ((prediction.at(-1) ?? 1) % parts === 0) return prediction.slice(0, -1);
  throw new ShapeError(
    `${loss}: expected ${NUMERALS[parts]} embeddings of the same size along the last axis, got ${formatShape(prediction)}`,
  );
}
