/** The rows of a head as metrics look at them: matrices with a row for each answer. */

import { OptionError } from '../errors.ts';
import { GraphExpressions } from '../graph/expressions.ts';
import { log, logSoftmax, reshape } from '../graph/functions.ts';
import type { GraphValue } from '../graph/graph.ts';
import type { Loss, TargetForm } from '../losses/loss.ts';
import type { Rows } from '../losses/rows.ts';
import { CLASSIFICATION } from '../ops/classification.ts';
import { opIn } from '../ops/registry.ts';
import { count } from '../ops/shape.ts';
import { type Comparison, compareIndices, compareLargest, compareValues } from './accuracy.ts';

/** Class indices; labels, each given or not; or numbers. */
export type TargetKind = 'classes' | 'labels' | 'values';

/** The rows of a batch. All are matrices with n rows; n is the batch, or with steps of sequences as many times that. */
export interface MetricRows {
  /** The kind of targets that these are. */
  readonly targets: TargetKind;
  /** As the network gives it: [n, classes], [n, labels] or [n, outputs]. ½ in rows to which the data gives a weight of 0, as values are. */
  readonly prediction: GraphValue;
  /** Of the same shape. Throws OptionError where the head's loss does not say how predictions become probabilities. */
  readonly probabilities: GraphValue;
  /** The logarithms of the probabilities, without a detour where the prediction is nearer to them. Throws as `probabilities` does. */
  readonly logProbabilities: GraphValue;
  /**
   * What the predictions say that values are, of the target's shape: the means of distributions, rates, probabilities. Throws OptionError
   * where predictions of the head's loss are no such thing.
   */
  readonly estimate: GraphValue;
  /** Class indices [n], those that are ignored as class 0 with a weight of 0; of labels [n, labels], of values [n, outputs]. */
  readonly target: GraphValue;
  /** What each row weighs, [n]: 1, 0 where its target is ignored, or as the data says. */
  readonly weight: GraphValue;
  /** False where every weight is 1. */
  readonly isWeighted: boolean;
  /** Of labels: a prediction above it says that the label is given. */
  readonly threshold: number;
}

/** A head and the form of its targets. */
export interface HeadFacts {
  readonly loss: Loss;
  /** The shape of one prediction. */
  readonly shape: readonly number[];
  readonly form: TargetForm;
  /** How right answers are counted; undefined for numbers. */
  readonly comparison: Comparison | undefined;
}

/** A head's part of a batch in a graph. */
export interface HeadRows extends HeadFacts {
  /** The rows as a loss looks at them, with their weights. */
  rowsFor(loss: Loss): Rows;
  /** As the network gives it, and as it is bound: class indices that are ignored are IGNORED. */
  readonly prediction: GraphValue;
  readonly target: GraphValue;
}

/** The kinds that a head's targets can be taken for. */
function kindsOf({ form, comparison, loss }: HeadFacts): TargetKind[] {
  const answers: TargetKind[] = comparison ? [loss.definition.answer?.by === 'threshold' ? 'labels' : 'classes'] : [];
  return form === 'values' ? [...answers, 'values'] : answers;
}

/** The facts of a head for each form of targets that it may be given. */
export function possibleFacts({ loss, shape }: Pick<HeadFacts, 'loss' | 'shape'>): HeadFacts[] {
  const { targets } = loss.definition;
  const classes = shape.at(-1) ?? 1;
  const answers = count(shape) / classes;
  const ofValues = compareValues(shape, loss.definition);
  return [
    ...(targets.includes('classes') ? [{ loss, shape, form: 'classes' as const, comparison: compareIndices(answers) }] : []),
    ...(targets.includes('values') ? [{ loss, shape, form: 'values' as const, comparison: ofValues }] : []),
    ...(targets.includes('sequences') ? [{ loss, shape, form: 'sequences' as const, comparison: undefined }] : []),
    // Class indices given for values become vectors of zeros and a one.
    ...(!targets.includes('values') || targets.includes('classes') || ofValues || classes < 2
      ? []
      : [{ loss, shape, form: 'values' as const, comparison: compareLargest(answers) }]),
  ];
}

/** The rows that a metric of some kinds of targets looks at. Throws OptionError where the head has none of them. */
export function rowFacts(where: string, wanted: readonly TargetKind[], head: HeadFacts): { targets: TargetKind; perSample: number } {
  const kinds = kindsOf(head);
  const targets = kinds.find((kind) => wanted.includes(kind));
  if (targets === undefined)
    throw new OptionError(
      `${where}: expected targets that are ${wanted.join(' or ')}, got ${kinds.join(' or ') || head.form} with ${head.loss.name}`,
    );
  return { targets, perSample: targets === 'values' ? 1 : (head.comparison?.answers ?? 1) };
}

export function metricRows(where: string, wanted: readonly TargetKind[], head: HeadRows): MetricRows {
  const { targets } = rowFacts(where, wanted, head);
  const { loss } = head;
  const rows = head.rowsFor(loss);
  const { shape } = rows.prediction;
  const columns = targets === 'values' ? count(shape.slice(1)) : (shape.slice(1).at(-1) ?? 1);
  const n = count(shape) / columns;
  const matrix = (x: GraphValue) => reshape(x, [n, count(x.shape) / n]);
  const prediction = matrix(rows.prediction);
  const m = new GraphExpressions(prediction.graph);
  return {
    targets,
    prediction,
    target: targetOf(targets, rows, matrix),
    get probabilities() {
      const activation = probabilitiesOf(where, loss);
      return activation === 'identity' ? prediction : m.apply(activation, [prediction]);
    },
    get logProbabilities() {
      const activation = probabilitiesOf(where, loss);
      if (activation === 'exp') return prediction;
      return activation === 'softmax' ? logSoftmax(prediction) : log(this.probabilities);
    },
    get estimate() {
      return matrix(estimateOf(where, loss, rows.prediction));
    },
    get weight() {
      return rows.weight ? perRow(rows.weight, n) : m.fill(1, [n]);
    },
    isWeighted: rows.weight !== undefined,
    threshold: loss.definition.answer?.by === 'threshold' ? (loss.definition.answer.threshold as number) : 0,
  };
}

function targetOf(kind: TargetKind, { form, target }: Rows, matrix: (x: GraphValue) => GraphValue): GraphValue {
  if (form === 'classes') return target;
  return kind === 'classes' ? new GraphExpressions(target.graph).apply(opIn(CLASSIFICATION, 'argmax'), [matrix(target)]) : matrix(target);
}

/** Weights of samples, one for each of the sample's rows. */
function perRow(weight: GraphValue, n: number): GraphValue {
  const [samples] = weight.shape;
  if (samples === n) return weight;
  const m = new GraphExpressions(weight.graph);
  return reshape(m.broadcast(reshape(weight, [samples, 1]), [samples, n / samples]), [n]);
}

function estimateOf(where: string, { name, definition }: Loss, prediction: GraphValue): GraphValue {
  const { estimate, target, probabilities = 'identity' } = definition;
  if (estimate) return estimate(prediction);
  if (target) throw new OptionError(`${where}: expected a loss whose predictions estimate its targets, got ${name}`);
  return probabilities === 'identity' ? prediction : new GraphExpressions(prediction.graph).apply(probabilities, [prediction]);
}

function probabilitiesOf(where: string, { name, definition }: Loss) {
  if (definition.probabilities) return definition.probabilities;
  throw new OptionError(`${where}: expected a loss whose predictions become probabilities, got ${name}`);
}
