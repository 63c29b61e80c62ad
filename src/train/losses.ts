/** The losses of `chainrule`, each a function of its options. */
import { MULTI_CLASS_HINGE, NEGATIVE_LOG_LIKELIHOOD, SOFTMAX_CROSS_ENTROPY, SOFTMAX_FOCAL } from '../losses/classes.ts';
import { CTC } from '../losses/ctc.ts';
import { KULLBACK_LEIBLER } from '../losses/divergence.ts';
import { CONTRASTIVE, COSINE_SIMILARITY, TRIPLET } from '../losses/embeddings.ts';
import type { LossName, LossOptions } from '../losses/index.ts';
import { BINARY_CROSS_ENTROPY, SIGMOID_CROSS_ENTROPY, SIGMOID_FOCAL } from '../losses/labels.ts';
import { GAUSSIAN_NEGATIVE_LOG_LIKELIHOOD, POISSON } from '../losses/likelihood.ts';
import type { Loss } from '../losses/loss.ts';
import { HALF_SQUARED_ERROR, HUBER, MEAN_ABSOLUTE_ERROR, MEAN_SQUARED_ERROR } from '../losses/regression.ts';

/** The options of a loss; none where it has none. */
type Of<Name extends LossName> = unknown extends LossOptions[Name] ? Readonly<Record<never, never>> : LossOptions[Name];

export const halfSquaredError = (options: Of<'halfSquaredError'> = {}): Loss => HALF_SQUARED_ERROR.make({ ...options });
export const meanSquaredError = (options: Of<'meanSquaredError'> = {}): Loss => MEAN_SQUARED_ERROR.make({ ...options });
export const meanAbsoluteError = (options: Of<'meanAbsoluteError'> = {}): Loss => MEAN_ABSOLUTE_ERROR.make({ ...options });
export const huber = (options: Of<'huber'> = {}): Loss => HUBER.make({ ...options });
export const sigmoidCrossEntropy = (options: Of<'sigmoidCrossEntropy'> = {}): Loss => SIGMOID_CROSS_ENTROPY.make({ ...options });
export const binaryCrossEntropy = (options: Of<'binaryCrossEntropy'> = {}): Loss => BINARY_CROSS_ENTROPY.make({ ...options });
export const softmaxCrossEntropy = (options: Of<'softmaxCrossEntropy'> = {}): Loss => SOFTMAX_CROSS_ENTROPY.make({ ...options });
export const negativeLogLikelihood = (options: Of<'negativeLogLikelihood'> = {}): Loss => NEGATIVE_LOG_LIKELIHOOD.make({ ...options });
export const kullbackLeibler = (options: Of<'kullbackLeibler'> = {}): Loss => KULLBACK_LEIBLER.make({ ...options });
export const multiClassHinge = (options: Of<'multiClassHinge'> = {}): Loss => MULTI_CLASS_HINGE.make({ ...options });
export const sigmoidFocal = (options: Of<'sigmoidFocal'> = {}): Loss => SIGMOID_FOCAL.make({ ...options });
export const softmaxFocal = (options: Of<'softmaxFocal'> = {}): Loss => SOFTMAX_FOCAL.make({ ...options });
export const poisson = (options: Of<'poisson'> = {}): Loss => POISSON.make({ ...options });
export const gaussianNegativeLogLikelihood = (options: Of<'gaussianNegativeLogLikelihood'> = {}): Loss =>
  GAUSSIAN_NEGATIVE_LOG_LIKELIHOOD.make({ ...options });
export const cosineSimilarity = (options: Of<'cosineSimilarity'> = {}): Loss => COSINE_SIMILARITY.make({ ...options });
export const contrastive = (options: Of<'contrastive'> = {}): Loss => CONTRASTIVE.make({ ...options });
export const triplet = (options: Of<'triplet'> = {}): Loss => TRIPLET.make({ ...options });
export const ctc = (options: Of<'ctc'> = {}): Loss => CTC.make({ ...options });
