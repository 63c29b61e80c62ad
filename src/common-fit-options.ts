/** The options of `fit` that networks of every entry have, and a fit as its options ask for it. */
import type { ClassWeights } from './data/row-weights.ts';
import type { GlobalAbortSignal } from './globals.ts';
import type { Clip } from './model/graphs.ts';
import type { FileLocation } from './options.ts';
import type { Callback } from './training/events.ts';
import type { FitSettings } from './training/fit-settings.ts';
import type { EpochReport, StepReport } from './training/reports.ts';

export interface CommonFitOptions {
  /**
   * Passes over the data; default 1. A fit that goes on within an epoch, where another of the same data, `batchSize`, `accumulate` and `shuffle`
   * was stopped by its signal, takes the rest of it as the first.
   */
  readonly epochs?: number;
  /** Rows of a mini-batch; the last one of an epoch may have fewer. Where the data has fewer rows, all of them are one mini-batch. Default 32. */
  readonly batchSize?: number;
  /**
   * Mini-batches whose gradients make one step: a batch of `accumulate · batchSize` rows, in the memory of `batchSize`. Equal to it up to
   * rounding, but for layers that look at the whole mini-batch. Default 1.
   */
  readonly accumulate?: number;
  /**
   * What targets of each class weigh in training, besides what their rows do: a number for each class, by its index, or 'balanced', by which
   * every class that occurs weighs the same in all. Of several outputs for all or by name. Classes are class indices; of probabilities the
   * largest; for a loss of one label 1 where the target is above ½, else 0. Validation data is weighed by its own `weight` alone. Default
   * the same.
   */
  readonly classWeight?: ClassWeights;
  /** Whether each epoch takes the rows in a new order, decided by the network's seed; default true. */
  readonly shuffle?: boolean;
  /** Limits gradients together by their global norm, or each element to −value … value. */
  readonly clip?: Clip;
  /**
   * Keeps moving averages of the weights, a ← decay·a + (1 − decay)·w after every step, of which the first is w itself: `0.999`, or `{ decay: 0.999 }`. What the network has
   * from the fit, in `predict`, validation, files and as its best weights, are the averages; training goes on with the weights themselves,
   * in the next fit with `ema` too. A fit without it begins with the averages. States of layers, such as batchNorm's statistics, are as they are.
   * Default: no averages.
   */
  readonly ema?: number | { readonly decay: number };
  /**
   * Stops training between two steps; `fit` then returns what was done, with `aborted: true`. Aborted within `onStep`, at that step: no later
   * one is part of the result. The next fit goes on from there, as if there had been no stop; `network.progress` says where that is.
   */
  readonly signal?: GlobalAbortSignal;
  /** Called after every step. A promise is awaited, until the signal aborts; an error ends the fit with the weights of that step. */
  readonly onStep?: (report: StepReport) => unknown;
  /**
   * Called after every epoch; the network's parameters are those at its end while it runs. A promise is awaited, until the signal aborts; an
   * error ends the fit.
   */
  readonly onEpoch?: (report: EpochReport) => unknown;
  /**
   * Watchers of the fit, which may also stop it, in the order in which they are told. Those that other options stand for come before them,
   * except `onStep` and `onEpoch`, which come last.
   */
  readonly callbacks?: readonly Callback[];
  /** True forgets the state of an earlier fit, the optimiser's included. By default a fit with the same kind of optimiser continues it. */
  readonly restart?: boolean;
}

/** A fit as its options ask for it. */
export interface FitRequest {
  readonly classWeight: ClassWeights | undefined;
  /** The folder of the run that it resumes. */
  readonly resume?: FileLocation | undefined;
  readonly settings: FitSettings;
  readonly callbacks: readonly Callback[];
}
