/** A metric: sums that a program makes of each mini-batch, and the result that is made of them. It changes nothing of training. */
import { OptionError } from '../errors.ts';
import type { GraphValue } from '../graph/graph.ts';
import type { TargetForm } from '../losses/loss.ts';
import { checkFunction, describe } from '../options.ts';
import { type HeadFacts, type HeadRows, type MetricRows, metricRows, rowFacts, type TargetKind } from './rows.ts';

/** The config of a metric, which a model file stores. */
export interface MetricConfig {
  /** Reports have its result under this name. */
  readonly name: string;
  /** By which a model file finds its maker; default its name. */
  readonly type?: string;
  /** Whether more of it is better, or less. */
  readonly better: 'higher' | 'lower';
  /** Options, which `JSON` can hold. */
  readonly [option: string]: unknown;
}

/** A number; or a table of numbers, which is reported and cannot be monitored. */
export type MetricResult = number | MetricTable;
export type MetricTable = readonly (number | MetricTable)[];

/**
 * A sum over all rows: a number where its graph value is a scalar, else a Float64Array of its elements. It has both types, since the type of
 * a graph value does not always tell.
 */
export type MetricSum = number & Float64Array;

/** What the rows of all batches come to together. */
export interface MetricTotal {
  /** The sum of all weights: the number of rows where nothing is weighted or ignored. */
  readonly weight: number;
  /** Rows, with those that are ignored. */
  readonly rows: number;
  readonly targets: TargetKind | TargetForm;
}

export interface MetricBody<Name extends string = string> {
  /** The targets that it takes: one kind or a list. */
  readonly targets: TargetKind | readonly TargetKind[];
  /** The sums of a batch, by name: graph values whose shapes do not depend on the batch. They are added over all batches in float64. */
  readonly sums?: (rows: MetricRows) => Readonly<Record<Name, GraphValue>>;
  /**
   * In place of `sums`: values [k, …] of a batch, which are joined over all batches, for a metric that looks at every row or at every batch.
   * k may be the rows of the batch. They are kept until the epoch or the evaluation ends.
   */
  readonly rows?: (rows: MetricRows) => Readonly<Record<Name, GraphValue>>;
  /** The result of the sums, or of the joined values, by the same names. */
  readonly result: (sums: Readonly<Record<Name, MetricSum>>, total: MetricTotal) => MetricResult;
}

/** What a metric adds to a program. */
export interface Measured {
  readonly values: Readonly<Record<string, GraphValue>>;
  /** The sum of the weights; undefined where all rows weigh 1. */
  readonly weight: GraphValue | undefined;
}

/** The rows that a metric looks at. */
export interface RowFacts {
  readonly targets: TargetKind | TargetForm;
  /** How many a sample has. */
  readonly perSample: number;
}

export interface MetricParts {
  /** Throws OptionError where the metric does not fit a head. */
  rowsOf(head: HeadFacts): RowFacts;
  measure(head: HeadRows): Measured;
  /** Whether values of batches are joined rather than added. */
  readonly joins: boolean;
  readonly result: (sums: Readonly<Record<string, MetricSum>>, total: MetricTotal) => MetricResult;
}

/** A metric with its options bound. */
export class Metric {
  /** @internal Made by `defineMetric`. */
  constructor(
    readonly name: string,
    readonly better: 'higher' | 'lower',
    /** As a model file has it: its type and options. */
    readonly config: Readonly<Record<string, unknown>> & { readonly type: string },
    readonly parts: MetricParts,
  ) {}

  /** Throws OptionError for a result that is neither a number nor a table. */
  result(sums: Readonly<Record<string, number | Float64Array>>, total: MetricTotal): MetricResult {
    const result: unknown = this.parts.result(sums as never, total);
    if (isResult(result)) return result;
    throw new OptionError(`metric ${this.name}: expected a result that is a number or arrays of numbers, got ${describe(result)}`);
  }
}

/** The config of a metric for a model file; its name alone where it has no options. */
export function metricConfig({ config }: Metric): unknown {
  return Object.keys(config).length === 1 ? config.type : config;
}

/** Throws OptionError for two of one name, and for names that reports have already. */
export function checkMetricNames(where: string, metrics: readonly Metric[]): readonly Metric[] {
  const names = metrics.map(({ name }) => name);
  const twice = names.find((name, i) => names.indexOf(name) < i);
  if (twice !== undefined)
    throw new OptionError(`${where}: expected metrics of different names, got ${describe(twice)} twice; the option name gives one another`);
  const taken = metrics.find(({ name, config }) => name === 'loss' || (name === 'accuracy' && config.type !== 'accuracy'));
  if (taken) throw new OptionError(`${where}: expected other names than those of reports, got ${describe(taken.name)}`);
  return metrics;
}

const isResult = (value: unknown): value is MetricResult => typeof value === 'number' || (Array.isArray(value) && value.every(isResult));

const KINDS = ['classes', 'labels', 'values'] as const;

/** The parts of a metric that looks at rows as its body's functions do. Throws OptionError for an impossible body. */
export function partsOf(where: string, body: MetricBody): MetricParts {
  if (typeof body !== 'object' || body === null)
    throw new OptionError(`${where}: expected { targets, sums, result }, got ${describe(body)}`);
  const kinds = [body.targets].flat();
  if (kinds.length === 0 || !kinds.every((kind) => KINDS.includes(kind)))
    throw new OptionError(`${where}.targets: expected ${KINDS.join(', ')} or a list of them, got ${describe(body.targets)}`);
  const { sums, rows } = body;
  if ((sums === undefined) === (rows === undefined))
    throw new OptionError(`${where}: expected either sums or rows, got ${sums ? 'both' : 'none'}`);
  const build = checkFunction<NonNullable<typeof sums>>(`${where}.${sums ? 'sums' : 'rows'}`, sums ?? rows);
  return {
    rowsOf: (head) => rowFacts(where, kinds, head),
    measure: (head) => {
      const given = metricRows(where, kinds, head);
      return { values: checkValues(where, build(given), sums !== undefined), weight: given.isWeighted ? given.weight : undefined };
    },
    joins: sums === undefined,
    result: checkFunction<MetricParts['result']>(`${where}.result`, body.result),
  };
}

function checkValues(where: string, values: unknown, areSums: boolean): Readonly<Record<string, GraphValue>> {
  if (typeof values !== 'object' || values === null || Object.keys(values).length === 0)
    throw new OptionError(`${where}: expected graph values by name, { … }, got ${describe(values)}`);
  for (const [name, value] of Object.entries(values)) {
    if (typeof value !== 'object' || value === null || !Array.isArray(value.shape))
      throw new OptionError(`${where}: expected ${name} to be a graph value, got ${describe(value)}`);
    if (areSums && value.shape.some((size: number) => size < 0))
      throw new OptionError(
        `${where}: expected sums of shapes that do not depend on the batch, got ${name} of [${value.shape.join(', ')}]`,
      );
    if (!areSums && value.shape.length === 0) throw new OptionError(`${where}: expected values [k, …] to join, got ${name} of one number`);
  }
  return values as Readonly<Record<string, GraphValue>>;
}
