/** The reports of a fit: plain data. */

import type { Progress } from '../clock.ts';
import type { Evaluation, MetricResults } from '../metrics/evaluation.ts';
import type { Clip } from '../model/graphs.ts';
import type { LayerSummary } from '../model/network-model.ts';
import type { OptimizerConfig } from '../optimizers/optimizer.ts';
import type { ScheduleConfig } from '../schedules.ts';
import type { Diagnosis } from './diagnosis-report.ts';
import type { ParameterGroup } from './fit-settings.ts';

/** The event at the beginning of a fit or a trainer. */
export interface FitBegin {
  readonly settings: {
    /** Undefined for a trainer. */
    readonly epochs?: number;
    readonly batchSize: number;
    readonly accumulate: number;
    /** Undefined where an epoch is a pass over the data. */
    readonly stepsPerEpoch?: number;
    /** Of a dataset of several windows, by its option or by default. */
    readonly windowRows?: number;
    /** Undefined for a trainer. */
    readonly shuffle?: boolean;
    readonly optimizer: OptimizerConfig;
    /** 'function' for a function of the caller's. */
    readonly schedule: ScheduleConfig | 'function';
    readonly clip?: Clip;
    /** The decay of the weights' moving averages. */
    readonly ema?: number;
    readonly groups?: readonly ParameterGroup[];
  };
  readonly model: { readonly layers: readonly LayerSummary[]; readonly parameters: number };
  /** Undefined for a trainer. */
  readonly data?: { readonly rows: number };
  readonly backend: { readonly name: string; readonly isa: string; readonly threads: number };
  readonly seed: number;
  /** The progress of training before the fit. */
  readonly progress: Progress;
  /** The run that the fit begins or resumes: the epochs before it, by the network's count. Undefined for a trainer. */
  readonly run?: { readonly epoch: number; readonly resumed: boolean };
}

export interface StepReport {
  /** Counted from 1 over all fits that continue one another. */
  readonly step: number;
  /** The epoch that it is part of, counted in the same way; of a trainer's step, that of the next fit. */
  readonly epoch: number;
  /** The mean loss of the step's rows, penalties included, before its update. */
  readonly loss: number;
}

/** A trainer's step: as callbacks are told of it, with what the network's metrics say of its rows. */
export type TrainerReport = StepReport & Pick<EpochReport, 'accuracy' | 'metrics' | 'outputs'>;

/** Measurements at the end of an epoch, besides the sums of its steps. */
export interface Measurements {
  /** On the validation data; undefined without any. */
  readonly validationLoss?: number;
  readonly validationAccuracy?: number;
  /** The metrics of a single output without a name; absent without any. */
  readonly validationMetrics?: MetricResults;
  /** Of a network with named outputs, on the validation data. */
  readonly validationOutputs?: Evaluation['outputs'];
  /** With `diagnostics`. */
  readonly diagnosis?: Diagnosis;
}

export interface EpochReport extends Measurements {
  /** Counted from 1 over all fits that continue one another. */
  readonly epoch: number;
  /** The mean of the steps' losses, weighted by their rows; for a head whose targets weigh differently, by their weights. */
  readonly loss: number;
  /** The share of right answers during the epoch, counted as by `evaluate`; undefined where targets are numbers. */
  readonly accuracy: number | undefined;
  /** The metrics during the epoch, of a single output without a name; absent without any. */
  readonly metrics?: MetricResults;
  /** Of a network with named outputs, loss and metrics of each during the epoch. */
  readonly outputs?: Evaluation['outputs'];
  /** The optimiser's, at the epoch's last step. */
  readonly learningRate: number;
  /** On the validation data, after the epoch; undefined without any. */
  readonly validationLoss: number | undefined;
  readonly validationAccuracy: number | undefined;
  /** Training time of the epoch, without validation and diagnosis. */
  readonly seconds: number;
}

export interface History {
  /** One a step. */
  readonly losses: Float64Array;
  readonly epochs: readonly EpochReport[];
  /** From the first step to the last, with validation and callbacks, without the preparation of the data. */
  readonly seconds: number;
  /** Whether the signal stopped it. */
  readonly aborted: boolean;
  /** Whether `earlyStopping` stopped it, or a callback. */
  readonly stoppedEarly: boolean;
  /** With `earlyStopping`, the epoch that was best: the network has its weights, unless told otherwise or stopped by the signal. */
  readonly bestEpoch: number | undefined;
}

/** How a fit or a trainer ended. */
export interface FitEnd {
  readonly progress: Progress;
  readonly seconds: number;
  /** Whether the signal stopped it. */
  readonly aborted: boolean;
  /** Whether a callback stopped it. */
  readonly stoppedEarly: boolean;
  /** The message of the error that ended it. */
  readonly error?: string;
}
