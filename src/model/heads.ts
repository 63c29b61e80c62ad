/** The heads of a network: for each output a loss, its weight in the sum, and further metrics. */
import { OptionError } from '../errors.ts';
import type { LossOption } from '../losses/config.ts';
import { Loss, lossConfig } from '../losses/loss.ts';
import type { MetricOption } from '../metrics/config.ts';
import { type Metric, metricConfig } from '../metrics/metric.ts';
import { asGiven, number, readOptions, required, type TableOf, withDefault } from '../options/table.ts';
import { describe } from '../options.ts';
import type { PartReaders } from './part-readers.ts';

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
 * @throws OptionError for anything unknown or out of range.
 */
export function headsFrom(losses: unknown, parts: PartReaders): Map<string, HeadOption> {
  if (typeof losses !== 'object' || losses === null || Array.isArray(losses))
    throw new OptionError(`losses: expected a loss for each output, { name: loss }, got ${describe(losses)}`);
  return new Map(Object.entries(losses).map(([name, option]) => [name, headOption(`losses.${name}`, option, parts)]));
}

function headOption(where: string, option: unknown, parts: PartReaders): HeadOption {
  if (typeof option !== 'object' || option === null || option instanceof Loss || !('loss' in option))
    return { loss: parts.loss(option), weight: 1, metrics: [] };
  const { loss: given, weight, metrics } = readOptions(where, OUTPUT, option);
  return { loss: parts.loss(given), weight, metrics: parts.metrics(`${where}.metrics`, metrics) };
}

/** The options that `headsFrom` reads. */
export function headsConfig(heads: readonly Head[]): Record<string, unknown> {
  return Object.fromEntries(
    heads.map(({ name, loss, weight, metrics }) => [name, { loss: lossConfig(loss), weight, metrics: metrics.map(metricConfig) }]),
  );
}
