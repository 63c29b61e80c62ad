/** Learning-rate schedules: plain descriptions of how the rate changes while training goes on. Formulas are PyTorch's. */

import type { Progress } from './clock.ts';
import { OptionError } from './errors.ts';
import { atOnce } from './event-loop/promises.ts';
import { checkMonitor, type Monitor } from './metrics/monitors.ts';
import {
  type Check,
  integer,
  number,
  numberBetween,
  type OptionTable,
  oneOf,
  optional,
  readOptions,
  required,
  type TableOf,
  withDefault,
} from './options/table.ts';
import { checkKeys, checkName, checkNumber, describe } from './options.ts';

/** A schedule as a plain object, as `cosineDecay` and the others make it. */
export interface ScheduleConfig {
  readonly type: ScheduleType;
  readonly [option: string]: unknown;
}

/** The rate at a step, from the training time and the rate of the optimiser or the group. */
export type ScheduleFunction = (progress: Progress, learningRate: number) => number;

export type Schedule = ScheduleConfig | ScheduleFunction;

type Options = Readonly<Record<string, number>>;

type Unit = 'epoch' | 'step';

interface StepDecayOptions {
  readonly period: number;
  readonly factor?: number;
  readonly per?: Unit;
}

interface ExponentialDecayOptions {
  readonly factor: number;
  readonly per?: Unit;
}

interface CosineDecayOptions {
  readonly period: number;
  readonly minimum?: number;
  readonly warmup?: number;
  readonly warmupFactor?: number;
  readonly growth?: number;
  readonly per?: Unit;
}

interface OneCycleOptions {
  readonly period: number;
  readonly rise?: number;
  readonly initialDivisor?: number;
  readonly finalDivisor?: number;
  readonly per?: Unit;
}

interface PlateauOptions {
  readonly factor?: number;
  readonly patience?: number;
  readonly threshold?: number;
  readonly cooldown?: number;
  readonly minimum?: number;
  readonly monitor?: Monitor;
}

interface Kind {
  /** The function that makes such a schedule, which is its name in messages. */
  readonly maker: string;
  readonly options: OptionTable;
  /** Why the rate changes: with steps or epochs, with results of training, or never. */
  readonly changes: 'with time' | 'by what is watched' | 'never';
  /** The rate after `t` units. */
  rate(base: number, t: number, options: Options): number;
}

const halfCosine = (from: number, to: number, share: number) => to + ((from - to) / 2) * (1 + Math.cos(Math.PI * share));

const per = (unit: Unit) => withDefault(oneOf(['epoch', 'step']), unit);
const period = (least = 1) => required(number(least));
/** 0, or how many times as long each period is as the last. */
const growth: Check<number> = (where, value) => (value === 0 ? value : checkNumber(where, value, 1));

const KINDS = {
  constant: { maker: 'constantRate', options: { per: per('epoch') }, changes: 'never', rate: (base) => base },
  step: {
    maker: 'stepDecay',
    options: { period: period(), factor: withDefault(number(), 0.1), per: per('epoch') } satisfies TableOf<StepDecayOptions>,
    changes: 'with time',
    rate: (base, t, { period, factor }) => base * factor ** Math.floor(t / period),
  },
  exponential: {
    maker: 'exponentialDecay',
    options: { factor: required(number()), per: per('epoch') } satisfies TableOf<ExponentialDecayOptions>,
    changes: 'with time',
    rate: (base, t, { factor }) => base * factor ** t,
  },
  cosine: {
    maker: 'cosineDecay',
    options: {
      period: period(),
      minimum: withDefault(number(), 0),
      warmup: withDefault(number(), 0),
      warmupFactor: withDefault(number(), 0),
      growth: withDefault(growth, 0),
      per: per('epoch'),
    } satisfies TableOf<CosineDecayOptions>,
    changes: 'with time',
    rate: cosineRate,
  },
  oneCycle: {
    maker: 'oneCycle',
    options: {
      period: period(2),
      rise: withDefault(numberBetween(0, 1), 0.3),
      initialDivisor: withDefault(numberBetween(0), 25),
      finalDivisor: withDefault(numberBetween(0), 1e4),
      per: per('step'),
    } satisfies TableOf<OneCycleOptions>,
    changes: 'with time',
    rate: oneCycleRate,
  },
  reduceOnPlateau: {
    maker: 'reduceOnPlateau',
    options: {
      factor: withDefault(number(), 0.1),
      patience: withDefault(integer(0), 10),
      threshold: withDefault(number(), 1e-4),
      cooldown: withDefault(integer(0), 0),
      minimum: withDefault(number(), 0),
      monitor: optional<Monitor>(checkMonitor),
    } satisfies TableOf<PlateauOptions>,
    changes: 'by what is watched',
    rate: (base) => base,
  },
} satisfies Record<string, Kind>;

export type ScheduleType = keyof typeof KINDS;

function cosineRate(base: number, t: number, { period, minimum, warmup, warmupFactor, growth }: Options): number {
  if (t < warmup) return base * (warmupFactor + ((1 - warmupFactor) * t) / warmup);
  let length = period;
  let within = t - warmup;
  if (growth === 0) return halfCosine(base, minimum, Math.min(within / length, 1));
  if (growth === 1) within %= length;
  else {
    const restarts = Math.floor(Math.log((within / period) * (growth - 1) + 1) / Math.log(growth));
    within -= (period * (growth ** restarts - 1)) / (growth - 1);
    length = period * growth ** restarts;
  }
  return halfCosine(base, minimum, within / length);
}

function oneCycleRate(base: number, t: number, { period, rise, initialDivisor, finalDivisor }: Options): number {
  const first = base / initialDivisor;
  const top = rise * period - 1;
  if (t <= top) return halfCosine(first, base, top === 0 ? 1 : t / top);
  return halfCosine(base, first / finalDivisor, Math.min((t - top) / (period - 1 - top), 1));
}

function make(type: ScheduleType, given: object): Schedule {
  const { maker, options }: Kind = KINDS[type];
  checkKeys(maker, given, [...new Set([...Object.keys(options), 'per', 'monitor'])]);
  return scheduleFrom({ ...given, type });
}

/** The rate stays. */
export const constantRate = (): Schedule => make('constant', {});

/** η · factor^⌊t / period⌋, with t in epochs or steps. factor 0.1, per 'epoch'. */
export function stepDecay(options: StepDecayOptions): Schedule {
  return make('step', options);
}

/** η · factorᵗ, with t in epochs or steps. per 'epoch'. */
export function exponentialDecay(options: ExponentialDecayOptions): Schedule {
  return make('exponential', options);
}

/**
 * From η down to `minimum` by half a cosine over `period` (Loshchilov & Hutter 2017), after a linear rise from η·warmupFactor over `warmup`.
 * With `growth` it restarts, each period that many times as long as the last; without (0) it stays at the minimum. minimum 0, warmup 0,
 * warmupFactor 0, growth 0, per 'epoch'.
 */
export function cosineDecay(options: CosineDecayOptions): Schedule {
  return make('cosine', options);
}

/**
 * From η/initialDivisor up to η over the share `rise` of `period`, then down to η/(initialDivisor·finalDivisor), both by half a cosine
 * (Smith & Topin 2019). rise 0.3, initialDivisor 25, finalDivisor 1e4, per 'step'.
 */
export function oneCycle(options: OneCycleOptions): Schedule {
  return make('oneCycle', options);
}

/**
 * Multiplies the rate by `factor`, down to `minimum`, where what is monitored has not improved by `threshold` times the magnitude of the
 * best so far for more than `patience` epochs; then waits `cooldown` epochs before it counts again. factor 0.1, patience 10, threshold 1e-4, cooldown 0, minimum 0;
 * monitor 'validationLoss' where there is validation data, else 'loss'. Where what is monitored is NaN, the fit ends with a MonitorError.
 */
export function reduceOnPlateau(options: PlateauOptions = {}): Schedule {
  return make('reduceOnPlateau', options);
}

/**
 * Checks a schedule and fills in its defaults.
 *
 * @throws OptionError for an unknown type or option, or a value out of range.
 */
export function scheduleFrom(schedule: ScheduleFunction | { readonly type: string; readonly [option: string]: unknown }): Schedule {
  if (typeof schedule === 'function') return schedule;
  if (typeof schedule !== 'object' || schedule === null)
    throw new OptionError(`schedule: expected a schedule such as cosineDecay({ period: 10 }) or a function, got ${describe(schedule)}`);
  const type = checkName('schedule.type', schedule.type, Object.keys(KINDS) as ScheduleType[]);
  const { type: _, ...given } = schedule;
  const { maker, options }: Kind = KINDS[type];
  if (given.monitor !== undefined && !Object.hasOwn(options, 'monitor'))
    throw new OptionError(`${maker}: expected monitor with reduceOnPlateau only, got it here`);
  if (given.per !== undefined && !Object.hasOwn(options, 'per'))
    throw new OptionError(`${maker}: expected no per, since it watches the ends of epochs, got ${describe(given.per)}`);
  const { per, monitor, ...rest } = readOptions(maker, options, given);
  return { type, ...(per !== undefined && { per }), ...(monitor !== undefined && { monitor }), ...rest };
}

/** The check of an option that is a schedule. */
export const checkSchedule: Check<Schedule> = (_, value) => scheduleFrom(value as ScheduleConfig);

/** Whether the rate is the same at all steps. */
export const isConstant = (schedule: Schedule) => typeof schedule === 'object' && KINDS[schedule.type].changes === 'never';

/** Whether the rate changes with results of training. */
export const isWatching = (schedule: Schedule): schedule is ScheduleConfig =>
  typeof schedule === 'object' && KINDS[schedule.type].changes === 'by what is watched';

/** The interval at which the rate may change: steps, epochs, or never. */
export function changesOf(schedule: Schedule): 'never' | 'epochs' | 'steps' {
  if (typeof schedule === 'function') return 'steps';
  if (KINDS[schedule.type].changes !== 'with time') return 'never';
  return schedule.per === 'step' ? 'steps' : 'epochs';
}

/** The rate at a step. Throws OptionError where a user's function gives an impossible rate. */
export function rateAt(schedule: Schedule, progress: Progress, learningRate: number): number {
  if (typeof schedule === 'function')
    return checkNumber('schedule: the rate that the function gives', atOnce('schedule', schedule(progress, learningRate)), 0);
  const options = schedule as unknown as Options;
  return (KINDS[schedule.type] as Kind).rate(learningRate, schedule.per === 'step' ? progress.step : progress.epoch, options);
}
