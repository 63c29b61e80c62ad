/** The heads of a network: for each output a loss, its weight in the sum, and further metrics. */
import { OptionError } from '../errors.ts';
import { type LossMakers, type LossOption, lossConfig, lossFrom } from '../losses/config.ts';
import type { TypedLoss } from '../losses/index.ts';
import { Loss } from '../losses/loss.ts';
import { asGiven, number, readOptions, required, type TableOf, withDefault } from '../options/table.ts';
import { describe } from '../options.ts';

/** A loss to evaluate, by its name or by a given one: `{ type: 'huber', delta: 0.1, name: 'huber at 0.1' }`. */
export type MetricOption = LossOption | (TypedLoss & { readonly name?: string });

/**
 * A loss alone, or with its weight in the sum of all (default 1) and further losses to evaluate beside it, which ignore the targets that it
 * ignores.
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
  metrics: withDefault(checkMetrics, []),
} satisfies TableOf<WeightedLoss>;

/** Checked once the output's own loss is known. */
function checkMetrics(where: string, value: unknown): readonly MetricOption[] {
  if (!Array.isArray(value)) throw new OptionError(`${where}: expected a list of losses, got ${describe(value)}`);
  return value;
}

export interface Metric {
  /** No other metric of the output has it. */
  readonly name: string;
  readonly loss: Loss;
}

export interface HeadOption {
  readonly loss: Loss;
  readonly weight: number;
  /** Evaluated, not trained by. */
  readonly metrics: readonly Metric[];
}

export interface Head extends HeadOption {
  readonly name: string;
  /** Its name in messages, `output price`; undefined for a lone output. */
  readonly label: string | undefined;
  /** The shape of one prediction. */
  readonly shape: readonly number[];
}

/**
 * The heads of losses by the outputs' names.
 *
 * @param makers Of losses that are not chainrule's, where a file is read.
 * @throws OptionError for anything unknown or out of range.
 */
export function headsFrom(losses: unknown, makers?: LossMakers): Map<string, HeadOption> {
  if (typeof losses !== 'object' || losses === null || Array.isArray(losses))
    throw new OptionError(`losses: expected a loss for each output, { name: loss }, got ${describe(losses)}`);
  return new Map(Object.entries(losses).map(([name, option]) => [name, headOption(`losses.${name}`, option, makers)]));
}

function headOption(where: string, option: unknown, makers: LossMakers | undefined): HeadOption {
  if (typeof option !== 'object' || option === null || option instanceof Loss || !('loss' in option))
    return { loss: lossFrom(option, makers), weight: 1, metrics: [] };
  const { loss: given, weight, metrics } = readOptions(where, OUTPUT, option);
  const loss = lossFrom(given, makers);
  const measured = Array.from(metrics, (metric) => metricOf(`${where}.metrics`, metric, loss, makers));
  const names = measured.map(({ name }) => name);
  const twice = names.find((name, i) => names.indexOf(name) < i);
  if (twice !== undefined)
    throw new OptionError(`${where}.metrics: expected metrics of different names, got ${describe(twice)} twice; { type, name } names one`);
  return { loss, weight, metrics: measured };
}

/** A metric that ignores the same targets as the loss. */
function metricOf(where: string, option: MetricOption, { ignore }: Loss, makers: LossMakers | undefined): Metric {
  const [own, given] = apartFromName(option);
  const loss = lossFrom(own, makers);
  if (given !== undefined && (typeof given !== 'string' || given === ''))
    throw new OptionError(`${where}.name: expected a name, got ${describe(given)}`);
  const name = given ?? loss.name;
  if (loss.ignore === ignore || !loss.takesClasses) return { name, loss };
  if (loss.ignore !== undefined)
    throw new OptionError(`${where}: expected ${loss.name} to ignore what the loss does, ${ignore ?? 'nothing'}, got ${loss.ignore}`);
  return { name, loss: loss.ignoring(ignore) };
}

function apartFromName(option: MetricOption): [unknown, string | undefined] {
  if (typeof option !== 'object' || option === null || option instanceof Loss || !('name' in option)) return [option, undefined];
  const { name, ...own } = option;
  return [own, name];
}

/** The options that `headsFrom` reads. */
export function headsConfig(heads: readonly Head[]): Record<string, unknown> {
  return Object.fromEntries(
    heads.map(({ name, loss, weight, metrics }) => [name, { loss: lossConfig(loss), weight, metrics: metrics.map(metricConfig) }]),
  );
}

function metricConfig({ name, loss }: Metric): unknown {
  return name === loss.name ? lossConfig(loss) : { ...loss.config, name };
}
