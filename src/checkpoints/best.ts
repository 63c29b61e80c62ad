/** The best epoch of a run by a monitored value, for the file of it. */
import { monitored } from '../callbacks/monitored.ts';
import { improvement, type Monitor, type Monitored } from '../metrics/monitors.ts';
import type { CallbackMemory } from '../model/training-state.ts';
import { checkNumber } from '../options.ts';
import type { FitSetup } from '../training/events.ts';
import type { EpochReport } from '../training/reports.ts';

export class BestSoFar {
  #monitor: Monitored | undefined;
  /** Undefined before the first finite value. */
  #value: number | undefined;

  /** @param asked Undefined: the validation loss where there is validation data, else the loss. */
  constructor(readonly asked: Monitor | undefined) {}

  /** Throws OptionError where reports lack the value. */
  prepare({ monitors }: FitSetup): void {
    this.#monitor = monitored('checkpoint.best', this.asked, monitors);
    this.forget();
  }

  /** Whether an epoch is better than all before. One whose value is not finite never is. */
  take(report: EpochReport): boolean {
    const monitor = this.#monitor as Monitored;
    const value = monitor.read(report);
    if (!Number.isFinite(value) || (this.#value !== undefined && improvement(monitor, value, this.#value) <= 0)) return false;
    this.#value = value;
    return true;
  }

  get memory(): CallbackMemory | undefined {
    return this.#value === undefined ? undefined : { notes: { value: this.#value } };
  }

  /** Throws OptionError for the memory of something else. */
  recall({ notes }: CallbackMemory): void {
    this.#value = checkNumber('checkpoint.value', notes.value, Number.NEGATIVE_INFINITY);
  }

  forget(): void {
    this.#value = undefined;
  }
}
