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
  { targets: 'values', range: [0, 1], target: pairsOf },
  ({ margin }) =>
    (x, y) => {
      const axis = x.shape.length - 1;
      const half = x.shape[axis] / 2;
      const squared = overLast(square(subtract(slice(x, axis, 0, half), slice(x, axis, half, 2 * half))));
      const distance = sqrt(maximum(squared, LEAST_SQUARE));
      return add(multiply(y, squared), multiply(subtract(1, y), square(relu(subtract(margin, distance)))));
    },
);

function pairsOf(prediction: readonly number[]): readonly number[] {
  const outputs = prediction.at(-1) ?? 1;
  if (outputs % 2 !== 0)
    throw new ShapeError(`contrastive: expected two embeddings of the same size along the last axis, got ${formatShape(prediction)}`);
  return prediction.slice(0, -1);
}
