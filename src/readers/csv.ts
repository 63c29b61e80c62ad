/** Files of comma-separated values as datasets. */

import type { Chunk } from '../datasets/chunk.ts';
import type { Source } from '../datasets/source.ts';
import { DataError, OptionError } from '../errors.ts';
import { type Check, optional, readOptions, type TableOf, withDefault } from '../options/table.ts';
import { checkKeys, checkName, describe } from '../options.ts';
import { numberOf } from './cells.ts';
import { endOfLast, QuotedRecords } from './csv-quoted.ts';
import { type CsvForm, LONGEST_RECORD, lengthOfMark, readCsv } from './csv-reading.ts';
import { type Input, inputOf, type ReaderInput } from './input.ts';
import { remembered } from './remembered.ts';
import { TableDataset } from './table-dataset.ts';
import {
  type ColumnDescription,
  layoutOf,
  names,
  TABLE_READER_OPTIONS,
  type TableReaderOptions,
  type TableRow,
  type TableSettings,
} from './table-options.ts';
import { offThread } from './thread/off-thread.ts';

export type CsvType = 'number' | 'text';

export interface CsvOptions extends TableReaderOptions {
  /** What stands between fields: one character of ASCII. Default ','. */
  readonly delimiter?: string;
  /**
   * Whether the first record has the names of the columns; or their names, where no record has them. Default true. With false the columns are
   * called column0, column1 and so on.
   */
  readonly header?: boolean | readonly string[];
  /** Fields that are gaps, as they stand in the file. Default: the empty one. NaN is a gap among numbers in any case. */
  readonly missing?: readonly string[];
  /** Types of columns. Default: those that the beginning of the file shows. */
  readonly types?: Readonly<Record<string, CsvType>>;
}

const TYPES: readonly CsvType[] = ['number', 'text'];

const delimiter: Check<string> = (where, value) => {
  if (typeof value === 'string' && /^[\t\x20-\x7e]$/.test(value) && !/["\w.+-]/.test(value)) return value;
  throw new OptionError(
    `${where}: expected one character of ASCII besides quotes, ends of lines and what numbers and words are made of, got ${describe(value)}`,
  );
};

const header: Check<boolean | readonly string[]> = (where, value) => {
  if (typeof value === 'boolean') return value;
  if (Array.isArray(value)) return names(where, value);
  throw new OptionError(`${where}: expected true, false or a list of names, got ${describe(value)}`);
};

const texts: Check<readonly string[]> = (where, value) => {
  if (Array.isArray(value) && value.every((text) => typeof text === 'string')) return [...value];
  throw new OptionError(`${where}: expected a list of strings, got ${describe(value)}`);
};

const types: Check<ReadonlyMap<string, CsvType>> = (where, value) => {
  checkKeys(where, value, typeof value === 'object' && value !== null ? Object.keys(value) : []);
  return new Map(Object.entries(value as object).map(([name, type]) => [name, checkName(`${where}.${name}`, type, TYPES)]));
};

const OPTIONS = {
  ...TABLE_READER_OPTIONS,
  delimiter: withDefault(delimiter, ','),
  header: withDefault(header, true),
  missing: withDefault(texts, ['']),
  types: optional(types),
} satisfies TableOf<CsvOptions>;

/**
 * The records of comma-separated values (RFC 4180, UTF-8, lines that end with \n or \r\n) as rows `{ x, y }` with a target, `{ x }` without one.
 * A file is read again in every pass, a piece at a time; gzip is unzipped. Blank lines are left out.
 *
 * A column is of numbers (float64, a gap is NaN) where all of its fields in the first 256 kB are numbers or gaps, else of text (a gap is null);
 * `types` says otherwise, and `await dataset.describe()` tells. Blanks around numbers are left out, around text they belong to it.
 *
 * @param input A path, a `file:` URL, a stream of text or bytes, or a function that gives one for every pass.
 * @throws OptionError for anything unknown or out of range. Reading throws DataError that names the line of a record with another number of
 *   fields than there are columns, with text in a column of numbers, or with a quote that is not closed; OptionError for a column that the file
 *   does not have; StateError for a second pass over a stream; BackendError where the worker fails.
 */
export function csv<const O extends CsvOptions = Record<never, never>>(input: ReaderInput, options?: O): TableDataset<TableRow<O>> {
  const { worker, ...settings } = readOptions('csv', OPTIONS, options ?? {});
  const from = inputOf('csv', input);
  const form = remembered(() => formOf(from, settings));
  const source: Source = {
    rows: undefined,
    isSteady: true,
    async *read({ skip, memory }): AsyncGenerator<Chunk, void, undefined> {
      yield* readCsv(await form(), from.pieces(), { skip: settings.header === true ? skip + 1 : skip, memory });
    },
  };
  const { file } = from;
  const plan = file === undefined ? undefined : ({ reader: 'csv', input: file, options: { ...options } } as const);
  return new TableDataset(offThread('csv', source, { plan, file, wish: worker }), async () => (await form()).columns);
}

type Settings = TableSettings & {
  readonly delimiter: string;
  readonly header: boolean | readonly string[];
  readonly missing: readonly string[];
  readonly types: ReadonlyMap<string, CsvType> | undefined;
};

/** Bytes that the types of columns are inferred from. */
const SAMPLE_BYTES = 256 * 1024;

async function formOf(from: Input, settings: Settings): Promise<CsvForm> {
  const { delimiter, header } = settings;
  const sample = await sampleOf(from, delimiter, header === true ? 2 : 1);
  const [first, ...rest] = sample;
  if (first === undefined) throw new DataError(`csv: ${from.name}: expected records, got none`);
  const found = typeof header === 'boolean' ? (header ? first : first.map((_, i) => `column${i}`)) : header;
  const twice = found.find((name, i) => found.indexOf(name) < i);
  if (twice !== undefined)
    throw new DataError(
      `csv: ${from.name}: expected columns of different names, got ${JSON.stringify(twice)} twice; header: [names] gives others`,
    );
  const stray = [...(settings.types?.keys() ?? [])].find((name) => !found.includes(name));
  if (stray !== undefined) throw new OptionError(`csv.types: expected names of columns, got '${stray}', which ${from.name} does not have`);
  const missing = new Set(settings.missing);
  const columns = found.map((name, i): ColumnDescription => {
    const fields = (header === true ? rest : sample).map((record) => record[i]);
    return { name, type: settings.types?.get(name) ?? typeOf(fields, missing) };
  });
  return { name: from.name, delimiter, missing, columns, layout: layoutOf('csv', settings, columns) };
}

/** Records at the beginning: `least` at least, where there are so many. What csv-parse refuses ends them; reading it again says where it is. */
async function sampleOf(from: Input, delimiter: string, least: number): Promise<string[][]> {
  const parser = await QuotedRecords.load(delimiter);
  for (const length of [SAMPLE_BYTES, LONGEST_RECORD + SAMPLE_BYTES]) {
    const head = Buffer.from(await from.head(length));
    const text = head.subarray(lengthOfMark(from.name, head));
    const isWhole = head.length < length;
    const bytes = isWhole ? text : text.subarray(0, endOfLast(text));
    const records = parser.records(bytes);
    const some = Array.isArray(records) ? records : (parser.records(bytes.subarray(0, records.at)) as string[][]);
    if (some.length >= least || isWhole || !Array.isArray(records)) return some;
  }
  return [];
}

function typeOf(fields: readonly (string | undefined)[], missing: ReadonlySet<string>): CsvType {
  return fields.every((field) => field === undefined || missing.has(field) || numberOf(field) !== undefined) ? 'number' : 'text';
}
