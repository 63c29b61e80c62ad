/** How columns of a table become rows: which are x, which y, and whether numbers are one vector. */
import { DataError, OptionError } from '../errors.ts';
import { type Check, flag, optional, type TableOf, withDefault } from '../options/table.ts';
import { describe } from '../options.ts';

export interface TableOptions {
  /** The column that is a row's `y`; a list of columns is a record, or with `vector` one vector. Default: none, and rows are `{ x }`. */
  readonly target?: string | readonly string[];
  /** The columns of a row's `x`, in this order. Default: all but the target. */
  readonly columns?: readonly string[];
  /**
   * Whether `x` is one vector of its columns, which are all numbers, as a network without a preparation takes it: float32, as networks compute.
   * Default false: a record of columns by name, numbers in float64.
   */
  readonly vector?: boolean;
}

/** Where a file is read. */
export interface WorkerOption {
  /**
   * Whether a worker thread reads and decodes, some megabytes ahead, so that neither the event loop nor a training waits for it. Rows and their order
   * are the same. Default: of CSV and JSON for files of 16 MB at least, where there are two processors; DuckDB has threads of its own.
   */
  readonly worker?: boolean;
}

export const WORKER_OPTION = { worker: optional(flag) } satisfies TableOf<WorkerOption>;

/** A list of different names, of at least one. */
export const names: Check<readonly string[]> = (where, value) => {
  const isList = Array.isArray(value) && value.length > 0 && value.every((name) => typeof name === 'string');
  if (!isList) throw new OptionError(`${where}: expected a list of names, got ${describe(value)}`);
  const twice = value.find((name, i) => value.indexOf(name) < i);
  if (twice !== undefined) throw new OptionError(`${where}: expected different names, got '${twice}' twice`);
  return [...value];
};

const nameOrNames: Check<string | readonly string[]> = (where, value) => (typeof value === 'string' ? value : names(where, value));

export const TABLE_OPTIONS = {
  target: optional(nameOrNames),
  columns: optional(names),
  vector: withDefault(flag, false),
} satisfies TableOf<TableOptions>;

/** How a table is read whose columns have names and types. */
export interface TableReaderOptions extends TableOptions, WorkerOption {}

export const TABLE_READER_OPTIONS = { ...TABLE_OPTIONS, ...WORKER_OPTION } satisfies TableOf<TableReaderOptions>;

/** A value of a column: a gap is NaN among numbers, and null among all others. */
export type Cell = number | string | null;

/** The rows that options make. */
export type TableRow<O extends TableOptions = TableOptions, Value = Cell> = {
  readonly x: O extends { readonly vector: true } ? Float32Array : Readonly<Record<string, Value>>;
} & (O extends { readonly target: string }
  ? { readonly y: Value }
  : O extends { readonly target: readonly string[] }
    ? { readonly y: O extends { readonly vector: true } ? Float32Array : Readonly<Record<string, Value>> }
    : unknown);

/** A column as `describe` tells of it. `values` are of any kind that is neither. */
export interface ColumnDescription {
  readonly name: string;
  readonly type: 'number' | 'text' | 'values';
}

/** Where a column of the table goes. */
export interface Destination {
  readonly from: ColumnDescription;
  /** Its index in the table. */
  readonly index: number;
  readonly path: readonly [string] | readonly [string, string];
}

/** Columns of numbers that are one vector. */
export interface VectorDestination {
  readonly path: readonly [string];
  readonly parts: readonly Destination[];
}

export interface Layout {
  readonly single: readonly Destination[];
  readonly vectors: readonly VectorDestination[];
}

/** Options as they are read by their table. */
export interface TableSettings {
  readonly target: string | readonly string[] | undefined;
  readonly columns: readonly string[] | undefined;
  readonly vector: boolean;
}

/** The names of the targets. */
export const targetsOf = (target: TableSettings['target']): readonly string[] =>
  target === undefined ? [] : typeof target === 'string' ? [target] : target;

/** Throws OptionError for a column that is named as one of x and as the target. */
export function checkApart(where: string, { target, columns = [] }: Pick<TableSettings, 'target' | 'columns'>): void {
  const targets = targetsOf(target);
  const both = columns.find((name) => targets.includes(name));
  if (both !== undefined) throw new OptionError(`${where}: expected other columns than the target, got '${both}' as both`);
}

/** Throws OptionError for columns that the table does not have or that are named for both, DataError for text in a vector. */
export function layoutOf(where: string, { target, columns, vector }: TableSettings, table: readonly ColumnDescription[]): Layout {
  checkApart(where, { target, columns });
  const targets = targetsOf(target);
  const others = columns ?? table.map(({ name }) => name).filter((name) => !targets.includes(name));
  if (others.length === 0) throw new DataError(`${where}: expected a column besides the target, got none`);
  const place = (option: string, name: string, path: Destination['path']): Destination => {
    const index = table.findIndex((column) => column.name === name);
    if (index < 0) throw new OptionError(`${where}.${option}: expected names of ${listed(table)}, got '${name}'`);
    return { from: table[index], index, path };
  };
  const x = others.map((name) => place('columns', name, ['x', name]));
  const y = targets.map((name) => place('target', name, typeof target === 'string' ? ['y'] : ['y', name]));
  if (!vector) return { single: [...x, ...y], vectors: [] };
  const isOne = typeof target === 'string' || y.length === 0;
  return { single: isOne ? y : [], vectors: [vectorOf(where, 'x', x), ...(isOne ? [] : [vectorOf(where, 'y', y)])] };
}

function vectorOf(where: string, name: string, parts: readonly Destination[]): VectorDestination {
  const other = parts.find(({ from }) => from.type !== 'number');
  if (other)
    throw new DataError(
      `${where}.vector: expected columns of numbers, got '${other.from.name}' of ${other.from.type}; columns chooses others`,
    );
  return { path: [name], parts };
}

/** The most names that a message lists. */
const MOST_LISTED = 20;

function listed(table: readonly ColumnDescription[]): string {
  const some = table.slice(0, MOST_LISTED).map(({ name }) => name);
  return some.join(', ') + (table.length > MOST_LISTED ? `, … (${table.length} columns)` : '');
}
