/** The options of `fit`. Some are sugar: each stands for a callback. */
import { diagnosing } from './callbacks/diagnosing.ts';
import { type EarlyStopping, earlyStopping } from './callbacks/early-stopping.ts';
import { onEpoch, onStep } from './callbacks/functions.ts';
import { plateau } from './callbacks/plateau.ts';
import { publishing } from './callbacks/publishing.ts';
import { validation } from './callbacks/validation.ts';
import type { DataSet } from './data/samples.ts';
import type { AnyDataSet } from './door.ts';
import { OptionError } from './errors.ts';
import type { GlobalAbortSignal } from './globals.ts';
import type { Clip } from './model/graphs.ts';
import { adam, type Optimizer, optimizerFromConfig } from './optimizers.ts';
import { checkBoolean, checkFunction, checkInteger, checkKeys, describe } from './options.ts';
import { constantRate, isWatching, type Schedule, scheduleFrom } from './schedules.ts';
import { type Callback, checkCallbacks } from './training/events.ts';
import { checkClip, checkGroups, type FitSettings, type ParameterGroup } from './training/fit-settings.ts';
import type { EpochReport, StepReport } from './training/reports.ts';

export interface FitOptions<Data = DataSet> {
  /**
   * Passes over the data; default 1. A fit that goes on within an epoch, where another of the same data, `batchSize`, `accumulate` and `shuffle`
   * was stopped by its signal, takes the rest of it as the first.
   */
  readonly epochs?: number;
  /** Rows of a mini-batch; the last one of an epoch may have fewer. Where the data has fewer rows, all of them are one mini-batch. Default 32. */
  readonly batchSize?: number;
  /** Default adam(). */
  readonly optimizer?: Optimizer;
  /** How the learning rate changes; default not at all. */
  readonly schedule?: Schedule;
  /** Parameters with separate settings. */
  readonly groups?: readonly ParameterGroup[];
  /**
   * Mini-batches whose gradients make one step: a batch of `accumulate · batchSize` rows, in the memory of `batchSize`. Equal to it up to
   * rounding, but for layers that look at the whole mini-batch. Default 1.
   */
  readonly accumulate?: number;
  /** Ends training before its last epoch where it no longer improves. A fit that the signal stops does not go back to its best epoch: it may go on. */
  readonly earlyStopping?: EarlyStopping;
  /** Whether each epoch takes the rows in a new order, decided by the network's seed; default true. */
  readonly shuffle?: boolean;
  /** Data to evaluate after every epoch. */
  readonly validation?: Data;
  /**
   * Whether every epoch's report has a diagnosis: of the step that would come next, on the mini-batch that the next epoch begins with, at the
   * last step's learning rates. With `accumulate`, of an update by one mini-batch's gradients. Default false.
   */
  readonly diagnostics?: boolean;
  /** Limits gradients together by their global norm, or each element to −value … value. */
  readonly clip?: Clip;
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

const KEYS = [
  ...['epochs', 'batchSize', 'optimizer', 'schedule', 'groups', 'accumulate', 'earlyStopping', 'shuffle', 'validation', 'clip', 'signal'],
  ...['onStep', 'onEpoch', 'restart', 'diagnostics', 'callbacks'],
];
const DEFAULT_BATCH = 32;

/** A fit as its options ask for it. */
export interface FitRequest {
  readonly settings: FitSettings;
  readonly callbacks: readonly Callback[];
}

/** Throws OptionError for anything unknown or out of range. */
export function fitFrom(options: FitOptions<AnyDataSet>): FitRequest {
  checkKeys('fit', options, KEYS);
  const settings = settingsFrom(options);
  return { settings, callbacks: callbacksFrom(options, settings.schedule) };
}

function settingsFrom(options: FitOptions<AnyDataSet>): FitSettings {
  const { signal, clip, groups } = options;
  if (signal !== undefined && !(signal instanceof AbortSignal))
    throw new OptionError(`fit.signal: expected an AbortSignal, got ${describe(signal)}`);
  return {
    epochs: checkInteger('fit.epochs', options.epochs ?? 1),
    batchSize: checkInteger('fit.batchSize', options.batchSize ?? DEFAULT_BATCH),
    optimizer: optimizerFromConfig(options.optimizer ?? adam()),
    shuffle: checkBoolean('fit.shuffle', options.shuffle ?? true),
    clip: clip === undefined ? undefined : checkClip('fit.clip', clip),
    schedule: scheduleFrom(options.schedule ?? constantRate()),
    accumulate: checkInteger('fit.accumulate', options.accumulate ?? 1),
    groups: groups === undefined ? undefined : checkGroups(groups),
    restart: checkBoolean('fit.restart', options.restart ?? false),
    signal,
  };
}

/** The callbacks that options stand for, and those of the caller. */
function callbacksFrom(options: FitOptions<AnyDataSet>, schedule: Schedule): Callback[] {
  const diagnoses = checkBoolean('fit.diagnostics', options.diagnostics ?? false);
  const last = [
    ...(options.onStep === undefined ? [] : [onStep(checkFunction('fit.onStep', options.onStep))]),
    ...(options.onEpoch === undefined ? [] : [onEpoch(checkFunction('fit.onEpoch', options.onEpoch))]),
  ];
  return [
    ...(options.validation === undefined ? [] : [validation(options.validation)]),
    ...(diagnoses ? [diagnosing()] : []),
    ...(isWatching(schedule) ? [plateau(schedule)] : []),
    ...(options.earlyStopping === undefined ? [] : [earlyStopping(options.earlyStopping)]),
    ...(options.callbacks === undefined ? [] : checkCallbacks('fit.callbacks', options.callbacks)),
    ...last,
    publishing(),
  ];
}
