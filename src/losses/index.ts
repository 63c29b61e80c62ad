/** The losses that chainrule has, by name, and their options. */
import type { ClassLossOptions, SoftmaxCrossEntropyOptions } from './classes.ts';
import { MULTI_CLASS_HINGE, NEGATIVE_LOG_LIKELIHOOD, SOFTMAX_CROSS_ENTROPY } from './classes.ts';
import type { BuiltInLoss } from './definition.ts';
import { KULLBACK_LEIBLER } from './divergence.ts';
import { BINARY_CROSS_ENTROPY, SIGMOID_CROSS_ENTROPY } from './labels.ts';
import type { HuberOptions } from './regression.ts';
import { HALF_SQUARED_ERROR, HUBER, MEAN_ABSOLUTE_ERROR, MEAN_SQUARED_ERROR } from './regression.ts';

/** The options of each loss. */
interface LossOptions {
  readonly halfSquaredError: unknown;
  readonly meanSquaredError: unknown;
  readonly meanAbsoluteError: unknown;
  readonly huber: HuberOptions;
  readonly sigmoidCrossEntropy: unknown;
  readonly binaryCrossEntropy: unknown;
  readonly softmaxCrossEntropy: SoftmaxCrossEntropyOptions;
  readonly negativeLogLikelihood: ClassLossOptions;
  readonly kullbackLeibler: unknown;
  readonly multiClassHinge: ClassLossOptions;
}

export type LossName = keyof LossOptions;

/** A loss by its name and options: `{ type: 'huber', delta: 0.5 }`. */
export type TypedLoss = { readonly [Name in LossName]: { readonly type: Name } & LossOptions[Name] }[LossName];

export const LOSSES: { readonly [Name in LossName]: BuiltInLoss } = {
  halfSquaredError: HALF_SQUARED_ERROR,
  meanSquaredError: MEAN_SQUARED_ERROR,
  meanAbsoluteError: MEAN_ABSOLUTE_ERROR,
  huber: HUBER,
  sigmoidCrossEntropy: SIGMOID_CROSS_ENTROPY,
  binaryCrossEntropy: BINARY_CROSS_ENTROPY,
  softmaxCrossEntropy: SOFTMAX_CROSS_ENTROPY,
  negativeLogLikelihood: NEGATIVE_LOG_LIKELIHOOD,
  kullbackLeibler: KULLBACK_LEIBLER,
  multiClassHinge: MULTI_CLASS_HINGE,
};

export const LOSS_NAMES = Object.keys(LOSSES) as LossName[];
