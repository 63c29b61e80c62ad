/** Metrics of numbers: mean errors, and the share of the variance that is explained. */
import { abs, divide, maximum, mean, multiply, reshape, square, subtract, sum } from '../graph/functions.ts';
import type { GraphValue } from '../graph/graph.ts';
import { column } from './answers.ts';
import { builtIn, type NamedMetric } from './definition.ts';
import type { Metric, MetricBody, MetricSum } from './metric.ts';
import type { MetricRows } from './rows.ts';

/** The weighted mean over rows of an error, which is the mean over their outputs. */
const meanError = (error: (difference: GraphValue) => GraphValue) => (): MetricBody<'error'> => ({
  targets: 'values',
  sums: ({ estimate, target, weight }) => ({ error: sum(multiply(mean(error(subtract(estimate, target)), [1]), weight)) }),
  result: ({ error }, { weight }) => error / weight,
});

export const MEAN_SQUARED_ERROR = builtIn('meanSquaredError', 'lower', {}, meanError(square));
export const MEAN_ABSOLUTE_ERROR = builtIn('meanAbsoluteError', 'lower', {}, meanError(abs));

/** The mean of the squared differences between targets and what predictions say of them, over the outputs too. */
export const meanSquaredError = (options: NamedMetric = {}): Metric => MEAN_SQUARED_ERROR.make({ ...options });
/** The mean of the absolute differences between targets and what predictions say of them, over the outputs too. */
export const meanAbsoluteError = (options: NamedMetric = {}): Metric => MEAN_ABSOLUTE_ERROR.make({ ...options });

export const R2 = builtIn('r2', 'higher', {}, () => ({
  targets: 'values',
  rows: momentsOf,
  result: (sums, { rows }) => (rows < 2 ? Number.NaN : explained(sums)),
}));

/**
 * The coefficient of determination, 1 − Σ(t − y)² / Σ(t − mean of t)², the mean over the outputs (scikit-learn's r2_score). Where the targets
 * of an output are all equal it is 1 for predictions without an error, else 0. NaN for fewer than two rows.
 */
export const r2 = (options: NamedMetric = {}): Metric => R2.make({ ...options });

/** float32's smallest number with all its digits: what all rows weigh nothing is divided by. */
const SMALLEST_NORMAL = 2 ** -126;

/** Of a batch: its weight, the mean of its targets, their squared distances from it, and the squared errors; each [1, outputs]. */
function momentsOf({ estimate, target, weight }: MetricRows): Readonly<Record<string, GraphValue>> {
  const outputs = target.shape[1];
  const weights = column(weight);
  const total = sum(weight);
  const add = (x: GraphValue) => reshape(sum(multiply(x, weights), [0]), [1, outputs]);
  const centre = divide(add(target), maximum(total, SMALLEST_NORMAL));
  return {
    weight: reshape(total, [1, 1]),
    mean: centre,
    spread: add(square(subtract(target, centre))),
    error: add(square(subtract(target, estimate))),
  };
}

/** Batches joined by the parallel algorithm of Chan et al. 1979: large targets of small variance keep their digits. */
function explained({ weight, mean: means, spread, error }: Readonly<Record<string, MetricSum>>): number {
  const outputs = means.length / weight.length;
  let explainedSum = 0;
  for (let k = 0; k < outputs; k++) {
    const whole = { weight: 0, mean: 0, spread: 0, error: 0 };
    for (let b = 0; b < weight.length; b++) {
      if (weight[b] === 0) continue;
      const both = whole.weight + weight[b];
      const distance = means[b * outputs + k] - whole.mean;
      whole.spread += spread[b * outputs + k] + (distance * distance * whole.weight * weight[b]) / both;
      whole.mean += (distance * weight[b]) / both;
      whole.error += error[b * outputs + k];
      whole.weight = both;
    }
    explainedSum += whole.spread === 0 ? (whole.error === 0 ? 1 : 0) : 1 - whole.error / whole.spread;
  }
  return explainedSum / outputs;
}
