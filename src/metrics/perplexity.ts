/** Perplexity: how many equally likely classes a model hesitates between. */
import { multiply, negate, pick, sum } from '../graph/functions.ts';
import { builtIn, type NamedMetric } from './definition.ts';
import type { Metric } from './metric.ts';

export const PERPLEXITY = builtIn('perplexity', 'lower', {}, () => ({
  targets: 'classes',
  sums: ({ logProbabilities, target, weight }) => ({ surprise: sum(multiply(negate(pick(logProbabilities, target)), weight)) }),
  result: ({ surprise }, { weight }) => Math.exp(surprise / weight),
}));

/** e to the mean of −ln p over the targets, where p is the probability that the network gives to the right class. */
export const perplexity = (options: NamedMetric = {}): Metric => PERPLEXITY.make({ ...options });
