/** What `fit` takes. */

import { checkEarlyStopping, type EarlyStopping } from '../callbacks/early-stopping.ts';
import type { DataSet, GivenData } from '../data/samples.ts';
import { OptionError } from '../errors.ts';
import type { GlobalAbortSignal } from '../globals.ts';
import { isOfValidation, type Monitor } from '../metrics/monitors.ts';
import type { Clip } from '../model/graphs.ts';
import { adam, type Optimizer, optimizerFromConfig } from '../optimizers.ts';
import { type Check, numberBetween, optional, readOptions } from '../options/table.ts';
import { checkBoolean, checkFunction, checkInteger, checkKeys, checkNumber, describe } from '../options.ts';
import { constantRate, type Schedule, scheduleFrom } from '../schedules.ts';
import type { EpochReport, StepReport } from './reports.ts';

/** Parameters that are trained with another learning rate or weight decay than the optimiser's; the schedule changes each rate alike. */
export interface ParameterGroup {
  /** Paths of parameters (`0.weight`) or layers (`0`), with `*` for anything (`*.bias`); of several groups that name one the first counts. */
  readonly parameters: string | readonly string[];
  readonly learningRate?: number;
  readonly weightDecay?: number;
}

export interface FitOptions<Data = DataSet> {
  /** Passes over the data; default 1. */
  readonly epochs?: number;
  /** Rows of a mini-batch; the last one of an epoch may have fewer. Where the data has fewer rows, all of them are one mini-batch. Default 32. */
  readonly batchSize?: number;
  /** Default adam(). */
  readonly optimizer?: Optimizer;
  /** How the learning rate changes; default not at all. */
  readonly schedule?: Schedule;
  /** Parameters with settings of their own. */
  readonly groups?: readonly ParameterGroup[];
  /**
   * Mini-batches whose gradients make one step: a batch of `accumulate · batchSize` rows, in the memory of `batchSize`. Equal to it up to
   * rounding, but for layers that look at the whole mini-batch. Default 1.
   */
  readonly accumulate?: number;
  /** Ends training before its last epoch where it no longer improves. */
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
   * one is part of the result.
   */
  readonly signal?: GlobalAbortSignal;
  /** Called after every step. A promise is awaited, until the signal aborts; an error ends the fit with the weights of that step. */
  readonly onStep?: (report: StepReport) => unknown;
  /**
   * Called after every epoch; the network's parameters are those at its end while it runs. A promise is awaited, until the signal aborts; an
   * error ends the fit.
   */
  readonly onEpoch?: (report: EpochReport) => unknown;
  /** True forgets optimiser state and counters of an earlier fit; by default a fit with the same kind of optimiser continues. */
  readonly restart?: boolean;
}

/** Options checked, defaults filled in. */
export interface FitPlan extends FitOptions<GivenData> {
  readonly epochs: number;
  readonly batchSize: number;
  readonly optimizer: Optimizer;
  readonly shuffle: boolean;
  readonly restart: boolean;
  readonly schedule: Schedule;
  readonly accumulate: number;
  readonly diagnostics: boolean;
}

const KEYS = [
  ...['epochs', 'batchSize', 'optimizer', 'schedule', 'groups', 'accumulate', 'earlyStopping', 'shuffle', 'validation', 'clip', 'signal'],
  ...['onStep', 'onEpoch', 'restart', 'diagnostics'],
];
const DEFAULT_BATCH = 32;

/** Throws OptionError for anything unknown or out of range; `rows` is the size of the data. */
export function planFit(options: FitOptions<GivenData>, rows: number): FitPlan {
  checkKeys('fit', options, KEYS);
  for (const name of ['onStep', 'onEpoch'] as const) if (options[name] !== undefined) checkFunction(`fit.${name}`, options[name]);
  if (options.signal !== undefined && !(options.signal instanceof AbortSignal))
    throw new OptionError(`fit.signal: expected an AbortSignal, got ${describe(options.signal)}`);
  const plan = {
    ...options,
    epochs: checkInteger('fit.epochs', options.epochs ?? 1),
    batchSize: Math.min(checkInteger('fit.batchSize', options.batchSize ?? DEFAULT_BATCH), rows),
    optimizer: optimizerFromConfig((options.optimizer ?? adam()) as Optimizer),
    shuffle: checkBoolean('fit.shuffle', options.shuffle ?? true),
    clip: options.clip === undefined ? undefined : checkClip('fit.clip', options.clip),
    schedule: scheduleFrom(options.schedule ?? constantRate()),
    accumulate: checkInteger('fit.accumulate', options.accumulate ?? 1),
    earlyStopping: options.earlyStopping === undefined ? undefined : checkEarlyStopping(options.earlyStopping),
    groups: checkGroups(options.groups),
    restart: checkBoolean('fit.restart', options.restart ?? false),
    diagnostics: checkBoolean('fit.diagnostics', options.diagnostics ?? false),
  };
  for (const { where, monitor } of monitorsOf(plan)) {
    if (isOfValidation(monitor) && options.validation === undefined)
      throw new OptionError(`fit.${where}.monitor: expected validation data with ${describe(monitor)}, got none`);
  }
  return plan;
}

/** What is asked for by name to be watched at the ends of epochs, and where. */
export function monitorsOf({ earlyStopping, schedule }: FitPlan): { where: string; monitor: Monitor }[] {
  const watching = typeof schedule === 'object' ? (schedule.monitor as Monitor | undefined) : undefined;
  return [
    ...(earlyStopping?.monitor ? [{ where: 'earlyStopping', monitor: earlyStopping.monitor }] : []),
    ...(watching ? [{ where: 'schedule', monitor: watching }] : []),
  ];
}

function checkGroups(groups: unknown): FitOptions['groups'] {
  if (groups === undefined) return undefined;
  if (!Array.isArray(groups)) throw new OptionError(`fit.groups: expected a list of { parameters, … }, got ${describe(groups)}`);
  for (const group of groups) {
    checkKeys('fit.groups', group, ['parameters', 'learningRate', 'weightDecay']);
    for (const name of ['learningRate', 'weightDecay']) if (group[name] !== undefined) checkNumber(`fit.groups.${name}`, group[name], 0);
  }
  return groups;
}

/** What is monitored where nothing is said: the validation data where there is any. */
export function defaultMonitor({ validation }: FitPlan): Monitor {
  return validation === undefined ? 'loss' : 'validationLoss';
}

const CLIP = { norm: optional(numberBetween(0)), value: optional(numberBetween(0)) };

export const checkClip: Check<Clip> = (where, clip) => {
  const { norm, value } = readOptions(where, CLIP, clip);
  if (norm !== undefined && value === undefined) return { norm };
  if (value !== undefined && norm === undefined) return { value };
  throw new OptionError(`${where}: expected { norm } or { value }, got ${describe(Object.keys(clip as Clip))}`);
};
