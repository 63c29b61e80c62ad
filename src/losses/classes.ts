/** Losses of classes: one of several is right. Rows are [rows, classes]; their mean is over all targets, as PyTorch's is. */
import { GraphExpressions } from '../graph/expressions.ts';
import { add, multiply, negate, pick, relu, reshape, subtract, sum } from '../graph/functions.ts';
import type { GraphValue } from '../graph/graph.ts';
import { fraction, type TableOf, withDefault } from '../options/table.ts';
import { builtIn } from './definition.ts';
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
  { targets: ['classes', 'values'], takesProbabilities: true, probabilities: 'softmax', answer: { by: 'largest' } },
  ({ labelSmoothing }) =>
    (x, y, form) => {
      const smooths = labelSmoothing > 0;
      const target = smooths ? smoothed(x, y, form, labelSmoothing) : y;
      const sparse = form === 'classes' && !smooths;
      return new GraphExpressions(x.graph).apply('softmaxCrossEntropy', [x, target], { sparse });
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

/** Probabilities with a share spread evenly over all classes. */
function smoothed(x: GraphValue, target: GraphValue, form: TargetForm, share: number): GraphValue {
  const m = new GraphExpressions(x.graph);
  const [rows, columns] = x.shape;
  const rest = form === 'classes' ? m.apply('scatter', [m.fill(1 - share, [rows]), target], { columns }) : multiply(target, 1 - share);
  return add(rest, share / columns);
}
