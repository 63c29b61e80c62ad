/** Metrics of classes and labels one by one: precision, recall, F1, and the table of confusions. */

import { OptionError } from '../errors.ts';
import { GraphExpressions } from '../graph/expressions.ts';
import { abs, minimum, multiply, reshape, slice, subtract, sum } from '../graph/functions.ts';
import type { GraphValue } from '../graph/graph.ts';
import { CLASSIFICATION } from '../ops/classification.ts';
import { EMBEDDING } from '../ops/embedding.ts';
import { opIn } from '../ops/registry.ts';
import { oneOf, optional, type TableOf } from '../options/table.ts';
import { column } from './answers.ts';
import { builtIn, type NamedMetric } from './definition.ts';
import type { Metric, MetricResult, MetricSum, MetricTotal } from './metric.ts';
import type { MetricRows } from './rows.ts';

const AVERAGES = ['binary', 'macro', 'micro', 'weighted', 'none'] as const;

export interface AverageOptions extends NamedMetric {
  /**
   * How the values of classes or labels become one: `binary` is that of the only label, or of the second of two classes; `macro` their mean,
   * over the classes that occur among targets or predictions, over all labels; `micro` counts them all together; `weighted` is their mean
   * weighted by the targets; `none` gives a table with a value for each. Default `binary` where that is possible, else `macro`.
   */
  readonly average?: (typeof AVERAGES)[number];
}

const AVERAGE_OPTIONS = { average: optional(oneOf(AVERAGES)) } satisfies TableOf<Omit<AverageOptions, 'name'>>;

type Average = AverageOptions['average'];

/** How often each class was predicted rightly, predicted, and asked for. */
interface Counts<T = GraphValue> {
  readonly hits: T;
  readonly predicted: T;
  readonly actual: T;
}

/** Sums over rows by class, [classes]; of two classes the second alone where they are looked at as one label. */
function countsOf(where: string, rows: MetricRows, average: Average): Readonly<Record<keyof Counts, GraphValue>> {
  const { prediction, targets } = rows;
  const size = prediction.shape[1];
  const isPair = targets === 'classes' && size === 2;
  if (average === 'binary' && size > 1 && !isPair)
    throw new OptionError(`${where}.average: expected one label or two classes with 'binary', got ${size} ${targets}`);
  const counts = targets === 'classes' ? countsOfClasses(rows) : countsOfLabels(rows);
  if (!isPair || (average !== undefined && average !== 'binary')) return counts;
  const second = (x: GraphValue) => slice(x, 0, 1, 2);
  return { hits: second(counts.hits), predicted: second(counts.predicted), actual: second(counts.actual) };
}

function countsOfClasses({ prediction, target, weight }: MetricRows) {
  const m = new GraphExpressions(prediction.graph);
  const size = prediction.shape[1];
  const answer = m.apply(opIn(CLASSIFICATION, 'argmax'), [prediction]);
  const wrong = minimum(abs(subtract(m.graph.numbers(answer), m.graph.numbers(target))), 1);
  const byClass = (x: GraphValue, index: GraphValue) =>
    reshape(m.apply(opIn(EMBEDDING, 'embedGradient'), [column(x), index], { count: size }), [size]);
  return {
    hits: byClass(multiply(subtract(1, wrong), weight), target),
    predicted: byClass(weight, answer),
    actual: byClass(weight, target),
  };
}

function countsOfLabels({ prediction, target, weight, threshold }: MetricRows) {
  const m = new GraphExpressions(prediction.graph);
  const predicted = multiply(m.step(subtract(prediction, threshold)), column(weight));
  const given = m.step(subtract(target, 0.5));
  return {
    hits: sum(multiply(predicted, given), [0]),
    predicted: sum(predicted, [0]),
    actual: sum(multiply(given, column(weight)), [0]),
  };
}

/** The share of two counts; 0 where there is nothing to share, as scikit-learn has it. */
type Share = (counts: Counts<number>) => number;
const share = (part: number, whole: number) => (whole === 0 ? 0 : part / whole);

const PRECISION_OF: Share = ({ hits, predicted }) => share(hits, predicted);
const RECALL_OF: Share = ({ hits, actual }) => share(hits, actual);
const F1_OF: Share = ({ hits, predicted, actual }) => share(2 * hits, predicted + actual);

function averaged(of: Share, sums: Counts<MetricSum>, { targets }: MetricTotal, average: Average): MetricResult {
  const each = Array.from(sums.hits as Float64Array, (hits, i) => ({ hits, predicted: sums.predicted[i], actual: sums.actual[i] }));
  const add = (name: keyof Counts) => each.reduce((total, one) => total + one[name], 0);
  if (average === 'none') return each.map(of);
  if (average === 'micro') return of({ hits: add('hits'), predicted: add('predicted'), actual: add('actual') });
  if (average === 'weighted')
    return share(
      each.reduce((total, one) => total + of(one) * one.actual, 0),
      add('actual'),
    );
  const present = targets === 'labels' ? each : each.filter(({ predicted, actual }) => predicted + actual > 0);
  if (each.length === 1) return of(each[0]);
  return share(
    present.reduce((total, one) => total + of(one), 0),
    present.length,
  );
}

const averagedMetric = (type: string, of: Share) =>
  builtIn(type, 'higher', AVERAGE_OPTIONS, ({ average }) => ({
    targets: ['classes', 'labels'],
    sums: (rows) => countsOf(type, rows, average),
    result: (sums, total) => averaged(of, sums as unknown as Counts<MetricSum>, total, average),
  }));

export const PRECISION = averagedMetric('precision', PRECISION_OF);
export const RECALL = averagedMetric('recall', RECALL_OF);
export const F1 = averagedMetric('f1', F1_OF);

/** The share of a class's predictions that are right; 0 where it was never predicted. */
export const precision = (options: AverageOptions = {}): Metric => PRECISION.make({ ...options });
/** The share of a class's targets that were found; 0 where it has none. */
export const recall = (options: AverageOptions = {}): Metric => RECALL.make({ ...options });
/** The harmonic mean of precision and recall; 0 where a class was neither predicted nor asked for. */
export const f1 = (options: AverageOptions = {}): Metric => F1.make({ ...options });

export const CONFUSION_MATRIX = builtIn('confusionMatrix', 'higher', {}, () => ({
  targets: ['classes', 'labels'],
  sums: (rows): Readonly<Record<string, GraphValue>> => (rows.targets === 'classes' ? { pairs: pairsOf(rows) } : countsOfLabels(rows)),
  result: (sums, total) => (total.targets === 'classes' ? squareOf(sums.pairs) : tablesOf(sums as unknown as Counts<MetricSum>, total)),
}));

/**
 * How often each class was taken for each: a table with a row for each class of targets and a column for each class of predictions. Of one
 * label the table is 2 × 2, first without the label; of several labels there is one such table for each (scikit-learn's confusion_matrix and
 * multilabel_confusion_matrix). A table cannot be monitored.
 */
export const confusionMatrix = (options: NamedMetric = {}): Metric => CONFUSION_MATRIX.make({ ...options });

/** [classes of targets, classes of predictions]. */
function pairsOf({ prediction, target, weight }: MetricRows): GraphValue {
  const m = new GraphExpressions(prediction.graph);
  const size = prediction.shape[1];
  const answers = m.apply(opIn(CLASSIFICATION, 'scatter'), [weight, m.apply(opIn(CLASSIFICATION, 'argmax'), [prediction])], {
    columns: size,
  });
  return m.apply(opIn(EMBEDDING, 'embedGradient'), [answers, target], { count: size });
}

function squareOf(pairs: Float64Array): MetricResult {
  const size = Math.sqrt(pairs.length);
  return Array.from({ length: size }, (_, i) => [...pairs.subarray(i * size, (i + 1) * size)]);
}

function tablesOf({ hits, predicted, actual }: Counts<MetricSum>, { weight }: MetricTotal): MetricResult {
  const tables = Array.from(hits as Float64Array, (both, i) => [
    [weight - predicted[i] - actual[i] + both, predicted[i] - both],
    [actual[i] - both, both],
  ]);
  return tables.length === 1 ? tables[0] : tables;
}
