/**
 * How the options of `fit` that networks of every entry have are read. Apart from their types, which users compile: inferred from checks,
 * `signal` would name a type that libraries without a DOM lack.
 */
import type { CommonFitOptions } from './common-fit-options.ts';
import type { ClassWeights } from './data/row-weights.ts';
import { asGiven, callable, flag, integer, optional, type TableOf, withDefault } from './options/table.ts';
import { checkSignal } from './options.ts';
import { checkCallbacks } from './training/events.ts';
import { checkClip, checkEma } from './training/fit-settings.ts';
import type { EpochReport, StepReport } from './training/reports.ts';

export const COMMON_FIT = {
  epochs: withDefault(integer(), 1),
  batchSize: withDefault(integer(), 32),
  accumulate: withDefault(integer(), 1),
  classWeight: optional(asGiven<ClassWeights>()),
  shuffle: withDefault(flag, true),
  clip: optional(checkClip),
  ema: optional(checkEma),
  signal: optional(checkSignal),
  onStep: optional(callable<(report: StepReport) => unknown>()),
  onEpoch: optional(callable<(report: EpochReport) => unknown>()),
  restart: withDefault(flag, false),
  callbacks: withDefault(checkCallbacks, []),
} satisfies TableOf<CommonFitOptions>;
