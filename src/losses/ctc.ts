/** The loss of a sequence of labels that nobody has placed in time. */

import { OptionError, ShapeError } from '../errors.ts';
import { GraphExpressions } from '../graph/expressions.ts';
import { logSoftmax } from '../graph/functions.ts';
import type { GraphValue } from '../graph/graph.ts';
import { CTC as CTC_OPS } from '../ops/ctc.ts';
import { opIn } from '../ops/registry.ts';
import { formatShape } from '../ops/shape.ts';
import { type Check, flag, integer, optional, type TableOf, withDefault } from '../options/table.ts';
import { describe } from '../options.ts';
import { builtIn } from './definition.ts';
import { IGNORED, type TargetProblem, type TargetSample } from './loss.ts';

export interface CtcOptions {
  /** The class that stands for no label, from 0 to below the number of classes. Labels are the others. Default 0. */
  readonly blank?: number;
  /**
   * What lies behind the last label of a row, where rows have different numbers of them: an index of no label, the blank's too. A row of
   * nothing else has no labels. Default −1.
   */
  readonly ignore?: number;
  /** The most labels of a row, up to 65536; default as many as there are steps. A thread's memory grows with it, times the steps. */
  readonly longest?: number;
  /**
   * The name of an input of the network that has, for each row, how many of the prediction's steps count, [rows]: whole numbers from 0 up. The
   * rest has no part in loss and gradients. Default: all steps count.
   */
  readonly lengths?: string;
  /**
   * Whether labels that need more steps than there are have a loss and gradients of 0, in place of a DataError where the data is given. Default
   * false. PyTorch's zero_infinity.
   */
  readonly zeroInfinity?: boolean;
}

/** No row has more labels: columns and scratch memory stay what a machine can have. */
const MOST_LABELS = 2 ** 16;

const labelCount: Check<number> = (where, value) => {
  const count = integer()(where, value);
  if (count <= MOST_LABELS) return count;
  throw new OptionError(`${where}: expected at most ${MOST_LABELS} labels a row, got ${count}`);
};

const inputName: Check<string> = (where, value) => {
  if (typeof value === 'string' && value !== '') return value;
  throw new OptionError(`${where}: expected the name of an input, got ${describe(value)}`);
};

const CTC_OPTIONS = {
  blank: withDefault(integer(0), 0),
  longest: optional(labelCount),
  lengths: optional(inputName),
  ignore: withDefault(integer(Number.MIN_SAFE_INTEGER), IGNORED),
  zeroInfinity: withDefault(flag, false),
} satisfies TableOf<CtcOptions>;

/**
 * Connectionist temporal classification of softmax(logits), [batch, steps, classes], against sequences of labels, [rows, labels]: −ln p(labels),
 * where p adds up the probabilities of all ways to give each step a class, so that the labels are left once repeats are merged and
 * blanks taken out. Labels fit into as many steps as there are of them, and one more for each that repeats the one before it. The loss of a
 * batch is the mean of its rows' losses; PyTorch's 'mean' divides each by the number of the row's labels first, Keras does not. Graves et al. 2006.
 */
export const CTC = builtIn(
  'ctc',
  CTC_OPTIONS,
  ({ blank, longest, lengths, zeroInfinity }) => ({
    targets: 'sequences',
    probabilities: 'softmax',
    target: ([steps]) => [longest ?? Math.min(steps, MOST_LABELS)],
    inputs: lengths === undefined ? [] : [lengths],
    problem: (labels, sample) => {
      const element = labels.indexOf(blank);
      if (element >= 0) return { expected: `labels other than the blank ${blank}`, got: String(blank), element };
      return zeroInfinity ? undefined : roomProblem(labels, sample, lengths);
    },
  }),
  ({ blank, lengths, zeroInfinity }) =>
    (x, y, _, inputs) => {
      checkShape(x, blank);
      const steps = lengths === undefined ? undefined : inputs[lengths];
      return new GraphExpressions(x.graph).apply(opIn(CTC_OPS, 'ctc'), [logSoftmax(x), y, steps], { blank, zeroInfinity });
    },
);

function checkShape({ shape }: GraphValue, blank: number): void {
  if (shape.length !== 3 || shape[2] < 2)
    throw new ShapeError(`ctc: expected the last layer to give [batch, steps, classes], got ${formatShape(shape)}`);
  if (blank >= shape[2]) throw new ShapeError(`ctc: expected a blank below the number of classes, ${shape[2]}, got ${blank}`);
}

/** Labels that need more steps than a row has. */
function roomProblem(
  labels: readonly number[],
  { prediction, inputs }: TargetSample,
  lengths: string | undefined,
): TargetProblem | undefined {
  const repeats = labels.filter((label, i) => i > 0 && label === labels[i - 1]).length;
  const steps = lengths === undefined ? prediction[0] : inputs[lengths][0];
  if (labels.length + repeats <= steps) return undefined;
  const after = repeats > 0 ? ` of which ${repeats} ${repeats === 1 ? 'repeats' : 'repeat'} the one before` : '';
  return { expected: `at most ${steps} labels and repeats, one for each step`, got: `${labels.length} labels${after}` };
}
