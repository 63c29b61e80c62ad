/** The events of a fit in a file, a JSON object a line. */
import { readOptions, type TableOf, withDefault } from '../options/table.ts';
import { checkLocation, type FileLocation } from '../options.ts';
import type { Callback } from '../training/events.ts';
import { gradientNorm } from './figures.ts';
import { checkLogFile, LogFile } from './log-file.ts';
import { checkRate, DEFAULT_RATE, type StepRate } from './rate.ts';
import { loggerCallback } from './run-log.ts';

export interface LogOptions {
  /** The most steps a second that are written: a number above 0, or 'all' steps. Epochs after the first thousand are written at this rate too. Default 10. */
  readonly stepsPerSecond?: StepRate;
}

export const LOG_OPTIONS = { stepsPerSecond: withDefault(checkRate, DEFAULT_RATE) } satisfies TableOf<LogOptions>;

/**
 * A callback that writes the events of a fit to a file, a JSON object a line. Each has `event` ('begin', 'step', 'epoch' or 'end'), `time`
 * (ISO 8601) and what the fit tells; steps and epochs have `learningRates`, `memoryBytes` and `eventLoopDelay` (milliseconds) besides, steps
 * `stepMilliseconds` and `samplesPerSecond` since the line before, and epochs with a diagnosis `gradientNorm`. Numbers that are not finite are text.
 *
 * A fit that continues training appends; any other begins the file anew. Lines are written while training goes on, and all are in the file when
 * the fit returns or throws. Of a trainer it writes the steps. Where the disk fails during the fit, the process gets a warning, and training goes on.
 *
 * @throws OptionError for anything unknown or out of range. The fit throws DataError before it begins where the file cannot be written.
 */
export function jsonLog(path: FileLocation, options: LogOptions = {}): Callback {
  const where = 'jsonLog';
  const location = checkLocation(`${where}.path`, path);
  const { stepsPerSecond: rate } = readOptions(where, LOG_OPTIONS, options);
  return loggerCallback({
    rate,
    check: () => void checkLogFile(where, location),
    open(begin, { continues }) {
      const file = new LogFile(where, checkLogFile(where, location), continues);
      const write = (event: string, told: object) => file.write(line({ event, time: new Date().toISOString(), ...told }));
      write('begin', begin);
      return {
        step(report, { learningRates, progress }, meter) {
          write('step', { ...report, learningRates, ...meter.speed(progress), ...meter.process() });
        },
        epoch(report, { learningRates, progress }, meter) {
          const norm = report.diagnosis && { gradientNorm: gradientNorm(report.diagnosis) };
          write('epoch', { step: progress.step, ...report, learningRates, ...norm, ...meter.process() });
        },
        end(event) {
          write('end', event);
          file.finish();
        },
      };
    },
  });
}

const line = (told: object): Uint8Array => Buffer.from(`${JSON.stringify(told, finite)}\n`);

/** JSON has no NaN and no infinity. */
const finite = (_: string, value: unknown) => (typeof value === 'number' && !Number.isFinite(value) ? String(value) : value);
