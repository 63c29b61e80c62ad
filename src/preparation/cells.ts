/** The values of raw rows: numbers, categories, texts, and gaps among them. */
import { DataError, OptionError } from '../errors.ts';
import type { Check } from '../options/table.ts';
import { describe } from '../options.ts';

/** What a raw row has under a name, where it has something. */
export type Cell = string | number | boolean;

/** What an encoding takes: numbers; categories, which are texts, numbers, true and false; or texts. */
export type Takes = 'numbers' | 'categories' | 'texts';

/** A value as an encoding of that kind is given it. */
export type CellOf<T extends Takes> = T extends 'numbers' ? number : T extends 'texts' ? string : Cell;

/** A value as rows may have it for an encoding of that kind. */
export type RawCell<T extends Takes> = (T extends 'numbers' ? number | boolean : T extends 'texts' ? string : Cell) | bigint;

/** The most categories or tokens that an encoding tells apart. */
export const MOST_CATEGORIES = 2 ** 16;

/** Whether a value is missing: null, undefined or NaN, and '' but among texts, where it is the text without a token. */
export const isGap = (value: unknown, takes: Takes): boolean =>
  value === undefined || value === null || (value === '' ? takes !== 'texts' : typeof value === 'number' && Number.isNaN(value));

const expected = (what: string, value: unknown) => new DataError(`expected ${what}, got ${describe(value)}`);

/** Whether a value is a list of values. */
export const isList = (value: unknown): value is ArrayLike<unknown> =>
  Array.isArray(value) || (ArrayBuffer.isView(value) && 'length' in value);

/** A list of one number is that number. */
function readNumber(value: unknown): number {
  if (typeof value === 'number' && Number.isFinite(value)) return value;
  if (typeof value === 'boolean') return Number(value);
  if (typeof value === 'bigint' && Number.isSafeInteger(Number(value))) return Number(value);
  if (isList(value) && value.length === 1) return readNumber(value[0]);
  throw expected('a finite number', value);
}

function readCategory(value: unknown): Cell {
  if (typeof value === 'string' || typeof value === 'boolean') return value;
  if (typeof value === 'number' || typeof value === 'bigint') return readNumber(value);
  throw expected('a text, a finite number, true or false', value);
}

function readText(value: unknown): string {
  if (typeof value === 'string') return value;
  throw expected('a text', value);
}

const READERS: { readonly [T in Takes]: (value: unknown) => Cell } = { numbers: readNumber, categories: readCategory, texts: readText };

/** How values that are no gaps are read. Throws DataError, without their place, for one of another kind. */
export const readerOf = <T extends Takes>(takes: T) => READERS[takes] as (value: unknown) => CellOf<T>;

const RANKS: readonly string[] = ['boolean', 'number', 'string'];

/** False and true, then numbers by size, then texts by their code units: the same everywhere. */
export function compareCells(a: Cell, b: Cell): number {
  if (typeof a !== typeof b) return RANKS.indexOf(typeof a) - RANKS.indexOf(typeof b);
  return a < b ? -1 : a > b ? 1 : 0;
}

/** Different values, one at least. */
export const categories: Check<readonly Cell[]> = (where, value) => {
  const wrong = (what: string, got: string) => new OptionError(`${where}: expected ${what}, got ${got}`);
  if (!Array.isArray(value) || value.length === 0 || value.length > MOST_CATEGORIES)
    throw wrong(`a list of 1 to ${MOST_CATEGORIES} categories`, describe(value));
  const other = value.find((one) => !['string', 'boolean'].includes(typeof one) && !Number.isFinite(one));
  if (other !== undefined || value.includes(undefined)) throw wrong('texts, finite numbers, true and false', describe(other));
  if (new Set(value).size < value.length) throw wrong('each category once', 'one of them twice');
  return [...value];
};

/** Whether it may be a category. */
export const cell: Check<Cell> = (where, value) => categories(where, [value])[0];
