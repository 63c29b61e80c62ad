/** What a fit tells of itself: plain data. */
import type { Diagnosis } from '../inspection/diagnosis/report.ts';
import type { Evaluation } from '../metrics/evaluation.ts';

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
