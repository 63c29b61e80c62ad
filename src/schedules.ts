/** Learning-rate schedules: plain descriptions of how the rate changes while training goes on. Formulas are PyTorch's. */

import type { Progress } from './clock.ts';
import { OptionError } from './errors.ts';
import { atOnce } from './event-loop/promises.ts';
import { checkMonitor, type Monitor } from './metrics/monitors.ts';
import { checkInteger, checkKeys, checkName, checkNumber, describe } from './options.ts';

/** A schedule as a plain object, as `cosineDecay` and the others make it. */
export interface ScheduleConfig {
  readonly type: ScheduleType;
  readonly [option: string]: unknown;
}

/**
 * The rate at a step, from how far training has come and the rate that the optimiser or the group has. Time counts over all fits that
 * continue one another.
 */
export type ScheduleFunction = (progress: Progress, learningRate: number) => number;

export type Schedule = ScheduleConfig | ScheduleFunction;

type Options = Readonly<Record<string, number>>;

interface Kind {
  /** The function that makes such a schedule, by which messages call it. */
  readonly maker: string;
  /** Options that are numbers, with their defaults; undefined where one must be given. */
  readonly defaults: Readonly<Record<string, number | undefined>>;
  /** The rate after `t` units. */
  rate(base: number, t: number, options: Options): number;
}

const halfCosine = (from: number, to: number, share: number) => to + ((from - to) / 2) * (1 + Math.cos(Math.PI * share));

const KINDS = {
  constant: { maker: 'constantRate', defaults: {}, rate: (base) => base },
  step: {
    maker: 'stepDecay',
    defaults: { period: undefined, factor: 0.1 },
    rate: (base, t, { period, factor }) => base * factor ** Math.floor(t / period),
  },
  exponential: { maker: 'exponentialDecay', defaults: { factor: undefined }, rate: (base, t, { factor }) => base * factor ** t },
  cosine: { maker: 'cosineDecay', defaults: { period: undefined, minimum: 0, warmup: 0, warmupFactor: 0, growth: 0 }, rate: cosineRate },
  oneCycle: { maker: 'oneCycle', defaults: { period: undefined, rise: 0.3, initialDivisor: 25, finalDivisor: 1e4 }, rate: oneCycleRate },
  reduceOnPlateau: {
    maker: 'reduceOnPlateau',
    defaults: { factor: 0.1, patience: 10, threshold: 1e-4, cooldown: 0, minimum: 0 },
    rate: (base) => base,
  },
} satisfies Record<string, Kind>;

export type ScheduleType = keyof typeof KINDS;
type Unit = 'epoch' | 'step';

/** Numbers of steps or epochs. */
const COUNTS = ['patience', 'cooldown'];
const DIVISORS = ['initialDivisor', 'finalDivisor'];
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

function make(type: ScheduleType, options: object): Schedule {
  const { maker, defaults }: Kind = KINDS[type];
  checkKeys(maker, options, [...Object.keys(defaults), 'per', 'monitor']);
  return scheduleFrom({ ...options, type });
}

/** The rate stays. */
export const constantRate = (): Schedule => make('constant', {});

/** η · factor^⌊t / period⌋, with t in epochs or steps. factor 0.1, per 'epoch'. */
export function stepDecay(options: { period: number; factor?: number; per?: Unit }): Schedule {
  return make('step', options);
}

/** η · factorᵗ, with t in epochs or steps. per 'epoch'. */
export function exponentialDecay(options: { factor: number; per?: Unit }): Schedule {
  return make('exponential', options);
}

/**
 * From η down to `minimum` by half a cosine over `period` (Loshchilov & Hutter 2017), after a linear rise from η·warmupFactor over `warmup`.
 * With `growth` it restarts, each period that many times as long as the last; without (0) it stays at the minimum. minimum 0, warmup 0,
 * warmupFactor 0, growth 0, per 'epoch'.
 */
export function cosineDecay(options: {
  period: number;
  minimum?: number;
  warmup?: number;
  warmupFactor?: number;
  growth?: number;
  per?: Unit;
}): Schedule {
  return make('cosine', options);
}

/**
 * From η/initialDivisor up to η over the share `rise` of `period`, then down to η/(initialDivisor·finalDivisor), both by half a cosine
 * (Smith & Topin 2019). rise 0.3, initialDivisor 25, finalDivisor 1e4, per 'step'.
 */
export function oneCycle(options: { period: number; rise?: number; initialDivisor?: number; finalDivisor?: number; per?: Unit }): Schedule {
  return make('oneCycle', options);
}

/**
 * Multiplies the rate by `factor`, down to `minimum`, where what is monitored has not improved by `threshold` times the magnitude of the
 * best so far for more than `patience` epochs; then waits `cooldown` epochs before it counts again. factor 0.1, patience 10, threshold 1e-4, cooldown 0, minimum 0;
 * monitor 'validationLoss' where there is validation data, else 'loss'.
 */
export function reduceOnPlateau(
  options: { factor?: number; patience?: number; threshold?: number; cooldown?: number; minimum?: number; monitor?: Monitor } = {},
): Schedule {
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
  const { type: _, per, monitor, ...options } = schedule;
  const { maker, defaults }: Kind = KINDS[type];
  checkKeys(maker, options, Object.keys(defaults));
  const filled = Object.entries(defaults).map(([name, value]) => [name, checkOption(maker, name, options[name] ?? value)]);
  const watches = type === 'reduceOnPlateau';
  if (monitor !== undefined && !watches) throw new OptionError(`${maker}: expected monitor with reduceOnPlateau only, got it here`);
  if (per !== undefined && watches)
    throw new OptionError(`${maker}: expected no per, since it watches the ends of epochs, got ${describe(per)}`);
  return {
    type,
    ...(watches ? {} : { per: checkName(`${maker}.per`, per ?? (type === 'oneCycle' ? 'step' : 'epoch'), ['epoch', 'step']) }),
    ...(monitor === undefined ? {} : { monitor: checkMonitor(`${maker}.monitor`, monitor) }),
    ...Object.fromEntries(filled),
  };
}

function checkOption(maker: string, name: string, value: unknown): number {
  const where = `${maker}.${name}`;
  if (COUNTS.includes(name)) return checkInteger(where, value, 0);
  if (name === 'period') return checkNumber(where, value, maker === 'oneCycle' ? 2 : 1);
  if (name === 'growth' && value !== 0) return checkNumber(where, value, 1);
  if (name === 'rise') return checkNumber(where, value, 0, 1, { open: true });
  if (DIVISORS.includes(name)) return checkNumber(where, value, 0, Number.POSITIVE_INFINITY, { open: true });
  return checkNumber(where, value, 0);
}

/** Between which steps the rate may change by itself. */
export function changesOf(schedule: Schedule): 'never' | 'epochs' | 'steps' {
  if (typeof schedule === 'function') return 'steps';
  if (schedule.type === 'constant' || schedule.type === 'reduceOnPlateau') return 'never';
  return schedule.per === 'step' ? 'steps' : 'epochs';
}

/** The rate at a step. Throws OptionError where a user's function gives what is no rate. */
export function rateAt(schedule: Schedule, progress: Progress, learningRate: number): number {
  if (typeof schedule === 'function')
    return checkNumber('schedule: the rate that the function gives', atOnce('schedule', schedule(progress, learningRate)), 0);
  const options = schedule as unknown as Options;
  return (KINDS[schedule.type] as Kind).rate(learningRate, schedule.per === 'step' ? progress.step : progress.epoch, options);
}
