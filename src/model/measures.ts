/** The measures of a head: its accuracy and metrics in a program's records. */

import { OptionError } from '../errors.ts';
import { sum } from '../graph/functions.ts';
import { Graph } from '../graph/graph.ts';
import type { Loss } from '../losses/loss.ts';
import { inputsApart, rowsOf } from '../losses/rows.ts';
import { ACCURACY } from '../metrics/answers.ts';
import type { LossPlaces } from '../metrics/loss-totals.ts';
import type { Metric } from '../metrics/metric.ts';
import { type HeadFacts, type HeadRows, possibleFacts } from '../metrics/rows.ts';
import { HeadTotals, MetricTotals } from '../metrics/totals.ts';
import { resolve } from '../ops/shape.ts';
import type { Program } from '../program/format.ts';
import type { Head, HeadOption } from './heads.ts';
import type { Shapes } from './structure.ts';

/** The form of a head's targets, and how right answers are counted. */
type Counting = Pick<HeadFacts, 'form' | 'comparison'>;

const ACCURACY_METRIC = ACCURACY.make({});

/** The names of what a record has of a head. Its metrics are numbered: the accuracy first, where answers are counted. */
export const headRecords = (head: string) => ({
  loss: `loss ${head}`,
  /** What its rows weigh together. */
  rows: `rows ${head}`,
  /** What comes before the name of a metric's value. */
  metric: (k: number) => `metric ${k} ${head}/`,
  weight: (k: number) => `weight of metric ${k} ${head}`,
});

const measuresOf = ({ metrics }: HeadOption, { comparison }: Counting): readonly Metric[] =>
  comparison ? [ACCURACY_METRIC, ...metrics] : metrics;

/** Records the values of a head's metrics. Throws OptionError where one does not fit the targets. */
export function recordMeasures(graph: Graph, head: Head, rows: HeadRows): void {
  const records = headRecords(head.name);
  measuresOf(head, rows).forEach((metric, k) => {
    metric.parts.rowsOf(rows);
    const { values, weight } = metric.parts.measure(rows);
    for (const [name, value] of Object.entries(values)) graph.record(records.metric(k) + name, value);
    if (weight) graph.record(records.weight(k), sum(weight));
  });
}

/** Where the records of a program have losses. */
export function lossPlaces({ records, recordWidth }: Program, heads: readonly Pick<Head, 'name' | 'weight'>[]): LossPlaces {
  const places = heads.flatMap(({ name, weight }) => {
    const names = headRecords(name);
    const loss = records.get(names.loss);
    return loss === undefined ? [] : [{ head: name, weight, loss, rows: records.get(names.rows) }];
  });
  return { width: recordWidth, heads: places };
}

/** A head's totals over the records of a program, none yet. */
export function headTotals({ records }: Program, head: Head, counting: Counting): HeadTotals {
  const names = headRecords(head.name);
  const facts = { loss: head.loss, shape: head.shape, ...counting };
  const totals = measuresOf(head, counting).map((metric, k) => {
    const before = names.metric(k);
    const own = [...records]
      .filter(([name]) => name.startsWith(before))
      .map(([name, place]) => [name.slice(before.length), place] as const);
    return new MetricTotals(metric, metric.parts.rowsOf(facts), { values: new Map(own), weight: records.get(names.weight(k)) });
  });
  const [accuracy, metrics] = counting.comparison ? [totals[0], totals.slice(1)] : [undefined, totals];
  return new HeadTotals(head.name, accuracy, metrics);
}

/** The names of a head's metrics that give tables. Throws OptionError for a metric that fits no targets that the head may be given. */
export function tablesOf({ loss, shape, metrics }: Pick<Head, 'loss' | 'shape' | 'metrics'>, inputs: Shapes): ReadonlySet<string> {
  const possible = possibleFacts({ loss, shape });
  return new Set(metrics.filter((metric) => givesTable(metric, fitting(metric, possible), inputs)).map(({ name }) => name));
}

function fitting(metric: Metric, possible: readonly HeadFacts[]): HeadFacts {
  let refused: unknown;
  for (const facts of possible) {
    try {
      metric.parts.rowsOf(facts);
      return facts;
    } catch (error) {
      if (!(error instanceof OptionError)) throw error;
      refused ??= error;
    }
  }
  throw refused;
}

/** Whether the result of no rows is a table, in a graph apart. */
function givesTable(metric: Metric, facts: HeadFacts, inputs: Shapes): boolean {
  const { loss, shape, form } = facts;
  const { x: prediction, y: target, given } = inputsApart(new Graph({ training: true }), loss, shape, form, inputs);
  const rowsFor = (one: Loss) => rowsOf(one, prediction, target, form, { inputs: given });
  const { values } = metric.parts.measure({ ...facts, prediction, target, rowsFor });
  const none = Object.entries(values).map(([name, value]) => {
    if (metric.parts.joins) return [name, new Float64Array(0)] as const;
    return [name, value.shape.length ? new Float64Array(value.shape.reduce((size, one) => size * resolve(one, 1), 1)) : 0] as const;
  });
  const { targets } = metric.parts.rowsOf({ ...facts, loss });
  return typeof metric.result(Object.fromEntries(none), { weight: 0, rows: 0, targets }) !== 'number';
}
