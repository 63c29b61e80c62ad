/** Accuracy: the answers in a row, which of them are right, and how many are asked for. */
import { GraphExpressions } from '../graph/expressions.ts';
import { reshape } from '../graph/functions.ts';
import type { GraphValue } from '../graph/graph.ts';
import { IGNORED, type LossDefinition } from '../losses/loss.ts';
import { COMPARISON } from '../ops/classification.ts';
import { BATCH, count } from '../ops/shape.ts';

/** How `correct` compares targets with predictions. */
export interface Comparison {
  readonly comparison: number;
  readonly threshold: number;
  /** Answers a row, compared one by one: 1, or one a step of a sequence. */
  readonly answers: number;
}

/** Targets whose right answers are counted. */
export interface AnswerTargets {
  /** Row r is `data[r · width … (r + 1) · width)`. Class indices that are ignored are IGNORED in it. */
  readonly column: { readonly data: ArrayLike<number>; readonly width: number };
  /** Undefined where nothing is counted. */
  readonly comparison: Comparison | undefined;
  /** Whether some class indices may be ignored. */
  readonly ignores: boolean;
}

/** The comparison with class indices, `answers` a row: the largest output is the answer. */
export const compareIndices = (answers: number): Comparison => ({ comparison: COMPARISON.index, threshold: 0, answers });

/** The comparison with class indices that became vectors of zeros and a one, `answers` a row. */
export const compareLargest = (answers: number): Comparison => ({ comparison: COMPARISON.largest, threshold: 0, answers });

/** The comparison with values. The loss and the output decide whether and how answers are counted, never the numbers among the targets. */
export function compareValues(output: readonly number[], { answer }: LossDefinition): Comparison | undefined {
  const last = output.at(-1) ?? 1;
  const answers = count(output) / last;
  if (answer?.by === 'threshold') return { comparison: COMPARISON.threshold, threshold: answer.threshold, answers };
  return answer && last > 1 ? compareLargest(answers) : undefined;
}

/** How many of a mini-batch's answers are right. */
export function countCorrect(prediction: GraphValue, target: GraphValue, { answers, ...attributes }: Comparison): GraphValue {
  const vectors = (x: GraphValue) => {
    const each = Math.abs(count(x.shape)) / answers;
    return reshape(x, each === 1 ? [BATCH * answers] : [BATCH * answers, each]);
  };
  return new GraphExpressions(prediction.graph).apply('correct', [vectors(prediction), vectors(target)], attributes);
}

/** How many answers the rows from `start` to `end` are asked for: those that are not ignored. */
export function countAnswers({ column, comparison, ignores }: AnswerTargets, start: number, end: number): number {
  if (!ignores) return (end - start) * (comparison?.answers ?? 1);
  let counted = 0;
  for (let i = start * column.width; i < end * column.width; i++) if (column.data[i] !== IGNORED) counted++;
  return counted;
}
