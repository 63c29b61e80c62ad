/** The options of a network that a page trains: its parts are given as themselves, so that the page carries no others. */
import { onEpoch, onStep } from '../callbacks/functions.ts';
import { publishing } from '../callbacks/publishing.ts';
import type { CommonFitOptions, FitRequest } from '../common-fit-options.ts';
import { COMMON_FIT } from '../common-fit-table.ts';
import { COMMON, type CommonOptions, type Described, plainly, type Start } from '../common-options.ts';
import { OptionError } from '../errors.ts';
import { checkLayers, type Layer } from '../layers/layer.ts';
import { Loss } from '../losses/loss.ts';
import { checkMetricNames, Metric } from '../metrics/metric.ts';
import { SequentialModel } from '../model/network-model.ts';
import type { SampleShape } from '../model/signature.ts';
import { checkGivenOptimizer } from '../optimizers/definition.ts';
import type { Optimizer } from '../optimizers/optimizer.ts';
import { readOptions, required, type TableOf, withDefault } from '../options/table.ts';
import { checkShape, describe } from '../options.ts';
import { checkSchedule, isWatching, type Schedule } from '../schedules.ts';

/** A stack of layers. */
export interface NetworkOptions<Input extends SampleShape = SampleShape> extends CommonOptions {
  /** The shape of one sample: [64], [1, 28, 28]. */
  readonly input: Input;
  readonly layers: readonly Layer[];
  /** As `softmaxCrossEntropy()` makes it. */
  readonly loss: Loss;
  /** What training and `evaluate` measure beside the loss, as `f1()` makes it. Accuracy is measured anyway. Default none. */
  readonly metrics?: readonly Metric[];
}

export interface FitOptions extends CommonFitOptions {
  /** As `adam()` makes it. */
  readonly optimizer: Optimizer;
  /** How the learning rate changes, by the time alone; default not at all. */
  readonly schedule?: Schedule;
}

export function checkGivenLoss(where: string, value: unknown): Loss {
  if (value instanceof Loss) return value;
  throw new OptionError(`${where}: expected a loss as softmaxCrossEntropy() makes it, got ${describe(value)}`);
}

export function checkGivenMetrics(where: string, value: unknown): readonly Metric[] {
  if (!Array.isArray(value) || !value.every((one) => one instanceof Metric))
    throw new OptionError(`${where}: expected a list of metrics as f1() makes them, got ${describe(value)}`);
  return checkMetricNames(where, value);
}

const STACK = {
  input: required(checkShape),
  layers: required(checkLayers),
  loss: required(checkGivenLoss),
  metrics: withDefault(checkGivenMetrics, []),
  ...COMMON,
} satisfies TableOf<NetworkOptions>;

const FIT = {
  ...COMMON_FIT,
  optimizer: required(checkGivenOptimizer),
  schedule: withDefault(checkTimedSchedule, { type: 'constant' }),
} satisfies TableOf<FitOptions>;

function checkTimedSchedule(where: string, value: unknown): Schedule {
  const schedule = checkSchedule(where, value);
  if (!isWatching(schedule)) return schedule;
  throw new OptionError(`${where}: expected one that changes by the time, got one of results; the network of 'chainrule' takes it`);
}

/** Throws OptionError for an unknown or impossible option, ShapeError where layers do not fit together. */
export function modelFrom(options: NetworkOptions): Described & { readonly start: Start } {
  const { input, layers, loss, metrics, ...start } = readOptions('Network.create', STACK, options, plainly);
  return { model: new SequentialModel(input, layers, loss, metrics), isNamed: false, start };
}

/** Throws OptionError for anything unknown or out of range. */
export function fitFrom(options: FitOptions): FitRequest {
  const { classWeight, callbacks, onStep: step, onEpoch: epoch, ...settings } = readOptions('fit', FIT, options);
  const watchers = [...callbacks, ...(step ? [onStep(step)] : []), ...(epoch ? [onEpoch(epoch)] : []), publishing()];
  return { classWeight, settings: { ...settings, groups: undefined }, callbacks: watchers };
}
