/** The schedule `reduceOnPlateau`: lowers learning rates where training no longer improves. */
import { MonitorError } from '../errors.ts';
import { improvement, type Monitor, type Monitored } from '../metrics/monitors.ts';
import type { CallbackMemory } from '../model/training-state.ts';
import { integer, number, optional, readOptions, required, type TableOf } from '../options/table.ts';
import type { ScheduleConfig } from '../schedules.ts';
import type { Callback, FitControl } from '../training/events.ts';
import { isComparable, monitored } from './monitored.ts';

/** Its memory from epoch to epoch. */
export interface PlateauState {
  /** Undefined before there was a finite value. */
  readonly best?: number;
  /** Epochs without improvement. */
  readonly waited: number;
  readonly cooldown: number;
  /** The factor of the rates. */
  readonly factor: number;
}

type Options = Readonly<Record<'factor' | 'patience' | 'threshold' | 'cooldown' | 'minimum', number>>;

/**
 * The fit ends with a MonitorError where the monitored value is NaN.
 *
 * @param schedule As `reduceOnPlateau` makes it.
 */
export function plateau(schedule: ScheduleConfig): Callback {
  const where = 'fit.schedule';
  const options = schedule as unknown as Options;
  const asked = schedule.monitor as Monitor | undefined;
  let monitor: Monitored | undefined;
  let state: PlateauState | undefined;
  const apply = (control: FitControl) => state && control.scaleLearningRates(state.factor, options.minimum);
  return {
    name: 'reduceOnPlateau',
    prepare({ monitors }) {
      monitor = monitored(where, asked, monitors);
      state = undefined;
    },
    recall({ notes }) {
      state = plateauFrom(notes);
    },
    remember: () => state && { notes: { ...state } },
    begin: (_, control) => apply(control),
    epoch(report, control) {
      const watched = monitor as Monitored;
      const value = watched.read(report);
      const { epoch } = report;
      if (!isComparable(watched, value)) throw new MonitorError(where, { monitor: watched.name, epoch, value, keptEpoch: epoch });
      state = watchPlateau(options, watched, value, state);
      apply(control);
    },
  };
}

/** The memory after an epoch with the monitored value `value`. The rule is PyTorch's. */
export function watchPlateau(
  options: Options,
  monitor: Pick<Monitored, 'better'>,
  value: number,
  before: PlateauState | undefined,
): PlateauState {
  const { factor, patience, threshold, cooldown } = options;
  const { best, ...last } = before ?? { waited: 0, cooldown: 0, factor: 1 };
  const better = best === undefined ? Number.isFinite(value) : improvement(monitor, value, best) > threshold * Math.abs(best);
  const cooling = last.cooldown > 0;
  const waited = better || cooling ? 0 : last.waited + 1;
  const reduces = waited > patience;
  return {
    best: better ? value : best,
    waited: reduces ? 0 : waited,
    cooldown: reduces ? cooldown : Math.max(0, last.cooldown - 1),
    factor: reduces ? last.factor * factor : last.factor,
  };
}

const NOTES = {
  best: optional(number(Number.NEGATIVE_INFINITY)),
  waited: required(integer(0)),
  cooldown: required(integer(0)),
  factor: required(number()),
} satisfies TableOf<PlateauState>;

/** Throws OptionError for notes of something else. */
function plateauFrom(notes: CallbackMemory['notes']): PlateauState {
  return readOptions('reduceOnPlateau', NOTES, notes);
}
