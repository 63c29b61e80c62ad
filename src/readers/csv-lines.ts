/**
 * Records without quotes, which are lines: their numbers are read where their bytes lie, with no string made of them. csv-parse makes one of
 * every field, which takes ten times as long; it reads records that have quotes. Where the addon is loaded, it reads all
 * instead (`csv-native.ts`): the same rows, and the same errors.
 */
import { CHUNK_ROWS } from '../datasets/source.ts';
import { CR, type CsvFields, isBlank, LF, type RecordReader } from './csv-fields.ts';
import { decimal, POWERS } from './decimals.ts';
import type { NumberPlace, TableChunks } from './table-chunks.ts';
import { TextCache } from './text-cache.ts';

const ZERO = 48;
const POINT = 46;
const MINUS = 45;
/** As many digits are an integer of 32 bits. */
const INTEGER_DIGITS = 9;

interface TextPlace {
  readonly place: { values: unknown[] };
  readonly cache: TextCache;
}

export class CsvLines implements RecordReader {
  readonly readsQuotes = false;
  line = 1;
  readonly #table: TableChunks;
  readonly #texts: readonly (TextPlace | undefined)[];
  readonly #fields: CsvFields;
  readonly #delimiter: number;

  constructor(table: TableChunks, fields: CsvFields) {
    this.#table = table;
    this.#texts = table.values.map((place) => place && { place, cache: new TextCache(fields) });
    this.#fields = fields;
    this.#delimiter = fields.delimiter;
  }

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
      if (isEnd !== (column === last)) throw this.#fields.errors.fields(this.line, this.#count(bytes, from));
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
    if (isNegative) value = -value;
    if (Number.isNaN(value) || this.#fields.mayBeMissing(value)) return this.#otherNumber(bytes, from, place, row, column);
    place.data[row * place.stride + place.start] = value;
    return at;
  }

  /** Gaps, numbers with an exponent or of many digits, and what is none. */
  #otherNumber(bytes: Buffer, from: number, { data, stride, start }: NumberPlace, row: number, column: number): number {
    const end = endOfField(bytes, from, this.#delimiter);
    data[row * stride + start] = this.#fields.number(bytes.toString('utf8', from, end), column, () => this.line);
    return end;
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

/** Where the delimiter or the end of the line is. */
function endOfField(bytes: Buffer, from: number, delimiter: number): number {
  let at = from;
  while (bytes[at] !== delimiter && bytes[at] !== LF) at++;
  return bytes[at] === LF && at > from && bytes[at - 1] === CR ? at - 1 : at;
}
