/** What all loggers have in common: a callback that opens something at the beginning of a run, writes, and closes it at the end. */
import type { Monitored } from '../metrics/monitors.ts';
import type { Callback, FitControl } from '../training/events.ts';
import type { EpochReport, FitBegin, FitEnd, StepReport } from '../training/reports.ts';
import { Meter } from './figures.ts';
import { EpochAllowance, type EpochRate, type StepRate } from './rate.ts';

/** The log of one run. */
export interface RunLog {
  step(report: StepReport, control: FitControl, meter: Meter): void;
  epoch(report: EpochReport, control: FitControl, meter: Meter): void;
  /** Told after `epoch`, with the network's weights as they are then. The training waits for a promise that it returns. */
  weights?(epoch: number, control: FitControl): Promise<void> | undefined;
  /** Whatever is open is closed when it returns. */
  end(event: FitEnd): void;
}

export interface LoggerPlan {
  readonly rate: StepRate;
  /** Default: a thousand epochs, and from then on as many a second as steps. */
  readonly epochs?: EpochRate;
  /** Throws DataError where nothing can be written. Called before anything is changed. */
  check?(): void;
  /** Opens the log of a run. */
  open(begin: FitBegin, run: Opening): RunLog;
}

export interface Opening {
  /** Whether training began in an earlier run. */
  readonly continues: boolean;
  /** The numbers in reports of epochs; none of a trainer. */
  readonly monitors: readonly Monitored[];
  readonly control: FitControl;
}

interface Run {
  readonly log: RunLog;
  readonly meter: Meter;
  readonly allowance: EpochAllowance;
  /** The one that ends the fit, if nothing does before. */
  readonly lastEpoch: number;
  /** The last epoch, where it has not been written. */
  unwritten?: EpochReport;
}

/** The callback of a logger. It may watch one fit after another, never two at a time. */
export function loggerCallback({ rate, epochs = { atFirst: 1000, rate }, check, open }: LoggerPlan): Callback {
  let run: Run | undefined;
  let found: ReadonlyMap<string, Monitored> = new Map();
  return {
    stepsPerSecond: rate,
    prepare({ monitors }) {
      check?.();
      // Callbacks that are prepared later add to it.
      found = monitors;
    },
    begin(event, control) {
      const monitors = [...found.values()].filter(({ lacks }) => !lacks);
      const log = open(event, { continues: event.progress.step > 0, monitors, control });
      run = { log, meter: new Meter(event), allowance: new EpochAllowance(epochs), lastEpoch: lastEpochOf(event) };
    },
    step(report, control) {
      run?.log.step(report, control, run.meter);
    },
    epoch(report, control) {
      if (!run) return;
      run.unwritten = run.allowance.take() || report.epoch === run.lastEpoch ? undefined : report;
      if (run.unwritten) return;
      run.log.epoch(report, control, run.meter);
      return run.log.weights?.(report.epoch, control);
    },
    end(event, control) {
      // Another callback may have failed before this one's `begin`.
      if (!run) return;
      const { log, meter, unwritten } = run;
      run = undefined;
      if (unwritten) log.epoch(unwritten, control, meter);
      meter.stop();
      log.end(event);
    },
  };
}

/** Counted from the beginning of the run, which an earlier process may have begun. NaN for a trainer, which has no epochs. */
export const lastEpochOf = ({ settings, run }: FitBegin): number => (run?.epoch ?? 0) + (settings.epochs ?? Number.NaN);
