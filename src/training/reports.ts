/** What a fit tells of itself, and an evaluation of a network: plain data. */
import type { Diagnosis } from '../inspection/diagnosis/report.ts';

/** What one output came to. */
export interface OutputEvaluation {
  /** The mean over the rows, of class targets over all that are not ignored. */
  readonly loss: number;
  /** As the evaluation's of a single output. */
  readonly accuracy: number | undefined;
  /** The losses asked for as metrics, by their names. */
  readonly metrics: Readonly<Record<string, number>>;
}

export interface Evaluation {
  /** The mean over the rows, of class targets over all that are not ignored; of several outputs the weighted sum; penalties included. */
  readonly loss: number;
  /**
   * The share of answers that are right, one a row or one a step of a sequence; undefined where targets are numbers, and for several outputs.
   * The loss and the form of the targets decide what an answer is, never the numbers among them:
   *
   * - class indices, and probabilities under softmaxCrossEntropy or kullbackLeibler: the largest output is the class;
   * - values under sigmoidCrossEntropy or binaryCrossEntropy: each output is a label of its own, given above a logit of 0 or a probability of
   *   ½, and right are the answers all of whose labels are (scikit-learn's accuracy_score of several labels); targets above ½ are labels;
   * - values under any other loss are numbers.
   */
  readonly accuracy: number | undefined;
  /** By name; absent where the network's inputs and outputs have none. */
  readonly outputs?: Readonly<Record<string, OutputEvaluation>>;
}

export interface StepReport {
  /** Counted from 1 over the whole fit. */
  readonly step: number;
  /** The mini-batch's mean loss, penalties included, before the step's update. */
  readonly loss: number;
}

export interface EpochReport {
  /** Counted from 1. */
  readonly epoch: number;
  /** The mean of the steps' losses, weighted by their rows; of a head that ignores some targets, by those that count. */
  readonly loss: number;
  /** The share of answers that were right as they came by, counted as `evaluate` counts them; undefined where targets are numbers. */
  readonly accuracy: number | undefined;
  /** The optimiser's, at the epoch's last step. */
  readonly learningRate: number;
  /** On the validation data, after the epoch; undefined without any. */
  readonly validationLoss: number | undefined;
  readonly validationAccuracy: number | undefined;
  /** Of a network with named outputs, on the validation data. */
  readonly validationOutputs?: Evaluation['outputs'];
  /** With `diagnostics`. */
  readonly diagnosis?: Diagnosis;
  /** Training time of the epoch, without validation and diagnosis. */
  readonly seconds: number;
}

export interface History {
  /** One a step. */
  readonly losses: Float64Array;
  readonly epochs: readonly EpochReport[];
  /** From the first step to the last, validation and callbacks included, preparing the data not. */
  readonly seconds: number;
  /** Whether the signal stopped it. */
  readonly aborted: boolean;
  /** Whether `earlyStopping` stopped it. */
  readonly stoppedEarly: boolean;
  /** With `earlyStopping`, the epoch that was best: the network has its weights, unless told otherwise. */
  readonly bestEpoch: number | undefined;
}
