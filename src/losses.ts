/** The losses: each a function of the graph from prediction and target to one number, a mean over the batch's samples. */
import { OptionError, ShapeError } from './errors.ts';
import { GraphExpressions } from './graph/expressions.ts';
import { add, mean, multiply, negate, relu, reshape, subtract, sum } from './graph/functions.ts';
import type { GraphValue } from './graph/graph.ts';
import { count, formatShape, sameShape } from './ops/shape.ts';
import { checkKeys, checkName, checkNumber, describe } from './options.ts';

/** What a loss compares a prediction with: one class index a sample, or values of the prediction's shape. */
export type TargetForm = 'classes' | 'values';

export interface LossDefinition {
  /** What targets it takes; the first is what class indices become. */
  readonly targets: readonly TargetForm[];
  /** The activation that turns its predictions into probabilities; undefined where they are none. */
  readonly probabilities?: 'softmax' | 'sigmoid' | 'exp' | 'identity';
  /** Where a single prediction turns from class 0 to class 1. */
  readonly threshold: number;
  build(prediction: GraphValue, target: GraphValue, form: TargetForm, options: LossOptions): GraphValue;
}

interface LossOptions {
  /** Where the Huber loss turns from quadratic to linear. Default 1. */
  readonly delta?: number;
  readonly labelSmoothing?: number;
}

export type LossName = keyof typeof LOSSES;
/**
 * A loss by name. huber's δ may be given, and softmaxCrossEntropy's label smoothing: the share of each target, from 0 to below 1, that is
 * spread evenly over all classes (Szegedy et al. 2016).
 */
export type LossOption = LossName | { readonly type: LossName; readonly delta?: number; readonly labelSmoothing?: number };

const elementwise = (op: string, x: GraphValue, y: GraphValue, alpha?: number) => {
  if (!sameShape(x.shape, y.shape))
    throw new ShapeError(`loss: expected targets of shape ${formatShape(x.shape)}, got ${formatShape(y.shape)}`);
  return new GraphExpressions(x.graph).apply(op, [x, y], alpha === undefined ? {} : { alpha });
};

/** The sum over everything, divided by the rows of the batch. */
const overBatch = (x: GraphValue, factor = 1) => new GraphExpressions(x.graph).scale(sum(x), factor, x.shape[0]);

const pick = (x: GraphValue, index: GraphValue) => new GraphExpressions(x.graph).apply('pick', [x, index]);

/** Probabilities of which a share is spread evenly over all classes. */
function smoothed(x: GraphValue, target: GraphValue, form: TargetForm, share: number): GraphValue {
  const m = new GraphExpressions(x.graph);
  const [rows, columns] = x.shape;
  const rest = form === 'classes' ? m.apply('scatter', [m.fill(1 - share, [rows]), target], { columns }) : multiply(target, 1 - share);
  return add(rest, share / columns);
}

const LOSSES = {
  /** ½‖y − a‖² summed over the outputs: the textbooks' quadratic cost. */
  halfSquaredError: { targets: ['values'], threshold: 0.5, build: (x, y) => overBatch(elementwise('squaredError', x, y)) },
  /** (y − a)², the mean over the outputs too. */
  meanSquaredError: { targets: ['values'], threshold: 0.5, build: (x, y) => multiply(mean(elementwise('squaredError', x, y)), 2) },
  /** |y − a|, the mean over the outputs too. */
  meanAbsoluteError: { targets: ['values'], threshold: 0.5, build: (x, y) => mean(elementwise('absoluteError', x, y)) },
  /** Quadratic up to an error of δ, linear beyond; the mean over the outputs too. Huber 1964. */
  huber: { targets: ['values'], threshold: 0.5, build: (x, y, _, { delta }) => mean(elementwise('huberError', x, y, delta)) },
  /** Cross-entropy of sigmoid(logits) against targets in 0…1; the mean over the outputs too. Finite for every finite logit. */
  sigmoidCrossEntropy: {
    targets: ['values'],
    probabilities: 'sigmoid',
    threshold: 0,
    build: (x, y) => mean(elementwise('logisticError', x, y)),
  },
  /** Cross-entropy of probabilities against targets in 0…1; the mean over the outputs too. Logarithms are not taken below −100. */
  binaryCrossEntropy: {
    targets: ['values'],
    probabilities: 'identity',
    threshold: 0.5,
    build: (x, y) => mean(elementwise('bernoulliError', x, y)),
  },
  /** Cross-entropy of softmax(logits) against class indices or probabilities; its δ is a − y. Finite for every finite logit. */
  softmaxCrossEntropy: {
    targets: ['classes', 'values'],
    probabilities: 'softmax',
    threshold: 0,
    build: (x, y, form, { labelSmoothing = 0 }) => {
      const smooths = labelSmoothing > 0;
      const target = smooths ? smoothed(x, y, form, labelSmoothing) : y;
      const sparse = form === 'classes' && !smooths;
      return overBatch(new GraphExpressions(x.graph).apply('softmaxCrossEntropy', [x, target], { sparse }));
    },
  },
  /** −log-probability of the class: softmaxCrossEntropy in two steps, after a logSoftmax layer. */
  negativeLogLikelihood: { targets: ['classes'], probabilities: 'exp', threshold: 0, build: (x, y) => overBatch(negate(pick(x, y))) },
  /** Σ y·(ln y − x) of log-probabilities x against probabilities y. */
  kullbackLeibler: {
    targets: ['values'],
    probabilities: 'exp',
    threshold: Math.log(0.5),
    build: (x, y) => overBatch(elementwise('relativeEntropy', x, y)),
  },
  /** Σ max(0, 1 + xⱼ − x_class) over the wrong classes, divided by the number of classes. */
  multiClassHinge: {
    targets: ['classes'],
    threshold: 0,
    build: (x, y) => {
      const [rows, columns] = x.shape;
      const margins = relu(add(subtract(x, reshape(pick(x, y), [rows, 1])), 1));
      // The right class's own margin is 1 and carries no gradient: xⱼ − x_class is 0 there and both δ's cancel.
      return overBatch(subtract(sum(margins, [1]), 1), 1 / columns);
    },
  },
} satisfies Record<string, LossDefinition>;

export const LOSS_NAMES = Object.keys(LOSSES) as LossName[];

/** A loss with its options bound. */
export interface Loss {
  readonly name: LossName;
  readonly definition: LossDefinition;
  readonly option: LossOption;
  build(prediction: GraphValue, target: GraphValue, form: TargetForm): GraphValue;
}

/**
 * Checks a loss option.
 *
 * @throws OptionError for an unknown name or option.
 */
export function lossFrom(option: LossOption): Loss {
  if (typeof option === 'object' && option !== null) checkKeys('loss', option, ['type', 'delta', 'labelSmoothing']);
  else if (typeof option !== 'string') throw new OptionError(`loss: expected a name or { type }, got ${describe(option)}`);
  const options = typeof option === 'string' ? {} : option;
  const name = checkName('loss', typeof option === 'string' ? option : option.type, LOSS_NAMES);
  if ('delta' in options) {
    if (name !== 'huber') throw new OptionError(`loss: expected delta with huber only, got it with ${name}`);
    checkNumber('loss.delta', options.delta, 0, Number.POSITIVE_INFINITY, { open: true });
  }
  if ('labelSmoothing' in options) {
    if (name !== 'softmaxCrossEntropy')
      throw new OptionError(`loss: expected labelSmoothing with softmaxCrossEntropy only, got it with ${name}`);
    checkNumber('loss.labelSmoothing', options.labelSmoothing, 0, 1 - Number.EPSILON);
  }
  const definition: LossDefinition = LOSSES[name];
  return { name, definition, option, build: (prediction, target, form) => definition.build(prediction, target, form, options) };
}

/** Throws ShapeError where a loss cannot take predictions of that shape. */
export function checkPrediction(loss: Loss, prediction: GraphValue): void {
  const needsClasses = loss.definition.targets.includes('classes');
  if (needsClasses && (prediction.shape.length !== 2 || prediction.shape[1] < 2)) {
    throw new ShapeError(`${loss.name}: expected the last layer to give [batch, classes], got ${formatShape(prediction.shape)}`);
  }
  if (prediction.shape[0] !== -1)
    throw new ShapeError(`${loss.name}: expected predictions with the batch first, got ${formatShape(prediction.shape)}`);
}

/** Elements of one sample's prediction. */
export function sampleSize(prediction: { readonly shape: readonly number[] }): number {
  return count(prediction.shape.slice(1));
}
