/** A fit as TensorBoard shows it: scalars, histograms of the parameters, the graph of the layers, hyper-parameters. */
import { mkdirSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { slices } from '../event-loop/slices.ts';
import { named, pathOf } from '../node/files.ts';
import { number, readOptions, type TableOf, withDefault } from '../options/table.ts';
import { checkLocation, type FileLocation } from '../options.ts';
import type { Callback, FitControl } from '../training/events.ts';
import type { FitBegin } from '../training/reports.ts';
import { EventFile } from './event-file.ts';
import {
  ending,
  graphEvent,
  type HyperParameters,
  histogram,
  hyperParameters,
  scalar,
  startEvent,
  summaryEvent,
} from './event-messages.ts';
import { gradientNorm, type ProcessFigures, type Speed } from './figures.ts';
import { histogramOf } from './histogram.ts';
import type { LogOptions } from './json-log.ts';
import { checkLogFile } from './log-file.ts';
import type { Field } from './protobuf.ts';
import { checkRate, DEFAULT_RATE } from './rate.ts';
import { lastEpochOf, loggerCallback } from './run-log.ts';

export interface TensorBoardOptions extends LogOptions {
  /** The least seconds between two histograms of the parameters, which copy these and take time: from 0, after each epoch. The first epoch and the last have one. Default 10. */
  readonly histogramSeconds?: number;
}

const OPTIONS = {
  stepsPerSecond: withDefault(checkRate, DEFAULT_RATE),
  histogramSeconds: withDefault(number(), 10),
} satisfies TableOf<TensorBoardOptions>;

/**
 * A callback that writes a fit for TensorBoard: a file of events in a folder, which is made where it is not there. Steps have `step/loss`,
 * `step/learningRate` (of further groups `step/learningRate1` and so on), `step/milliseconds`, `step/samplesPerSecond` and figures of the process
 * (`process/memoryBytes`, `process/eventLoopDelayP99` in milliseconds); epochs `epoch/` and what they can be monitored by, with a diagnosis
 * `epoch/gradientNorm`. The axis is the step. A folder is for one run: a fit that continues training adds a file, and one that begins
 * anew has TensorBoard forget what the folder's earlier files hold.
 *
 * Events are written while training goes on, and all are in the file when the fit returns or throws. Where the disk fails during the fit, the
 * process gets a warning, and training goes on.
 *
 * @throws OptionError for anything unknown or out of range. The fit throws DataError before it begins where the folder cannot be written to.
 */
export function tensorBoard(folder: FileLocation, options: TensorBoardOptions = {}): Callback {
  const where = 'tensorBoard';
  const location = checkLocation(`${where}.folder`, folder);
  const { stepsPerSecond: rate, histogramSeconds } = readOptions(where, OPTIONS, options);
  return loggerCallback({
    rate,
    check: () => void openFolder(where, location),
    open(begin, { continues, monitors }) {
      const path = openFolder(where, location);
      const adds = continues && readdirSync(path).some((name) => name.includes('tfevents'));
      const file = new EventFile(where, path);
      const write = (step: number, values: readonly Field[]) => file.write(summaryEvent(step, values));
      // Steps count from 1: what was written of the last step before stays.
      file.write(startEvent(continues ? begin.progress.step + 1 : 0));
      if (!adds) file.write(graphEvent(begin.model));
      write(begin.progress.step, [hyperParameters(hyperParametersOf(begin))]);
      const isHistogramDue = histogramTimes(histogramSeconds, lastEpochOf(begin));
      return {
        step({ step, loss }, { learningRates, progress }, meter) {
          const numbers = { loss, ...ratesOf(learningRates), ...timesOf(meter.speed(progress)) };
          write(step, [...scalars('step', numbers), ...scalars('process', flat(meter.process()))]);
        },
        epoch(report, { progress }) {
          const { diagnosis, seconds } = report;
          const monitored = Object.fromEntries(monitors.map((monitor) => [monitor.name, monitor.read(report)]));
          write(progress.step, scalars('epoch', { ...monitored, seconds, ...(diagnosis && { gradientNorm: gradientNorm(diagnosis) }) }));
        },
        weights(epoch, control) {
          return isHistogramDue(epoch) ? writeHistograms(control, (values) => write(control.progress.step, values)) : undefined;
        },
        end({ progress, error }) {
          write(progress.step, [ending(error === undefined)]);
          file.finish();
        },
      };
    },
  });
}

/** The path of the folder, which is there then. Throws DataError where none can be made, or no file in it. */
function openFolder(where: string, location: FileLocation): string {
  const folder = pathOf(location);
  try {
    if (!statSync(folder, { throwIfNoEntry: false })?.isDirectory()) mkdirSync(folder, { recursive: true });
  } catch (error) {
    throw named(`${where}: expected a folder to write to at ${folder}`, error);
  }
  checkLogFile(where, join(folder, `.writable-${process.pid}`));
  return folder;
}

/** Whether an epoch that has ended is to have histograms. */
function histogramTimes(seconds: number, lastEpoch: number): (epoch: number) => boolean {
  let due = Number.NEGATIVE_INFINITY;
  return (epoch) => {
    const now = performance.now();
    if (now < due && epoch !== lastEpoch) return false;
    due = now + 1000 * seconds;
    return true;
  };
}

/** One of each parameter, made in slices. */
async function writeHistograms(control: FitControl, write: (values: readonly Field[]) => void): Promise<void> {
  const values: Field[] = [];
  for (const [name, { data }] of control.weights()) values.push(histogram(name, await slices.run(histogramOf(data))));
  write(values);
}

/** TensorBoard draws no NaN. */
const scalars = (group: string, numbers: Readonly<Record<string, number | undefined>>): Field[] =>
  Object.entries(numbers).flatMap(([name, value]) =>
    value === undefined || Number.isNaN(value) ? [] : [scalar(`${group}/${name}`, value)],
  );

const ratesOf = (rates: readonly number[]) => Object.fromEntries(rates.map((rate, i) => [`learningRate${i || ''}`, rate]));

const timesOf = ({ stepMilliseconds, samplesPerSecond }: Speed) => ({ milliseconds: stepMilliseconds, samplesPerSecond });

const flat = ({ memoryBytes, eventLoopDelay }: ProcessFigures) => ({
  memoryBytes,
  eventLoopDelayMean: eventLoopDelay?.mean,
  eventLoopDelayP99: eventLoopDelay?.p99,
  eventLoopDelayMaximum: eventLoopDelay?.maximum,
});

/** The settings of a fit by their names, those within others as `optimizer.learningRate`. Lists are JSON. */
function hyperParametersOf({ settings, model, data, backend, seed }: FitBegin): HyperParameters {
  const found = new Map<string, string | number | boolean>();
  const add = (name: string, value: unknown) => {
    if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') found.set(name, value);
    else if (Array.isArray(value)) found.set(name, JSON.stringify(value));
    else if (typeof value === 'object' && value !== null)
      for (const [key, one] of Object.entries(value)) add(name ? `${name}.${key}` : key, one);
  };
  add('', { ...settings, ...data, parameters: model.parameters, backend: backend.name, seed });
  return found;
}
