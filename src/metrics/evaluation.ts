/** The result of an evaluation: plain data. */

import type { MetricResult } from './metric.ts';

/** The results of metrics, by their names. */
export type MetricResults = Readonly<Record<string, MetricResult>>;

/** What the metrics of one output come to. */
export interface OutputResults {
  /** As in the evaluation of a single output. */
  readonly accuracy: number | undefined;
  readonly metrics: MetricResults;
}

/** The result of one output. */
export interface OutputEvaluation extends OutputResults {
  /** The mean over the rows, of class targets over all that are not ignored. */
  readonly loss: number;
}

export interface Evaluation {
  /** The mean over the rows, of class targets over all that are not ignored; of several outputs the weighted sum; penalties included. */
  readonly loss: number;
  /**
   * The share of answers that are right, one a row or one a step of a sequence; undefined where targets are numbers, and for several
   * outputs. The loss and the form of the targets decide what an answer is, never the numbers among them:
   *
   * - class indices, and probabilities under softmaxCrossEntropy or kullbackLeibler: the largest output is the class;
   * - values under sigmoidCrossEntropy or binaryCrossEntropy: each output is a label, given above a logit of 0 or a probability of ½. An
   *   answer is right if all of its labels are (scikit-learn's accuracy_score of several labels). Targets above ½ are labels;
   * - values under any other loss are numbers.
   */
  readonly accuracy: number | undefined;
  /** Of a single output, the metrics asked for; absent where there are none. */
  readonly metrics?: MetricResults;
  /** By name; absent where the network's inputs and outputs have none. */
  readonly outputs?: Readonly<Record<string, OutputEvaluation>>;
}

/**
 * What a report tells of outputs: of a single one without a name its own results, else of all by their names, with their losses.
 *
 * @param lossOf The mean loss of an output, by its number; undefined where outputs have no names.
 */
export function reported(
  outputs: readonly { readonly name: string }[],
  results: readonly OutputResults[],
  lossOf: ((output: number) => number) | undefined,
): Pick<Evaluation, 'accuracy' | 'metrics' | 'outputs'> {
  const accuracy = results.length === 1 ? results[0].accuracy : undefined;
  if (lossOf) return { accuracy, outputs: Object.fromEntries(outputs.map(({ name }, i) => [name, { loss: lossOf(i), ...results[i] }])) };
  const [{ metrics }] = results;
  return { accuracy, ...(Object.keys(metrics).length > 0 && { metrics }) };
}
