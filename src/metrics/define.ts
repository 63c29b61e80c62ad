/** Metrics of a user's own. */
import { OptionError } from '../errors.ts';
import { LOSS_NAMES } from '../losses/index.ts';
import { checkOwnType, describe } from '../options.ts';
import { METRIC_NAMES } from './index.ts';
import { Metric, type MetricBody, type MetricConfig, partsOf } from './metric.ts';

/** The types of chainrule's metrics and losses: each is measured by its name. */
export const MEASURED_TYPES: readonly string[] = [...METRIC_NAMES, ...LOSS_NAMES];

/**
 * Makes a metric of two functions: one adds sums of a batch to the graph, one makes the result of the sums over all batches.
 *
 * ```ts
 * const specificity = ({ name = 'specificity' } = {}) =>
 *   defineMetric(
 *     { name, type: 'specificity', better: 'higher' },
 *     {
 *       targets: 'labels',
 *       sums: ({ probabilities, target, weight }) => {
 *         const negative = multiply(subtract(1, target), reshape(weight, [weight.shape[0], 1]));
 *         const right = multiply(negative, subtract(1, probabilities));
 *         return { right: sum(right), negative: sum(negative) };
 *       },
 *       result: ({ right, negative }) => right / negative,
 *     },
 *   );
 * const network = await Network.create({ input: [4], layers: [dense(1)], loss: 'sigmoidCrossEntropy', metrics: [specificity()] });
 * ```
 *
 * It is measured in training, in validation and by `evaluate`; a `monitor` may name it. A model file holds the config. It is read back with
 * a maker, `Network.load(path, { metrics: { specificity } })`, which is given the config without its type.
 *
 * @throws OptionError for a config without a name or a direction, for the type of a metric or loss that chainrule has,
 *   and for a body without functions.
 */
export function defineMetric<Name extends string>(config: MetricConfig, body: MetricBody<Name>): Metric {
  if (typeof config !== 'object' || config === null || typeof config.name !== 'string' || config.name === '')
    throw new OptionError(`defineMetric: expected a config { name, better, … }, got ${describe(config)}`);
  const { name, type = name, better, ...options } = config;
  checkOwnType('defineMetric', type, MEASURED_TYPES);
  const where = `defineMetric of ${name}`;
  if (better !== 'higher' && better !== 'lower')
    throw new OptionError(`${where}: expected better to be 'higher' or 'lower', got ${describe(better)}`);
  return new Metric(name, better, { type, name, better, ...options }, partsOf(where, body));
}
