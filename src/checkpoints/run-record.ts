/** What a checkpoint's file says of its run, as JSON in the metadata. */
import { FormatError, messageOf, OptionError } from '../errors.ts';
import { isEqual } from '../options/equal.ts';
import { flag, integer, type OptionsRead, optional, readOptions, required, withDefault } from '../options/table.ts';
import { checkInteger, describe } from '../options.ts';
import type { FitBegin } from '../training/reports.ts';

/** The entry of the metadata. */
const KEY = 'run';

const RECORD = {
  /** Epochs before the run, by the network's count. */
  epoch: required(integer(Number.MIN_SAFE_INTEGER)),
  /** Whether the file is of before the run's first step. */
  isBeginning: required(flag),
  /** Whether a callback ended the run before its last epoch. */
  isStopped: withDefault(flag, false),
  /** Of a run that came to its end: the epochs that it took. The file may be of an earlier one, its best. */
  epochsDone: optional(integer(0)),
  /** The settings of the fit, but for `epochs`, and the rows of its data. */
  settings: required(plainObject),
};

export type RunRecord = OptionsRead<typeof RECORD>;

function plainObject(where: string, value: unknown): Readonly<Record<string, unknown>> {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Readonly<Record<string, unknown>>;
  throw new OptionError(`${where}: expected an object, got ${describe(value)}`);
}

/** The settings of a fit that its resumption must have too. */
export function settingsOf({ settings: { epochs: _, ...settings }, data }: FitBegin): RunRecord['settings'] {
  return JSON.parse(JSON.stringify({ ...settings, ...data }));
}

/** Rows of the windows that a run takes; undefined where its record has none. */
export function windowRowsOf({ windowRows }: RunRecord['settings']): number | undefined {
  return windowRows === undefined ? undefined : checkInteger('fit.windowRows', windowRows);
}

/** Throws OptionError for the first setting that a fit has in another way than the run that it is to resume. Files of earlier versions lack default windows. */
export function checkSettings(run: RunRecord['settings'], fit: RunRecord['settings']): void {
  for (const key of new Set([...Object.keys(run), ...Object.keys(fit)]))
    if (!isEqual(run[key], fit[key]) && !(key === 'windowRows' && run[key] === undefined))
      throw new OptionError(
        `fit.resume: expected ${key} ${JSON.stringify(run[key])} as in the run that the checkpoint is of, got ${JSON.stringify(fit[key])}; ` +
          'with other settings, Network.load the file and fit without resume',
      );
}

export const recordMetadata = (record: Partial<RunRecord>): Record<string, string> => ({ [KEY]: JSON.stringify(record) });

/** Throws FormatError where a file says nothing of its run, or something else. */
export function recordFrom({ [KEY]: json }: Readonly<Record<string, string>>): RunRecord {
  if (json === undefined) throw new FormatError('checkpoint: expected a file of a run, got a model file');
  try {
    return readOptions('checkpoint', RECORD, JSON.parse(json));
  } catch (error) {
    throw new FormatError(`checkpoint: expected the record of a run, got: ${messageOf(error)}`, { cause: error });
  }
}
