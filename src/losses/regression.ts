/** Losses of numbers: how far predictions are from their targets. */
import { numberBetween, type TableOf, withDefault } from '../options/table.ts';
import { builtIn } from './definition.ts';
import { elementwise } from './elementwise.ts';

/** ½‖y − a‖² summed over the outputs: the textbooks' quadratic cost. */
export const HALF_SQUARED_ERROR = builtIn(
  'halfSquaredError',
  {},
  { targets: 'values', outputs: 'sum' },
  () => (x, y) => elementwise('squaredError', x, y),
);

/** (y − a)², the mean over the outputs too. The op gives halves. */
export const MEAN_SQUARED_ERROR = builtIn(
  'meanSquaredError',
  {},
  { targets: 'values', factor: 2 },
  () => (x, y) => elementwise('squaredError', x, y),
);

/** |y − a|, the mean over the outputs too. */
export const MEAN_ABSOLUTE_ERROR = builtIn(
  'meanAbsoluteError',
  {},
  { targets: 'values' },
  () => (x, y) => elementwise('absoluteError', x, y),
);

export interface HuberOptions {
  /** Where the loss turns from quadratic to linear. Default 1. */
  readonly delta?: number;
}

const HUBER_OPTIONS = { delta: withDefault(numberBetween(0), 1) } satisfies TableOf<HuberOptions>;

/** Quadratic up to an error of δ, linear beyond; the mean over the outputs too. Huber 1964. */
export const HUBER = builtIn(
  'huber',
  HUBER_OPTIONS,
  { targets: 'values' },
  ({ delta }) =>
    (x, y) =>
      elementwise('huberError', x, y, delta),
);
