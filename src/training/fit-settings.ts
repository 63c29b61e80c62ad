/** The settings of a fit's steps. */
import { OptionError } from '../errors.ts';
import type { GlobalAbortSignal } from '../globals.ts';
import type { Clip } from '../model/graphs.ts';
import { matchParameters } from '../model/parameter-patterns.ts';
import type { Optimizer } from '../optimizers/optimizer.ts';
import { asGiven, type Check, fraction, number, numberBetween, optional, readOptions, required, type TableOf } from '../options/table.ts';
import { describe } from '../options.ts';
import type { Schedule } from '../schedules.ts';

/** Parameters that are trained with another learning rate or weight decay than the optimiser's; the schedule changes each rate alike. */
export interface ParameterGroup {
  /** Paths of parameters (`0.weight`) or layers (`0`), with `*` for anything (`*.bias`); of several groups that name one the first counts. */
  readonly parameters: string | readonly string[];
  readonly learningRate?: number;
  readonly weightDecay?: number;
}

/** Groups, and what their patterns name: a page without groups is without patterns. */
export interface ParameterGroups {
  readonly list: readonly ParameterGroup[];
  /** Of these names, those of a group. Throws OptionError where a pattern names none. */
  match(where: string, group: ParameterGroup, names: Iterable<string>): string[];
}

/** Options checked, defaults filled in. */
export interface FitSettings {
  readonly epochs: number;
  /** As asked for. Data of fewer rows is one mini-batch. */
  readonly batchSize: number;
  readonly accumulate: number;
  readonly shuffle: boolean;
  /** Of a dataset that is repeated for ever; undefined where an epoch is a pass over the data. */
  readonly stepsPerEpoch?: number | undefined;
  /** Rows of a dataset that are bound together, as asked for. */
  readonly windowRows?: number | undefined;
  readonly optimizer: Optimizer;
  readonly schedule: Schedule;
  readonly groups: ParameterGroups | undefined;
  readonly clip: Clip | undefined;
  /** The decay of the weights' moving averages; undefined where none are kept. */
  readonly ema: number | undefined;
  /** Forgets what earlier fits left. */
  readonly restart: boolean;
  readonly signal: GlobalAbortSignal | undefined;
}

const GROUP = {
  parameters: required(asGiven<ParameterGroup['parameters']>()),
  learningRate: optional(number()),
  weightDecay: optional(number()),
} satisfies TableOf<ParameterGroup>;

/** Throws OptionError for a value that is no list of groups. */
export function checkGroups(where: string, groups: unknown): ParameterGroups {
  if (!Array.isArray(groups)) throw new OptionError(`${where}: expected a list of { parameters, … }, got ${describe(groups)}`);
  return {
    list: Array.from(groups, (group) => readOptions(where, GROUP, group)),
    match: (at, { parameters }, names) => matchParameters(at, parameters, names),
  };
}

const EMA = { decay: required(fraction) };

/** The decay of moving averages: a number from 0 to below 1, or `{ decay }`. Throws OptionError. */
export const checkEma: Check<number> = (where, ema) =>
  typeof ema === 'number' ? fraction(where, ema) : readOptions(where, EMA, ema).decay;

const CLIP = { norm: optional(numberBetween(0)), value: optional(numberBetween(0)) };

/** Throws OptionError unless it is one of { norm } and { value }, above 0. */
export const checkClip: Check<Clip> = (where, clip) => {
  const { norm, value } = readOptions(where, CLIP, clip);
  if (norm !== undefined && value === undefined) return { norm };
  if (value !== undefined && norm === undefined) return { value };
  throw new OptionError(`${where}: expected { norm } or { value }, got ${describe(Object.keys(clip as Clip))}`);
};
