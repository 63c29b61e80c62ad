/** Metrics from options and from the configs of model files. */
import { OptionError } from '../errors.ts';
import { atOnce } from '../event-loop/promises.ts';
import { type LossMakers, type LossOption, lossFrom } from '../losses/config.ts';
import { LOSS_NAMES, type TypedLoss } from '../losses/index.ts';
import { Loss } from '../losses/loss.ts';
import { checkMakers, describe, makerHint } from '../options.ts';
import { MEASURED_TYPES } from './define.ts';
import type { BuiltInMetric } from './definition.ts';
import { METRIC_NAMES, METRICS, type MetricName } from './index.ts';
import { lossMetric } from './losses.ts';
import { checkMetricNames, Metric } from './metric.ts';

/**
 * A metric by name, as `f1({ average: 'macro' })` makes it, or a user's own as `defineMetric` does; or a loss to measure, by its name or by
 * a given one: `{ type: 'huber', delta: 0.1, name: 'huber at 0.1' }`.
 */
export type MetricOption = MetricName | Metric | LossOption | (TypedLoss & { readonly name?: string });

/** Makes a metric from its config without the type. */
export type MetricMaker = (config: Record<string, unknown>) => Metric;

/** Makers of a user's own metrics, by the type in their configs. */
export type MetricMakers = Readonly<Record<string, MetricMaker>>;

/** Makers of metrics and losses that are not chainrule's, where a file is read. */
export interface MetricSources {
  readonly metrics: MetricMakers;
  readonly losses: LossMakers;
}

const OWN: ReadonlyMap<string, BuiltInMetric> = new Map(Object.entries(METRICS));

/**
 * The metrics of a head.
 *
 * @throws OptionError for anything but a list, for an unknown one, and for two of one name.
 */
export function metricsFrom(where: string, value: unknown, makers?: MetricSources): readonly Metric[] {
  if (!Array.isArray(value)) throw new OptionError(`${where}: expected a list of metrics, got ${describe(value)}`);
  return checkMetricNames(
    where,
    Array.from(value, (option) => metricFrom(where, option, makers)),
  );
}

function metricFrom(where: string, option: unknown, makers: MetricSources | undefined): Metric {
  if (option instanceof Metric) return option;
  if (option instanceof Loss) return ownLossMetric(where, option);
  const { type, ...options } = configOf(where, option);
  const own = typeof type === 'string' ? OWN.get(type) : undefined;
  if (own) return own.make(options);
  if (typeof type === 'string' && makers && Object.hasOwn(makers.metrics, type)) {
    const made: unknown = atOnce(`the maker of ${type}`, makers.metrics[type](options));
    if (!(made instanceof Metric))
      throw new OptionError(`${where}: expected the maker of ${type} to give what defineMetric makes, got ${describe(made)}`);
    if (made.config.type === type) return made;
    throw new OptionError(`${where}: expected the maker of ${type} to give a metric of that type, got ${describe(made.config.type)}`);
  }
  const isLoss =
    (LOSS_NAMES as readonly unknown[]).includes(type) || (typeof type === 'string' && makers && Object.hasOwn(makers.losses, type));
  if (!isLoss) throw unknown(where, type, makers);
  const { name, ...ofLoss } = options;
  if (name !== undefined && (typeof name !== 'string' || name === ''))
    throw new OptionError(`${where}.name: expected a name, got ${describe(name)}`);
  return lossMetric(lossFrom({ type, ...ofLoss }, makers?.losses), name);
}

function configOf(where: string, option: unknown): Readonly<Record<string, unknown>> {
  if (typeof option === 'string') return { type: option };
  if (typeof option === 'object' && option !== null && !Array.isArray(option)) return option as Readonly<Record<string, unknown>>;
  throw new OptionError(`${where}: expected a name, { type }, what defineMetric or defineLoss makes, got ${describe(option)}`);
}

/** The metric of a user's own loss. A file would read that of such a type as chainrule's metric. */
function ownLossMetric(where: string, loss: Loss): Metric {
  if (OWN.has(loss.name)) throw new OptionError(`${where}: expected a loss of a type that no metric of chainrule's has, got ${loss.name}`);
  return lossMetric(loss);
}

function unknown(where: string, type: unknown, makers: MetricSources | undefined): OptionError {
  const names = [...new Set([...Object.keys(makers?.metrics ?? {}), ...METRIC_NAMES, ...LOSS_NAMES])].join(', ');
  const hint = makers ? makerHint('metric', 'metrics', type) : '; defineMetric makes others';
  return new OptionError(`${where}: expected one of ${names}, got ${describe(type)}${hint}`);
}

/** Throws OptionError for a user's maker that is no function, or of a type that chainrule has. */
export const checkMetricMakers = (where: string, makers: unknown): MetricMakers => checkMakers(where, 'metric', makers, MEASURED_TYPES);
