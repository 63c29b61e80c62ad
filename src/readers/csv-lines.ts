/**
 * Records without quotes, which are lines: their numbers are read where their bytes lie, with no string made of them. csv-parse makes one of
 * every field, which takes ten times as long; it reads records that have quotes.
 */
import { CHUNK_ROWS } from '../datasets/source.ts';
import { numberOf } from './cells.ts';
import { decimal, POWERS } from './decimals.ts';
import type { NumberPlace, TableChunks } from './table-chunks.ts';
import { TextCache } from './text-cache.ts';

export const LF = 10;
export const CR = 13;
const ZERO = 48;
const POINT = 46;
const MINUS = 45;
/** As many digits are an integer of 32 bits. */
const INTEGER_DIGITS = 9;

/** What a line lacks, or what a field should be; it names the line. */
export interface CsvErrors {
  fields(line: number, got: number): Error;
  number(line: number, column: number, got: string): Error;
}

interface TextPlace {
  readonly place: { values: unknown[] };
  readonly cache: TextCache;
}

export class CsvLines {
  /** The line that comes next, counted from 1. */
  line = 1;
  readonly #table: TableChunks;
  readonly #texts: readonly (TextPlace | undefined)[];
  readonly #delimiter: number;
  readonly #missing: ReadonlySet<string>;
  readonly #errors: CsvErrors;

  constructor(table: TableChunks, delimiter: string, missing: ReadonlySet<string>, errors: CsvErrors) {
    this.#table = table;
    this.#texts = table.values.map((place) => place && { place, cache: new TextCache(missing) });
    this.#delimiter = delimiter.charCodeAt(0);
    this.#missing = missing;
    this.#errors = errors;
  }

  /** Passes over records. Gives where it stopped and how many they were. */
  skip(bytes: Buffer, from: number, end: number, most: number): { readonly at: number; readonly skipped: number } {
    let at = from;
    let skipped = 0;
    while (at < end && skipped < most) {
      const next = bytes.indexOf(LF, at) + 1;
      if (!isBlank(bytes, at)) skipped++;
      this.line++;
      at = next;
    }
    return { at, skipped };
  }

  /** Reads lines from `from` to `end`, where one has ended, until the chunk is full. Gives where it stopped. */
  read(bytes: Buffer, from: number, end: number): number {
    const table = this.#table;
    let at = from;
    while (at < end && table.rows < CHUNK_ROWS) {
      if (isBlank(bytes, at)) at += bytes[at] === LF ? 1 : 2;
      else {
        at = this.#record(bytes, at, table.rows);
        table.rows++;
      }
      this.line++;
    }
    return at;
  }

  /** Gives where the next line begins. */
  #record(bytes: Buffer, from: number, row: number): number {
    const { numbers } = this.#table;
    const texts = this.#texts;
    const delimiter = this.#delimiter;
    const last = numbers.length - 1;
    let at = from;
    for (let column = 0; ; column++) {
      const number = numbers[column];
      const text = texts[column];
      if (number !== undefined) at = this.#number(bytes, at, number, row, column);
      else if (text !== undefined) at = this.#text(bytes, at, text, row);
      else at = endOfField(bytes, at, delimiter);
      const isEnd = bytes[at] !== delimiter;
      if (isEnd !== (column === last)) throw this.#errors.fields(this.line, this.#count(bytes, from));
      if (isEnd) return at + (bytes[at] === CR ? 2 : 1);
      at++;
    }
  }

  /** Gives where the field ends. */
  #number(bytes: Buffer, from: number, place: NumberPlace, row: number, column: number): number {
    let at = from;
    let byte = bytes[at];
    const isNegative = byte === MINUS;
    if (isNegative) byte = bytes[++at];
    const first = at;
    // An integer of 32 bits: a sum of float64 waits twice as long for the one before. Of more digits it is not used.
    let integer = 0;
    let digit = byte - ZERO;
    while (digit >= 0 && digit <= 9) {
      integer = (Math.imul(integer, 10) + digit) | 0;
      byte = bytes[++at];
      digit = byte - ZERO;
    }
    let digits = at - first;
    let fraction = 0;
    if (byte === POINT) {
      byte = bytes[++at];
      const second = at;
      digit = byte - ZERO;
      while (digit >= 0 && digit <= 9) {
        integer = (Math.imul(integer, 10) + digit) | 0;
        byte = bytes[++at];
        digit = byte - ZERO;
      }
      fraction = at - second;
      digits += fraction;
    }
    const isEnd = byte === this.#delimiter || byte === LF || (byte === CR && bytes[at + 1] === LF);
    if (!isEnd || digits === 0) return this.#otherNumber(bytes, from, place, row, column);
    let value = integer;
    // A quotient of two exact numbers is rounded once, as Number rounds.
    if (digits <= INTEGER_DIGITS) value = fraction === 0 ? integer : integer / POWERS[fraction];
    else value = decimal(bytes, first, at, digits, fraction);
    if (Number.isNaN(value)) return this.#otherNumber(bytes, from, place, row, column);
    place.data[row * place.stride + place.start] = isNegative ? -value : value;
    return at;
  }

  /** Gaps, numbers with an exponent or of many digits, and what is none. */
  #otherNumber(bytes: Buffer, from: number, { data, stride, start }: NumberPlace, row: number, column: number): number {
    const end = endOfField(bytes, from, this.#delimiter);
    data[row * stride + start] = this.number(bytes.toString('utf8', from, end), column, () => this.line);
    return end;
  }

  /**
   * The number of a field, NaN for a gap.
   *
   * @param line Where its record begins, for messages.
   */
  number(text: string, column: number, line: () => number): number {
    if (this.#missing.has(text)) return Number.NaN;
    const number = numberOf(text);
    if (number === undefined) throw this.#errors.number(line(), column, text);
    return number;
  }

  /** The text of a field, null for a gap. */
  text(text: string): string | null {
    return this.#missing.has(text) ? null : text;
  }

  /** Gives where the field ends. */
  #text(bytes: Buffer, from: number, { place, cache }: TextPlace, row: number): number {
    const delimiter = this.#delimiter;
    let at = from;
    let hash = 0;
    let all = 0;
    let byte = bytes[at];
    while (byte !== delimiter && byte !== LF) {
      hash = (Math.imul(hash, 31) + byte) | 0;
      all |= byte;
      byte = bytes[++at];
    }
    if (byte === LF && at > from && bytes[at - 1] === CR) at--;
    place.values[row] = cache.text(bytes, from, at, hash, all < 128);
    return at;
  }

  #count(bytes: Buffer, from: number): number {
    let fields = 1;
    for (let at = from; bytes[at] !== LF; at++) if (bytes[at] === this.#delimiter) fields++;
    return fields;
  }
}

const isBlank = (bytes: Buffer, at: number) => bytes[at] === LF || (bytes[at] === CR && bytes[at + 1] === LF);

/** Where the delimiter or the end of the line is. */
function endOfField(bytes: Buffer, from: number, delimiter: number): number {
  let at = from;
  while (bytes[at] !== delimiter && bytes[at] !== LF) at++;
  return bytes[at] === LF && at > from && bytes[at - 1] === CR ? at - 1 : at;
}
