/** Losses of classes: one of several is right. Rows are [rows, classes]; their mean is over all targets, as PyTorch's is. */

import { OptionError, ShapeError } from '../errors.ts';
import { GraphExpressions } from '../graph/expressions.ts';
import { add, broadcast, exp, logSoftmax, multiply, negate, pick, relu, reshape, subtract, sum } from '../graph/functions.ts';
import type { GraphValue } from '../graph/graph.ts';
import { CLASSIFICATION } from '../ops/classification.ts';
import { opIn } from '../ops/registry.ts';
import { fraction, number, optional, type TableOf, withDefault } from '../options/table.ts';
import { describe } from '../options.ts';
import { builtIn } from './definition.ts';
import { focused } from './focus.ts';
import type { TargetForm } from './loss.ts';

/** An option of every loss of classes. */
export interface ClassLossOptions {
  /**
   * An index, of a class or of none (−1, say), that marks targets which count neither in the loss, its mean and its gradients, nor in the
   * accuracy: padding. Where a mini-batch has no others, its loss is 0. PyTorch's ignore_index.
   */
  readonly ignore?: number;
}

export interface SoftmaxCrossEntropyOptions extends ClassLossOptions {
  /** The share of each target, from 0 to below 1, that is spread evenly over all classes (Szegedy et al. 2016). Default 0. */
  readonly labelSmoothing?: number;
}

const SOFTMAX_OPTIONS = { labelSmoothing: withDefault(fraction, 0) } satisfies TableOf<Omit<SoftmaxCrossEntropyOptions, 'ignore'>>;

/** Cross-entropy of softmax(logits) against class indices or probabilities; its δ is a − y. Finite for every finite logit. */
export const SOFTMAX_CROSS_ENTROPY = builtIn(
  'softmaxCrossEntropy',
  SOFTMAX_OPTIONS,
  { targets: ['classes', 'values'], range: [0, 1], probabilities: 'softmax', answer: { by: 'largest' } },
  ({ labelSmoothing }) =>
    (x, y, form) => {
      const smooths = labelSmoothing > 0;
      const target = smooths ? smoothed(x, y, form, labelSmoothing) : y;
      const sparse = form === 'classes' && !smooths;
      return new GraphExpressions(x.graph).apply(opIn(CLASSIFICATION, 'softmaxCrossEntropy'), [x, target], { sparse });
    },
);

/** −log-probability of the class: softmaxCrossEntropy in two steps, after a logSoftmax layer. */
export const NEGATIVE_LOG_LIKELIHOOD = builtIn(
  'negativeLogLikelihood',
  {},
  { targets: 'classes', probabilities: 'exp' },
  () => (x, y) => negate(pick(x, y)),
);

/** Σ max(0, 1 + xⱼ − x_class) over the wrong classes, divided by the number of classes. */
export const MULTI_CLASS_HINGE = builtIn('multiClassHinge', {}, { targets: 'classes' }, () => (x, y) => {
  const [rows, columns] = x.shape;
  const margins = relu(add(subtract(x, reshape(pick(x, y), [rows, 1])), 1));
  // The right class's own margin is 1 and carries no gradient: xⱼ − x_class is 0 there and both δ's cancel.
  return multiply(subtract(sum(margins, [1]), 1), 1 / columns);
});

export interface SoftmaxFocalOptions extends ClassLossOptions {
  /** How much less a target counts the nearer its probability is to 1. 0 gives softmaxCrossEntropy. Default 2. */
  readonly gamma?: number;
  /** The weight of each class, by its index; the loss is not divided by them. Default 1 each. */
  readonly alpha?: readonly number[];
}

const SOFTMAX_FOCAL_OPTIONS = { gamma: withDefault(number(), 2), alpha: optional(weights) } satisfies TableOf<
  Omit<SoftmaxFocalOptions, 'ignore'>
>;

function weights(where: string, value: unknown): readonly number[] {
  if (!Array.isArray(value)) throw new OptionError(`${where}: expected a number for each class, got ${describe(value)}`);
  return Array.from(value, (weight, i) => number(0)(`${where}[${i}]`, weight));
}

/** Cross-entropy of softmax(logits), times (1 − p)^γ for the probability p of the class. Lin et al. 2017. */
export const SOFTMAX_FOCAL = builtIn(
  'softmaxFocal',
  SOFTMAX_FOCAL_OPTIONS,
  { targets: ['classes', 'values'], range: [0, 1], probabilities: 'softmax', answer: { by: 'largest' } },
  ({ gamma, alpha }) =>
    (x, y, form) => {
      const logs = logSoftmax(x);
      const picked = form === 'classes' ? pick(logs, y) : logs;
      const losses = multiply(negate(picked), focused(subtract(1, exp(picked)), gamma));
      const weight = alpha && ofClasses(alpha, x);
      if (form === 'classes') return weight ? multiply(losses, pick(broadcast(weight, x.shape), y)) : losses;
      return sum(multiply(weight ? multiply(losses, weight) : losses, y), [1]);
    },
);

function ofClasses(alpha: readonly number[], { graph, shape: [, classes] }: GraphValue): GraphValue {
  if (alpha.length !== classes)
    throw new ShapeError(`softmaxFocal.alpha: expected a number for each of ${classes} classes, got ${alpha.length}`);
  return graph.list(alpha);
}

/** Probabilities with a share spread evenly over all classes. */
function smoothed(x: GraphValue, target: GraphValue, form: TargetForm, share: number): GraphValue {
  const m = new GraphExpressions(x.graph);
  const [rows, columns] = x.shape;
  const rest =
    form === 'classes'
      ? m.apply(opIn(CLASSIFICATION, 'scatter'), [m.fill(1 - share, [rows]), target], { columns })
      : multiply(target, 1 - share);
  return add(rest, share / columns);
}
