/** The numbers of a fit as a table: a file of comma-separated values. */
import { closeSync, openSync, readSync } from 'node:fs';
import { DataError } from '../errors.ts';
import { readOptions } from '../options/table.ts';
import { checkLocation, type FileLocation } from '../options.ts';
import type { Callback } from '../training/events.ts';
import type { FitBegin } from '../training/reports.ts';
import { gradientNorm, type ProcessFigures } from './figures.ts';
import { LOG_OPTIONS, type LogOptions } from './json-log.ts';
import { checkLogFile, LogFile } from './log-file.ts';
import { loggerCallback, type Opening } from './run-log.ts';

type Row = Readonly<Record<string, string | number | undefined>>;

const FIRST_COLUMNS = ['event', 'time', 'step', 'epoch', 'loss'];
const FIGURES = [
  ...['seconds', 'stepMilliseconds', 'samplesPerSecond', 'gradientNorm', 'memoryBytes'],
  ...['eventLoopDelayMean', 'eventLoopDelayP99', 'eventLoopDelayMaximum'],
];

/**
 * A callback that writes the numbers of a fit to a file of comma-separated values (RFC 4180, lines end with \n). The first line names the
 * columns: `event` ('step' or 'epoch'), `time` (ISO 8601), step, epoch, loss, `learningRate` (of further groups `learningRate1` and so on), what
 * epochs can be monitored by (`accuracy`, `validationLoss`, metrics), then the figures of `jsonLog`. A value that a row does not have is empty.
 *
 * A fit that continues training appends; any other begins the file anew. Lines are written while training goes on, and all are in the file
 * when the fit returns or throws. Where the disk fails during the fit, the process gets a warning, and training goes on.
 *
 * @throws OptionError for anything unknown or out of range. The fit throws DataError before its first step where the file cannot be written, or
 *   where it is to be appended to a file of other columns.
 */
export function csvLog(path: FileLocation, options: LogOptions = {}): Callback {
  const where = 'csvLog';
  const location = checkLocation(`${where}.path`, path);
  const { stepsPerSecond: rate } = readOptions(where, LOG_OPTIONS, options);
  return loggerCallback({
    rate,
    check: () => void checkLogFile(where, location),
    open(begin, { continues, monitors, control }) {
      const columns = columnsOf({ monitors, control });
      const header = lineOf(columns);
      const at = checkLogFile(where, location);
      const isNew = !continues || isEmptyFor(where, at, header);
      const file = new LogFile(where, at, continues);
      const write = (row: Row) => file.write(Buffer.from(lineOf(columns.map((column) => row[column]))));
      if (isNew) file.write(Buffer.from(header));
      return {
        step({ step, epoch, loss }, { learningRates, progress }, meter) {
          const known = { ...beginningOf('step'), step, epoch, loss, ...ratesOf(learningRates) };
          write({ ...known, ...meter.speed(progress), ...flat(meter.process()) });
        },
        epoch(report, { learningRates, progress }, meter) {
          const { epoch, loss, seconds, diagnosis } = report;
          write({
            ...{ ...beginningOf('epoch'), step: progress.step, epoch, loss, ...ratesOf(learningRates) },
            ...Object.fromEntries(monitors.map((monitor) => [monitor.name, monitor.read(report)])),
            ...{ seconds, samplesPerSecond: speedOf(begin, seconds), gradientNorm: diagnosis && gradientNorm(diagnosis) },
            ...flat(meter.process()),
          });
        },
        end: () => file.finish(),
      };
    },
  });
}

function columnsOf({ monitors, control }: Pick<Opening, 'monitors' | 'control'>): string[] {
  const rates = Object.keys(ratesOf(control.learningRates));
  return [...new Set([...FIRST_COLUMNS, ...rates, ...monitors.map(({ name }) => name), ...FIGURES])];
}

const beginningOf = (event: string) => ({ event, time: new Date().toISOString() });

const ratesOf = (rates: readonly number[]) => Object.fromEntries(rates.map((rate, i) => [`learningRate${i || ''}`, rate]));

function flat({ memoryBytes, eventLoopDelay }: ProcessFigures): Row {
  const { mean, p99, maximum } = eventLoopDelay ?? {};
  return { memoryBytes, eventLoopDelayMean: mean, eventLoopDelayP99: p99, eventLoopDelayMaximum: maximum };
}

/** Samples a second of an epoch. */
const speedOf = ({ data }: FitBegin, seconds: number) => (data && seconds > 0 ? data.rows / seconds : undefined);

/** Whether the file has no line yet. Throws DataError where its first is not the header. */
function isEmptyFor(where: string, path: string, header: string): boolean {
  const file = openSync(path, 'a+');
  try {
    const bytes = Buffer.alloc(Buffer.byteLength(header));
    const length = readSync(file, bytes, 0, bytes.length, 0);
    const found = bytes.toString('utf8', 0, length);
    if (length === 0 || found === header) return length === 0;
    const [got] = found.split('\n');
    throw new DataError(
      `${where}: expected to append to a file of the columns ${header.trimEnd()} at ${path}, got one that begins with ${got}; a fit with other metrics needs another file`,
    );
  } finally {
    closeSync(file);
  }
}

const lineOf = (cells: readonly (string | number | undefined)[]) => `${cells.map(cellOf).join()}\n`;

function cellOf(value: string | number | undefined): string {
  const text = String(value ?? '');
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
