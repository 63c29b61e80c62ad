/** Stops training that no longer improves, with the weights of the best epoch. */
import { checkMonitor, improvement, type Monitor, type Monitored } from '../metrics/monitors.ts';
import type { CallbackMemory } from '../model/training-state.ts';
import type { Snapshot } from '../model/weights.ts';
import { flag, integer, number, optional, readOptions, type TableOf, withDefault } from '../options/table.ts';
import { checkInteger, checkNumber } from '../options.ts';
import type { Callback } from '../training/events.ts';
import type { EpochReport } from '../training/reports.ts';
import { monitored } from './monitored.ts';
import { snapshotFrom, snapshotMemory } from './snapshot-memory.ts';

export interface EarlyStopping {
  /** A value of the epochs' reports; default 'validationLoss' where there is validation data, else 'loss'. Whether more or less of it is better, it knows. */
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
 * @throws OptionError for anything unknown or out of range.
 */
export function earlyStopping(options: EarlyStopping = {}): Callback {
  const where = 'fit.earlyStopping';
  const { monitor: asked, patience, minimumChange, restoreBest } = readOptions(where, OPTIONS, options);
  const search = new BestEpoch(patience, minimumChange);
  let monitor: Monitored | undefined;
  let best: Snapshot | undefined;
  return {
    name: 'earlyStopping',
    prepare({ monitors }) {
      monitor = monitored(where, asked, monitors);
      search.forget();
      best = undefined;
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
      if (search.take(report, monitor as Monitored)) {
        control.noteBest(report.epoch);
        if (restoreBest) best = control.snapshot(best);
      }
      if (search.isOver(report)) control.stop();
    },
    end({ aborted, error }, control) {
      if (aborted || error !== undefined) return;
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
  /** NaN before a first number. */
  #value = Number.NaN;

  constructor(
    readonly patience: number,
    readonly minimumChange: number,
  ) {}

  /** Looks at an epoch; returns whether it is the best so far. */
  take(report: EpochReport, monitor: Monitored): boolean {
    const value = monitor.read(report);
    if (this.epoch !== undefined && !this.#improves(monitor, value)) return false;
    this.epoch = report.epoch;
    this.#value = value;
    return true;
  }

  /** Whether training is to stop after an epoch. */
  isOver({ epoch }: EpochReport): boolean {
    return epoch - (this.epoch ?? epoch) >= this.patience;
  }

  get notes(): CallbackMemory['notes'] {
    return { epoch: this.epoch, ...(Number.isFinite(this.#value) && { value: this.#value }) };
  }

  /** Throws OptionError for notes of something else. */
  recall({ epoch, value }: CallbackMemory['notes']): void {
    this.epoch = checkInteger('earlyStopping.epoch', epoch);
    this.#value = value === undefined ? Number.NaN : checkNumber('earlyStopping.value', value, Number.NEGATIVE_INFINITY);
  }

  forget(): void {
    this.epoch = undefined;
    this.#value = Number.NaN;
  }

  #improves(monitor: Monitored, value: number): boolean {
    // An epoch whose loss overflowed has no number to compare with.
    if (Number.isNaN(this.#value)) return !Number.isNaN(value);
    return improvement(monitor, value, this.#value) > this.minimumChange;
  }
}
