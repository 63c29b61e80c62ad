/** `prepare`: fits a preparation on training data in one pass. */
import { type Chunk, formatPath, isRecord, isSamePath } from '../datasets/chunk.ts';
import { CHUNK_ROWS, FIRST, type HasSource, isDataset, SOURCE } from '../datasets/source.ts';
import { DataError, OptionError } from '../errors.ts';
import { slices } from '../event-loop/slices.ts';
import { optional, readOptions, type TableOf } from '../options/table.ts';
import { describe } from '../options.ts';
import type { RawCell, Takes } from './cells.ts';
import { checkTarget } from './check-target.ts';
import { ColumnFitting, type ColumnOption, type PreparedColumn, planOf } from './column.ts';
import { Encoding } from './encoding.ts';
import { Imputation } from './impute.ts';
import { type OneOrNamed, Preparation } from './preparation.ts';
import { listOf, type RawValues, rowsFrom, rowsOfChunk, valuesOf } from './raw-rows.ts';

/** Columns of raw rows by name, each with its encoding. */
export interface ColumnOptions {
  readonly [name: string]: ColumnOption;
}

/** What becomes of the columns of raw rows: `x` for a network of one input, `inputs` for named ones. */
export type PrepareOptions<X, I, Y> = { readonly y?: Y } & (
  | { readonly x: X; readonly inputs?: never }
  | { readonly inputs: I; readonly x?: never }
);

/** Training data: a dataset of samples, or rows `{ x, y }`, or raw rows and their targets. */
export type Preparable =
  | HasSource
  | readonly { readonly x: unknown; readonly y?: unknown }[]
  | { readonly x: unknown; readonly y?: unknown };

type Values<O> =
  O extends Encoding<infer T>
    ? CellOrList<T>
    : O extends readonly [...unknown[], Encoding<infer T>]
      ? CellOrList<T>
      : CellOrList<'numbers'>;

type CellOrList<T extends Takes> = RawCell<T> | (T extends 'numbers' ? ArrayLike<number> : never);

/** A raw row that has these columns. What is missing, undefined or null is a gap. */
export type RowOf<C> = { readonly [Name in keyof C]?: Values<C[Name]> | null | undefined };

type All<I> = I[keyof I] extends infer C
  ? (C extends unknown ? (one: RowOf<C>) => void : never) extends (one: infer Row) => void
    ? Row
    : never
  : never;

/** A raw target: one, or several by the names of outputs. */
export type LabelOf<Y> = Y extends undefined
  ? undefined
  : Y extends Encoding<infer T>
    ? RawCell<T>
    : Y extends { readonly [name: string]: Encoding }
      ? { readonly [Name in keyof Y]: LabelOf<Y[Name]> }
      : number;

/** Class labels alone, as `classify` gives them. */
export type Targets = Encoding | { readonly [output: string]: Encoding };

/**
 * Fits a preparation on training data, in one pass over it: encodings learn what they need, such as means and categories. Their numbers are computed in
 * float64. Gaps (null, undefined, NaN, '') that nothing fills, and values of another kind, are errors that name row and column.
 *
 * ```ts
 * const preparation = await prepare(rows, {
 *   x: { age: standardize(), income: [impute('median'), normalize()], job: oneHot() },
 *   y: classes(),
 * });
 * const network = await Network.create({
 *   input: preparation,
 *   layers: [dense(32, { activation: 'relu' }), dense(preparation.classes.length)],
 *   loss: 'softmaxCrossEntropy',
 * });
 * ```
 *
 * @throws OptionError for an unknown or impossible option; DataError for data that does not fit, or of which an encoding can learn nothing.
 */
export function prepare<const X extends ColumnOptions, const Y extends Targets | undefined = undefined>(
  data: Preparable,
  options: { readonly x: X; readonly y?: Y },
): Promise<Preparation<RowOf<X>, LabelOf<Y>, readonly [width: number]>>;
export function prepare<const I extends { readonly [input: string]: ColumnOptions }, const Y extends Targets | undefined = undefined>(
  data: Preparable,
  options: { readonly inputs: I; readonly y?: Y },
): Promise<Preparation<All<I>, LabelOf<Y>, { readonly [Name in keyof I]: readonly [width: number] }>>;
export async function prepare(
  data: Preparable,
  options: PrepareOptions<unknown, unknown, unknown>,
): Promise<Preparation<never, never, never>> {
  const fitting = fittingOf(options);
  let rows = 0;
  for await (const part of partsOf(data)) {
    for (const [column, values] of fitting.values(part)) column.add(values, rows);
    rows += part.rows;
    await slices.breathe();
  }
  if (rows === 0) throw new DataError('prepare: expected at least one row, got none');
  return new Preparation(fitting.finish());
}

const OPTIONS = { x: optional(columnsFrom), inputs: optional(inputsFrom), y: optional(targetsFrom) } satisfies TableOf<{
  x?: unknown;
  inputs?: unknown;
  y?: unknown;
}>;

/** Columns by the name of the raw column. */
function columnsFrom(where: string, value: unknown): ReadonlyMap<string, ColumnFitting> {
  if (!isRecord(value) || value instanceof Encoding || value instanceof Imputation || Object.keys(value).length === 0)
    throw new OptionError(`${where}: expected encodings by the names of columns, got ${describe(value)}`);
  return new Map(
    Object.entries(value).map(([name, option]) => [name, new ColumnFitting(`prepare: ${name}`, planOf(`${where}.${name}`, name, option))]),
  );
}

function inputsFrom(where: string, value: unknown): ReadonlyMap<string, ReadonlyMap<string, ColumnFitting>> {
  if (!isRecord(value) || Object.keys(value).length === 0)
    throw new OptionError(`${where}: expected columns by the names of inputs, got ${describe(value)}`);
  return new Map(Object.entries(value).map(([name, columns]) => [name, columnsFrom(`${where}.${name}`, columns)]));
}

function targetsFrom(where: string, value: unknown): OneOrNamed<ColumnFitting> {
  const target = (at: string, name: string, option: unknown) => {
    if (!(option instanceof Encoding)) throw new OptionError(`${at}: expected classes() or standardize(), got ${describe(option)}`);
    return new ColumnFitting(`prepare: ${name}`, { name, imputation: undefined, encoding: option });
  };
  if (value instanceof Encoding || !isRecord(value)) return { one: target(where, 'y', value) };
  if (Object.keys(value).length === 0) throw new OptionError(`${where}: expected an encoding for each output, got none`);
  return { named: new Map(Object.entries(value).map(([name, option]) => [name, target(`${where}.${name}`, name, option)])) };
}

/** The columns that are fitted, and where their values are. */
function fittingOf(options: unknown) {
  const { x, inputs, y } = readOptions('prepare', OPTIONS, options);
  if ((x === undefined) === (inputs === undefined)) throw new OptionError('prepare: expected x or inputs, one of them');
  const ofInputs = x ? [...x] : [...(inputs as NonNullable<typeof inputs>).values()].flatMap((columns) => [...columns]);
  const names = new Set(ofInputs.map(([name]) => name));
  return {
    *values({ x: rows, y: targets }: Part): Generator<readonly [ColumnFitting, RawValues]> {
      const raw = rows(names);
      for (const [name, column] of ofInputs) yield [column, raw.column(name)];
      if (!y) return;
      if ('one' in y) yield [y.one, targets(undefined)];
      else for (const [name, column] of y.named) yield [column, targets(name)];
    },
    finish: () => ({
      inputs: x
        ? { one: finished(x) }
        : { named: new Map([...(inputs as NonNullable<typeof inputs>)].map(([name, columns]) => [name, finished(columns)])) },
      outputs:
        y &&
        ('one' in y
          ? { one: finishedTarget('y', y.one) }
          : { named: new Map([...y.named].map(([name, one]) => [name, finishedTarget(`y.${name}`, one)])) }),
    }),
  };
}

const finished = (columns: ReadonlyMap<string, ColumnFitting>): readonly PreparedColumn[] =>
  [...columns.values()].map((column) => column.finish());

const finishedTarget = (where: string, column: ColumnFitting) => checkTarget(`prepare.${where}`, column.finish());

/** Some rows of the training data. */
interface Part {
  readonly rows: number;
  /** @param names Those of the columns that will be asked for. */
  x(names: ReadonlySet<string>): ReturnType<typeof rowsFrom>;
  /** The targets, or those of an output by its name. */
  y(output: string | undefined): RawValues;
}

async function* partsOf(data: Preparable): AsyncGenerator<Part> {
  if (isDataset(data)) {
    for await (const chunk of data[SOURCE].read(FIRST)) yield partOfChunk(chunk);
    return;
  }
  if (Array.isArray(data)) {
    for (let at = 0; at < data.length; at += CHUNK_ROWS) yield partOfRows(data.slice(at, at + CHUNK_ROWS), at);
    return;
  }
  if (!isRecord(data)) throw new DataError(`prepare: expected a dataset, rows { x, y } or { x: rows, y: targets }, got ${describe(data)}`);
  const { x, y } = data;
  const rows = rowCount('prepare: x', x);
  for (const targets of isRecord(y) ? Object.values(y) : y === undefined ? [] : [y]) {
    const { length } = listOf('prepare: y', targets);
    if (length !== rows) throw new DataError(`prepare: y: expected as many rows as x has, ${rows}, got ${length}`);
  }
  for (let at = 0; at < rows; at += CHUNK_ROWS) {
    const end = Math.min(rows, at + CHUNK_ROWS);
    yield partOf(end - at, cut(x, at, end), cut(y, at, end), at);
  }
}

function partOfChunk(chunk: Chunk): Part {
  return {
    rows: chunk.rows,
    x: () => rowsOfChunk('prepare', chunk),
    y: (output) => {
      const path = output === undefined ? ['y'] : ['y', output];
      const column = chunk.columns.find((one) => isSamePath(one.path, path));
      if (column) return valuesOf('prepare', column);
      const got = chunk.columns.map((one) => formatPath(one.path)).join(', ');
      throw new DataError(`prepare: expected a column ${formatPath(path)}, got ${got || 'none'}`);
    },
  };
}

function partOfRows(rows: readonly unknown[], before: number): Part {
  const read = (name: 'x' | 'y') =>
    rows.map((row, i) => {
      if (isRecord(row)) return row[name];
      throw new DataError(`prepare: expected { x, y } as row ${before + i}, got ${describe(row)}`);
    });
  return partOf(rows.length, read('x'), read('y'), before);
}

function partOf(rows: number, x: unknown, y: unknown, before: number): Part {
  return {
    rows,
    x: (names) => rowsFrom('prepare: x', x, names, before),
    y: (output) => (output === undefined ? listOf('prepare: y', y) : rowsFrom('prepare: y', y, new Set([output]), before).column(output)),
  };
}

/** Of an array of rows, or of a record of columns. Throws DataError for anything else. */
const rowCount = (where: string, x: unknown): number => (Array.isArray(x) ? x.length : rowsFrom(where, x, new Set()).rows);

/** Rows [from, to) of an array, a tensor of one number a row, or of each of several. */
function cut(value: unknown, from: number, to: number): unknown {
  if (value === undefined) return undefined;
  if (isRecord(value)) return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, cut(one, from, to)]));
  const list = listOf('prepare', value);
  return Array.isArray(list) ? list.slice(from, to) : (list as Float64Array).subarray(from, to);
}
