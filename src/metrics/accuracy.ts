/** Answers: how many a row has, and which of them are right. */

import { GraphExpressions } from '../graph/expressions.ts';
import { reshape } from '../graph/functions.ts';
import type { GraphValue } from '../graph/graph.ts';
import type { LossDefinition } from '../losses/loss.ts';
import { CLASSIFICATION, COMPARISON } from '../ops/classification.ts';
import { opIn } from '../ops/registry.ts';
import { BATCH, count } from '../ops/shape.ts';

/** How `correct` compares targets with predictions. */
export interface Comparison {
  readonly comparison: number;
  readonly threshold: number;
  /** Answers a row, compared one by one: 1, or one a step of a sequence. */
  readonly answers: number;
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
  return new GraphExpressions(prediction.graph).apply(opIn(CLASSIFICATION, 'correct'), [vectors(prediction), vectors(target)], attributes);
}
