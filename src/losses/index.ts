/** The losses that chainrule has, by name, and their options. */
import type { ClassLossOptions, SoftmaxCrossEntropyOptions, SoftmaxFocalOptions } from './classes.ts';
import { MULTI_CLASS_HINGE, NEGATIVE_LOG_LIKELIHOOD, SOFTMAX_CROSS_ENTROPY, SOFTMAX_FOCAL } from './classes.ts';
import type { CtcOptions } from './ctc.ts';
import { CTC } from './ctc.ts';
import type { BuiltInLoss } from './definition.ts';
import { KULLBACK_LEIBLER } from './divergence.ts';
import type { ContrastiveOptions, TripletOptions } from './embeddings.ts';
import { CONTRASTIVE, COSINE_SIMILARITY, TRIPLET } from './embeddings.ts';
import type { SigmoidCrossEntropyOptions, SigmoidFocalOptions } from './labels.ts';
import { BINARY_CROSS_ENTROPY, SIGMOID_CROSS_ENTROPY, SIGMOID_FOCAL } from './labels.ts';
import type { GaussianOptions, PoissonOptions } from './likelihood.ts';
import { GAUSSIAN_NEGATIVE_LOG_LIKELIHOOD, POISSON } from './likelihood.ts';
import type { HuberOptions } from './regression.ts';
import { HALF_SQUARED_ERROR, HUBER, MEAN_ABSOLUTE_ERROR, MEAN_SQUARED_ERROR } from './regression.ts';

/** The options of each loss. */
export interface LossOptions {
  readonly halfSquaredError: unknown;
  readonly meanSquaredError: unknown;
  readonly meanAbsoluteError: unknown;
  readonly huber: HuberOptions;
  readonly sigmoidCrossEntropy: SigmoidCrossEntropyOptions;
  readonly binaryCrossEntropy: unknown;
  readonly softmaxCrossEntropy: SoftmaxCrossEntropyOptions;
  readonly negativeLogLikelihood: ClassLossOptions;
  readonly kullbackLeibler: unknown;
  readonly multiClassHinge: ClassLossOptions;
  readonly sigmoidFocal: SigmoidFocalOptions;
  readonly softmaxFocal: SoftmaxFocalOptions;
  readonly poisson: PoissonOptions;
  readonly gaussianNegativeLogLikelihood: GaussianOptions;
  readonly cosineSimilarity: unknown;
  readonly contrastive: ContrastiveOptions;
  readonly triplet: TripletOptions;
  readonly ctc: CtcOptions;
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
  sigmoidFocal: SIGMOID_FOCAL,
  softmaxFocal: SOFTMAX_FOCAL,
  poisson: POISSON,
  gaussianNegativeLogLikelihood: GAUSSIAN_NEGATIVE_LOG_LIKELIHOOD,
  cosineSimilarity: COSINE_SIMILARITY,
  contrastive: CONTRASTIVE,
  triplet: TRIPLET,
  ctc: CTC,
};

export const LOSS_NAMES = Object.keys(LOSSES) as LossName[];
