/** What keeps a layer's weights small: penalties on the loss, and a limit on their norm. */
import { abs, divide, maximum, minimum, multiply, reshape, sqrt, square, sum } from '../graph/functions.ts';
import type { GraphValue } from '../graph/graph.ts';
import { checkNumber } from '../options.ts';
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

export const REGULARIZATION_KEYS = ['l1', 'l2', 'maxNorm'] as const;

/** Keeps 0/0 from a unit whose weights are all zero. */
const SMALLEST_NORM = 1e-30;

/** Throws OptionError for a value out of range. */
export function checkRegularization(where: string, { l1, l2, maxNorm }: Regularization): void {
  if (l1 !== undefined) checkNumber(`${where}.l1`, l1, 0);
  if (l2 !== undefined) checkNumber(`${where}.l2`, l2, 0);
  if (maxNorm !== undefined) checkNumber(`${where}.maxNorm`, maxNorm, 0, Number.POSITIVE_INFINITY, { open: true });
}

/** Applies the options to a weight of which one axis counts the units. */
export function regularize(scope: LayerScope, weight: GraphValue, { l1 = 0, l2 = 0, maxNorm }: Regularization, unitAxis = 0): void {
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
