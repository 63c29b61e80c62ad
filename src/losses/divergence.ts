/** Losses of distributions: how far one is from another. */
import { builtIn } from './definition.ts';
import { elementwise } from './elementwise.ts';

/** Σ y·(ln y − x) of log-probabilities x against probabilities y. */
export const KULLBACK_LEIBLER = builtIn(
  'kullbackLeibler',
  {},
  { targets: 'values', outputs: 'sum', takesProbabilities: true, probabilities: 'exp', answer: { by: 'largest' } },
  () => (x, y) => elementwise('relativeEntropy', x, y),
);
