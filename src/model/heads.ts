/** The heads of a network: for each output a loss, its weight in the sum, and further metrics. */
import { OptionError } from '../errors.ts';
import { type LossOption, lossConfig, lossFrom } from '../losses/config.ts';
import { Loss } from '../losses/loss.ts';
import { type MetricOption, type MetricSources, metricConfig, metricsFrom } from '../metrics/config.ts';
import type { Metric } from '../metrics/metric.ts';
import { asGiven, number, readOptions, required, type TableOf, withDefault } from '../options/table.ts';
import { describe } from '../options.ts';

/**
 * A loss alone, or with its weight in the sum of all (default 1) and metrics to measure beside it. What it ignores they ignore as
 * well.
 */
export type OutputLoss = LossOption | WeightedLoss;

interface WeightedLoss {
  readonly loss: LossOption;
  readonly weight?: number;
  readonly metrics?: readonly MetricOption[];
}

const OUTPUT = {
  loss: required(asGiven<LossOption>()),
  weight: withDefault(number(), 1),
  metrics: withDefault(asGiven<readonly MetricOption[]>(), []),
} satisfies TableOf<WeightedLoss>;

export interface HeadOption {
  readonly loss: Loss;
  readonly weight: number;
  /** Measured, not trained by. */
  readonly metrics: readonly Metric[];
}

export interface Head extends HeadOption {
  readonly name: string;
  /** Its name in messages, `output price`; undefined for a lone output. */
  readonly label: string | undefined;
  /** The shape of one prediction. */
  readonly shape: readonly number[];
  /** The names of its metrics that give tables. */
  readonly tables: ReadonlySet<string>;
}

/**
 * The heads of losses by the outputs' names.
 *
 * @param makers Of losses and metrics that are not chainrule's, where a file is read.
 * @throws OptionError for anything unknown or out of range.
 */
export function headsFrom(losses: unknown, makers?: MetricSources): Map<string, HeadOption> {
  if (typeof losses !== 'object' || losses === null || Array.isArray(losses))
    throw new OptionError(`losses: expected a loss for each output, { name: loss }, got ${describe(losses)}`);
  return new Map(Object.entries(losses).map(([name, option]) => [name, headOption(`losses.${name}`, option, makers)]));
}

function headOption(where: string, option: unknown, makers: MetricSources | undefined): HeadOption {
  if (typeof option !== 'object' || option === null || option instanceof Loss || !('loss' in option))
    return { loss: lossFrom(option, makers?.losses), weight: 1, metrics: [] };
  const { loss: given, weight, metrics } = readOptions(where, OUTPUT, option);
  return { loss: lossFrom(given, makers?.losses), weight, metrics: metricsFrom(`${where}.metrics`, metrics, makers) };
}

/** The options that `headsFrom` reads. */
export function headsConfig(heads: readonly Head[]): Record<string, unknown> {
  return Object.fromEntries(
    heads.map(({ name, loss, weight, metrics }) => [name, { loss: lossConfig(loss), weight, metrics: metrics.map(metricConfig) }]),
  );
}
