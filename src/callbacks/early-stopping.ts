/** Stops training that no longer improves, with the weights of the best epoch. */
import { MonitorError } from '../errors.ts';
import { checkMonitor, improvement, type Monitor, type Monitored } from '../metrics/monitors.ts';
import type { CallbackMemory } from '../model/training-state.ts';
import type { Snapshot } from '../model/weights.ts';
import { flag, integer, number, optional, readOptions, type TableOf, withDefault } from '../options/table.ts';
import { checkInteger, checkNumber } from '../options.ts';
import type { Callback } from '../training/events.ts';
import type { EpochReport } from '../training/reports.ts';
import { isComparable, monitored } from './monitored.ts';
import { snapshotFrom, snapshotMemory } from './snapshot-memory.ts';

export interface EarlyStopping {
  /** A value of the epochs' reports; default 'validationLoss' where there is validation data, else 'loss'. Whether more or less of it is better, it knows. Where it is NaN, the fit ends with a MonitorError. */
  readonly monitor?: Monitor;
  /** Epochs in a row without improvement after which training stops; default 5. */
  readonly patience?: number;
  /** Less than this is no improvement; default 0. */
  readonly minimumChange?: number;
  /** Whether the network gets back the weights, and the optimiser's state, of the best epoch; default true. */
  readonly restoreBest?: boolean;
}

const OPTIONS = {
  monitor: optional<Monitor>(checkMonitor),
  patience: withDefault(integer(), 5),
  minimumChange: withDefault(number(), 0),
  restoreBest: withDefault(flag, true),
} satisfies TableOf<EarlyStopping>;

/**
 * The callback of the option `earlyStopping`. A fit that its signal stops keeps the weights of its last step and remembers the best ones:
 * the fit that continues it has both.
 *
 * The fit ends with a MonitorError where the monitored value is NaN, or infinite until patience runs out.
 *
 * @throws OptionError for anything unknown or out of range.
 */
export function earlyStopping(options: EarlyStopping = {}): Callback {
  const where = 'fit.earlyStopping';
  const { monitor: asked, patience, minimumChange, restoreBest } = readOptions(where, OPTIONS, options);
  const search = new BestEpoch(patience, minimumChange);
  let monitor: Monitored | undefined;
  let best: Snapshot | undefined;
  let failed = false;
  const fail = ({ epoch }: EpochReport, value: number): MonitorError => {
    failed = true;
    const keptEpoch = best && search.epoch !== undefined ? search.epoch : epoch;
    return new MonitorError(where, { monitor: (monitor as Monitored).name, epoch, value, keptEpoch });
  };
  return {
    name: 'earlyStopping',
    prepare({ monitors }) {
      monitor = monitored(where, asked, monitors);
      search.forget();
      best = undefined;
      failed = false;
    },
    recall({ notes, tensors }) {
      search.recall(notes);
      best = restoreBest && notes.progress !== undefined ? snapshotFrom('earlyStopping', notes.progress, tensors) : undefined;
    },
    remember: () => (search.epoch === undefined ? undefined : memoryOf(search, best)),
    begin(_, control) {
      if (search.epoch !== undefined) control.noteBest(search.epoch);
    },
    epoch(report, control) {
      const watched = monitor as Monitored;
      const value = watched.read(report);
      if (!isComparable(watched, value)) throw fail(report, value);
      if (search.take(report.epoch, value, watched)) {
        control.noteBest(report.epoch);
        if (restoreBest) best = control.snapshot(best);
      }
      if (!search.isOver(report.epoch)) return;
      if (!search.hasNumber) throw fail(report, value);
      control.stop();
    },
    end({ aborted, error }, control) {
      if ((aborted || error !== undefined) && !failed) return;
      if (best) control.restore(best);
      best = undefined;
      search.forget();
    },
  };
}

function memoryOf(search: BestEpoch, best: Snapshot | undefined): CallbackMemory {
  if (!best) return { notes: search.notes };
  return { notes: { ...search.notes, progress: best.progress }, tensors: snapshotMemory(best) };
}

/** Finds the best epoch, and whether it is too long ago. */
export class BestEpoch {
  /** Undefined before the first. */
  epoch: number | undefined;
  /** Its value; undefined before a finite one. */
  #value: number | undefined;

  constructor(
    readonly patience: number,
    readonly minimumChange: number,
  ) {}

  /** Whether the best epoch's value is a number. */
  get hasNumber(): boolean {
    return this.#value !== undefined;
  }

  /** Looks at an epoch's value, by which epochs can be compared; returns whether it is the best so far. */
  take(epoch: number, value: number, monitor: Monitored): boolean {
    if (this.epoch !== undefined && !this.#improves(monitor, value)) return false;
    this.epoch = epoch;
    this.#value = Number.isFinite(value) ? value : undefined;
    return true;
  }

  /** Whether training is to stop after an epoch. */
  isOver(epoch: number): boolean {
    return epoch - (this.epoch ?? epoch) >= this.patience;
  }

  get notes(): CallbackMemory['notes'] {
    return { epoch: this.epoch, ...(this.hasNumber && { value: this.#value }) };
  }

  /** Throws OptionError for notes of something else. */
  recall({ epoch, value }: CallbackMemory['notes']): void {
    this.epoch = checkInteger('earlyStopping.epoch', epoch);
    this.#value = value === undefined ? undefined : checkNumber('earlyStopping.value', value, Number.NEGATIVE_INFINITY);
  }

  forget(): void {
    this.epoch = undefined;
    this.#value = undefined;
  }

  /** Any number is better than infinity. */
  #improves(monitor: Monitored, value: number): boolean {
    if (this.#value === undefined) return Number.isFinite(value);
    return improvement(monitor, value, this.#value) > this.minimumChange;
  }
}
