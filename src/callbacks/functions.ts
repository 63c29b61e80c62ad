/** The functions `onStep` and `onEpoch` as callbacks. */
import type { Callback } from '../training/events.ts';
import type { EpochReport, StepReport } from '../training/reports.ts';

/** Calls a function after every step. */
export const onStep = (call: (report: StepReport) => unknown): Callback => ({ stepsPerSecond: 'all', step: (report) => call(report) });

/** Calls a function after every epoch. */
export const onEpoch = (call: (report: EpochReport) => unknown): Callback => ({ epoch: (report) => call(report) });
