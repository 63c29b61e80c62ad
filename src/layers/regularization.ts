/** Regularisation of a layer's weights: penalties on the loss, and a limit on their norm. */
import { abs, divide, maximum, minimum, multiply, reshape, sqrt, square, sum } from '../graph/functions.ts';
import type { GraphValue } from '../graph/graph.ts';
import { number, numberBetween, type OptionsRead, optional, type TableOf, withDefault } from '../options/table.ts';
import type { LayerScope } from './layer.ts';

export interface Regularization {
  /** Adds l1 · Σ|w| over the weight to the loss; default 0. */
  readonly l1?: number;
  /** Adds l2 · Σw² over the weight to the loss; default 0. */
  readonly l2?: number;
  /**
   * After each update, the weights into each unit are scaled down to this Euclidean norm where they exceed it (Srivastava et al. 2014);
   * default none.
   */
  readonly maxNorm?: number;
}

export const REGULARIZATION = {
  l1: withDefault(number(), 0),
  l2: withDefault(number(), 0),
  maxNorm: optional(numberBetween(0)),
} satisfies TableOf<Regularization>;

/** Keeps 0/0 from a unit whose weights are all zero. */
const SMALLEST_NORM = 1e-30;

/** Applies the options to a weight; one of its axes counts the units. */
export function regularize(
  scope: LayerScope,
  weight: GraphValue,
  { l1, l2, maxNorm }: OptionsRead<typeof REGULARIZATION>,
  unitAxis = 0,
): void {
  if (l1 > 0) scope.penalize('l1', multiply(sum(abs(weight)), l1));
  if (l2 > 0) scope.penalize('l2', multiply(sum(square(weight)), l2));
  if (maxNorm !== undefined) scope.constrain(weight, (w) => limitNorm(w, maxNorm, unitAxis));
}

function limitNorm(weight: GraphValue, limit: number, unitAxis: number): GraphValue {
  const axes = weight.shape.map((_, axis) => axis).filter((axis) => axis !== unitAxis);
  const norms = sqrt(sum(square(weight), axes));
  const factors = minimum(divide(limit, maximum(norms, SMALLEST_NORM)), 1);
  return multiply(
    weight,
    reshape(
      factors,
      weight.shape.map((size, axis) => (axis === unitAxis ? size : 1)),
    ),
  );
}
