/** Losses of distributions of numbers: the negative logarithm of what targets are likely to be. */
import { ShapeError } from '../errors.ts';
import { GraphExpressions } from '../graph/expressions.ts';
import { add, divide, exp, log, maximum, multiply, slice, square, subtract } from '../graph/functions.ts';
import type { GraphValue } from '../graph/graph.ts';
import { formatShape } from '../ops/shape.ts';
import { epsilon, flag, type TableOf, withDefault } from '../options/table.ts';
import { builtIn } from './definition.ts';

export interface PoissonOptions {
  /** Whether predictions are logarithms of rates, for a last layer without an activation; else rates, above 0. Default true. */
  readonly logInput?: boolean;
  /** Whether the loss has what does not depend on predictions, by Stirling's formula: ln y! for y above 1. Default false. */
  readonly full?: boolean;
}

const POISSON_OPTIONS = { logInput: withDefault(flag, true), full: withDefault(flag, false) } satisfies TableOf<PoissonOptions>;

/** Added to rates before their logarithm is taken, as in PyTorch. */
const RATE_EPSILON = 1e-8;

/** Of counts with rate λ: λ − y · ln λ; the mean over the outputs too. */
export const POISSON = builtIn(
  'poisson',
  POISSON_OPTIONS,
  ({ logInput }) => ({ targets: 'values', range: [0, Number.POSITIVE_INFINITY], ...(logInput && { estimate: exp }) }),
  ({ logInput, full }) =>
    (x, y) => {
      const losses = logInput ? subtract(exp(x), multiply(x, y)) : subtract(x, multiply(y, log(add(maximum(x, 0), RATE_EPSILON))));
      return full ? add(losses, stirling(y)) : losses;
    },
);

/** y · ln y − y + ½ ln 2πy for y above 1, else 0. */
function stirling(y: GraphValue): GraphValue {
  const most = maximum(y, 1);
  const sum = add(subtract(multiply(y, log(most)), y), multiply(log(multiply(most, 2 * Math.PI)), 0.5));
  return multiply(new GraphExpressions(y.graph).step(subtract(y, 1)), sum);
}

export interface GaussianOptions {
  /** Whether the loss has the constant ½ ln 2π. Default false. */
  readonly full?: boolean;
  /** The least variance, which keeps the loss of a mean that is exactly right from falling without end. Default 1e-6. */
  readonly epsilon?: number;
}

const GAUSSIAN_OPTIONS = { full: withDefault(flag, false), epsilon: withDefault(epsilon, 1e-6) } satisfies TableOf<GaussianOptions>;

/**
 * Of numbers with a mean and a variance that the network predicts: ½ (ln σ² + (y − μ)² / σ²); the mean over the targets too. The prediction
 * has twice as many outputs as there are targets: the means, then the logarithms of the variances. Nix and Weigend 1994.
 */
export const GAUSSIAN_NEGATIVE_LOG_LIKELIHOOD = builtIn(
  'gaussianNegativeLogLikelihood',
  GAUSSIAN_OPTIONS,
  { targets: 'values', target: meansOf, estimate: meansIn },
  ({ full, epsilon: least }) =>
    (x, y) => {
      const axis = x.shape.length - 1;
      const k = x.shape[axis] / 2;
      const mean = meansIn(x);
      const logVariance = maximum(slice(x, axis, k, 2 * k), Math.log(least));
      const losses = multiply(add(logVariance, divide(square(subtract(mean, y)), exp(logVariance))), 0.5);
      return full ? add(losses, 0.5 * Math.log(2 * Math.PI)) : losses;
    },
);

/** The means among predictions. */
function meansIn(x: GraphValue): GraphValue {
  const axis = x.shape.length - 1;
  return slice(x, axis, 0, x.shape[axis] / 2);
}

function meansOf(prediction: readonly number[]): readonly number[] {
  const outputs = prediction.at(-1) ?? 1;
  if (outputs % 2 !== 0)
    throw new ShapeError(
      `gaussianNegativeLogLikelihood: expected means, then as many logarithms of variances, along the last axis, got ${formatShape(prediction)}`,
    );
  return [...prediction.slice(0, -1), outputs / 2];
}
