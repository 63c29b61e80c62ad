/** Stopping where training no longer improves, with the weights of the best epoch. */

import { checkMonitor, improvement, type Monitor } from '../metrics/monitors.ts';
import { copySnapshot, type Snapshot } from '../model/weights.ts';
import { checkBoolean, checkInteger, checkKeys, checkNumber } from '../options.ts';

import type { EpochReport } from '../training/reports.ts';

export interface EarlyStopping {
  /** Default 'validationLoss' where there is validation data, else 'loss'. Less of a loss is better, and more of an accuracy. */
  readonly monitor?: Monitor;
  /** Stops after so many epochs in a row without improvement; default 5. */
  readonly patience?: number;
  /** Less than this is no improvement; default 0. */
  readonly minimumChange?: number;
  /** Whether the network gets back the weights, and the optimiser's state, of the best epoch; default true. */
  readonly restoreBest?: boolean;
}

/** Throws OptionError for anything unknown or out of range. */
export function checkEarlyStopping(options: EarlyStopping): EarlyStopping {
  checkKeys('fit.earlyStopping', options, ['monitor', 'patience', 'minimumChange', 'restoreBest']);
  if (options.monitor !== undefined) checkMonitor('fit.earlyStopping.monitor', options.monitor);
  checkInteger('fit.earlyStopping.patience', options.patience ?? 5);
  checkNumber('fit.earlyStopping.minimumChange', options.minimumChange ?? 0, 0);
  checkBoolean('fit.earlyStopping.restoreBest', options.restoreBest ?? true);
  return options;
}

export class EarlyStop {
  /** The weights to go back to; undefined before the first epoch, or where none are kept. */
  best: Snapshot | undefined;
  bestEpoch: number | undefined;
  #bestValue = Number.NaN;

  constructor(
    readonly options: EarlyStopping,
    readonly monitor: Monitor,
  ) {}

  /** Looks at an epoch, of which `snapshot` has the weights. Returns whether training should stop. */
  take(report: EpochReport, snapshot: Snapshot): boolean {
    const { patience = 5, restoreBest = true } = this.options;
    if (this.bestEpoch === undefined || this.#improves(report[this.monitor] as number)) {
      this.bestEpoch = report.epoch;
      this.#bestValue = report[this.monitor] as number;
      if (restoreBest) this.best = copySnapshot(snapshot, this.best);
    }
    return report.epoch - this.bestEpoch >= patience;
  }

  #improves(value: number): boolean {
    const { minimumChange = 0 } = this.options;
    // Of an epoch whose loss overflowed there is nothing to compare with.
    if (Number.isNaN(this.#bestValue)) return !Number.isNaN(value);
    return improvement(this.monitor, value, this.#bestValue) > minimumChange;
  }
}
