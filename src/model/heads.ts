/** The heads of a network: for each output a loss, its weight in the sum, and further metrics. */
import { OptionError } from '../errors.ts';
import { checkLoss, type Loss, type LossOption, lossFrom } from '../losses.ts';
import { number, readOptions, required, type TableOf, withDefault } from '../options/table.ts';
import { describe } from '../options.ts';

/** A loss to evaluate, by its name or by a given one: `{ type: 'huber', delta: 0.1, name: 'huber at 0.1' }`. */
export type MetricOption = LossOption | (Exclude<LossOption, string> & { readonly name?: string });

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
  loss: required(checkLoss),
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

/** Throws OptionError for anything unknown or out of range. */
export function headsFrom(losses: unknown): Map<string, HeadOption> {
  if (typeof losses !== 'object' || losses === null || Array.isArray(losses))
    throw new OptionError(`losses: expected a loss for each output, { name: loss }, got ${describe(losses)}`);
  return new Map(Object.entries(losses).map(([name, option]) => [name, headOption(`losses.${name}`, option as OutputLoss)]));
}

function headOption(where: string, option: OutputLoss): HeadOption {
  if (typeof option !== 'object' || option === null || !('loss' in option))
    return { loss: lossFrom(option as LossOption), weight: 1, metrics: [] };
  const { loss: trained, weight, metrics } = readOptions(where, OUTPUT, option);
  const measured = Array.from(metrics, (metric) => metricOf(`${where}.metrics`, metric, trained));
  const names = measured.map(({ name }) => name);
  const twice = names.find((name, i) => names.indexOf(name) < i);
  if (twice !== undefined)
    throw new OptionError(`${where}.metrics: expected metrics of different names, got ${describe(twice)} twice; { type, name } names one`);
  return { loss: trained, weight, metrics: measured };
}

/** A metric that ignores the same targets as the loss. */
function metricOf(where: string, option: MetricOption, { ignore }: Loss): Metric {
  const [own, name] = apartFromName(option);
  const loss = lossFrom(own);
  if (name !== undefined && (typeof name !== 'string' || name === ''))
    throw new OptionError(`${where}.name: expected a name, got ${describe(name)}`);
  const named = (metric: Loss): Metric => ({ name: name ?? metric.name, loss: metric });
  if (loss.ignore === ignore || !loss.definition.targets.includes('classes')) return named(loss);
  if (loss.ignore !== undefined)
    throw new OptionError(`${where}: expected ${loss.name} to ignore what the loss does, ${ignore ?? 'nothing'}, got ${loss.ignore}`);
  return named(lossFrom({ ...(typeof own === 'string' ? { type: own } : own), ignore }));
}

function apartFromName(option: MetricOption): [LossOption, string | undefined] {
  if (typeof option !== 'object' || option === null || !('name' in option)) return [option, undefined];
  const { name, ...own } = option;
  return [own, name];
}

/** The options that `headsFrom` reads. */
export function headsConfig(heads: readonly Head[]): Record<string, OutputLoss> {
  return Object.fromEntries(
    heads.map(({ name, loss, weight, metrics }) => [name, { loss: loss.option, weight, metrics: metrics.map(metricConfig) }]),
  );
}

function metricConfig({ name, loss: { name: ofLoss, option } }: Metric): MetricOption {
  return name === ofLoss ? option : { ...(typeof option === 'string' ? { type: option } : option), name };
}
