/** Metrics of rankings: the areas under the ROC curve and under the precision–recall curve. */

import { OptionError } from '../errors.ts';
import { GraphExpressions } from '../graph/expressions.ts';
import { broadcast, multiply, reshape, slice, subtract } from '../graph/functions.ts';
import type { GraphValue } from '../graph/graph.ts';
import { CLASSIFICATION } from '../ops/classification.ts';
import { opIn } from '../ops/registry.ts';
import { flag, integer, oneOf, optional, type TableOf, withDefault } from '../options/table.ts';
import { column } from './answers.ts';
import { builtIn, type NamedMetric } from './definition.ts';
import type { Metric, MetricResult, MetricSum, MetricTotal } from './metric.ts';
import type { MetricRows } from './rows.ts';

const AVERAGES = ['macro', 'micro', 'weighted', 'none'] as const;

export interface CurveOptions extends NamedMetric {
  /**
   * How the values of several labels, or of more than two classes, each against all others, become one: their mean (`macro`, the default),
   * all pairs of row and label together (`micro`), their mean weighted by the positive targets (`weighted`), or a table (`none`).
   */
  readonly average?: (typeof AVERAGES)[number];
  /** Bins of equal width into which probabilities are sorted, from 2 up; default 1000. Not with `exact`. */
  readonly bins?: number;
  /** Whether every row is kept until the end, and the area is exact. Default false. */
  readonly exact?: boolean;
}

const OPTIONS = {
  average: optional(oneOf(AVERAGES)),
  bins: optional(integer(2)),
  exact: withDefault(flag, false),
} satisfies TableOf<Omit<CurveOptions, 'name'>>;

const DEFAULT_BINS = 1000;

/** Weights of positive and negative rows that share a place in the order of scores. */
interface Place {
  positive: number;
  negative: number;
}

/** The area of places in falling order of scores. */
type Area = (places: readonly Place[]) => number;

/** Scores [n, k] and whether each is positive; of two classes the second alone. */
function scoresOf({ targets, probabilities, target }: MetricRows): { score: GraphValue; positive: GraphValue } {
  const m = new GraphExpressions(probabilities.graph);
  const [n, size] = probabilities.shape;
  if (targets === 'labels') return { score: probabilities, positive: m.step(subtract(target, 0.5)) };
  const positive = m.apply(opIn(CLASSIFICATION, 'scatter'), [m.fill(1, [n]), target], { columns: size });
  if (size !== 2) return { score: probabilities, positive };
  return { score: slice(probabilities, 1, 1, 2), positive: slice(positive, 1, 1, 2) };
}

/** The sums of weights in each bin, [bins, k]. */
function binned(rows: MetricRows, bins: number): Readonly<Record<string, GraphValue>> {
  const { score, positive } = scoresOf(rows);
  const m = new GraphExpressions(score.graph);
  const weight = broadcast(column(rows.weight), score.shape);
  const ofPositive = multiply(positive, weight);
  const histogram = (weights: GraphValue) => m.apply(opIn(CLASSIFICATION, 'histogram'), [score, weights], { bins });
  return { positive: histogram(ofPositive), negative: histogram(subtract(weight, ofPositive)) };
}

/** Every row: its weight and its k scores, and which of them are positive. */
function kept(rows: MetricRows): Readonly<Record<string, GraphValue>> {
  const { score, positive } = scoresOf(rows);
  const { weight } = rows;
  return { score, positive, weight: reshape(weight, [weight.shape[0], 1]) };
}

/** The places of each label, or of all of them together. */
function placesOf(sums: Readonly<Record<string, MetricSum>>, exact: boolean, bins: number, together: boolean): Place[][] {
  const lists = exact ? placesOfRows(sums) : placesOfBins(sums, bins);
  return together ? [inOrder(lists.flat())] : lists.map(inOrder);
}

interface Scored extends Place {
  readonly score: number;
}

function placesOfBins({ positive, negative }: Readonly<Record<string, MetricSum>>, bins: number): Scored[][] {
  const size = positive.length / bins;
  return Array.from({ length: size }, (_, k) =>
    Array.from({ length: bins }, (_, b) => ({ score: b, positive: positive[b * size + k], negative: negative[b * size + k] })),
  );
}

function placesOfRows({ score, positive, weight }: Readonly<Record<string, MetricSum>>): Scored[][] {
  const size = weight.length ? score.length / weight.length : 1;
  return Array.from({ length: size }, (_, k) =>
    Array.from(weight as Float64Array, (w, r) => {
      const isPositive = positive[r * size + k];
      return { score: score[r * size + k], positive: w * isPositive, negative: w * (1 - isPositive) };
    }),
  );
}

/** Falling scores, equal ones as one place, without those that weigh nothing. */
function inOrder(places: readonly Scored[]): Place[] {
  const result: Place[] = [];
  let last = Number.NaN;
  for (const { score, positive, negative } of places.filter((one) => one.positive + one.negative > 0).sort((a, b) => b.score - a.score)) {
    const before = result.at(-1);
    if (before && score === last) {
      before.positive += positive;
      before.negative += negative;
    } else result.push({ positive, negative });
    last = score;
  }
  return result;
}

const sumOf = (places: readonly Place[], name: keyof Place) => places.reduce((total, place) => total + place[name], 0);

/** Pairs of a positive and a negative row in the right order, equal ones counted by half. Without one of the two kinds there is no area. */
const areaUnderRoc: Area = (places) => {
  let above = 0;
  let pairs = 0;
  for (const { positive, negative } of places) {
    pairs += negative * (above + positive / 2);
    above += positive;
  }
  const all = above * sumOf(places, 'negative');
  return all === 0 ? Number.NaN : pairs / all;
};

/** The mean of the precisions at which positive rows are found; 0 without any. */
const averagePrecisionOf: Area = (places) => {
  let [found, named, area] = [0, 0, 0];
  for (const { positive, negative } of places) {
    found += positive;
    named += positive + negative;
    area += positive * (found / named);
  }
  return found === 0 ? 0 : area / found;
};

function averaged(area: Area, lists: readonly Place[][], average: CurveOptions['average']): MetricResult {
  const values = lists.map(area);
  if (average === 'none') return values;
  if (values.length === 1) return values[0];
  const weights = lists.map((places) => (average === 'weighted' ? sumOf(places, 'positive') : 1));
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  // An area that is not defined counts where its weight is not 0.
  const weighted = values.reduce((sum, value, i) => (weights[i] === 0 ? sum : sum + value * weights[i]), 0);
  return total === 0 ? area([]) : weighted / total;
}

const curve = (type: string, area: Area) =>
  builtIn(type, 'higher', OPTIONS, ({ average, bins: given, exact }) => {
    if (exact && given !== undefined)
      throw new OptionError(`${type}.bins: expected none with exact, which sorts nothing into bins, got ${given}`);
    const bins = given ?? DEFAULT_BINS;
    return {
      targets: ['classes', 'labels'],
      ...(exact ? { rows: kept } : { sums: (rows: MetricRows) => binned(rows, bins) }),
      result: (sums: Readonly<Record<string, MetricSum>>, _: MetricTotal) =>
        averaged(area, placesOf(sums, exact, bins, average === 'micro'), average),
    };
  });

export const ROC_AUC = curve('rocAuc', areaUnderRoc);
export const AVERAGE_PRECISION = curve('averagePrecision', averagePrecisionOf);

/**
 * The area under the ROC curve: the share of pairs of a positive and a negative row in which the positive one has the higher probability, an
 * equal one counted by half (scikit-learn's roc_auc_score). NaN where all rows are of one kind.
 *
 * Probabilities are sorted into `bins`. The pairs within a bin count by half, so the error is at most half their share of all pairs:
 * Σ p·n / (2·P·N), where p of the P positive and n of the N negative rows lie in a bin. `exact: true` keeps all rows, and has no error.
 */
export const rocAuc = (options: CurveOptions = {}): Metric => ROC_AUC.make({ ...options });

/**
 * The average precision: the mean, over the positive rows, of the precision among all rows with at least their probability (scikit-learn's
 * average_precision_score). 0 without positive rows.
 *
 * Rows of one bin count as equal. Where f positive and g negative rows lie above a bin with p of the P positive and n negative rows, the
 * error is at most the sum over bins of (p / P) · ((f + p) / (f + p + g) − f / (f + g + n)). `exact: true` keeps all rows, and has no error.
 */
export const averagePrecision = (options: CurveOptions = {}): Metric => AVERAGE_PRECISION.make({ ...options });
