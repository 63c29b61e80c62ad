/** Metrics of right answers: accuracy, and the right class among the first k. */

import { OptionError } from '../errors.ts';
import { GraphExpressions } from '../graph/expressions.ts';
import { abs, minimum, multiply, reshape, subtract, sum } from '../graph/functions.ts';
import type { GraphValue } from '../graph/graph.ts';
import { CLASSIFICATION } from '../ops/classification.ts';
import { opIn } from '../ops/registry.ts';
import { integer, required, type TableOf } from '../options/table.ts';
import { countCorrect } from './accuracy.ts';
import { builtIn, builtInOf, type NamedMetric } from './definition.ts';
import type { Measured, Metric } from './metric.ts';
import { type HeadRows, type MetricRows, metricRows, rowFacts, type TargetKind } from './rows.ts';

const ANSWERS: readonly TargetKind[] = ['classes', 'labels'];

/** Where every row weighs the same, one op counts the right ones. */
function measureAccuracy(head: HeadRows): Measured {
  const rows = metricRows('accuracy', ANSWERS, head);
  if (!rows.isWeighted && head.comparison)
    return { values: { correct: countCorrect(head.prediction, head.target, head.comparison) }, weight: undefined };
  const { weight } = rows;
  return { values: { correct: sum(multiply(subtract(1, minimum(wrongIn(rows), 1)), weight)) }, weight };
}

/** A number for each row: 0 where the answer is right, else 1 or more. Of several labels all have to be right. */
function wrongIn({ targets, prediction, target, threshold }: MetricRows): GraphValue {
  const m = new GraphExpressions(prediction.graph);
  if (targets === 'classes')
    return abs(subtract(m.graph.numbers(m.apply(opIn(CLASSIFICATION, 'argmax'), [prediction])), m.graph.numbers(target)));
  return sum(abs(subtract(m.step(subtract(prediction, threshold)), m.step(subtract(target, 0.5)))), [1]);
}

export const ACCURACY = builtInOf('accuracy', 'higher', {}, () => ({
  rowsOf: (head) => rowFacts('accuracy', ANSWERS, head),
  measure: measureAccuracy,
  joins: false,
  result: ({ correct }, { weight }) => correct / weight,
}));

/**
 * The share of answers that are right: a row's, or each step's of a sequence. Of classes the largest output is the answer, the first of
 * several equal ones. Of several labels an answer is right if all of them are (scikit-learn's accuracy_score). Reports have it without
 * being asked.
 */
export const accuracy = (options: NamedMetric = {}): Metric => ACCURACY.make({ ...options });

export interface TopKOptions extends NamedMetric {
  /** How many classes may be named: from 1 to one fewer than there are. */
  readonly k: number;
}

const TOP_K_OPTIONS = { k: required(integer()) } satisfies TableOf<Omit<TopKOptions, 'name'>>;

export const TOP_K = /* @__PURE__ */ builtIn('topK', 'higher', TOP_K_OPTIONS, ({ k }) => ({
  targets: 'classes',
  sums: ({ prediction, target, weight }) => {
    const classes = prediction.shape[1];
    if (k >= classes) throw new OptionError(`topK.k: expected fewer than the ${classes} classes, of which one is always right, got ${k}`);
    const m = new GraphExpressions(prediction.graph);
    return { hits: sum(multiply(m.step(subtract(k, m.apply(opIn(CLASSIFICATION, 'rank'), [prediction, target]))), weight)) };
  },
  result: ({ hits }, { weight }) => hits / weight,
}));

/**
 * The share of rows whose class is among the k with the largest outputs; of equal ones the last count as larger (scikit-learn's
 * top_k_accuracy_score).
 */
export const topK = (options: TopKOptions): Metric => TOP_K.make({ ...options });

/** A column [n, 1] of a vector [n]. */
export const column = (x: GraphValue) => reshape(x, [x.shape[0], 1]);
