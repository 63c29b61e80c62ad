/** Losses of labels: each output is yes or no by itself. */
import { builtIn } from './definition.ts';
import { elementwise } from './elementwise.ts';

/** Cross-entropy of sigmoid(logits) against targets in 0…1; the mean over the outputs too. Finite for every finite logit. */
export const SIGMOID_CROSS_ENTROPY = builtIn(
  'sigmoidCrossEntropy',
  {},
  { targets: 'values', takesProbabilities: true, probabilities: 'sigmoid', answer: { by: 'threshold', threshold: 0 } },
  () => (x, y) => elementwise('logisticError', x, y),
);

/** Cross-entropy of probabilities against targets in 0…1; the mean over the outputs too. Logarithms are not taken below −100. */
export const BINARY_CROSS_ENTROPY = builtIn(
  'binaryCrossEntropy',
  {},
  { targets: 'values', takesProbabilities: true, probabilities: 'identity', answer: { by: 'threshold', threshold: 0.5 } },
  () => (x, y) => elementwise('bernoulliError', x, y),
);
