/** Losses of labels: each output is yes or no by itself. */
import { ShapeError } from '../errors.ts';
import { add, multiply, negate, sigmoid, softplus, subtract } from '../graph/functions.ts';
import type { GraphValue } from '../graph/graph.ts';
import { type Check, number, optional, type TableOf, withDefault } from '../options/table.ts';
import { builtIn } from './definition.ts';
import { elementwise } from './elementwise.ts';
import { focused } from './focus.ts';
import type { LossDefinition } from './loss.ts';

const OF_LOGITS: LossDefinition = { targets: 'values', range: [0, 1], probabilities: 'sigmoid', answer: { by: 'threshold', threshold: 0 } };

export interface SigmoidCrossEntropyOptions {
  /** What a label that is given weighs beside one that is not: a number, or one for each output. PyTorch's pos_weight. Default 1. */
  readonly posWeight?: number | readonly number[];
}

const numberOrList: Check<number | readonly number[]> = (where, value) =>
  Array.isArray(value) ? Array.from(value, (one, i) => number(0)(`${where}[${i}]`, one)) : number(0)(where, value);

const SIGMOID_OPTIONS = { posWeight: optional(numberOrList) } satisfies TableOf<SigmoidCrossEntropyOptions>;

/** Cross-entropy of sigmoid(logits) against targets in 0…1; the mean over the outputs too. Finite for every finite logit. */
export const SIGMOID_CROSS_ENTROPY = builtIn('sigmoidCrossEntropy', SIGMOID_OPTIONS, OF_LOGITS, ({ posWeight }) => (x, y) => {
  if (posWeight === undefined) return elementwise('logisticError', x, y);
  const given = multiply(multiply(y, perOutput('sigmoidCrossEntropy.posWeight', posWeight, x)), softplus(negate(x)));
  return add(given, multiply(subtract(1, y), softplus(x)));
});

/** A number, or one for each output along the last axis. Throws ShapeError for another number of them. */
function perOutput(where: string, weights: number | readonly number[], { graph, shape }: GraphValue): GraphValue | number {
  if (typeof weights === 'number') return weights;
  const outputs = shape[shape.length - 1];
  if (weights.length !== outputs) throw new ShapeError(`${where}: expected a number for each of ${outputs} outputs, got ${weights.length}`);
  return graph.list(weights);
}

/** Cross-entropy of probabilities against targets in 0…1; the mean over the outputs too. Logarithms are not taken below −100. */
export const BINARY_CROSS_ENTROPY = builtIn(
  'binaryCrossEntropy',
  {},
  { ...OF_LOGITS, probabilities: 'identity', answer: { by: 'threshold', threshold: 0.5 } },
  () => (x, y) => elementwise('bernoulliError', x, y),
);

export interface SigmoidFocalOptions {
  /** How much less a label counts the nearer its probability is to right. 0 gives sigmoidCrossEntropy. Default 2. */
  readonly gamma?: number;
  /** The weight of a label that is given, from 0 to 1; one that is not weighs 1 − alpha. Default 1 each. */
  readonly alpha?: number;
}

const SIGMOID_FOCAL_OPTIONS = { gamma: withDefault(number(), 2), alpha: optional(number(0, 1)) } satisfies TableOf<SigmoidFocalOptions>;

/** Cross-entropy of sigmoid(logits), times (1 − p)^γ for the probability p of what is right; the mean over the outputs too. Lin et al. 2017. */
export const SIGMOID_FOCAL = builtIn('sigmoidFocal', SIGMOID_FOCAL_OPTIONS, OF_LOGITS, ({ gamma, alpha }) => (x, y) => {
  const p = sigmoid(x);
  const wrong = subtract(add(p, y), multiply(multiply(p, y), 2));
  const losses = multiply(focused(wrong, gamma), elementwise('logisticError', x, y));
  return alpha === undefined ? losses : multiply(losses, add(multiply(y, 2 * alpha - 1), 1 - alpha));
});
