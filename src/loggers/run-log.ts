/** What all loggers have in common: a callback that opens something at the beginning of a run, writes, and closes it at the end. */
import type { Callback, FitControl } from '../training/events.ts';
import type { EpochReport, FitBegin, FitEnd, StepReport } from '../training/reports.ts';
import { Meter } from './figures.ts';
import { EpochAllowance, type StepRate } from './rate.ts';

/** The log of one run. */
export interface RunLog {
  step(report: StepReport, control: FitControl, meter: Meter): void;
  epoch(report: EpochReport, control: FitControl, meter: Meter): void;
  /** Whatever is open is closed when it returns. */
  end(event: FitEnd): void;
}

export interface LoggerPlan {
  readonly rate: StepRate;
  /** Throws DataError where nothing can be written. Called before anything is changed. */
  check(): void;
  /** Opens the log of a run; `continues` where training does. */
  open(begin: FitBegin, continues: boolean, control: FitControl): RunLog;
}

interface Run {
  readonly log: RunLog;
  readonly meter: Meter;
  readonly allowance: EpochAllowance;
  /** The last epoch, where it has not been written. */
  unwritten?: EpochReport;
}

/** The callback of a logger. It may watch one fit after another, never two at a time. */
export function loggerCallback({ rate, check, open }: LoggerPlan): Callback {
  let run: Run | undefined;
  return {
    stepsPerSecond: rate,
    prepare: () => check(),
    begin(event, control) {
      const log = open(event, event.progress.step > 0, control);
      run = { log, meter: new Meter(event), allowance: new EpochAllowance(rate) };
    },
    step(report, control) {
      run?.log.step(report, control, run.meter);
    },
    epoch(report, control) {
      if (!run) return;
      run.unwritten = run.allowance.take() ? undefined : report;
      if (!run.unwritten) run.log.epoch(report, control, run.meter);
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
